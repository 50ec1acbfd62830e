"""Cookies by name: whose they are, whether they pass, and what makes a browser forget them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent import Cookie
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, choose
from flask_cookieconsent.core.decision import Decision, OptOutSignals, decide
from flask_cookieconsent.core.registry import CookieIndex, build
from flask_cookieconsent.http import cookies
from flask_cookieconsent.http.cookies import (
    MOST_BYTES,
    MOST_LINES,
    expired,
    folders_of,
    is_deletion,
    name_of,
    pairs_in,
    parent_domains,
    shortened,
    sweep,
    without,
)
from tests.kit.sites import NOON, own, services

TODAY = NOON.date()
DAY = timedelta(days=1)
SCOPED = Cookie(name="basket", purpose="Keeps a basket.", duration=DAY, path="/shop")
SEAT = own(
    "seat", "necessary", Cookie(name="seat", purpose="Keeps a seat.", duration=DAY), justification="To sit down."
)
REGISTRY = build((SEAT, *services(), own("basket", "functionality", SCOPED)))
INDEX = CookieIndex(REGISTRY, frozenset({"session"}), ("_ec_kept", "keep*"))


def decision_of(*granted: str) -> Decision:
    return decide(REGISTRY, choose(NOTHING_CHOSEN, REGISTRY, granted, today=TODAY, gpc=False), OptOutSignals(), TODAY)


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("_ec", ["counter"]),
        ("_ec_", ["counter"]),
        ("_ec_1", ["counter"]),
        *[(other, []) for other in ("_EC", "_Ec_1", "ec", "__Host-_ec", "_e", "", "watched", "session")],
        ("seat", ["seat"]),
    ],
)
def test_services_that_own_a_cookie_name(name: str, owners: list[str]) -> None:
    """E4: names match as in browsers, beginnings with a star too; cookies of other sites are nobody's here."""
    assert [service for service, _ in INDEX.declared(name)] == owners


def matches(declared: str, name: str) -> bool:
    """Tell whether a declared name, or beginning with a star, is that of a cookie."""
    return name.startswith(declared[:-1]) if declared.endswith("*") else name == declared


@given(
    st.lists(st.tuples(st.text("ab_", max_size=4), st.booleans()), max_size=8, unique=True), st.text("ab_", max_size=6)
)
def test_index_says_what_the_registry_says(names: list[tuple[str, bool]], name: str) -> None:
    """The look-up finds what a loop over everything would find."""
    declared = [(n, star) for n, star in names if n or star]
    cookies = [Cookie(name=n + "*" * star, purpose="p", duration=DAY) for n, star in declared if n]
    registry = build([own(f"s{number}", "functionality", cookie) for number, cookie in enumerate(cookies)])

    found = {service for service, _ in CookieIndex(registry).declared(name)}

    assert found == {f"s{number}" for number, cookie in enumerate(cookies) if matches(cookie.name, name)}


def test_denied_and_optional() -> None:
    """A1: what no allowed service declares is denied; what is necessary, or the framework's, never is."""
    refused, counted = decision_of(), decision_of("counter")

    assert [INDEX.is_denied(each, refused.allowed) for each in ("_ec", "lang", "seat", "session", "other")] == [
        *(True, True, False, False, False),
    ]
    assert not INDEX.is_denied("_ec", counted.allowed)
    assert [INDEX.is_optional(each) for each in ("_ec", "seat", "session", "other")] == [True, False, False, False]
    assert [INDEX.is_known(each) for each in ("_ec", "seat", "session", "other")] == [True, True, True, False]


def test_shared_name_passes_with_one_of_its_services() -> None:
    """A6: a name that two services share is allowed while one of them is."""
    mark = Cookie(name="mark", purpose="Keeps a mark.", duration=DAY)
    registry = build([own("a", "functionality", mark), own("b", "functionality", mark)])
    decision = decide(registry, choose(NOTHING_CHOSEN, registry, {"a"}, today=TODAY, gpc=False), OptOutSignals(), TODAY)

    assert not CookieIndex(registry).is_denied("mark", decision.allowed)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("a=1; Path=/", "a"),
        (" a = 1", "a"),
        ("a=b=c", "a"),
        ("a=", "a"),
        ("a", "a"),
        ("=a=1", "a"),
        ("=a", "a"),
        ("", ""),
        ("a;b=c", "a"),
        ("\xa0a=1", "\xa0a"),
        ("a\x85=1", "a\x85"),
        ("__Host-a=1; Secure", "__Host-a"),
        ("a\tb=1", "a\tb"),
    ],
)
def test_name_of_a_line(line: str, name: str) -> None:
    """RFC 6265bis, section 5.6: the name ends at the first equals sign; a value without one comes back as it is."""
    assert name_of(line) == name


@pytest.mark.parametrize(
    ("attributes", "deletes"),
    [
        ("Max-Age=0", True),
        ("max-age=-1", True),
        ("Max-Age=-99999999999999999999999", True),
        ("Max-Age=1", False),
        ("Max-Age=0; Max-Age=60", False),
        ("Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("Expires=Thu, 01 Jan 2037 00:00:00 GMT", False),
        ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("Max-Age=0; Expires=Thu, 01 Jan 2037 00:00:00 GMT", True),
        ("Expires=never", False),
        ("Max-Age=", False),
        ("Max-Age=٠", False),
        ("Max-Age=000000000000000000000031536000", False),
        ("Max-Age=000000000000000000000000000000", True),
        ("Max-Age=" + "9" * 5000, False),
        ("Max-Age=60; Max-Age=x", False),
        ("Max-Age=0; Max-Age=x", False),
        ("Max-Age=0; Max-Age", False),
        ("Max-Age=x; Max-Age=0", True),
        ("Max-Age=+60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("Max-Age=" + "0" * 1_500, False),
        ("Max-Age=-" + "9" * 1_500, False),
        ("Expires=Mon, 01 Jan 0069 00:00:00 GMT", False),
        ("Expires=Wed, 01 Jan 69 00:00:00 GMT", False),
        ("Expires=Thu, 01-Jan-1970 00:00:00 GMT", True),
        ("Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=Thu, 01 Jan 2037 00:00:00 GMT", False),
        ("Path=/", False),
    ],
)
def test_deletions(attributes: str, deletes: bool) -> None:
    """A logout, and any other way to forget a cookie, passes whatever was chosen."""
    assert is_deletion(f"a=1; {attributes}", datetime(2026, 11, 23, tzinfo=UTC)) is deletes


HEADERS = st.lists(st.sampled_from(["a=1", " b=2", "_ec=3", "", "=x", "lang", " _ec = 4", "c=d=e"]), max_size=8)


@given(HEADERS)
def test_taking_names_out_of_a_header(parts: list[str]) -> None:
    """A10: exactly the named cookies go; every other keeps its value and its place."""
    header = ";".join(parts)
    left = [(name, value) for name, value in pairs_in(header) if name not in ("_ec", "lang")]

    assert pairs_in(without(header, ("_ec", "lang"))) == left
    assert without(header, ()) == header.strip(" \t")


@given(st.text())
def test_any_header(header: str) -> None:
    """A7: any text is some list of pairs, and never an error."""
    pairs = pairs_in(header)

    assert all(name and "=" not in name for name, _ in pairs)
    assert pairs_in(without(header, [name for name, _ in pairs])) == []
    assert isinstance(name_of(header), str)
    assert is_deletion(header, NOON) in (True, False)


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("www.shop.co.uk", ["www.shop.co.uk", "shop.co.uk", "co.uk"]),
        ("app.shop.com:8443", ["app.shop.com", "shop.com"]),
        *[(host, []) for host in ("localhost", "localhost:5000", "192.168.0.7", "192.168.0.7:80", "[::1]", "[::1]:80")],
        *[(host, []) for host in ("", "a..b", ".a.b", "a.b\r\nX: y", "a.b; Secure", "x" * 64 + ".com")],
    ],
)
def test_parent_domains(host: str, domains: list[str]) -> None:
    """E4: the host and its parents with two labels or more; numbers, single names and nonsense have none."""
    assert parent_domains(host) == domains


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("/", []),
        ("/blog", []),
        ("/blog/", ["/blog"]),
        ("/blog/2026/post", ["/blog/2026", "/blog"]),
        ("/a/b/c/d/e/f", ["/a/b/c/d/e", "/a/b/c/d", "/a/b/c", "/a/b", "/a"]),
        ("/caf\xc3\xa9/x", ["/caf%C3%A9"]),
        ("/a b;c/x", ["/a%20b%3Bc"]),
        ("/a\r\nX: y/x", ["/a%0D%0AX:%20y"]),
        ("//x/y", ["//x"]),
    ],
)
def test_parent_folders_of_a_path(path: str, folders: list[str]) -> None:
    """E4: a script's cookie lies in the folder of its page; what is in a path cannot leave its line."""
    assert folders_of(path) == folders


def swept(*names: str, host: str = "www.example.com", path: str = "/", secure: bool = True) -> list[tuple[str, ...]]:
    """Return the name, path, domain and marks of each cookie that is expired."""
    found = []
    for line in sweep(names, INDEX, host=host, path=path, secure=secure):
        first, age, *rest = line.split("; ")
        assert age == "Max-Age=0"
        assert first.endswith("=")
        marks = " ".join(each for each in rest if "=" not in each)
        values = dict(each.split("=") for each in rest if "=" in each)
        found.append((first[:-1], values["Path"], values.get("Domain", ""), marks))
    return found


def test_sweep() -> None:
    """E4: for the host alone and each parent, in a partition and out of it."""
    assert swept("_ec", host="shop.example.com") == [
        ("_ec", "/", domain, marks)
        for marks in ("Secure", "Secure Partitioned")
        for domain in ("", "example.com", "shop.example.com")
    ]
    assert swept("_ec", host="localhost", secure=False) == [("_ec", "/", "", "")]


def test_sweep_of_paths() -> None:
    """E4: below the declared path, and in the folders that the page lies in."""
    places = {path for _, path, _, _ in swept("basket", host="localhost", path="/blog/2026/post")}

    assert places == {"/", "/shop", "/blog", "/blog/2026"}


def test_sweep_of_prefixed_names() -> None:
    """E4: `__Host-` takes one path, no domain and HTTPS; with `__Secure-` HTTPS alone is needed."""
    assert swept("__Host-x", path="/a/b/") == [
        ("__Host-x", "/", "", "Secure"),
        ("__Host-x", "/", "", "Secure Partitioned"),
    ]
    assert swept("__Host-x", secure=False) == []
    assert all("Secure" in marks for *_, marks in swept("__Secure-x"))


def test_sweep_spares() -> None:
    """E4: what the owner spares is left, whole names and beginnings."""
    assert {name for name, *_ in swept("_ec_kept", "keeper", "_ec")} == {"_ec"}


def test_sweep_is_bounded_and_whole() -> None:
    """E4: an answer stays small, and the names in it are finished, so that the next page goes on with others."""
    names = [f"_ec_{number}" for number in range(100)]
    lines = sweep(names, INDEX, host="www.shop.co.uk", path="/a/b/c/", secure=True)
    first = sweep(["_ec_0"], INDEX, host="www.shop.co.uk", path="/a/b/c/", secure=True)

    assert 0 < len(lines) <= MOST_LINES
    assert sum(map(len, lines)) <= MOST_BYTES
    assert lines[: len(first)] == first
    assert len(lines) % len(first) == 0


def weight(lines: list[str]) -> int:
    """Return the bytes that these lines are in an answer."""
    return sum(len(f"Set-Cookie: {line}\r\n") for line in lines)


@pytest.mark.parametrize("length", [1, 60, 400, 1_000, 2_900, 3_900, 8_000])
def test_sweep_is_bounded_whatever_the_name(length: int) -> None:
    """E4: proxies refuse answers with long headers, and a name is as long as whoever planted it wants."""
    path = "/" + "/".join("abcdefghijklmnopqrstuvwxyz") + "/page"
    lines = sweep(["_ec_" + "x" * length], INDEX, host="www.shop.example.com", path=path, secure=True)

    assert weight(lines) <= MOST_BYTES and len(lines) <= MOST_LINES
    assert bool(lines) == (length <= 2_900)


def test_planted_name_takes_no_turn_of_others() -> None:
    """E4: no line reaches a long name in some other folder, and so it would be the first one on every page."""
    assert {name for name, *_ in swept("_ec_" + "x" * 1_000, "_ec_1", "_ec")} >= {"_ec", "_ec_1"}


@pytest.mark.parametrize("spent", [0, MOST_BYTES])
def test_sweep_costs_no_more_than_there_is_room_for(spent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """E4: whoever sends a request writes its host, path and names; most of what they multiply to has no room."""
    made: list[str] = []
    monkeypatch.setattr(cookies, "expired", lambda name, **more: made.append(name) or expired(name, **more))
    names = [f"_ec_{number}" for number in range(1_000)]

    sweep(names, INDEX, host="a." * 120 + "com", path="/a" * 40, secure=True, spent=spent)

    assert len(made) <= 2 * MOST_LINES + 2


def test_sweep_of_a_deep_page_begins_where_scripts_write() -> None:
    """E4: the folder of the page itself is where a script's cookie without a path lies."""
    path = "/" + "/".join("f" * 20 for _ in range(300)) + "/page"
    deepest = path.rpartition("/")[0]
    places = {where for _, where, _, _ in swept("_ec", path="/a/b/c/d/e/f/page")}

    assert "/a/b/c/d/e/f" in places and "/" in places
    assert weight(sweep(["_ec"], INDEX, host="www.example.com", path=path, secure=True)) <= MOST_BYTES < len(deepest)


@pytest.mark.parametrize(
    ("line", "longest", "expected"),
    [
        ("a=1; Max-Age=99; Path=/", timedelta(seconds=9), "a=1; Path=/; Max-Age=9"),
        ("a=1; EXPIRES =Thu, 01 Jan 2037 00:00:00 GMT; Secure", None, "a=1; Secure"),
        ("a=Max-Age=5", None, "a=Max-Age=5"),
    ],
)
def test_shortened_line(line: str, longest: timedelta | None, expected: str) -> None:
    """A cookie's lifetime can be cut, and nothing else of it changes."""
    assert shortened(line, longest) == expected


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_names_are_those_that_browsers_send(header: str) -> None:
    """D1: no name is read from a header but what stands there between the separators, without spaces and tabs."""
    for name, _ in pairs_in(header):
        assert name in [part.partition("=")[0].strip(" \t") for part in header.split(";")]


@given(st.text(max_size=30), st.text(max_size=40), st.text(st.characters(max_codepoint=255), max_size=40))
def test_sweep_cannot_leave_its_line(name: str, host: str, path: str) -> None:
    """Whatever came in a name, a host or a path, no line gets another attribute, no answer another line."""
    for known, _ in pairs_in(name):
        for line in sweep([known], INDEX, host=host, path=path, secure=True):
            assert not {"\r", "\n", "\0"} & set(line)
            assert {each.partition("=")[0] for each in line.split("; ")[1:]} <= {
                *("Expires", "Max-Age", "Domain", "Path", "Secure", "Partitioned"),
            }


def test_cookies_of_a_path_that_no_request_shows() -> None:
    """E4: a cookie below a path of its own is not sent to the choice, and has to go all the same."""
    assert list(INDEX.unseen(decision_of().allowed)) == ["basket"]
    assert list(INDEX.unseen(decision_of("basket").allowed)) == []
