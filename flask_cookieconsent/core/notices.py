"""Exactly what a visitor is shown, as a value with a digest: an event names the digest, and so what was agreed to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .registry import Registry
from .services import Category, Cookie, Service

#: Bump when the shape of `snapshot` changes, so that old digests stay explicable.
SHAPE = 1


def snapshot(
    registry: Registry, *, locale: str, texts: str, templates: Mapping[str, str], translate: Callable[[Any], str]
) -> dict[str, Any]:
    """Return everything a visitor is shown in one language, as plain values.

    `texts` is the digest of the catalog that the standing sentences come from, `templates` maps each template to the
    digest of its source, so that a changed sentence or an overridden template is another notice (F2).
    """

    def category(group: Category) -> dict[str, Any]:
        return {
            "id": group.id,
            "title": translate(group.title),
            "summary": translate(group.summary),
            "refusal": translate(group.refusal),
            "services": [service(each) for each in registry.by_category[group.id]],
        }

    def service(each: Service) -> dict[str, Any]:
        provider = each.provider
        return {
            "id": each.id,
            "name": translate(each.name),
            "purpose": each.purpose,
            "description": translate(each.description),
            "justification": translate(each.justification),
            "provider": [provider.name, provider.country, provider.privacy_policy] if provider else None,
            "cookies": [cookie(one) for one in each.cookies],
        }

    def cookie(one: Cookie) -> list[Any]:
        lasts = (one.duration or timedelta()).total_seconds()
        return [one.storage, one.name, one.domain, lasts, translate(one.purpose)]

    return {
        "shape": SHAPE,
        "locale": locale,
        "policy_version": registry.policy_version,
        "texts": texts,
        "templates": dict(templates),
        "categories": [category(group) for group in registry.categories],
    }


def canonical(notice: Mapping[str, Any]) -> str:
    """Return the one JSON text of a snapshot."""
    return json.dumps(notice, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Return the address of a notice: SHA-256, in hexadecimal, of its canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What is kept of a notice: the canonical JSON of its snapshot, under its digest, and what it looked like."""

    digest: str
    locale: str
    policy_version: str
    snapshot: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A notice that is kept, and the day from which it was in use."""

    notice: Notice
    first_used: date


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between two notices: of a service, by its name, or of the policy as a whole.

    `what` is `"new"`, `"gone"`, `"material"` (it is asked again where it was granted), `"wording"` or `"policy"` (a new
    version of it: everything that was granted is asked again). `fields` names what differs.
    """

    what: str
    service: str = ""
    fields: tuple[str, ...] = ()


_MATERIAL = ("category", "purpose", "recipient", "cookies")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two snapshots, and which of it is material (D6)."""
    found = [Change(what="policy")] if before["policy_version"] != after["policy_version"] else []
    old, new = _services(before), _services(after)
    for id, service in new.items():
        if id not in old:
            found.append(Change(what="new", service=service["name"]))
            continue
        fields = tuple(name for name in service if service[name] != old[id][name])
        material = tuple(name for name in fields if name in _MATERIAL)
        if fields:
            found.append(Change(what="material" if material else "wording", service=service["name"], fields=fields))
    found += [Change(what="gone", service=each["name"]) for id, each in old.items() if id not in new]
    standing = ("texts", "templates")
    if any(before[name] != after[name] for name in standing) or _headings(before) != _headings(after):
        found.append(Change(what="wording"))
    return found


def _services(notice: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for category in notice["categories"]:
        for each in category["services"]:
            provider = each["provider"]
            found[each["id"]] = {
                "name": each["name"],
                "category": category["id"],
                "purpose": each["purpose"],
                "recipient": provider[:2] if provider else None,
                "cookies": sorted(json.dumps(one[:4]) for one in each["cookies"]),
                "description": [each["description"], each["justification"], provider and provider[2]],
                "purposes of cookies": [one[4] for one in each["cookies"]],
            }
    return found


def _headings(notice: Mapping[str, Any]) -> list[Any]:
    return [[each[name] for name in ("id", "title", "summary", "refusal")] for each in notice["categories"]]
