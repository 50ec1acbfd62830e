"""Read what other consent tools were told, as data: services, their cookies, and what must not be carried over.

The forms are those that the tools document or publish: Klaro's configuration, that of vanilla-cookieconsent, the jobs
of tarteaucitron, the settings that Complianz exports, and the list of cookies that Cookiebot declares.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .names import ALWAYS_ON

_MOST = 500
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "cookie name", "cookie", "cookie key"),
    "provider": ("provider", "domain", "host", "data controller"),
    "category": ("category", "cookie category"),
    "purpose": ("purpose", "description", "purpose description"),
    "kept": ("expiry", "duration", "expires", "retention", "retention period"),
    "type": ("type", "cookie type", "storage"),
}
_COOKIEBOT_TABLES = {
    "cookieTableNecessary": "necessary",
    "cookieTablePreference": "preferences",
    "cookieTableStatistics": "statistics",
    "cookieTableAdvertising": "marketing",
    "cookieTableUnclassified": "unclassified",
}
#: What Complianz appends to the JSON of its settings.
_COMPLIANZ_MARK = "#--COMPLIANZ--#"

_TICKED = "was ticked beforehand; here nobody is taken to have agreed before a press"
_ALWAYS = "was always on, without a question; here it is one, unless you declare it necessary with a justification"


class Kept(NamedTuple):
    """One cookie or storage key, as another tool tells of it."""

    name: str
    domain: str = ""
    purpose: str = ""
    kept: str = ""
    storage: str = ""


@dataclass(frozen=True)
class Entry:
    """One service, or one group of cookies, of another tool; `is_group` where it is nothing by itself."""

    name: str
    title: str = ""
    cookies: tuple[Kept, ...] = ()
    group: str = ""
    is_group: bool = False


@dataclass(frozen=True)
class Moved:
    """What a configuration of another tool says: its entries, the texts that may be ids, and what is left behind."""

    tool: str
    entries: tuple[Entry, ...]
    left: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def without_mark(text: str) -> str:
    """Return the JSON of a file, without what one of the tools appends to it."""
    return text.partition(_COMPLIANZ_MARK)[0]


def read(data: Any) -> Moved | None:
    """Return what the configuration of another tool says, or None where it is of none that is known."""
    reader = next((reader for fits, reader in _READERS if fits(data)), None)
    return reader(data) if reader is not None else None


def read_table(text: str) -> Moved | None:
    """Return what a table of cookies (CSV) says, or None where it is none."""
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=separator))[:_MOST]
    except csv.Error:
        return None
    return _cookiebot(rows) if rows and _is_rows(rows) else None


# -- Klaro -------------------------------------------------------------------------------------------------------------


def _klaro(data: Mapping[str, Any]) -> Moved:
    left, entries = [], []
    told = {"mustConsent": "a page that cannot be read before a choice", "hideDeclineAll": "a hidden refusal"}
    left += [f"{key}: {what} is never carried over" for key, what in told.items() if data.get(key) is True]
    if data.get("default") is True:
        left.append(f"default: every service {_TICKED}")
    for each in _objects(data.get("services", data.get("apps"))):
        name = _text(each.get("name"))
        group = next((_text(purpose) for purpose in _list(each.get("purposes"))), "")
        cookies, unread = _klaro_cookies(_list(each.get("cookies")))
        left += [f"{name}: {_TICKED}"] * (each.get("default") is True or each.get("optOut") is True)
        left += [f"{name}: {_ALWAYS}"] * (each.get("required") is True)
        left += [f"{name}: a cookie that is a regular expression became nothing in JSON; add it by hand"] * unread
        entries.append(Entry(name, _text(each.get("title")), cookies, group))
    return Moved("Klaro", tuple(entries), tuple(left))


def _klaro_cookies(given: list[Any]) -> tuple[tuple[Kept, ...], bool]:
    found, unread = [], False
    for each in given:
        whole = each if isinstance(each, list) else [each]
        if isinstance(each, dict):
            whole = [each.get("pattern"), each.get("path"), each.get("domain")]
        name = _named(whole[0] if whole else None)
        unread = unread or not name
        found += [Kept(name, _text(whole[2] if len(whole) > 2 else ""))] * bool(name)
    return tuple(found), unread


# -- vanilla-cookieconsent ---------------------------------------------------------------------------------------------


def _vanilla(data: Mapping[str, Any]) -> Moved:
    left, entries = [], []
    if data.get("mode") == "opt-out":
        left.append("mode: opt-out sets cookies before anybody has agreed; it is never carried over")
    for name, each in list(data["categories"].items())[:_MOST]:
        if not isinstance(each, dict):
            continue
        left += [f"{name}: {_TICKED}"] * (each.get("enabled") is True and each.get("readOnly") is not True)
        left += [f"{name}: {_ALWAYS}"] * (each.get("readOnly") is True)
        cleared, unread = _vanilla_cookies(_object(each.get("autoClear")).get("cookies"))
        for key, service in list(_object(each.get("services")).items())[:_MOST]:
            cookies, more_unread = _vanilla_cookies(_object(service).get("cookies"))
            unread = unread or more_unread
            entries.append(Entry(key, _text(_object(service).get("label")), cookies, name))
        left += [f"{name}: a cookie that is a regular expression became nothing in JSON; add it by hand"] * unread
        entries.append(Entry(name, "", cleared, name, is_group=True))
    translations = _object(_object(data.get("language")).get("translations"))
    modals = [(key, _object(_object(each).get("consentModal"))) for key, each in translations.items()]
    left += [f"{key}: a banner without a refusal is never carried over" for key, each in modals if _hides_refusal(each)]
    return Moved("vanilla-cookieconsent", tuple(entries), tuple(left))


def _vanilla_cookies(given: Any) -> tuple[tuple[Kept, ...], bool]:
    found = [(_named(each.get("name")), _text(each.get("domain"))) for each in _objects(given)]
    return tuple(Kept(*each) for each in found if each[0]), any(not name for name, _ in found)


def _hides_refusal(modal: Mapping[str, Any]) -> bool:
    return bool(modal) and not modal.get("acceptNecessaryBtn")


# -- tarteaucitron, Complianz, Cookiebot -------------------------------------------------------------------------------


def _tarteaucitron(data: list[str]) -> Moved:
    left = (
        "tarteaucitron.init: its settings, such as highPrivacy false (consent without a press), are never carried over"
    )
    jobs = dict.fromkeys(name for each in data[:_MOST] if (name := _text(each)))
    return Moved("tarteaucitron", tuple(Entry(name) for name in jobs), (left,))


def _complianz(data: Mapping[str, Any]) -> Moved:
    settings = _object(data["settings"])
    names = [_text(settings.get("compile_statistics"))]
    for key in ("thirdparty_services_on_site", "socialmedia_on_site"):
        given = settings.get(key)
        names += [name for name, on in given.items() if on] if isinstance(given, dict) else map(_text, _list(given))
    names = [name for name in names if name and name not in ("no", "yes", "yes-anonymous")]
    left = ["banners: their texts, colours and categories, and whatever they hide, are never carried over"]
    left += ["compile_statistics: anonymous statistics without a question; here they are asked about"] * (
        settings.get("compile_statistics") == "yes-anonymous"
    )
    texts = [text for value in settings.values() if (text := _text(value))]
    return Moved("Complianz", tuple(Entry(name) for name in dict.fromkeys(names)), tuple(left), tuple(texts))


def _cookiebot(rows: Iterable[Any]) -> Moved:
    cookies: dict[tuple[str, str], list[Kept]] = {}
    left = []
    for row in list(rows)[:_MOST]:
        found = _columns(row)
        kind = found["type"].lower()
        storage = "local" if "local" in kind else "session" if "session storage" in kind else ""
        if "pixel" in kind or "indexed" in kind:
            left.append(
                f"{found['name']}: no cookie and no storage key, so it is left out; what it contacts belongs in hosts"
            )
        elif found["name"]:
            kept = Kept(_starred(found["name"]), _host(found["provider"]), found["purpose"], found["kept"], storage)
            cookies.setdefault((found["provider"], found["category"]), []).append(kept)
    words = {category.lower() for _, category in cookies}
    left += [f"{word}: {_ALWAYS}" for word in sorted(words & ALWAYS_ON)]
    entries = [Entry(name or "unknown", "", tuple(kept), group) for (name, group), kept in cookies.items()]
    return Moved("Cookiebot", tuple(entries), tuple(left))


def _cookiebot_tables(data: Mapping[str, Any]) -> Moved:
    columns = ("name", "provider", "purpose", "expiry", "type")
    rows = [
        {**dict(zip(columns, row, strict=False)), "category": category}
        for table, category in _COOKIEBOT_TABLES.items()
        for row in _list(data.get(table))
        if isinstance(row, list)
    ]
    return _cookiebot(rows)


def _columns(row: Any) -> dict[str, str]:
    plain = {_plain(key): _text(value) for key, value in _object(row).items() if isinstance(key, str)}
    return {name: next((plain[each] for each in names if plain.get(each)), "") for name, names in _COLUMNS.items()}


def _plain(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", key).strip().lower()


def _is_rows(data: Any) -> bool:
    """Tell whether the rows of a table are cookies: with a name, and something that is said of it."""
    keys = {_plain(key) for key in data[0] if isinstance(key, str)} if data and isinstance(data[0], dict) else set()
    return bool(keys & set(_COLUMNS["name"])) and any(
        keys & set(_COLUMNS[each]) for each in ("category", "kept", "type")
    )


def _is_strings(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and all(isinstance(each, str) for each in data)


def _has(key: str, type: type) -> Callable[[Any], bool]:
    return lambda data: isinstance(data, dict) and isinstance(data.get(key), type)


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Moved]], ...] = (
    (_is_strings, _tarteaucitron),
    (lambda data: isinstance(data, list) and _is_rows(data), _cookiebot),
    (lambda data: isinstance(data, dict) and bool(data.keys() & _COOKIEBOT_TABLES.keys()), _cookiebot_tables),
    (_has("services", list), _klaro),
    (_has("apps", list), _klaro),
    (_has("settings", dict), _complianz),
    (_has("categories", dict), _vanilla),
)


# -- values of any kind ------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """Return a value as a short line, or an empty text where it is no text."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    return "".join(each for each in value[:200] if each.isprintable()).strip()


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _object(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in _list(value) if isinstance(each, dict))


def _named(value: Any) -> str:
    """Return the name of a cookie, with a star for a regular expression that is a beginning; else an empty text."""
    text = _text(value)
    inside = re.fullmatch(r"/(.*)/[a-z]*", text)
    pattern = inside[1] if inside else text
    if not inside and not text.startswith("^"):
        return text
    found = re.fullmatch(r"\^([A-Za-z0-9_-]+)(\$|(?:\.\*|\(.*\)|\[.*)?\$?)", pattern)
    return "" if found is None else found[1] if found[2] == "$" else f"{found[1]}*"


def _starred(name: str) -> str:
    """Return the name of a cookie in a table, where `#` and `x` in angle brackets stand for what differs."""
    return re.sub(r"(?:#|<[^>]*>|\{[^}]*\}|\*).*\Z", "*", name)


def _host(provider: str) -> str:
    return provider if re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)+", provider) else ""
