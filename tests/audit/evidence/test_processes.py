"""What records refer to: every reference of a record leads to a node, and every term is one of the vocabulary."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask_cookieconsent.audit.evidence.processes import processes
from flask_cookieconsent.audit.evidence.records import record
from flask_cookieconsent.audit.evidence.vocabulary import CONTEXT
from tests.kit.sites import Site, make_site

#: The terms of DPV 2.3 (https://w3id.org/dpv/2.3/dpv) that are used here, each looked up there.
DPV = {
    *("ConsentRecord", "ConsentNotice", "DataController", "DataSubject", "ThirdParty", "Process", "Purpose"),
    *("PersonalData", "StorageDuration", "WithdrawConsent", "ExpressedConsent"),
    *("ConsentGiven", "ConsentRefused", "ConsentWithdrawn", "ConsentRequested"),
    *("hasConsentStatus", "hasConsentControl", "hasDataController", "hasDataSubject", "hasIndicationMethod"),
    *("hasLegalBasis", "hasNotice", "hasPersonalData", "hasProcess", "hasPurpose", "hasRecipientThirdParty"),
    *("hasService", "hasStorageCondition", "hasDuration", "hasName", "hasAddress", "hasContact", "hasLocation"),
    *("isExercisedAt", "isIndicatedAtTime", "isIndicatedBy"),
}
#: Those of Dublin Core (https://www.dublincore.org/specifications/dublin-core/dcmi-terms/).
DCT = {"conformsTo", "created", "description", "identifier", "issued", "language", "title", "valid"}
CONTROLLER = {"name": "Example NV", "address": None, "contact": "privacy@example.com"}


def graph_of(site: Site) -> dict[str, Any]:
    """Return the document of a site whose notice was answered once."""
    with site.app.app_context():
        kept = site.log.notice(site.events()[0].notice)
    assert kept is not None
    snapshot = json.loads(kept.notice.snapshot)
    notice = (kept.notice.digest, "en", "1", "2026-11-23", snapshot)
    return processes([notice], CONTROLLER, snapshot, "/cookies")


def terms(value: Any) -> Iterator[str]:
    """Yield every compact name in a document: keys, types, and identifiers of the vocabulary."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "@context":
                continue
            yield from [key] if ":" in key else terms(inner) if key in ("@type",) else []
            yield from [inner] if key in ("@id", "@type") and re.match("dpv:", str(inner)) else terms(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from terms(inner)


def answered() -> Site:
    site = make_site()
    site.visitor().choose("accept")
    return site


def test_references_lead_somewhere() -> None:
    """A record's controller, notice and services are nodes, and no identifier is there twice."""
    site = answered()
    nodes = [node["@id"] for node in graph_of(site)["@graph"]]
    line = record(site.events()[0])
    service = line["@context"]["service"]

    assert len(set(nodes)) == len(nodes)
    assert {line["dpv:hasDataController"]["@id"], line["dpv:hasNotice"]["@id"]} <= set(nodes)
    assert {each["@id"].replace("service:", service, 1) for each in line["dpv:hasProcess"]} <= set(nodes)


def test_record_without_a_notice_refers_to_the_declaration_of_today() -> None:
    site = answered()
    nodes = {node["@id"] for node in graph_of(site)["@graph"]}
    site.visitor().choose("reject", notice="")
    line = record(next(event for event in site.events() if not event.notice))

    assert "dpv:hasNotice" not in line
    assert {each["@id"].replace("service:", line["@context"]["service"], 1) for each in line["dpv:hasProcess"]} <= nodes


def test_terms_are_those_of_the_vocabularies() -> None:
    site = answered()
    found = {*terms(graph_of(site)), *terms(record(site.events()[0]))}

    assert {term.removeprefix("dpv:") for term in found if term.startswith("dpv:")} <= DPV
    assert {term.removeprefix("dct:") for term in found if term.startswith("dct:")} <= DCT
    assert {term.partition(":")[0] for term in found} == {"dpv", "dct", "fcc"} == set(CONTEXT)


def test_unknown_term_is_found() -> None:
    """The bad twin."""
    assert set(terms({"a": [{"dpv:isMadeUp": {"@type": "dpv:Nothing"}}]})) == {"dpv:isMadeUp", "dpv:Nothing"}


def test_services_tell_what_a_notice_told() -> None:
    nodes = {node["@id"].rpartition(":")[2]: node for node in graph_of(answered())["@graph"]}

    films = nodes["films"]
    assert films["dpv:hasRecipientThirdParty"]["dpv:hasName"] == "Example Media SA"
    assert films["dpv:hasLegalBasis"] == {"@id": "dpv:ExpressedConsent"}
    assert films["dpv:hasConsentControl"] == {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": "/cookies"}
    assert "dpv:hasLegalBasis" not in nodes["cookieconsent"]
    assert nodes["controller"] == {
        "@id": "urn:flask-cookieconsent:controller",
        "@type": "dpv:DataController",
        "dpv:hasName": "Example NV",
        "dpv:hasContact": "privacy@example.com",
    }
