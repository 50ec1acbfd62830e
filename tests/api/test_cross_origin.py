"""Scripts of other origins: those that the site trusts may call the interface with cookies, and nobody else."""

from __future__ import annotations

import pytest

from tests.kit.programs import API, body_of
from tests.kit.sites import make_site

SISTER = "https://sister.localhost"
FOREIGN = ("https://evil.example", "https://sister.localhost.evil.example", "http://sister.localhost", "null", "*", "")
PATHS = ("/choice", "/choice/receipt", "/notice", "/declaration", "/openapi.json", "/nothing")
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


def test_trusted_origin_is_named() -> None:
    """Every answer names it, problems too, and lets its scripts read when to come back."""
    visitor = make_site(COOKIECONSENT_TRUSTED_ORIGINS=[SISTER]).visitor()
    for path in PATHS:
        headers = visitor.get(API + path, headers={"Origin": SISTER}).headers
        assert headers["Access-Control-Allow-Origin"] == SISTER
        assert headers["Access-Control-Allow-Credentials"] == "true"
        assert headers["Access-Control-Expose-Headers"] == "ETag, Retry-After"
        assert "Origin" in headers["Vary"]


def test_preflight_of_a_trusted_origin() -> None:
    """Fetch Standard, section 3.3: what a browser asks before it sends JSON or a token."""
    visitor = make_site(COOKIECONSENT_TRUSTED_ORIGINS=[SISTER]).visitor()
    answer = visitor.open(f"{API}/choice", "OPTIONS", headers=ASKED | {"Origin": SISTER})

    assert (answer.status_code, answer.data) == (204, b"") and "Content-Type" not in answer.headers
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type, consent-receipt"
    assert answer.headers["Access-Control-Allow-Origin"] == SISTER


@pytest.mark.parametrize("trusted", [[], [SISTER]])
@pytest.mark.parametrize("origin", FOREIGN)
def test_other_origins_get_nothing(origin: str, trusted: list[str]) -> None:
    """The bad twins: no header lets them read or send, and what they send all the same decides nothing."""
    site = make_site(COOKIECONSENT_TRUSTED_ORIGINS=trusted)
    visitor = site.visitor()
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    answers = [
        visitor.open(API + path, method, headers=headers | ASKED) for path in PATHS for method in ("GET", "OPTIONS")
    ]
    posted = visitor.open(f"{API}/choice", "POST", json=body_of(site, "accept"), headers=headers)

    names = [name for each in (*answers, posted) for name, _ in each.headers]
    assert [name for name in names if name.startswith("Access-Control")] == []
    assert posted.status_code == 403 and site.events() == []


def test_sister_decides_with_the_cookie() -> None:
    """A sister origin of the same site: its scripts read and choose with the visitor's cookie."""
    site = make_site(COOKIECONSENT_TRUSTED_ORIGINS=[SISTER])
    visitor = site.visitor()
    headers = {"Origin": SISTER, "Sec-Fetch-Site": "same-site"}

    answer = visitor.open(f"{API}/choice", "POST", json=body_of(site, "save", services=["films"]), headers=headers)

    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == SISTER
    assert visitor.allowed() == {"films"}


def test_site_without_sisters_varies_by_nothing() -> None:
    """What is the same for everybody is so for every cache."""
    assert "Vary" not in make_site().visitor().get(f"{API}/notice", headers={"Origin": SISTER}).headers
