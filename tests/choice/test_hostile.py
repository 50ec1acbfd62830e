"""Whatever is sent to any endpoint: never a 5xx, and nothing recorded unless a form of the site was understood."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cookieconsent.catalogue import facebook, google_analytics, linkedin, x, youtube
from flask_cookieconsent.choice.form import SURFACES, Choice
from tests.kit.sites import EVERYTHING, SAME_ORIGIN, Site, make_site, services

CHOICES = tuple(choice.value for choice in Choice)


calm = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

READY_MADE = (google_analytics("G-ABC1234567"), youtube(), facebook(), x(), linkedin())
ENDPOINTS = [
    "/", "/cookies", "/cookies/", "/cookies/policy", "/cookies/choice", "/cookies/frame/films",
    "/cookies/frame/youtube", "/cookies/frame/facebook", "/cookies/frame/x", "/cookies/frame/linkedin",
    "/cookies/frame/%00", "/cookies/static/",
    "/cookies/static/../views.py", "/cookies/static/%2e%2e/views.py", "/cookies/static/fcc.css",
]  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Site:
    """One site for all: what an attack leaves behind is part of the attack."""
    found = make_site(services=(*services(), *READY_MADE))
    found.app.config["PROPAGATE_EXCEPTIONS"] = False
    return found


def answer(site: Site, path: str, method: str = "POST", **more: Any) -> tuple[int, Headers, bytes]:
    """Send a request that a client library would not send, and return what comes back."""
    environ = more.pop("environ", {})
    built = EnvironBuilder(path, method=method, **more).get_environ() | environ
    body, status, headers = run_wsgi_app(site.app, built, buffered=True)
    text = b"".join(body)
    assert all("\r" not in value and "\n" not in value for _, value in headers)
    return int(status.split()[0]), headers, text


def is_calm(site: Site, status: int, before: int, *, understood: bool = False) -> bool:
    """Tell whether a site has neither broken nor recorded what it should not."""
    return status < 500 and (understood or len(site.events()) == before)


def is_understood(fields: list[tuple[str, str]]) -> bool:
    """Tell, apart from the code under test, whether a form is one that the site could have sent."""
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    known = EVERYTHING | {each.id for each in READY_MADE}
    groups = {"functionality", "tracking", "performance", "third_party"}
    return (
        len(values.get("choice", [])) == 1
        and values["choice"][0] in CHOICES
        and {*values.get("service", []), *values.get("shown", [])} <= known
        and set(values.get("category", [])) <= groups
        and set(values.get("surface", ["api"])[:1]) <= set(SURFACES)
        and (values["choice"] != ["allow"] or len(values.get("service", [])) == 1)
    )


NAMES = ["choice", "service", "category", "shown", "surface", "locale", "notice", "next", "csrf_token"]
VALUES = [
    *CHOICES, *SURFACES, *EVERYTHING, "youtube", "third_party", "necessary", "cookieconsent", "", "0", "null", "[]",
    "en", "nl", "en_US", "zh_Hant_TW", "es_419", "ca_ES_VALENCIA",
    "und", "root", "C", "POSIX", "en@x", "../../etc", "a_b",
    "//evil.example", "/about", "/[", "/\x00", "/\ud800", "0" * 64, "é", "\u202e", "x" * 2_001, "％00", "{{7*7}}",
]  # fmt: skip
texts = st.one_of(st.sampled_from(VALUES), st.text(max_size=40))
forms = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), texts), max_size=12)
latin = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)


@calm
@given(fields=forms)
def test_any_form(site: Site, fields: list[tuple[str, str]]) -> None:
    """B9: any fields with any values, in any number."""
    before = len(site.events())
    body = urlencode([(n.encode("utf-8", "surrogatepass"), v.encode("utf-8", "surrogatepass")) for n, v in fields])

    status, headers, _ = answer(
        site, "/cookies/choice", data=body, headers=SAME_ORIGIN, content_type="application/x-www-form-urlencoded"
    )

    assert is_calm(site, status, before, understood=is_understood(fields))
    assert is_understood(fields) or status == 400
    assert headers.get("Location", "/").startswith("/")
    assert not headers.get("Location", "/").startswith("//")


@calm
@given(choice=st.sampled_from(CHOICES), locale=st.one_of(st.sampled_from(VALUES), st.text(max_size=40)), notice=texts)
def test_any_locale(site: Site, choice: str, locale: str, notice: str) -> None:
    """F2: the language and the notice of a form are written by whoever sends it."""
    data = {"choice": choice, "service": "films", "notice": notice, "locale": locale}
    body = urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in data.items()})
    kind = "application/x-www-form-urlencoded"

    status, _, _ = answer(site, "/cookies/choice", data=body, headers=SAME_ORIGIN, content_type=kind)

    assert status in (303, 400, 409)


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
TYPES = [
    "", "application/json", "text/plain", "a/b; charset=x", FORM, FORM + "; charset=utf-16",
    "multipart/form-data", "multipart/form-data; boundary=", PARTS, "multipart/mixed; boundary=b",
]  # fmt: skip
PART = b'--b\r\nContent-Disposition: form-data; name="choice"%s\r\n\r\naccept\r\n--b--\r\n'
BODIES = [
    b"", b"\xff\xfe", b"choice=%ff%fe", b"choice=accept", json.dumps({"choice": "accept"}).encode(), b"[1", b"&&==;;",
    PART % b"", PART % b'; filename="x"', b"--b\r\n\r\n", b"--b",
    PART % b"\r\nContent-Type: text/plain; charset=utf-99",
    b"choice=" + b"x" * 20_000, b"a=1&" * 3_000, b"service[]=films&choice[a]=accept", b"\x00" * 100,
    b"--b\r\n" * 2_000,
]  # fmt: skip


# Werkzeug reads a part's text as UTF-8 where it does not know the encoding that the part names.
UNDERSTOOD = {FORM: BODIES[3:4], FORM + "; charset=utf-16": BODIES[3:4], PARTS: [BODIES[7], BODIES[11]]}


@pytest.mark.parametrize("kind", TYPES)
def test_any_body(site: Site, kind: str) -> None:
    """B9: bodies of other types, broken ones, too long ones: 400 or another refusal, at the choice and at a frame."""
    for path in ("/cookies/choice", "/cookies/frame/films", "/cookies/frame/youtube"):
        for body in BODIES:
            before = len(site.events())
            status, _, _ = answer(site, path, data=body, content_type=kind, headers=SAME_ORIGIN)
            # What is understood grants without the notice's digest, so it is asked again.
            is_asked_again = path == "/cookies/choice" and body in UNDERSTOOD.get(kind, [])
            assert status == (409 if is_asked_again else 400), (path, body[:40])
            assert len(site.events()) == before


LENGTHS = [("-1", {}), ("x", {}), ("99999999999999999999", {}), ("8", {}),
           ("", {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True})]  # fmt: skip


@pytest.mark.parametrize(("length", "more"), LENGTHS)
def test_any_length(site: Site, length: str, more: dict[str, Any]) -> None:
    """B9: a length that is wrong, missing or far too large is a client's mistake."""
    for body in (b"choice=accept", b"choice=accept&x=" + b"x" * 30_000):
        before = len(site.events())
        environ = {"CONTENT_LENGTH": length} | more
        status, _, _ = answer(
            site, "/cookies/choice", data=body, content_type=FORM, headers=SAME_ORIGIN, environ=environ
        )
        assert status == (409 if more and len(body) < 100 else 400)
        assert len(site.events()) == before


def test_too_long_whoever_reads_it_first() -> None:
    """B9: a body far too long is refused, also where the app's own hooks have read the form before."""
    site = make_site()
    site.app.before_request(lambda: request.form.get("x") and None)

    response = site.visitor().post({"choice": "reject", "more": "x" * 100_000})

    assert response.status_code == 400
    assert site.events() == []


@calm
@given(
    path=st.sampled_from(ENDPOINTS),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]),
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                ["Cookie", "Accept", "Sec-GPC", "Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Host",
                 "Accept-Language", "If-None-Match", "Range", "Content-Type", "X-Forwarded-Host"]
            ),
            latin,
        ),
        max_size=6,
    ),
)  # fmt: skip
def test_any_header(site: Site, path: str, method: str, headers: list[tuple[str, str]]) -> None:
    """A7: any text in any header that anything reads."""
    before = len(site.events())
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}
    environ.update({"CONTENT_TYPE": environ.pop("HTTP_CONTENT_TYPE")} if "HTTP_CONTENT_TYPE" in environ else {})

    status, _, _ = answer(site, path, method, environ=environ)

    assert is_calm(site, status, before)


HOSTS = ["a..b", "." * 5, "x" * 70 + ".com", "[::1", "[::1]:5000", "[", "a:b:c", ":", "", "é.com", "1.2.3.4",
         "a_b.c", "a b", "localhost:99999", "-a.com", "example.com.", "xn--.com", "a.b." * 60 + "c"]  # fmt: skip


@pytest.mark.parametrize("config", [{}, {"COOKIECONSENT_COOKIE_DOMAIN": "example.com"}])
def test_any_host(config: dict[str, str]) -> None:
    """A7, E4: a choice with a strange name of a host, and with cookies to erase on it."""
    site = make_site(**config)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False

    for host, path in itertools.product(HOSTS, ("/", "/cookies/choice")):
        environ = {"HTTP_HOST": host.encode().decode("latin-1"), "HTTP_COOKIE": "lang=nl; _ec=1; cookieconsent=x"}
        status, _, _ = answer(site, path, data={"choice": "reject"}, headers=SAME_ORIGIN, environ=environ)
        assert status < 500, (host, path)


@calm
@given(name=latin, value=latin)
def test_any_cookie(site: Site, name: str, value: str) -> None:
    """E4: cookies with any name, among them some that a wildcard of the registry matches."""
    header = f"_ec_{name}={value}; {name}; cookieconsent={value}; cookieconsent_receipt={value}; _ec_=1"
    environ = {"HTTP_COOKIE": header, "HTTP_HOST": "www.example.com"}

    status, headers, _ = answer(
        site, "/cookies/choice", data={"choice": "withdraw"}, headers=SAME_ORIGIN, environ=environ
    )

    assert status == 303
    assert sum(len(each) for each in headers.getlist("Set-Cookie")) < 8_000


@pytest.mark.parametrize("size", [100, 5_000, 100_000, 1_000_000])
def test_huge_cookies(site: Site, size: int) -> None:
    """A7: cookies of any size and number are read past, and the answer stays small enough for a proxy."""
    many = "; ".join(f"_ec_{n}=1" for n in range(size // 10))
    for header in (f"cookieconsent={'x' * size}", many, "cookieconsent=1.20261123.0." + "a-." * size):
        for path, method in (("/", "GET"), ("/cookies/choice", "POST")):
            environ = {"HTTP_COOKIE": header, "HTTP_HOST": "www.example.com"}
            status, headers, _ = answer(
                site, path, method, data={"choice": "reject"}, headers=SAME_ORIGIN, environ=environ
            )
            assert status < 400
            assert sum(len(value) for _, value in headers) < 8_000


@pytest.mark.parametrize("service", ["films", "youtube", "facebook", "x", "linkedin"])
def test_any_address_in_a_frame(site: Site, service: str) -> None:
    """A9: what is pasted is never trusted; the frame holds an address of the provider or nothing."""
    chance = random.Random(service)
    pieces = [
        "https://", "http://", "//", "www.youtube.com", "youtu.be", "x.com", "www.facebook.com", "www.linkedin.com",
        "/watch?v=", "/status/", "/embed/", "/feed/update/urn:li:share:", "/posts/", "aqz-KE-bpKQ", "1" * 19, "٣" * 11,
        "[", "]", ":", "@", "%00", "%2e", "\x00", "é", "\ud800", "?", "#", "&t=1h", "&list=", "javascript:", " ", "\n",
    ]  # fmt: skip
    hosts = [source for each in (*services(), *READY_MADE) for source in each.hosts.get("frame-src", ())]

    def is_of_the_provider(page: bytes) -> bool:
        source = page.decode().split('<iframe src="', 1)[1]
        return any(source.startswith(f"{host}/") for host in hosts)

    for _ in range(400):
        url = "".join(chance.choices(pieces, k=chance.randint(1, 6)))
        body = "url=" + quote(url.encode("utf-8", "surrogatepass")) + "&title=x"
        kind = "application/x-www-form-urlencoded"
        status, _, text = answer(site, f"/cookies/frame/{service}", data=body, headers=SAME_ORIGIN, content_type=kind)
        assert status == 400 or (status == 200 and is_of_the_provider(text)), url


def test_robustness_check_twin(site: Site) -> None:
    """A site that breaks, and one that records what it was not asked, both fail the check."""
    before = len(site.events())
    assert not is_calm(site, 500, before)
    assert not is_calm(site, 303, before + 1)
    assert not is_understood([("choice", "accept"), ("choice", "reject")])
    assert is_understood([("choice", "save"), ("service", "films")])
