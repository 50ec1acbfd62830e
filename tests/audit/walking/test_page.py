"""What is read of one page: contacts, links, files, services, and what is not shown."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.walking.page import in_script, in_style_sheet, read_page

OWN = frozenset(("localhost",))


def test_links_and_files() -> None:
    page = read_page(
        '<a href="/a">a</a><a name="b">b</a><area href="c"><link rel="stylesheet" href="/a.css"><script src="/a.js">'
        '</script><link rel="canonical" href="/d"><script type="text/plain" src="/e.js"></script>'
        '<link rel="modulepreload" href="/f.js"><link rel="preload" as="script" href="/g.js">'
        '<link rel="preload" as="image" href="/h.png">',
        OWN,
    )

    assert page.links == ("/a", "c")
    assert page.files == ("/a.css", "/a.js", "/f.js", "/g.js")


def test_base() -> None:
    """The first `<base>` that says an address counts for all of the page, whatever stands before it."""
    page = read_page('<a href="x">x</a><base target="_top"><base href="/shop/"><script src="y.js"></script>', OWN)

    assert (page.links, page.files) == (("/shop/x",), ("/shop/y.js",))


@pytest.mark.parametrize("box", ["fcc-embed", "fcc-placeholder"])
def test_our_embeds(box: str) -> None:
    """What stands in an embed of ours is marked so; the same elsewhere is not."""
    frame = '<iframe src="https://x.test/"></iframe>'
    page = read_page(f'<div class="{box}" data-service="films"><p>{frame}</p></div>{frame.replace("x.", "y.")}', OWN)

    assert {(contact.host, contact.ours) for contact in page.contacts} == {("x.test", True), ("y.test", False)}
    assert page.services == {"films"}


def test_what_is_not_shown() -> None:
    """By our attribute, which no visitor reads."""
    ours = '<div class="fcc-placeholder" data-undeclared="x.test"><a href="https://x.test/7">open</a></div>'
    nameless = '<div class="fcc-placeholder" data-undeclared=""></div>'
    others = '<div data-undeclared="y.test"></div><div class="fcc-placeholder" data-service="a"></div>'

    assert read_page(ours + nameless + others, OWN).not_shown == (("x.test", "https://x.test/7"), ("", ""))


def test_inline_scripts() -> None:
    """The words of a script say what it loads; a module too, and none of what does not run."""
    code = "fetch('https://x.test/a')"
    page = read_page(
        f'<script>{code}</script><script type="module">{code.replace("x.", "y.")}</script>'
        f'<script type="text/template">{code.replace("x.", "z.")}</script>',
        OWN,
    )

    assert [(contact.host, contact.is_script) for contact in page.contacts] == [("x.test", True), ("y.test", True)]


def test_long_tags_are_cut() -> None:
    page = read_page(f'<img src="https://x.test/{"a" * 999}" alt="é&amp;">', OWN)

    assert len(page.contacts[0].element) == 160 and page.contacts[0].element.endswith("…")


def test_files_of_the_site() -> None:
    """A style sheet's own address is the base of what it names."""
    css = "@import 'https://x.test/a.css'; p { background: url(/b.png) }"

    assert [(each.host, each.element) for each in in_style_sheet(css, "https://localhost/a.css", OWN)] == [
        ("x.test", "https://localhost/a.css")
    ]
    assert [each.host for each in in_script("fetch('https://x.test/')", "https://localhost/a.js", OWN)] == ["x.test"]


def test_deep_documents_end() -> None:
    """`srcdoc` in `srcdoc`, and elements without end."""
    page = read_page("<div>" * 3_000 + '<img src="https://x.test/a.png">', OWN)

    assert {contact.host for contact in page.contacts} == {"x.test"}


@pytest.mark.parametrize(
    ("markup", "hosts"),
    [
        ("<body onload=\"new Image().src='https://www.google-analytics.com/collect'\">", {"www.google-analytics.com"}),
        ('<img src="a.png" alt="" onerror="this.src=\'https://bat.bing.com/p.gif\'">', {"bat.bing.com"}),
        ("<button onclick=\"window.open('https://www.youtube.com/watch')\">Watch</button>", set()),
        ('<link rel="preload" href="/a.css" onload="this.rel=\'stylesheet\'">', set()),
    ],
)
def test_handlers_of_events_are_scripts(markup: str, hosts: set[str]) -> None:
    """A1: code in an attribute runs as code in an element does."""
    assert {contact.host for contact in read_page(markup, OWN).contacts if contact.is_script} == hosts
