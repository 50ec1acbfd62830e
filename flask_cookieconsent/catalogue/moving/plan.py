"""Turn what another tool was told into lines for the catalogue's services, skeletons for the rest, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .foreign import Entry, Kept, Moved
from .known import Call, Declarations, by_cookie, by_name, call
from .names import ALWAYS_ON, GROUPS, OWN_COOKIES, STRICTEST
from .skeleton import Skeleton, missing

_COOKIE_NAME = re.compile(r"[A-Za-z0-9!#$%&'+.^_`|~-]+\*?")
_DAYS = {"second": 1 / 86_400, "minute": 1 / 1_440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
_LIFE = re.compile(r"(?:about )?([0-9]{1,6}) (second|minute|hour|day|week|month|year)s?", re.I)
#: Browsers keep nothing for longer.
_LONGEST = 400


@dataclass(frozen=True)
class Plan:
    """What becomes of a configuration: calls of the catalogue, skeletons, and sentences about what is left."""

    calls: tuple[Call, ...]
    skeletons: tuple[Skeleton, ...]
    left: tuple[str, ...]


def planned(moved: Moved, declared: Declarations, today: date) -> Plan:
    """Return what becomes of each entry: a service of the catalogue where it is known, else a skeleton."""
    ids: dict[str, None] = {}
    skeletons: dict[str, Skeleton] = {}
    left = list(moved.left)
    for entry in moved.entries:
        if not entry.is_group and (id := by_name(entry.name, declared) or by_name(entry.title, declared)):
            ids[id] = None
            continue
        unknown = []
        for kept in entry.cookies:
            owners = by_cookie(kept.name, kept.domain, declared)
            if kept.name.startswith(OWN_COOKIES):
                left.append(f"{kept.name}: what the tool itself keeps, which goes with it")
            elif len(owners) == 1:
                ids[owners[0]] = None
            elif owners:
                left.append(f"{kept.name}: is of {' or '.join(owners)}; declare those that the site has")
            else:
                unknown.append(kept)
        left += _unusable(unknown)
        usable = [kept for kept in unknown if _COOKIE_NAME.fullmatch(kept.name)]
        # What has no cookie that can be declared, and the name of a group or of a host alone, says nothing.
        is_named = not entry.is_group and not any(kept.domain for kept in unknown)
        if usable or (is_named and (unknown or not entry.cookies)):
            made = _skeleton(entry, usable, today, taken=skeletons)
            skeletons[made.id] = made
    calls = [call(id, declared[id], moved.texts) for id in ids]
    return Plan(tuple(calls), tuple(skeletons.values()), tuple(dict.fromkeys(left)))


def _skeleton(entry: Entry, cookies: list[Kept], today: date, *, taken: Mapping[str, Skeleton]) -> Skeleton:
    group = re.sub(r"[^a-z]", "", entry.group.lower())
    category, purpose = GROUPS.get(group, STRICTEST)
    told = {kept.name: _cookie(kept) for kept in cookies}
    data: dict[str, Any] = {
        "$schema": "service.schema.json",
        "name": entry.title or entry.name,
        "provider": {"name": "", "country": "", "privacy_policy": ""},
        "purpose": purpose,
        "categories": [category],
        "sources": {"provider": {"at": "", "seen": today.isoformat()}},
        "cookies": list(told.values()),
    }
    data = {key: value for key, value in data.items() if value or key == "name"}
    words = re.sub(r"[^a-z0-9]+", "_", entry.name.lower()).strip("_")[:24] or "service"
    id = words if words[0].isalpha() else f"service_{words}"
    number = next(n for n in range(1, len(taken) + 2) if (id if n == 1 else f"{id}_{n}") not in taken)
    look_up = [*missing(data), f"purpose, categories: read from {entry.group!r}" if group in GROUPS else _GUESSED]
    if group in ALWAYS_ON:
        look_up.append("categories: with 'necessary', and a justification, if the site cannot work without it")
    look_up.append("hosts, and tag or embed: what it loads; `flask cookieconsent new-service` reads its snippet")
    return Skeleton(id if number == 1 else f"{id}_{number}", data, tuple(look_up))


_GUESSED = "purpose, categories: guessed, and the strictest that fit"


def _cookie(kept: Kept) -> dict[str, Any]:
    purpose = kept.purpose if not kept.purpose or kept.purpose.endswith(".") else f"{kept.purpose}."
    cookie = {"name": kept.name, "purpose": purpose, "kept": _life(kept.kept), "storage": kept.storage}
    return {key: value for key, value in cookie.items() if value or key == "purpose"}


def _life(text: str) -> str:
    """Return how long a cookie is kept, in our words; nothing where it goes with the browser, or nobody can say."""
    match = _LIFE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        return ""
    days = int(match[1]) * _DAYS[match[2].lower()]
    if match[2].lower() in ("week", "month", "year") or days > _LONGEST:
        return f"{min(int(days), _LONGEST)} days"
    return f"{int(match[1])} {match[2].lower()}{'s' * (int(match[1]) != 1)}"


def _unusable(cookies: list[Kept]) -> Iterator[str]:
    for kept in cookies:
        if not _COOKIE_NAME.fullmatch(kept.name):
            yield f"{kept.name}: is no name that a cookie can have, so it is left out"
            continue
        if kept.kept and not _life(kept.kept) and "session" not in kept.kept.lower():
            yield f"{kept.name}: is kept for {kept.kept!r}, which is no time; without one it goes with the browser"
        if kept.domain:
            yield f"{kept.name}: is said to be of {kept.domain}; give it a domain if that is not your site"
