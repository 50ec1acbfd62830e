"""Policies are opened for what is allowed, and for nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core.csp import (
    FEATURES,
    is_directive,
    is_origin,
    is_source,
    merged,
    strict_policy,
    violations_in,
    without_features,
)

FILMS = "https://films.example"
FRAMES = (("frame-src", (FILMS,)),)
SCRIPTS = (("script-src", (FILMS,)),)
SELF = (("form-action", ("'self'",)), ("frame-src", ("'self'",)))


@pytest.mark.parametrize(
    ("policy", "opened", "wanted"),
    [
        ("frame-src 'self'", FRAMES, f"frame-src 'self' {FILMS}"),
        ("frame-src 'none'", FRAMES, f"frame-src {FILMS}"),
        ("frame-src 'NONE'", FRAMES, f"frame-src {FILMS}"),
        ("frame-src", FRAMES, f"frame-src {FILMS}"),
        ("Frame-Src 'self'", FRAMES, f"Frame-Src 'self' {FILMS}"),
        (f"frame-src {FILMS}", FRAMES, f"frame-src {FILMS}"),
        ("frame-src 'self'; frame-src 'none'", FRAMES, f"frame-src 'self' {FILMS}; frame-src 'none'"),
        ("default-src 'self'", FRAMES, f"default-src 'self'; frame-src 'self' {FILMS}"),
        ("default-src 'none'", FRAMES, f"default-src 'none'; frame-src {FILMS}"),
        (
            "default-src 'self' 'nonce-abc' https:; img-src *",
            FRAMES,
            f"default-src 'self' 'nonce-abc' https:; img-src *; frame-src 'self' https: {FILMS}",
        ),
        ("child-src 'none'; default-src *", FRAMES, f"child-src 'none'; default-src *; frame-src {FILMS}"),
        ("img-src 'self'", FRAMES, "img-src 'self'"),
        ("", FRAMES, ""),
        ("frame-src 'self'", (), "frame-src 'self'"),
        ("script-src 'self' 'nonce-abc'", SCRIPTS, f"script-src 'self' 'nonce-abc' {FILMS}"),
        (
            "default-src 'self' 'nonce-abc' 'strict-dynamic'",
            SCRIPTS,
            f"default-src 'self' 'nonce-abc' 'strict-dynamic'; script-src 'self' 'nonce-abc' 'strict-dynamic' {FILMS}",
        ),
        (
            "script-src 'none'; script-src-elem 'self'",
            SCRIPTS,
            f"script-src 'none'; script-src-elem 'self' {FILMS}",
        ),
        (
            "default-src 'none', frame-src 'self'",
            FRAMES,
            f"default-src 'none'; frame-src {FILMS}, frame-src 'self' {FILMS}",
        ),
        ("form-action 'none'; default-src 'self'", SELF, "form-action 'self'; default-src 'self'; frame-src 'self'"),
        ("default-src 'none'", (("form-action", ("'self'",)),), "default-src 'none'"),
        ("upgrade-insecure-requests; sandbox", FRAMES, "upgrade-insecure-requests; sandbox"),
    ],
)
def test_merging(policy: str, opened: object, wanted: str) -> None:
    """A2: each directive as Content Security Policy Level 3 reads it, its fallbacks, `'none'`, and several at once."""
    assert merged(policy, opened) == wanted  # type: ignore[arg-type]


WORDS = ["default-src", "frame-src", "child-src", "SCRIPT-SRC", "script-src-elem", "'none'", "'self'", "'nonce-a'", ";",
         ",", "https:", "*", "sandbox", "report-uri /x", "", "\t", "é", FILMS, "; ;"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_policy(policy: str) -> None:
    """A2: nothing but the given sources is ever added, nothing is taken away but `'none'`, and twice is once."""
    opened = FRAMES + SCRIPTS
    once = merged(policy, opened)
    added = set(once.replace(",", " ").replace(";", " ").split()) - set(
        policy.replace(",", " ").replace(";", " ").split()
    )

    assert added <= {FILMS, "frame-src", "script-src"}
    assert merged(once, opened) == once
    assert merged(policy, ()) == merged(merged(policy, ()), ())
    assert once.count(",") == policy.count(",")
    for before, after in zip(policy.split(","), once.split(","), strict=True):
        names = [each.split()[0].lower() for each in before.split(";") if each.split()]
        forbids = {"default-src", "frame-src", "child-src", "script-src", "script-src-elem"} & set(names)
        assert forbids or FILMS not in after or FILMS in before, "what nothing forbids needs no opening"


@pytest.mark.parametrize(
    "source",
    [
        *(
            "https://a.example",
            "https://*.a.example",
            "a.example",
            "*.a.example",
            "https://a.example:8443",
            "wss://a.b",
        ),
        *("http://localhost:5000", "http://127.0.0.1:*", "data:", "blob:", "https:", "'self'", "'strict-dynamic'"),
        "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='",
    ],
)
def test_sources(source: str) -> None:
    """What an owner may add to a policy."""
    assert is_source(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *[(each, True) for each in ("https://a.example", "https://*.a.example:8443", "wss://1.b-c.example")],
        *[(each, False) for each in ("http://a.example", "a.example", "https://*", "https://*.example", "data:")],
        *[(each, False) for each in ("https://localhost", "https://A.example", "https://a.example:*", "'self'")],
        *[(each, False) for each in ("https://a.example/", "https://a.example\n", f"https://{'a' * 64}.example")],
    ],
)
def test_origins(source: str, expected: bool) -> None:
    """C4: what a service may declare is a part of what an owner may add."""
    assert is_origin(source) is expected
    assert is_source(source) or not expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://a.example; script-src *",
            "https://a.example script-src",
            "https://a.example,",
            "a b",
            "",
            "*",
            "https://",
        ),
        *(
            "https://a.example/path;",
            "javascript:",
            "'nonce-x' 'unsafe-inline'",
            "'sha256-'",
            "\n",
            "https://a.example\n",
        ),
        *("https://é.example", "'self", "self'", "'unsafe-hashes' x", "//a.example", "https://a.example?x"),
    ],
)
def test_no_sources(text: str) -> None:
    """A2: nothing can bring another directive along, nor open everything."""
    assert not is_source(text)
    assert not is_directive(text)


def test_strict() -> None:
    """A2: the strict csp allows the site itself, and what its owner adds, where it is added."""
    policy = strict_policy(
        {"img-src": [FILMS], "object-src": [FILMS], "frame-ancestors": ["'self'"]}, "/cookies/violations"
    )

    assert policy == (
        f"default-src 'self'; object-src {FILMS}; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; "
        f"img-src 'self' {FILMS}; report-uri /cookies/violations"
    )
    assert "unsafe" not in strict_policy({}, "/")


@pytest.mark.parametrize("given_", ["", "camera=()", "camera=(), Browsing-Topics=(self)"])
def test_features(given_: str) -> None:
    """G2: features for advertisers are off, unless the site itself has said something about them."""
    value = without_features(given_)

    assert value.startswith(given_)
    assert [value.lower().count(each) for each in FEATURES] == [1]
    assert without_features(value) == value


@pytest.mark.parametrize(
    ("blocked", "source", "expected"),
    [
        ("https://pixel.example/p", "https://shop.example/", [("img-src", "pixel.example")]),
        ("https://pixel.example/p", None, [("img-src", "pixel.example")]),
        ("wss://pixel.example", "", [("img-src", "pixel.example")]),
        ("https://pixel.example/p", "chrome-extension", []),
        ("https://pixel.example/p", "moz-extension://3b1c/content.js", []),
        ("inline", "safari-web-extension://3b1c/content.js", []),
        ("chrome-extension", None, []),
        ("chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb/x.js", None, []),
        ("moz-extension://3b1c/x.js", None, []),
        ("ftp://files.example/x", None, []),
    ],
)
@pytest.mark.parametrize("names", [("blocked-uri", "source-file"), ("blockedURL", "sourceFile")])
def test_violations_of_extensions_are_dropped(
    blocked: str, source: str | None, expected: list[tuple[str, str]], names: tuple[str, str]
) -> None:
    """What a visitor's extension has tried is none of the site's, and its id would tell of the visitor."""
    body = {"effective-directive": "img-src", names[0]: blocked, names[1]: source}

    assert violations_in(json.dumps([{"body": body}]).encode()) == expected
