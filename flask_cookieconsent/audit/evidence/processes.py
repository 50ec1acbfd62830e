"""What records refer to, in the Data Privacy Vocabulary: the controller, notices, and the services of each notice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .vocabulary import CONTEXT, CONTROLLER, notice_urn, services_urn


def processes(
    notices: Collection[tuple[str, str, str, str | None, Mapping[str, Any]]],
    controller: Mapping[str, str | None],
    declared: Mapping[str, Any],
    where: str,
) -> dict[str, Any]:
    """Return what the records refer to as one document of JSON-LD: the controller, notices, and their services.

    *notices* are digest, language, version, first day and snapshot of each, *declared* is one more snapshot, of today,
    and *where* the path at which visitors take consent back.
    """
    nodes: list[dict[str, Any]] = [_controller(controller)]
    for digest, locale, version, first_used, snapshot in notices:
        nodes.append(
            {
                "@id": notice_urn(digest),
                "@type": "dpv:ConsentNotice",
                "dct:identifier": digest,
                "dct:language": locale,
                "fcc:policyVersion": version,
                "fcc:page": f"notices/{digest}/notice.html",
            }
            | ({"dct:issued": first_used} if first_used else {})
        )
        nodes += _services(services_urn(digest), snapshot, where)
    nodes += _services(services_urn(""), declared, where)
    return {"@context": CONTEXT, "@graph": nodes}


def _controller(given: Mapping[str, str | None]) -> dict[str, Any]:
    names = {"name": "dpv:hasName", "address": "dpv:hasAddress", "contact": "dpv:hasContact"}
    values = {term: given[name] for name, term in names.items() if given[name]}
    return {"@id": CONTROLLER, "@type": "dpv:DataController"} | values


def _services(prefix: str, snapshot: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    for category in snapshot.get("categories", ()):
        # Notices of the first two shapes say it by the id alone.
        asked = not category.get("necessary", category["id"] == "necessary")
        for service in category["services"]:
            yield _service(prefix, service, where if asked else "")


def _service(prefix: str, service: Mapping[str, Any], where: str) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": prefix + service["id"],
        "@type": "dpv:Process",
        "dct:identifier": service["id"],
        "dct:title": service["name"],
        "dpv:hasDataController": {"@id": CONTROLLER},
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:identifier": service["purpose"]},
        "dpv:hasPersonalData": [_cookie(*cookie) for cookie in service["cookies"]],
    }
    if service["description"]:
        node["dct:description"] = service["description"]
    if where:
        node["dpv:hasLegalBasis"] = {"@id": "dpv:ExpressedConsent"}
        node["dpv:hasConsentControl"] = {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": where}
    if service["provider"]:
        name, country, policy = service["provider"]
        node["dpv:hasRecipientThirdParty"] = {
            "@type": "dpv:ThirdParty",
            "dpv:hasName": name,
            "dpv:hasLocation": country,
            "fcc:privacyPolicy": policy,
        }
    return node


def _cookie(storage: str, name: str, domain: str | None, seconds: float, purpose: str) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": "dpv:PersonalData", "dpv:hasName": name, "dct:description": purpose}
    node["fcc:storage"] = storage
    if domain:
        node["fcc:domain"] = domain
    if seconds:
        node["dpv:hasStorageCondition"] = {"@type": "dpv:StorageDuration", "dpv:hasDuration": f"PT{int(seconds)}S"}
    return node
