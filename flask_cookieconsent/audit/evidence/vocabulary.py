"""Terms of the W3C Data Privacy Vocabulary for consent records, and which fields of ISO/IEC TS 27560:2023 they cover.

The text of the standard is not public. Its fields are known here from "Consent Records and Receipts as per ISO/IEC TS
27560:2023 using DPV", a final report of the W3C Data Privacy Vocabularies and Controls Community Group of 1 August
2024, https://w3id.org/dpv/guides/consent-27560; the terms are those of DPV 2.
"""

from __future__ import annotations

from typing import NamedTuple

#: Where the names of the standard's fields, and the terms for them, come from.
SOURCE = "https://w3id.org/dpv/guides/consent-27560"
#: What a record conforms to: our own schema, which lacks fields that the standard wants.
SCHEMA = "urn:flask-cookieconsent:evidence-record:1"

#: The prefixes that every document of ours gives inline.
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "fcc": "urn:flask-cookieconsent:terms:",
}
_URN = "urn:flask-cookieconsent"

CONTROLLER = f"{_URN}:controller"

#: What the log says of a service, as a consent status. Who allowed one video was asked about all else as well.
STATUSES = {
    "granted": "dpv:ConsentGiven",
    "refused": "dpv:ConsentRefused",
    "undecided": "dpv:ConsentRequested",
}


def notice_urn(digest: str) -> str:
    """Return the identifier of a notice."""
    return f"{_URN}:notice:{digest}"


def services_urn(digest: str) -> str:
    """Return what the identifiers of the services of a notice begin with; without one, of what is declared today."""
    return f"{notice_urn(digest)}:service:" if digest else f"{_URN}:service:"


def record_urn(id: str) -> str:
    """Return the identifier of a record."""
    return f"{_URN}:record:{id}"


def receipt_urn(digest: str) -> str:
    """Return the identifier of a bearer of a receipt: the SHA-256 of a random number in their browser."""
    return f"{_URN}:receipt:{digest}"


class Field(NamedTuple):
    """A field of the standard: whether it is mandatory there, and where it is here, empty for nowhere."""

    name: str
    mandatory: bool
    where: str


_R, _P = "records.jsonl: ", "processes.jsonld: "

#: The fields of a consent record, in the order of the source.
FIELDS = (
    Field("schema version", True, _R + "dct:conformsTo, our own schema"),
    Field("record id", True, _R + "dct:identifier"),
    Field("pii principal id", True, _R + "dpv:hasDataSubject, absent for refusals, of which no receipt is made"),
    Field("privacy notice", True, _R + "dpv:hasNotice, absent where none is known"),
    Field("language", True, _R + "dct:language"),
    Field("purpose", True, _P + "dpv:hasPurpose of each service"),
    Field("purpose type", False, ""),
    Field("lawful basis", False, _P + "dpv:hasLegalBasis, for what visitors are asked about"),
    Field("pii information", True, _P + "dpv:hasPersonalData, the cookies and storage keys of each service"),
    Field("pii controllers", True, _P + "dpv:DataController"),
    Field("collection method", False, ""),
    Field("processing method", False, ""),
    Field("storage locations", True, ""),
    Field("retention period", True, _P + "dpv:hasStorageCondition of each cookie, in the browser alone"),
    Field("processing location", False, ""),
    Field("geographic restrictions", False, ""),
    Field("service", False, _R + "dpv:hasService, the name of the site in the log"),
    Field("jurisdiction", True, ""),
    Field("recipient third parties", True, _P + "dpv:hasRecipientThirdParty of each service"),
    Field("withdrawal method", True, _P + "dpv:hasConsentControl of each service that visitors are asked about"),
    Field("privacy rights", False, ""),
    Field("codes of conduct", False, ""),
    Field("impact assessment", False, ""),
    Field("authority party", False, ""),
    Field("pii type", True, _P + "dpv:hasPersonalData, by name and no taxonomy"),
    Field("pii attribute id", False, ""),
    Field("pii optional", False, ""),
    Field("sensitive pii category", False, ""),
    Field("special pii category", False, ""),
    Field("party id", True, _P + "@id of the controller; recipients have their names alone"),
    Field("party address", True, _P + "dpv:hasAddress of the controller; not of recipients"),
    Field("party name", True, _P + "dpv:hasName"),
    Field("party role", False, _P + "dpv:DataController, dpv:ThirdParty"),
    Field("party contact", True, _P + "dpv:hasContact of the controller; privacy policies of recipients"),
    Field("party type", True, _P + "dpv:ThirdParty"),
    Field("event time", True, _R + "dpv:isIndicatedAtTime, to the minute, or to the day for a refusal"),
    Field("validity duration", True, _R + "dct:valid"),
    Field("entity id", True, _R + "dpv:isIndicatedBy"),
    Field("event type", True, _P + "dpv:hasLegalBasis, dpv:ExpressedConsent"),
    Field("event state", True, _R + "dpv:hasConsentStatus of each service"),
)
