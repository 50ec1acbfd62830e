"""Content-addressed snapshots of consent notices (SHA-256 over canonical JSON), and the diff of two of them.

An event names the digest of its notice, and so exactly what a visitor was shown and agreed to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from .regimes import STRICT, Terms
from .registry import Registry
from .services import Category, Cookie, Service

#: Version of the schema of `snapshot`: bump it when that changes, so that old digests stay explicable.
SHAPE = 4


class Audience(NamedTuple):
    """For whom a notice is made: the terms of a region, and whether an account keeps the choice on all devices."""

    terms: Terms = STRICT
    signed_in: bool = False


#: Whoever is not signed in, where everything optional needs a grant.
FOR_ANYBODY = Audience()


def snapshot(
    registry: Registry,
    *,
    locale: str,
    texts: str,
    templates: Mapping[str, str],
    translate: Callable[[Any], str],
    cookie_domain: str | None = None,
    audience: Audience = FOR_ANYBODY,
    scopes: Iterable[str] = (),
) -> dict[str, Any]:
    """Build the snapshot of a notice in one language: everything a visitor is shown, as plain JSON values.

    `texts` is the digest of the catalog that the standing sentences come from, `templates` maps each template to the
    digest of its source, so that a changed sentence or an overridden template is another notice (F2). A choice counts
    on every host below `cookie_domain` and on the surfaces that `scopes` names, and is asked for under the terms of the
    `audience`.
    """

    terms, all_devices = audience

    def category(group: Category) -> dict[str, Any]:
        return {
            "id": group.id,
            "necessary": group.necessary,
            "title": translate(group.title),
            "summary": translate(group.summary),
            "refusal": translate(group.refusal),
            "services": [service(member) for member in registry.by_category[group.id]],
        }

    def service(member: Service) -> dict[str, Any]:
        provider = member.provider
        return {
            "id": member.id,
            "name": translate(member.name),
            "purpose": member.purpose,
            "description": translate(member.description),
            "justification": translate(member.justification),
            "provider": [provider.name, provider.country, provider.privacy_policy] if provider else None,
            "cookies": [cookie(declared) for declared in member.cookies],
            "consent_types": {name: list(ids) for name, ids in registry.consent_types[member.id].items()},
        }

    def cookie(declared: Cookie) -> list[Any]:
        seconds = (declared.duration or timedelta()).total_seconds()
        return [declared.storage, declared.name, declared.domain, seconds, translate(declared.purpose)]

    return {
        "shape": SHAPE,
        "locale": locale,
        "policy_version": registry.policy_version,
        "texts": texts,
        "templates": dict(templates),
        "cookie_domain": cookie_domain,
        "validity": [registry.validity.grants.days, registry.validity.refusals.days],
        "regime": terms.regime.value,
        "exempt": {id: translate(ground) for id, ground in terms.exempt.items()},
        "all_devices": all_devices,
        "scopes": list(scopes),
        "categories": [category(group) for group in registry.categories],
    }


def canonical(notice: Mapping[str, Any]) -> str:
    """Serialise a snapshot as canonical JSON: sorted keys, no spaces, characters unescaped."""
    return json.dumps(notice, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Return the notice digest: SHA-256, 64 hexadecimal digits, of canonical JSON in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A stored notice: the canonical JSON of its snapshot, under its digest, and the HTML it was shown as."""

    digest: str
    locale: str
    policy_version: str
    snapshot: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a list says of a stored notice, without its texts; `first_used` is the UTC day from which it was in use."""

    digest: str
    locale: str
    policy_version: str
    first_used: date


@dataclass(frozen=True, kw_only=True)
class KeptNotice:
    """A stored notice with the UTC day from which it was in use."""

    notice: Notice
    first_used: date


@dataclass(frozen=True, kw_only=True)
class Change:
    """One entry of the diff of two notices: of a service, by its name, or of the policy as a whole.

    `what` is `"new"`, `"gone"`, `"material"` (it is asked again where it was granted), `"wording"` or `"policy"` (a new
    version of it: everything that was granted is asked again). `fields` names what differs. Nobody is asked about what
    is `necessary`.
    """

    what: str
    service: str = ""
    fields: tuple[str, ...] = ()
    necessary: bool = False

    def __str__(self) -> str:
        """Return the entry as a sentence for whoever runs the site."""
        about = f"{self.service}: " if self.service else ""
        if self.necessary and self.what in ("new", "material"):
            difference = f"{', '.join(self.fields)} changed" if self.fields else "new"
            return f"{about}{difference}, always on, so nobody is asked"
        match self.what:
            case "policy":
                return "a new version of the policy: whoever granted something is asked again about all of it"
            case "new":
                return f"{about}new, everybody is asked about it"
            case "gone":
                return f"{about}gone, nobody is asked"
            case "material":
                return f"{about}{', '.join(self.fields)} changed: whoever granted it is asked again, who refused is not"
        return f"{about}wording changed, nobody is asked again"


_MATERIAL = ("category", "purpose", "recipient", "cookies", "consent types")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Diff two snapshots: what is new, changed or gone, and which of it is material (D6)."""
    old, new = _services(before), _services(after)
    policy = [Change(what="policy")] if before["policy_version"] != after["policy_version"] else []
    services = [change for id, service in new.items() if (change := _change(old.get(id), service))]
    gone = [Change(what="gone", service=service["name"]) for id, service in old.items() if id not in new]
    wording = [Change(what="wording")] if _standing(before) != _standing(after) else []
    return [*policy, *services, *gone, *wording]


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Change | None:
    necessary = after["necessary"]
    if before is None:
        return Change(what="new", service=after["name"], necessary=necessary)
    fields = tuple(field for field in after if after[field] != before[field] and field != "necessary")
    if not fields:
        return None
    is_material = any(field in _MATERIAL for field in fields)
    what = "material" if is_material else "wording"
    return Change(what=what, service=after["name"], fields=fields, necessary=necessary)


def _services(notice: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what can differ of each service, by its id; the keys are the fields that a `Change` names."""
    services = {}
    for category in notice["categories"]:
        for service in category["services"]:
            provider = service["provider"]
            services[service["id"]] = {
                "name": service["name"],
                # Notices of the first two shapes say it by the id alone.
                "necessary": category.get("necessary", category["id"] == "necessary"),
                "category": category["id"],
                "purpose": service["purpose"],
                "recipient": provider[:2] if provider else None,
                "cookies": sorted(json.dumps(cookie[:4]) for cookie in service["cookies"]),
                # Notices of the first shape have none.
                "consent types": service.get("consent_types", {}),
                "description": [service["description"], service["justification"], provider and provider[2]],
                "purposes of cookies": [cookie[4] for cookie in service["cookies"]],
            }
    return services


def _standing(notice: Mapping[str, Any]) -> list[Any]:
    """Return what a notice says whatever services there are: its sentences, templates and headings."""
    headings = [[group[field] for field in ("id", "title", "summary", "refusal")] for group in notice["categories"]]
    # Notices of the first two shapes have no domain, and those of the first three no terms.
    usual = {"validity": [184, 184], "regime": "opt-in", "exempt": {}, "all_devices": False, "scopes": []}
    audience = [notice.get(name, value) for name, value in usual.items()]
    return [notice["texts"], notice["templates"], notice.get("cookie_domain"), audience, headings]
