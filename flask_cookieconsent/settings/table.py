"""The table of configuration keys `COOKIECONSENT_*`: default, type, check and help of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from flask_cookieconsent.core import regimes as by_region
from flask_cookieconsent.core.checks import (
    are_sources,
    day,
    days_between,
    duration,
    is_cookie_name,
    is_day,
    is_domain,
    is_flag,
    is_key,
    is_line,
    is_one_of,
    is_origin,
    is_rate,
    is_retention,
    is_short,
    is_span_of_seconds,
    list_of,
    matches,
    optional,
    seconds,
)
from flask_cookieconsent.core.prefix import PREFIX_WANTED, UrlPrefix
from flask_cookieconsent.core.scopes import Scopes
from flask_cookieconsent.core.validity import HALF_A_YEAR, LONGEST_LIFE, Validity


def _setting(
    default: Any, check: Callable[[Any], bool], wanted: str, doc: str, *, convert: Callable[[Any], Any] | None = None
) -> Any:
    return field(default=default, metadata={"check": check, "wanted": wanted, "doc": doc, "convert": convert})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The checked configuration of one app; each field is the config key `COOKIECONSENT_` plus its upper-case name."""

    url_prefix: UrlPrefix = _setting(
        UrlPrefix("/cookies"), UrlPrefix.is_valid, PREFIX_WANTED, "Where the extension's pages live.", convert=UrlPrefix
    )
    secret_key: str | bytes | None = _setting(
        None,
        optional(is_key),
        "a string of at least 16 characters",
        "Signs the choices cookie instead of `SECRET_KEY`, so that several apps can share one consent.",
    )
    secret_key_fallbacks: tuple[str | bytes, ...] = _setting(
        (),
        list_of(is_key),
        "a list of strings of at least 16 characters",
        "Keys that `COOKIECONSENT_SECRET_KEY` had before; what they signed stays valid.",
        convert=tuple,
    )
    cookie_name: str = _setting(
        "cookieconsent",
        matches(r"(?!__)[A-Za-z0-9_-]{1,40}"),
        "letters, digits, _ and - only, at most 40, without the prefix `__Host-`",
        "The name of the choices cookie; over HTTPS it gets the prefix `__Host-`, where no domain is set.",
    )
    cookie_domain: str | None = _setting(
        None,
        optional(is_domain),
        "a domain such as 'example.com'",
        "Shares the choices cookie with every host below this domain; it then loses its `__Host-` prefix.",
    )
    trusted_origins: tuple[str, ...] = _setting(
        (),
        list_of(is_origin),
        "a list of origins such as ['https://www.example.com']",
        "Sister origins of the same site whose pages may post a choice.",
        convert=tuple,
    )
    policy_version: str = _setting(
        "1",
        is_short,
        "letters, digits and . _ - only, at most 40",
        "The version of the cookie policy; a new one asks again about everything that was granted.",
    )
    policy_date: date | None = _setting(
        None,
        is_day,
        "a day such as '2026-11-23'",
        "The day from which this version of the policy holds.",
        convert=day,
    )
    controller: str | None = _setting(
        None, optional(is_line), "one line of text", "The name of the company or person responsible for the site."
    )
    controller_address: str | None = _setting(None, optional(is_line), "one line of text", "Its postal address.")
    contact: str | None = _setting(None, optional(is_line), "an e-mail address", "Whom visitors can ask about data.")
    privacy_policy_url: str | None = _setting(
        None, optional(is_line), "an address or a path", "The site's privacy policy, linked from the cookie policy."
    )
    log_scope: str | None = _setting(
        None,
        optional(is_short),
        "letters, digits and . _ - only, at most 40",
        "The name of this site in the log; that of `COOKIECONSENT_SCOPE`, or of the app, unless it is set.",
    )
    scope: str | None = _setting(
        None,
        optional(is_short),
        "letters, digits and . _ - only, at most 40",
        "The name of the surface that this app's pages are, such as `Website`; its choices are its own unless they are "
        "shared.",
    )
    app_scope: str = _setting(
        "app",
        is_short,
        "letters, digits and . _ - only, at most 40",
        "The name of the surface whose programs bring a consent token, such as a mobile app.",
    )
    shared_scopes: tuple[str, ...] = _setting(
        (),
        list_of(is_short),
        "a list of names such as ['Website', 'Platform', 'App']",
        "The names of surfaces on which one choice counts; visitors are told them where they choose.",
        convert=tuple,
    )
    base_template: str = _setting(
        "cookieconsent/layout.html",
        is_line,
        "the name of a template",
        "The template that the extension's pages extend; it needs the blocks `title` and `content`.",
    )
    banner_style: str = _setting(
        "bar",
        is_one_of("bar", "card", "inline"),
        "'bar', 'card' or 'inline'",
        "Where the banner stands: along the lower edge, in a corner of a wide screen, or first in the page.",
    )
    undeclared_cookies: str = _setting(
        "warn",
        is_one_of("warn", "drop", "raise"),
        "'warn', 'drop' or 'raise'",
        "What happens when a response sets a cookie that no service declares.",
    )
    undeclared_frames: str = _setting(
        "block",
        is_one_of("block", "leave"),
        "'block' or 'leave'",
        "What becomes of frames, plug-ins and scripts of other hosts in stored content that no service declares.",
    )
    undeclared_media: str = _setting(
        "leave",
        is_one_of("leave", "block"),
        "'leave' or 'block'",
        "What becomes of pictures, video, audio and style sheets of other hosts in stored content that no service "
        "declares.",
    )
    sweep_except: tuple[str, ...] = _setting(
        (),
        list_of(is_cookie_name),
        "a list of cookie names such as ['_ga', '_ga_*']",
        "Cookies that stay in the browser while their service is not allowed, because a sibling site needs them.",
        convert=tuple,
    )
    csp: str = _setting(
        "merge",
        is_one_of("merge", "enforce", "report-only", "off"),
        "'merge', 'enforce', 'report-only' or 'off'",
        "Whether the app's Content-Security-Policy is opened for what is allowed, or a strict one is added as well.",
    )
    csp_sources: Mapping[str, Iterable[str]] | None = _setting(
        None,
        are_sources,
        "directives with lists of origins, such as {'img-src': ['https://img.example.com']}",
        "What the strict Content-Security-Policy of `enforce` and `report-only` allows besides.",
    )
    pages: str = _setting(
        "private",
        is_one_of("private", "cacheable"),
        "'private' or 'cacheable'",
        "Whether the site's pages are made for each visitor, or are the same for all so that caches may share them.",
    )
    spool_folder: str | None = _setting(
        None,
        optional(is_line),
        "the path of a folder",
        "Where events wait while the database is away; `cookieconsent-spool` in the instance folder unless it is set.",
    )
    database_timeout: float = _setting(
        2.0,
        is_span_of_seconds,
        "a timedelta or a number of seconds, from 0.1 to 3,600",
        "How long a visitor waits for the database at most; an event that it has not taken by then waits on disk.",
        convert=seconds,
    )
    database_pause: float = _setting(
        10.0,
        is_span_of_seconds,
        "a timedelta or a number of seconds, from 0.1 to 3,600",
        "How long a database that did not answer in time is left alone, before it is tried again in the background.",
        convert=seconds,
    )
    grant_rate: str = _setting(
        "3000 per minute",
        is_rate,
        "a rate such as '3000 per minute'",
        "How many new grants each process records at most, of all visitors together; one network address has a tenth "
        "of them, and refusals have a tenth, beyond which they take effect and are counted.",
    )
    receipt_rate: str = _setting(
        "20 per hour", is_rate, "a rate such as '20 per hour'", "How many grants are recorded at most for one receipt."
    )
    grant_retention: timedelta = _setting(
        timedelta(days=2_009),
        is_retention,
        "a timedelta or a number of days, at least 184",
        "How long the log keeps what was granted, changed and withdrawn: six months, and five years after.",
        convert=duration,
    )
    refusal_retention: timedelta = _setting(
        timedelta(days=396),
        is_retention,
        "a timedelta or a number of days, at least 184",
        "How long the log keeps refusals; their daily counts stay.",
        convert=duration,
    )
    validity: timedelta = _setting(
        HALF_A_YEAR,
        days_between(1, HALF_A_YEAR.days),
        "a timedelta of whole days or a number of days, from 1 to 184",
        "How long what a visitor allowed holds, from the day of the choice: six months at most.",
        convert=duration,
    )
    refusal_validity: timedelta = _setting(
        HALF_A_YEAR,
        days_between(HALF_A_YEAR.days, LONGEST_LIFE.days),
        "a timedelta of whole days or a number of days, from 184 to 400",
        "How long what a visitor refused holds, never shorter than what was allowed.",
        convert=duration,
    )
    region_headers: tuple[str, ...] = _setting(
        (),
        by_region.are_region_headers,
        "the name of a header, or of two, such as 'CF-IPCountry' or ('X-Country', 'X-Region')",
        "Request headers, set and overwritten by the site's own proxy, that say in which region a visitor is.",
        convert=by_region.header_names,
    )
    regimes: Mapping[str, str] | None = _setting(
        None,
        optional(by_region.are_regimes),
        "codes of ISO 3166 with 'opt-in', 'opt-out' or 'notice', such as {'US-CA': 'opt-out'}",
        "Which regime holds in which region; everywhere else visitors are asked first.",
        convert=by_region.frozen,
    )
    exempt: Mapping[str, Mapping[str, str]] | None = _setting(
        None,
        optional(by_region.are_exemptions),
        "services with codes of regions, or '*', and the ground in words, such as {'counter': {'GB': 'PECR …'}}",
        "Which services that count visits are used without consent, where, and on what ground; visitors may object.",
        convert=by_region.frozen,
    )
    dnt: bool = _setting(False, is_flag, "True or False", "Whether Do Not Track is heeded like Global Privacy Control.")
    gpc_statement: bool = _setting(
        True, is_flag, "True or False", "Whether `/.well-known/gpc.json` says that the signal is heeded."
    )

    @property
    def holds(self) -> Validity:
        """How long grants and refusals hold."""
        return Validity(self.validity, self.refusal_validity)

    @cached_property
    def scopes(self) -> Scopes:
        """The scopes of the app's pages and programs, and what they share."""
        return Scopes(self.scope, self.app_scope, self.shared_scopes)

    @property
    def choices_name(self) -> str:
        """The name of the choices cookie without a prefix; that of the receipt begins with it."""
        return self.scopes.cookie_name(self.cookie_name)
