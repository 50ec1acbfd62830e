"""Every `COOKIECONSENT_*` key once: its default, its type, its check; all mistakes are reported together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.core.csp import is_directive, is_source

from .errors import SettingsError

PREFIX = "COOKIECONSENT_"


def _is_prefix(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value) is not None


def _is_key(value: Any) -> bool:
    return value is None or (isinstance(value, str | bytes) and len(value) >= 16)


def _are_keys(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(each is not None and _is_key(each) for each in value)


def _is_domain(value: Any) -> bool:
    return value is None or (isinstance(value, str) and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", value) is not None)


def _are_origins(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_is_origin(each) for each in value)


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


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value and len(value) <= 300


def _is_optional_line(value: Any) -> bool:
    return value is None or _is_line(value)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,40}", value) is not None


def _is_optional_short(value: Any) -> bool:
    return value is None or _is_short(value)


def _is_day(value: Any) -> bool:
    if value is None or isinstance(value, date):
        return True
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_rate(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,8} per (second|minute|hour|day)", value) is not None


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 184 <= value <= 36_500


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _is_sweep(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"all( except( [^\s;,=]+)+)?", value) is not None


def _are_sources(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and all(map(_is_source_list, value.items())))


def _is_source_list(item: tuple[Any, Any]) -> bool:
    name, sources = item
    return (
        isinstance(name, str)
        and is_directive(name)
        and isinstance(sources, list | tuple)
        and all(isinstance(each, str) and is_source(each) for each in sources)
    )


def _setting(default: Any, check: Callable[[Any], bool], wanted: str, doc: str) -> Any:
    return field(default=default, metadata={"check": check, "wanted": wanted, "doc": doc})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The checked configuration of one app; each field is the config key `COOKIECONSENT_` plus its upper-case name."""

    url_prefix: str = _setting("/cookies", _is_prefix, "a path such as '/cookies'", "Where the extension's pages live.")
    secret_key: str | bytes | None = _setting(
        None,
        _is_key,
        "a string of at least 16 characters",
        "Signs the choices cookie instead of `SECRET_KEY`, so that several apps can share one consent.",
    )
    secret_key_fallbacks: tuple[str | bytes, ...] = _setting(
        (),
        _are_keys,
        "a list of strings of at least 16 characters",
        "Keys that `COOKIECONSENT_SECRET_KEY` had before; what they signed stays valid.",
    )
    cookie_domain: str | None = _setting(
        None,
        _is_domain,
        "a domain such as 'example.com'",
        "Shares the choices cookie with every host below this domain; it then loses its `__Host-` prefix.",
    )
    trusted_origins: tuple[str, ...] = _setting(
        (),
        _are_origins,
        "a list of origins such as ['https://www.example.com']",
        "Sister origins of the same site whose pages may post a choice.",
    )
    policy_version: str = _setting(
        "1",
        _is_short,
        "letters, digits and . _ - only, at most 40",
        "The version of the cookie policy; a new one asks again about everything that was granted.",
    )
    policy_date: date | str | None = _setting(
        None, _is_day, "a day such as '2026-11-23'", "The day from which this version of the policy holds."
    )
    controller: str | None = _setting(
        None, _is_optional_line, "one line of text", "The name of the company or person responsible for the site."
    )
    controller_address: str | None = _setting(None, _is_optional_line, "one line of text", "Its postal address.")
    contact: str | None = _setting(
        None, _is_optional_line, "an e-mail address", "Where visitors can ask about their data."
    )
    privacy_policy_url: str | None = _setting(
        None, _is_optional_line, "an address or a path", "The site's privacy policy, linked from the cookie policy."
    )
    scope: str | None = _setting(
        None,
        _is_optional_short,
        "letters, digits and . _ - only, at most 40",
        "The name of this site in the log; the name of the app unless it is set.",
    )
    layout: str = _setting(
        "cookieconsent/layout.html",
        _is_line,
        "the name of a template",
        "The template that the extension's pages extend; it needs the blocks `title` and `content`.",
    )

    look: str = _setting(
        "bar",
        _is_one_of("bar", "card", "inline"),
        "'bar', 'card' or 'inline'",
        "Where the banner stands: along the lower edge, in a corner of a wide screen, or first in the page.",
    )

    undeclared: str = _setting(
        "warn",
        _is_one_of("warn", "drop", "raise"),
        "'warn', 'drop' or 'raise'",
        "What happens when a response sets a cookie that no service declares.",
    )
    unknown_frames: str = _setting(
        "block",
        _is_one_of("block", "leave"),
        "'block' or 'leave'",
        "What becomes of frames, plug-ins and scripts of other hosts in stored content that no service declares.",
    )
    sweep: str = _setting(
        "all",
        _is_sweep,
        "'all', or 'all except' and cookie names, such as 'all except _ga _ga_*'",
        "Which cookies are removed while their service is not allowed; spare those that a sibling site needs.",
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
        "What the strict policy of `enforce` and `report-only` allows besides.",
    )
    spool: str | None = _setting(
        None,
        _is_optional_line,
        "the path of a folder",
        "Where events wait while the database is away; `cookieconsent-spool` in the instance folder unless it is set.",
    )
    grant_rate: str = _setting(
        "3000 per minute",
        _is_rate,
        "a rate such as '3000 per minute'",
        "How many grants are recorded at most, of all visitors of a process or of a shared storage.",
    )
    receipt_rate: str = _setting(
        "20 per hour", _is_rate, "a rate such as '20 per hour'", "How many grants are recorded at most for one receipt."
    )
    rate_storage: str = _setting(
        "memory://",
        _is_line,
        "an address of the limits library, such as 'redis://localhost:6379'",
        "Where grants are counted.",
    )
    keep_grants: int = _setting(
        2_009,
        _is_days,
        "a number of days, at least 184",
        "How long the log keeps what was granted, changed and withdrawn: six months, and five years after.",
    )
    keep_refusals: int = _setting(
        396, _is_days, "a number of days, at least 184", "How long the log keeps refusals; their daily counts stay."
    )
    dnt: bool = _setting(
        False, _is_flag, "True or False", "Whether Do Not Track is heeded like Global Privacy Control."
    )
    gpc_statement: bool = _setting(
        True, _is_flag, "True or False", "Whether `/.well-known/gpc.json` says that the signal is heeded."
    )

    @property
    def spared(self) -> tuple[str, ...]:
        """The names of cookies that are never swept."""
        return tuple(self.sweep.split()[2:])

    @property
    def policy_day(self) -> date | None:
        """The day from which the policy holds, as a date."""
        return date.fromisoformat(self.policy_date) if isinstance(self.policy_date, str) else self.policy_date


def read(config: Mapping[str, Any]) -> Settings:
    """Read and check every key of an app's configuration.

    :raises SettingsError: with every mistake at once: the key, the value found and the value wanted.
    """
    given = {key: value for key, value in config.items() if key.startswith(PREFIX)}
    mistakes = list(_mistakes(given))
    if mistakes:
        raise SettingsError(mistakes)
    values = {key.removeprefix(PREFIX).lower(): value for key, value in given.items()}
    for name in ("trusted_origins", "secret_key_fallbacks"):
        if name in values:
            values[name] = tuple(values[name])
    return Settings(**values)


def _mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    known = {PREFIX + each.name.upper(): each for each in fields(Settings)}
    for key, value in given.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            yield f"{key}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
        elif not known[key].metadata["check"](value):
            found = "a value that does not fit" if known[key].name.startswith("secret_key") else repr(value)
            yield f"{key}: found {found}, wanted {known[key].metadata['wanted']}"
