"""Configuration keys `COOKIECONSENT_*`: default, type, validation, help; all mistakes are reported together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.core.csp import is_directive, is_source
from flask_cookieconsent.core.prefix import PREFIX_WANTED, UrlPrefix

from .errors import SettingsError

PREFIX = "COOKIECONSENT_"

#: Names before 0.1.0, each with what takes its place; using one is an error until 0.2.
RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "KEEP_GRANTS": "write COOKIECONSENT_GRANT_RETENTION",
        "KEEP_REFUSALS": "write COOKIECONSENT_REFUSAL_RETENTION",
        "LAYOUT": "write COOKIECONSENT_BASE_TEMPLATE",
        "LOOK": "write COOKIECONSENT_BANNER_STYLE",
        "RATE_STORAGE": "leave it out: every process counts for itself",
        "SCOPE": "write COOKIECONSENT_LOG_SCOPE",
        "SPOOL": "write COOKIECONSENT_SPOOL_FOLDER",
        "SWEEP": "write COOKIECONSENT_SWEEP_EXCEPT with a tuple of names, such as ('_ga', '_ga_*')",
        "UNDECLARED": "write COOKIECONSENT_UNDECLARED_COOKIES",
        "UNKNOWN_FRAMES": "write COOKIECONSENT_UNDECLARED_FRAMES",
    }
)


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_key(value: Any) -> bool:
    return isinstance(value, str | bytes) and len(value) >= 16


def _list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(map(check, value))


def _is_origin(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and value == f"{parts.scheme}://{parts.netloc}"
        )
    except ValueError:
        return False


def _optional(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value and len(value) <= 300


def _is_day(value: Any) -> bool:
    try:
        return _day(value) is None or isinstance(_day(value), date)
    except (TypeError, ValueError):
        return False


def _day(value: str | date | None) -> date | None:
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def _is_retention(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return 184 <= value <= 36_500
    return isinstance(value, timedelta) and timedelta(days=184) <= value <= timedelta(days=36_500)


def _duration(value: int | timedelta) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(days=value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _are_sources(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and all(map(_is_source_list, value.items())))


def _is_source_list(item: tuple[Any, Any]) -> bool:
    name, sources = item
    return (
        isinstance(name, str)
        and is_directive(name)
        and _list_of(lambda source: isinstance(source, str) and is_source(source))(sources)
    )


_is_domain = _matches(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_is_short = _matches(r"[A-Za-z0-9._-]{1,40}")
# What a cookie may be called, with a star for any ending.
_is_cookie_name = _matches(r"[^\s;,=]+")
_is_rate = _matches(r"[1-9]\d{0,8} per (second|minute|hour|day)")


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
        _optional(_is_key),
        "a string of at least 16 characters",
        "Signs the choices cookie instead of `SECRET_KEY`, so that several apps can share one consent.",
    )
    secret_key_fallbacks: tuple[str | bytes, ...] = _setting(
        (),
        _list_of(_is_key),
        "a list of strings of at least 16 characters",
        "Keys that `COOKIECONSENT_SECRET_KEY` had before; what they signed stays valid.",
        convert=tuple,
    )
    cookie_name: str = _setting(
        "cookieconsent",
        _matches(r"(?!__)[A-Za-z0-9_-]{1,40}"),
        "letters, digits, _ and - only, at most 40, without the prefix `__Host-`",
        "The name of the choices cookie; over HTTPS it gets the prefix `__Host-`, where no domain is set.",
    )
    cookie_domain: str | None = _setting(
        None,
        _optional(_is_domain),
        "a domain such as 'example.com'",
        "Shares the choices cookie with every host below this domain; it then loses its `__Host-` prefix.",
    )
    trusted_origins: tuple[str, ...] = _setting(
        (),
        _list_of(_is_origin),
        "a list of origins such as ['https://www.example.com']",
        "Sister origins of the same site whose pages may post a choice.",
        convert=tuple,
    )
    policy_version: str = _setting(
        "1",
        _is_short,
        "letters, digits and . _ - only, at most 40",
        "The version of the cookie policy; a new one asks again about everything that was granted.",
    )
    policy_date: date | None = _setting(
        None,
        _is_day,
        "a day such as '2026-11-23'",
        "The day from which this version of the policy holds.",
        convert=_day,
    )
    controller: str | None = _setting(
        None, _optional(_is_line), "one line of text", "The name of the company or person responsible for the site."
    )
    controller_address: str | None = _setting(None, _optional(_is_line), "one line of text", "Its postal address.")
    contact: str | None = _setting(None, _optional(_is_line), "an e-mail address", "Whom visitors can ask about data.")
    privacy_policy_url: str | None = _setting(
        None, _optional(_is_line), "an address or a path", "The site's privacy policy, linked from the cookie policy."
    )
    log_scope: str | None = _setting(
        None,
        _optional(_is_short),
        "letters, digits and . _ - only, at most 40",
        "The name of this site in the log; the name of the app unless it is set.",
    )
    base_template: str = _setting(
        "cookieconsent/layout.html",
        _is_line,
        "the name of a template",
        "The template that the extension's pages extend; it needs the blocks `title` and `content`.",
    )
    banner_style: str = _setting(
        "bar",
        _is_one_of("bar", "card", "inline"),
        "'bar', 'card' or 'inline'",
        "Where the banner stands: along the lower edge, in a corner of a wide screen, or first in the page.",
    )
    undeclared_cookies: str = _setting(
        "warn",
        _is_one_of("warn", "drop", "raise"),
        "'warn', 'drop' or 'raise'",
        "What happens when a response sets a cookie that no service declares.",
    )
    undeclared_frames: str = _setting(
        "block",
        _is_one_of("block", "leave"),
        "'block' or 'leave'",
        "What becomes of frames, plug-ins and scripts of other hosts in stored content that no service declares.",
    )
    sweep_except: tuple[str, ...] = _setting(
        (),
        _list_of(_is_cookie_name),
        "a list of cookie names such as ['_ga', '_ga_*']",
        "Cookies that stay in the browser while their service is not allowed, because a sibling site needs them.",
        convert=tuple,
    )
    csp: str = _setting(
        "merge",
        _is_one_of("merge", "enforce", "report-only", "off"),
        "'merge', 'enforce', 'report-only' or 'off'",
        "Whether the app's Content-Security-Policy is opened for what is allowed, or a strict one is added as well.",
    )
    csp_sources: Mapping[str, Iterable[str]] | None = _setting(
        None,
        _are_sources,
        "directives with lists of origins, such as {'img-src': ['https://img.example.com']}",
        "What the strict Content-Security-Policy of `enforce` and `report-only` allows besides.",
    )
    spool_folder: str | None = _setting(
        None,
        _optional(_is_line),
        "the path of a folder",
        "Where events wait while the database is away; `cookieconsent-spool` in the instance folder unless it is set.",
    )
    grant_rate: str = _setting(
        "3000 per minute",
        _is_rate,
        "a rate such as '3000 per minute'",
        "How many new grants each process records at most, of all visitors together; one network address has a tenth "
        "of them, and refusals have a tenth, beyond which they take effect and are counted.",
    )
    receipt_rate: str = _setting(
        "20 per hour", _is_rate, "a rate such as '20 per hour'", "How many grants are recorded at most for one receipt."
    )
    grant_retention: timedelta = _setting(
        timedelta(days=2_009),
        _is_retention,
        "a timedelta or a number of days, at least 184",
        "How long the log keeps what was granted, changed and withdrawn: six months, and five years after.",
        convert=_duration,
    )
    refusal_retention: timedelta = _setting(
        timedelta(days=396),
        _is_retention,
        "a timedelta or a number of days, at least 184",
        "How long the log keeps refusals; their daily counts stay.",
        convert=_duration,
    )
    dnt: bool = _setting(
        False, _is_flag, "True or False", "Whether Do Not Track is heeded like Global Privacy Control."
    )
    gpc_statement: bool = _setting(
        True, _is_flag, "True or False", "Whether `/.well-known/gpc.json` says that the signal is heeded."
    )


def read(config: Mapping[str, Any]) -> Settings:
    """Read and check every key of an app's configuration.

    :raises SettingsError: with every mistake at once: the key, the value found and the value wanted.
    """
    given = {key: value for key, value in config.items() if str(key).startswith(PREFIX)}
    mistakes = list(_mistakes(given))
    if mistakes:
        raise SettingsError(mistakes)
    settings = {}
    for setting in fields(Settings):
        if (key := PREFIX + setting.name.upper()) in given:
            convert = setting.metadata["convert"]
            settings[setting.name] = convert(given[key]) if convert else given[key]
    return Settings(**settings)


def _mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    by_key = {PREFIX + setting.name.upper(): setting for setting in fields(Settings)}
    for key, value in given.items():
        if (old := key.removeprefix(PREFIX)) in RENAMED:
            yield f"{key}: has another name now; {RENAMED[old]}"
        elif key not in by_key:
            near = get_close_matches(key, by_key, 1)
            yield f"{key}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
        elif not by_key[key].metadata["check"](value):
            shown = "a value that does not fit" if by_key[key].name.startswith("secret_key") else repr(value)
            yield f"{key}: found {shown}, wanted {by_key[key].metadata['wanted']}"
