"""Exactly what a visitor is shown, as a value with a digest: an event names the digest, and so what was agreed to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .declaration import Category, Cookie, Service
from .registry import Registry

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
