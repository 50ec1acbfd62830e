"""Facts about providers from tests/data/facts, and the comparison of a declaration with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask_cookieconsent.core.registry import CookieIndex, build
from flask_cookieconsent.core.services import Service

VENDORS = Path(str(files("flask_cookieconsent"))) / "catalogue" / "vendors"
_FACTS = Path(__file__).parents[1] / "data" / "facts"

#: The declarations of the catalogue as they are written, by id.
DATA: Mapping[str, Any] = {each.stem: json.loads(each.read_text("utf-8")) for each in sorted(VENDORS.glob("*.json"))}

#: For each service of which a second source tells, by its id: `hosts` maps directives to sources, `cookies` names
#: first-party cookies, `source` says where that was read, and `doubts` are those of the declaration.
FACTS: Mapping[str, Any] = {
    each.stem: json.loads(each.read_text("utf-8")) | {"doubts": DATA.get(each.stem, {}).get("doubts", [])}
    for each in sorted(_FACTS.glob("*.json"))
}


def facts_of(service: Service) -> Mapping[str, Any]:
    """Return what is known of a service besides its declaration, or where nothing is, what that says itself."""
    own = [each.name for each in service.cookies if each.is_first_party and each.storage == "cookie"]
    return FACTS.get(service.id, {"hosts": service.hosts, "cookies": own, "doubts": []})


#: Parts of sources that are in the facts and that no declaration grants, and why.
NEVER = {
    "'unsafe-inline'": "It would let whatever is injected into a page run, so the vendor goes without its inline part.",
    "data:": "A scheme is no recipient; an owner whose pages need it sets COOKIECONSENT_CSP_SOURCES.",
    "blob:": "A scheme is no recipient; an owner whose pages need it sets COOKIECONSENT_CSP_SOURCES.",
    "<ccTLD>": "A policy cannot say `any country`; an owner who needs one names it in COOKIECONSENT_CSP_SOURCES.",
}

#: Single facts that a declaration leaves out, by service, directive and source, and why.
LEFT_OUT: Mapping[tuple[str, str, str], str] = {
    **{
        ("intercom", directive, source): "It belongs to another of Intercom's regions than the sample's."
        for directive, sources in FACTS["intercom"]["hosts"].items()
        for source in sources
        if re.search(r"\.eu\b|\.au\b|europe|australia", source)
    },
    **{
        ("intercom", "frame-src", source): "It is of another company, whose videos may stand in a message."
        for source in ("https://www.youtube.com", "https://player.vimeo.com", "https://fast.wistia.net")
    },
}

#: First-party cookies that a declaration leaves out, by service and name, and why.
OTHERS_COOKIES: Mapping[tuple[str, str], str] = {
    ("google_ads", "_gcl_*"): "Its members are declared one by one, because Google Analytics erases the whole family.",
    ("google_ads", "_gac_*"): "Google Analytics sets and declares it.",
    (
        "google_analytics",
        "FPID",
    ): "Only a tagging server on a host of the site sets it; its owner declares it then.",
    (
        "google_analytics",
        "FPLC",
    ): "Only a tagging server on a host of the site sets it; its owner declares it then.",
}

# Where the facts leave a part of a host to the owner, anything that is declared there will do.
_OPEN = re.compile(r"\{[^}]*\}")


def origin_of(source: str) -> str:
    """Return a source without its path, because a declaration names origins alone."""
    scheme, separator, rest = source.partition("://")
    return scheme + separator + rest.partition("/")[0]


def covers(declared: str, source: str) -> bool:
    """Tell whether a declared source lets through whatever a source of the facts does."""
    source = origin_of(source)
    if _OPEN.search(source):
        parts = [re.escape(each) for each in _OPEN.split(source)]
        return re.fullmatch("[a-z0-9.:/-]+".join(parts), declared) is not None
    if source == declared:
        return True
    scheme, _, host = declared.partition("://")
    return host.startswith("*.") and source.startswith(scheme + "://") and source.endswith(host[1:])


def wanted_sources(service: Service, facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every directive and source of the facts that the declaration of a service has to cover."""
    doubted = " ".join(f"{doubt['about']} {doubt['settle']}" for doubt in facts["doubts"])
    for directive, sources in facts["hosts"].items():
        for source in sources:
            host = origin_of(source).partition("://")[2]
            excused = any(part in source for part in NEVER) or (service.id, directive, source) in LEFT_OUT
            if not excused and not (host and host in doubted):
                yield directive, source


def missing_hosts(service: Service, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return every directive and source of the facts that the declaration does not cover."""
    return [
        (directive, source)
        for directive, source in wanted_sources(service, facts)
        if not any(covers(each, source) for each in service.hosts.get(directive, ()))
    ]


def wanted_cookies(service: Service, facts: Mapping[str, Any]) -> list[str]:
    """Return every first-party cookie of the facts that the declaration of a service has to know."""
    return [name for name in facts["cookies"] if (service.id, name) not in OTHERS_COOKIES]


def missing_cookies(service: Service, facts: Mapping[str, Any]) -> list[str]:
    """Return every first-party cookie of the facts that the declaration does not know."""
    index = CookieIndex(build([service]))
    return [name for name in wanted_cookies(service, facts) if not index.declared(name)]


def addresses(service: Service, facts: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Return one real origin for each source of the facts, by directive, whether the declaration has it or not."""
    found: dict[str, list[str]] = {}
    for directive, source in wanted_sources(service, facts):
        named = origin_of(source)
        if _OPEN.search(named):
            named = next(each for each in service.hosts.get(directive, ()) if covers(each, source))
        found.setdefault(directive, []).append(named.replace("*.", "some."))
    return found
