"""Where a form comes from, and what its switches ask for."""

from __future__ import annotations

import itertools

import pytest
from werkzeug.datastructures import Headers

from flask_cookieconsent.choice.form import switched_on
from flask_cookieconsent.choice.same_origin import Evidence, evidence
from flask_cookieconsent.core.registry import build
from tests.kit.sites import EVERYTHING, services

HOST = "shop.example.com"
OURS, SISTER, FOREIGN = f"https://{HOST}", "https://www.example.com", "https://evil.example"
SAME, OTHER, NOTHING = Evidence.SAME_SITE, Evidence.OTHER_SITE, Evidence.NONE
TABLE = [
    ({"Sec-Fetch-Site": "same-origin"}, SAME),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, SAME),
    ({"Sec-Fetch-Site": "cross-site", "Origin": OURS}, OTHER),
    ({"Sec-Fetch-Site": "same-site", "Origin": FOREIGN}, OTHER),
    ({"Sec-Fetch-Site": "same-site", "Origin": SISTER}, OTHER),
    ({"Sec-Fetch-Site": "same-site"}, OTHER),
    ({"Sec-Fetch-Site": "none"}, NOTHING),
    ({"Sec-Fetch-Site": "none", "Origin": OURS}, NOTHING),
    ({"Sec-Fetch-Site": "new-word", "Origin": OURS}, SAME),
    ({"Sec-Fetch-Site": "new-word"}, NOTHING),
    ({"Origin": OURS}, SAME),
    ({"Origin": f"http://{HOST}"}, SAME),
    ({"Origin": f"https://{HOST}:443"}, SAME),
    ({"Origin": f"https://{HOST}:8443"}, OTHER),
    ({"Origin": SISTER}, OTHER),
    ({"Origin": FOREIGN, "Referer": OURS + "/"}, OTHER),
    ({"Origin": f"{OURS}.evil.example"}, OTHER),
    ({"Origin": "null"}, NOTHING),
    ({"Origin": "null", "Referer": OURS + "/"}, NOTHING),
    ({"Origin": "https://["}, OTHER),
    ({"Referer": OURS + "/page?x=1"}, SAME),
    ({"Referer": FOREIGN + "/" + OURS}, OTHER),
    ({"Referer": f"https://{HOST}@evil.example/"}, OTHER),
    ({"Referer": ""}, NOTHING),
    ({}, NOTHING),
]


@pytest.mark.parametrize(("headers", "found"), TABLE)
def test_evidence(headers: dict[str, str], found: Evidence) -> None:
    """B9: the fetch metadata where it is sent, else the origin, else the referrer; nothing proves nothing."""
    assert evidence(Headers(headers), HOST) is found


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-site", "Origin": SISTER}, {"Origin": SISTER}])
def test_trusted_sister(headers: dict[str, str]) -> None:
    """B9: a sister that the site trusts is as good as itself, and no other."""
    assert evidence(Headers(headers), HOST, (SISTER,)) is SAME
    assert evidence(Headers(headers), HOST, ("https://other.example.com",)) is OTHER


@pytest.mark.parametrize("host", [HOST, f"{HOST}:443", f"{HOST}:80"])
def test_host_with_a_port(host: str) -> None:
    """B9: TLS may end at a proxy, so the usual ports are none."""
    assert evidence(Headers({"Origin": OURS}), host) is SAME


REGISTRY = build(services())


def on(service: set[str], category: set[str] = frozenset(), shown: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]
    return switched_on(REGISTRY, services=service, categories=category, shown=shown)


@pytest.mark.parametrize("chosen", [set(each) for n in range(6) for each in itertools.combinations(EVERYTHING, n)])
def test_switches_of_services(chosen: set[str]) -> None:
    """B8, B4: each of the 32 sets of switches is saved as it stands."""
    assert on(chosen) == chosen
    assert on(chosen, {"third_party"} if {"films", "posts"} <= chosen else set()) == chosen


def test_switch_of_a_category() -> None:
    """B8: without scripts a category's own switch moves its services; moved with them, they count."""
    both = {"films", "posts"}
    assert on(set(), {"third_party"}) == both
    assert on(both, set(), both) == set()
    assert on(both, {"third_party"}, both) == both
    assert on({"films"}, {"third_party"}, both) == {"films"}
    assert on({"films"}, set(), both) == {"films"}
    assert on({"films"}, {"third_party"}, {"films"}) == both
    assert on({"posts"}, {"third_party"}, {"films"}) == {"posts"}


def test_category_of_one_service() -> None:
    """B8: one service, one switch, and either name stands for it."""
    assert on(set(), {"performance"}) == {"counter"}
    assert on({"counter"}) == {"counter"}
    assert on(set(), set(), {"counter"}) == set()
