"""What elements load: found in every element and attribute, and in every spelling of an address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cookieconsent import catalogue
from flask_cookieconsent.errors import UnstableContentError
from tests.embeds.test_stored import BROKEN
from tests.kit.contents import SERVICES, STILL, loads, read, rest, rules_of
from tests.kit.declarations import store

SPELLINGS = [
    "//i.ytimg.com/x.jpg",
    "HTTPS://I.YTIMG.COM/x.jpg",
    "https:i.ytimg.com/x.jpg",
    r"\\i.ytimg.com\x.jpg",
    "https://i.ytimg.com:443/x.jpg",
    "https://i.ytimg.com:8443/x.jpg",
    "https://i.ytimg.com./x.jpg",
    "https://i.yt%69mg.com/x.jpg",
    "https://i.ytimg。com/x.jpg",
    "https://i.ｙtimg.com/x.jpg",
    "https://i.yt&shy;img.com/x.jpg",
    "https://i.yt&#xE0100;img.com/x.jpg",
    "https://i.yt&#x1BCA0;img.com/x.jpg",
    "https://localhost@i.ytimg.com/x.jpg",
    "ht&#10;tps://i.yt&#9;img.com/x.jpg",
]
CALLS = [
    '<img src="{}">',
    '<img srcset="/own.jpg 1x, {} 2x">',
    '<input type="image" src="{}">',
    '<picture><source srcset="{}"></picture>',
    '<video src="{}"></video>',
    '<video poster="{}"></video>',
    '<audio><source src="{}"></audio>',
    '<video><track src="{}"></video>',
    '<link rel="STYLESHEET" href="{}">',
    '<table background="{}"></table>',
    '<svg><image xlink:href="{}"></image></svg>',
    '<svg><image><set attributeName="href" to="{}"></set></image></svg>',
    '<svg><filter><feImage href="{}"></feImage></filter></svg>',
    '<svg><use href="{}#a"></use></svg>',
    '<img src="/own.jpg" attributionsrc="{}">',
    '<img src="/own.jpg" attributionsrc="/own {}">',
    '<area href="/" attributionsrc="{}">',
    '<svg><rect><set attributeName="mask" to="url({}#a)"></set></rect></svg>',
    '<link rel="search" href="{}">',
    '<img data-lazy-src="{}">',
    '<div data-bg="{}">x</div>',
    '<noscript><img src="{}"></noscript>',
    '<template><img src="{}"></template>',
    '<math><mtext><img src="{}"></mtext></math>',
    '<select><option><img src="{}"></select>',
    '<a href="/"><img src="{}" alt=""></a>',
    '<script src="{}"></script>',
]
STYLES = [
    "background:url(https://i.ytimg.com/x)",
    "background:url('//i.ytimg.com/x')",
    "background:u\\72l(//i.yt\\69mg.com/x)",
    "background:URL( \\2f\\2f i.ytimg.com/x)",
    "background:url(https:\\/\\/i.ytimg.com/x)",
    'background:image-set("https://i.ytimg.com/x" 1x)',
    "background:url('https://i.yt\\a img.com/x')",
    "/* url('data: */background:url(//i.ytimg.com/x)/* ') */",
    "list-style:url(data:x) url(//i.ytimg.com/x)",
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("blocks", [True, False])
def test_declared_vendors_are_not_called(call: str, blocks: bool) -> None:
    """A2: whatever element a vendor's picture or style sheet stands in, however its address is written."""
    rules = rules_of(blocks=blocks)

    assert [html for each in SPELLINGS if loads(rest(read(html := call.format(each), rules)))] == []


@pytest.mark.parametrize("style", STYLES)
def test_styles_do_not_call_vendors(style: str) -> None:
    quoted = style.replace('"', "&quot;")
    for html in (f'<p style="{quoted}">x</p>', f"<style>p {{{style}}}</style>", f'<svg><g fill="{quoted}"></g></svg>'):
        assert loads(rest(read(html))) == []


HOLDERS = ["<a href='/' {}>x</a>", "<iframe src='/own' {}></iframe>", "<object data='/own' {}></object>"]
HOLDERS += ["<area {}>", "<embed src='/own' {}>", "<script {}>1</script>"]
DRAWN = ['style="background:url(//i.ytimg.com/x)"', 'attributionsrc="//i.ytimg.com/x"', 'ping="/a //i.ytimg.com/x"']


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("drawn", DRAWN)
def test_looks_of_frames_and_links(holder: str, drawn: str) -> None:
    """A2: what leads elsewhere, or is judged by another address, has a background and tells of a click as well."""
    assert "i.ytimg.com" not in rest(read(holder.format(drawn)))


def test_looks_of_frames_and_links_twin() -> None:
    """What is the site's own stays with its looks, and a link leads where it led."""
    own = ["style='background:url(/x)'", "attributionsrc='/x'", "ping='/a /x'"]
    assert [each for each in own if "/x" not in rest(read(f"<a href='https://i.ytimg.com/' {each}>x</a>"))] == []
    assert "https://i.ytimg.com/" in rest(read(f"<a href='https://i.ytimg.com/' {own[0]}>x</a>"))


# `@import "//i.ytimg.com/x"`, in base64.
SHEET = "data:text/css;base64,QGltcG9ydCAiLy9pLnl0aW1nLmNvbS94Ig=="
SHEETS = [
    f'<link rel="stylesheet" href="{SHEET}">',
    '<link rel="stylesheet" href="data:text/css,%40import%20%22%2f%2fi.ytimg.com%2fx%22">',
    f'<style>@import "{SHEET}";</style>',
    f"<style>@import/**/url( '{SHEET}' )</style>",
    f"<style>@\\69mport 'd\\61 ta:{SHEET.removeprefix('data:')}'</style>",
    f"<svg><style>@IMPORT url({SHEET.replace('data', 'DATA')})</style></svg>",
]
PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize("html", SHEETS)
def test_sheet_in_an_address(html: str) -> None:
    """A2: a style sheet that nobody can read beforehand may import one of a vendor."""
    assert "base64" not in (left := rest(read(html))) and "%2f" not in left


def test_sheet_in_an_address_twin() -> None:
    """A picture in an address stays, beside an import of the site's own too."""
    for css in (f"p {{background: url({PICTURE})}}", f"@import '/own.css'; p {{background: url({PICTURE})}}"):
        assert PICTURE in rest(read(f"<style>{css}</style>"))
    assert PICTURE in rest(read(f'<img src="{PICTURE}">'))


def test_frame_of_words_is_read_as_browsers_do() -> None:
    """A2: what a frame holds as a text names its hosts as HTML does."""
    written = "<iframe srcdoc=\"<img src='&amp;#104;ttps://{}/x'>\"></iframe>"
    rules = rules_of(blocks=False)

    assert "srcdoc" not in rest(read(written.replace("{}", "i.ytimg.com"), rules))
    assert "srcdoc" in rest(read(written.replace("{}", "unknown.example"), rules))


def test_declared_vendors_are_not_called_twin() -> None:
    """Without the host among the pictures of a service each of them stays."""
    rules = rules_of(catalogue.facebook(), blocks=False)
    for html in (*(call.format(SPELLINGS[0]) for call in CALLS), f'<p style="{STYLES[0]}">x</p>'):
        assert loads(rest(read(html, rules))) or html.startswith("<select")


# What opens a quotation makes attributes of elements, which load nothing on others.
PIECES = [call.format(SPELLINGS[0]) for call in CALLS] + [each for each in BROKEN if not each.endswith('="')]


def twice(html: str) -> tuple[str, str]:
    """Return what is left of a content, and of that in turn."""
    try:
        once = rest(read(html))
        return once, rest(read(once))
    except UnstableContentError:
        return "", ""


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_broken_html_calls_nobody(html: str) -> None:
    """A2: also where elements are nested as nobody would; and nothing more is found a second time."""
    once, again = twice(html)

    assert once == again
    # An image of a drawing that stands in none is a picture without a source.
    assert [each for each in loads(once) if not re.match("<img (xlink:)?href", each)] == []


def test_broken_html_calls_nobody_twin() -> None:
    assert [html for html in PIECES if loads(html)] == PIECES[: len(CALLS)]
    assert twice("<p>a") == ("<p>a</p>", "<p>a</p>")


def test_what_is_left_of_a_picture() -> None:
    """A link keeps its words, an element what is its own, and a page its other pictures."""
    for html, left in {
        f'<a href="/a"><img src="{STILL}" alt="Our &lt;film&gt;"></a>': '<a href="/a">Our &lt;film&gt;</a>',
        f'<p>a<img src="{STILL}" alt="">b</p>': "<p>ab</p>",
        f'<div style="background:url({STILL})" class="hero">a</div>': '<div class="hero">a</div>',
        f'<input type="image" src="{STILL}" alt="Go">': '<input type="image" alt="Go">',
        '<img src="/i.ytimg.com/1.jpg"><img src="data:image/gif;base64,//i.ytimg.com/">': None,
        '<p style="background:url(/own//i.ytimg.com/1.jpg)">a</p>': None,
        '<img src="https://evilytimg.com/1.jpg"><img src="https://ytimg.com.evil.example/1.jpg">': None,
        f'<a href="{STILL}">a</a><q cite="{STILL}">a</q>': None,
    }.items():
        assert rest(read(html)) == (html if left is None else left)


def test_pictures_of_what_nobody_is_asked_about() -> None:
    """A host of pictures that the site cannot do without is declared as necessary, and stays."""
    pictures = store("https://*.store.example")
    html = '<img src="https://a.store.example/1.jpg">'
    for more in ({}, {"blocks_media": True}):
        assert rest(read(html, rules_of(pictures, *SERVICES, necessary=("store",), **more))) == html
        assert rest(read(html, rules_of(pictures, *SERVICES, **more))) == ""


UNKNOWN = [
    '<img src="https://images.example/1.jpg">',
    '<link rel="stylesheet" href="https://fonts.example/a.css">',
    '<video src="https://films.example/1.mp4"></video>',
    '<p style="background:url(//images.example/1.jpg)">a</p>',
    "<style>@import '//fonts.example/a.css'</style>",
]


@pytest.mark.parametrize("html", UNKNOWN)
def test_media_of_others(html: str) -> None:
    """They are left as they are, unless the site blocks them; then those that its policy names stay."""
    hosts = {"example"}

    assert rest(read(html)) == html
    assert "example" not in rest(read(html, rules_of(blocks_media=True)))
    assert rest(read(html, rules_of(blocks_media=True, media=hosts))) == html


def test_media_of_the_site() -> None:
    html = (
        '<img src="/a.jpg"><img src="http://localhost/a.jpg"><img src="data:image/gif;base64,R0">'
        "<p style=\"background:url(&quot;data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>&quot;)\">a</p>"
        '<svg><use href="#a"></use></svg>'
    )
    assert rest(read(html, rules_of(blocks_media=True))).count("<img") == 3
    assert "w3.org" in rest(read(html, rules_of(blocks_media=True)))
