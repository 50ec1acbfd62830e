"""What elements, style sheets and headers load, and what only looks like it."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.walking.loading import in_css, in_headers
from flask_cookieconsent.audit.walking.page import Contact, read_page

OWN = frozenset(("localhost", "shop.example"))

#: Markup, and the directive under which it contacts x.test.
LOADS = {
    '<script src="https://x.test/a.js"></script>': "script-src",
    '<script type="module" src="//x.test/a.mjs"></script>': "script-src",
    '<script src="https:\\\\x.test\\a.js"></script>': "script-src",
    '<script src="HTTPS://X.TEST/a.js"></script>': "script-src",
    '<script src="ht\ntps://x.test/a.js"></script>': "script-src",
    '<script type="importmap">{"imports": {"a": "https://x.test/a.js"}}</script>': "script-src",
    '<script type="speculationrules">{"prefetch": [{"urls": ["https://x.test/"]}]}</script>': "script-src",
    '<link rel="stylesheet" href="https://x.test/a.css">': "style-src",
    '<link rel="alternate stylesheet" href="https://x.test/a.css">': "style-src",
    '<link rel="preload" as="font" href="https://x.test/a.woff2">': "font-src",
    '<link rel="preload" as="image" imagesrcset="https://x.test/a.png 1x">': "img-src",
    '<link rel="modulepreload" href="https://x.test/a.js">': "script-src",
    '<link rel="preconnect" href="https://x.test">': "connect-src",
    '<link rel="dns-prefetch" href="//x.test">': "connect-src",
    '<link rel="prefetch" href="https://x.test/b">': "connect-src",
    '<link rel="shortcut icon" href="https://x.test/a.ico">': "img-src",
    '<link rel="manifest" href="https://x.test/m.json">': "manifest-src",
    '<meta http-equiv="refresh" content="3; url=https://x.test/">': "connect-src",
    '<img src="https://x.test/a.png">': "img-src",
    '<img src="/a.png" srcset="/b.png 1x, https://x.test/b.png 2x">': "img-src",
    '<img data-src="https://x.test/a.png">': "img-src",
    '<picture><source srcset="https://x.test/a.avif"><img src="/a.png"></picture>': "img-src",
    '<video poster="https://x.test/a.png"></video>': "img-src",
    '<video src="https://x.test/a.mp4"></video>': "media-src",
    '<audio><source src="https://x.test/a.mp3"></audio>': "media-src",
    '<video><track src="https://x.test/a.vtt"></video>': "media-src",
    '<input type="image" src="https://x.test/a.png">': "img-src",
    '<iframe src="https://x.test/"></iframe>': "frame-src",
    '<iframe data-src="https://x.test/"></iframe>': "frame-src",
    '<object data="https://x.test/a.pdf"></object>': "object-src",
    '<embed src="https://x.test/a.svg">': "object-src",
    '<iframe srcdoc="&lt;img src=&quot;https://x.test/a.png&quot;&gt;"></iframe>': "img-src",
    '<iframe srcdoc="&lt;iframe srcdoc=&#39;&amp;lt;img src=//x.test/a&amp;gt;&#39;&gt;"></iframe>': "img-src",
    '<svg><image href="https://x.test/a.png"/></svg>': "img-src",
    '<svg><use xlink:href="https://x.test/a.svg#i"/></svg>': "img-src",
    '<p style="background: url(https://x.test/a.png)">': "img-src",
    "<p style=\"background: u\\72l('//x.test/a.png')\">": "img-src",
    '<style>@import "https://x.test/a.css";</style>': "style-src",
    "<style>@import url(//x.test/a.css) screen;</style>": "style-src",
    "<style>@font-face { src: url(https://x.test/a.woff2?v=1) }</style>": "font-src",
    '<style>p { background: image-set("https://x.test/a.png" 2x) }</style>': "img-src",
    '<body background="https://x.test/a.png">': "img-src",
    '<noscript><img src="https://x.test/a.gif"></noscript>': "img-src",
    '<base href="https://x.test/"><img src="a.png">': "img-src",
    '<div><template shadowrootmode="open"><img src="https://x.test/a.png"></template></div>': "img-src",
    '<a href="/" ping="https://x.test/p">': "connect-src",
    """<img src="/a.png" onload="fetch('https://x.test/a')">""": "script-src",
    """<iframe src="javascript:fetch('https://x.test/a')"></iframe>""": "script-src",
    """<script src="data:text/javascript,fetch(%27https://x.test/a%27)"></script>""": "script-src",
    '<iframe src="data:text/html,<script src=https://x.test/a.js></script>"></iframe>': "script-src",
    '<iframe src="data:text/html;base64,PGltZyBzcmM9Ly94LnRlc3QvYT4="></iframe>': "img-src",
    '<script type="text/partytown" src="https://x.test/a.js"></script>': "script-src",
}


def contacts(markup: str) -> list[Contact]:
    """Return what a page with some markup contacts."""
    return list(read_page(f"<!doctype html><title>A page</title>{markup}", OWN).contacts)


@pytest.mark.parametrize("markup", LOADS)
def test_what_loads(markup: str) -> None:
    found = contacts(markup)

    assert {(each.host, each.directive) for each in found} == {("x.test", LOADS[markup])}
    assert all(each.element.startswith("<") for each in found)


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://x.test/">x</a><area href="https://x.test/">',
        '<link rel="canonical" href="https://x.test/"><link rel="alternate" hreflang="de" href="https://x.test/de">',
        '<link rel="me" href="https://x.test/"><link rel="license" href="https://x.test/">',
        '<meta property="og:image" content="https://x.test/a.png">',
        '<meta http-equiv="refresh" content="30"><meta http-equiv="refresh" content="0; url=/next">',
        '<script type="application/ld+json">{"@context": "https://x.test", "url": "https://x.test/a.js"}</script>',
        '<script type="text/x-template"><img src="https://x.test/a.png"></script>',
        '<script type="text/plain" src="https://x.test/a.js" data-src="https://x.test/a.js"></script>',
        '<form action="https://x.test/"><button formaction="https://x.test/"></button></form>',
        '<blockquote cite="https://x.test/">x</blockquote>',
        '<img src="/a.png" srcset="/b.png 2x"><script src="/a.js"></script>',
        '<img src="https://shop.example/a.png"><img src="//localhost/a.png"><img src="HTTPS://LOCALHOST:443/a">',
        '<template><img src="https://x.test/a.png"><script src="https://x.test/a.js"></script></template>',
        "<style>/* see https://x.test/a.css or url(https://x.test/b.png) */ p { color: red }</style>",
        '<style>p::after { content: "https://x.test/" } @namespace url(/x);</style>',
        "<!-- <script src='https://x.test/a.js'></script> -->",
        '<base href="/shop/"><img src="a.png"><base href="https://x.test/">',
        '<p>https://x.test/a.js</p><textarea><img src="https://x.test/a.png"></textarea>',
        '<iframe src="about:blank"></iframe><img src="data:image/gif;base64,R0"><img src="">',
        '<base href="https://x.test/"><a href="b">b</a>',
    ],
)
def test_what_only_looks_like_it(markup: str) -> None:
    """The bad twin of all above: nothing of it is loaded."""
    assert contacts(markup) == []


def test_relative_addresses_of_a_style_sheet() -> None:
    assert list(in_css("@import 'b.css'; p { background: url( c.png ) }")) == [
        ("b.css", "style-src"),
        ("c.png", "img-src"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Link", "<https://x.test/a.css>; rel=preload; as=style", ["style-src"]),
        ("Link", '</a>; rel="next", <https://x.test>; rel="preconnect"', ["connect-src"]),
        ("Refresh", "0; url=https://x.test/", ["connect-src"]),
        ("Reporting-Endpoints", 'a="https://x.test/r"', ["connect-src"]),
        ("Content-Security-Policy", "img-src https://y.test; report-uri https://x.test/r", ["connect-src"]),
        ("Link", '<https://x.test/>; rel="canonical"', []),
        ("Content-Security-Policy", "default-src https://x.test", []),
        ("Location", "https://x.test/", []),
    ],
)
def test_headers(name: str, value: str, found: list[str]) -> None:
    """The last three load nothing."""
    assert [directive for _, url, directive in in_headers([(name, value)]) if "x.test" in url] == found


def test_comments_that_never_end() -> None:
    """Each beginning of one would be looked for to the end: minutes for a page, where a browser reads one comment."""
    assert list(in_css("/* " * 100_000 + "url(https://x.test/a.png)")) == []
    assert list(in_css("/* a */ p { src: url(/a.png) } /* b")) == [("/a.png", "img-src")]
