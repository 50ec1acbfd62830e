"""The filter for stored content: frames, widgets and bare links become embeds, and the rest stays what it was."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import render_template_string
from hypothesis import given, settings
from hypothesis import strategies as st
from justhtml import JustHTML
from markdown_it import MarkdownIt
from markupsafe import Markup

from flask_cookieconsent.catalogue import facebook, x, youtube
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.embeds import stored
from flask_cookieconsent.embeds.judge import Rules
from flask_cookieconsent.embeds.lookup import EmbedIndex
from flask_cookieconsent.embeds.stored import take_apart
from flask_cookieconsent.errors import SetupError, UnstableContentError
from tests.kit.sites import FILM, Site, Visitor, make_site, remote_references, services, soup_of

VIDEO = "https://www.youtube.com/embed/aqz-KE-bpKQ"
EVIL = "https://evil.example/x"
TWEET = '<div class="twitter-tweet"><a href="https://x.com/ecom/status/12345">{}</a>{}</div>'
RULES = Rules(EmbedIndex(build([youtube(), x(), facebook()]).services), {"localhost"}, True, "/cookies")


def stored_site(**more: Any) -> Site:
    return make_site(services=[youtube(), x(), facebook(), *services()], **more)


@cache
def plain_site() -> Site:
    """Return one site for the many tests that change nothing on it."""
    return stored_site()


def filtered(html: str, site: Site | None = None, chosen: str = "") -> BeautifulSoup:
    """Return the elements that a visitor gets for a stored content."""
    return soup_of(filtered_html(html, site, chosen))


def filtered_html(html: str, site: Site | None = None, chosen: str = "") -> str:
    site = site or plain_site()
    visitor = visitor_of(site, html)
    if chosen:
        visitor.choose(chosen)
    return visitor.get("/stored").text


def visitor_of(site: Site, html: str) -> Visitor:
    if "stored" not in site.app.view_functions:
        show = lambda: render_template_string("{{ body()|safe|cookieconsent_embeds }}")  # noqa: E731
        site.app.add_url_rule("/stored", "stored", show)
    site.app.jinja_env.globals["body"] = lambda: html
    return site.visitor()


def shown(soup: BeautifulSoup) -> list[tuple[str, str]]:
    """Return the title of each placeholder, and where its link leads."""
    return [
        (each.select_one("p").text.strip(), each.select_one(".fcc-actions > a, .fcc-actions ~ a")["href"])
        for each in soup.select(".fcc-placeholder:has(.fcc-actions)")
    ]


# -- what becomes an embed ------------------------------------------------------------------------------------------

WATCH = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
UNTITLED = "Content of YouTube"
KNOWN = [
    (f'<iframe src="{VIDEO}" title="A film"></iframe>', "A film", WATCH),
    ("<IFRAME SRC='HTTPS://WWW.YOUTUBE.COM/embed/aqz-KE-bpKQ'>", UNTITLED, WATCH),
    (f'<iframe src=" {VIDEO[6:]}&#10;">', UNTITLED, WATCH),
    (f'<iframe src="{VIDEO}?rel=0&amp;start=1"></iframe>', UNTITLED, WATCH + "&t=1s"),
    (f'<iframe src="about:blank" data-lazy-src="{VIDEO}" title="Lazy"></iframe>', "Lazy", WATCH),
    (f'<iframe srcdoc="<img src=//i.ytimg.com/1.jpg>" src="{VIDEO}"></iframe>', UNTITLED, WATCH),
    (f'<noscript><iframe src="{VIDEO}"></iframe></noscript>', UNTITLED, WATCH),
    (f'<object data="{VIDEO}"><p>No plug-in</p></object>', UNTITLED, WATCH),
    (f'<object><param name="movie" value="{VIDEO}"><embed src="{VIDEO}"></object>', UNTITLED, WATCH),
    (f'<embed src="{VIDEO}">', UNTITLED, WATCH),
    ('<figure class="media"><oembed url="https://youtu.be/aqz-KE-bpKQ"></oembed></figure>', UNTITLED, WATCH),
    ('<p><a href="https://youtu.be/aqz-KE-bpKQ">https://youtu.be/aqz-KE-bpKQ</a></p>', UNTITLED, WATCH),
    ('<p><a href="https://youtu.be/aqz-KE-bpKQ" title="Film">youtu.be/aqz-KE-bpKQ</a></p>', "Film", WATCH),
    ('<p><a href="https://youtu.be/aqz-KE-bpKQ">https://youtu.be/aqz…</a></p>', UNTITLED, WATCH),
    ("<p>\n https://youtu.be/aqz-KE-bpKQ </p>", UNTITLED, WATCH),
    (
        '<blockquote class="twitter-tweet"><p>Hello</p>- A <a href="https://twitter.com/ecom/status/12345?ref_src=x">'
        'May 5</a></blockquote> <script async src="https://platform.twitter.com/widgets.js"></script>',
        "May 5",
        "https://x.com/ecom/status/12345",
    ),
    (
        '<iframe src="https://platform.x.com/embed/Tweet.html?id=12345&amp;dnt=true"></iframe>',
        "Content of X",
        "https://x.com/i/status/12345",
    ),
    (
        '<iframe src="https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fecom%2Fposts%2F1">',
        "Content of Facebook",
        "https://www.facebook.com/ecom/posts/1",
    ),
    (
        '<div class="fb-post" data-href="https://www.facebook.com/ecom/posts/1"></div>',
        "Content of Facebook",
        "https://www.facebook.com/ecom/posts/1",
    ),
]


@pytest.mark.parametrize(("html", "title", "link"), KNOWN)
@pytest.mark.parametrize("mode", ["block", "leave"])
def test_known_content_is_gated(html: str, title: str, link: str, mode: str) -> None:
    """A9, A2: whatever form an editor stored it in, it waits for consent, with a title and a link."""
    site = stored_site(COOKIECONSENT_UNDECLARED_FRAMES=mode)

    before = filtered_html(html, site)
    after = filtered(html, site, chosen="accept")

    assert shown(soup_of(before)) == [(title, link)]
    assert remote_references(before) == []
    assert [each["title"] for each in after.select(".fcc-embed iframe[src^='https://']")] == [title]


def test_known_content_twin() -> None:
    """Without the filter the same content calls on others."""
    assert remote_references(KNOWN[0][0]) == [f"<iframe src='{VIDEO}'>"]
    assert shown(soup_of(KNOWN[0][0])) == []


@pytest.mark.parametrize(
    "html",
    [
        '<p>See <a href="https://youtu.be/aqz-KE-bpKQ">https://youtu.be/aqz-KE-bpKQ</a></p>',
        '<p><a href="https://youtu.be/aqz-KE-bpKQ">our film</a></p>',
        '<p><a href="https://unknown.example/">https://unknown.example/</a></p>',
        "<p><a>https://youtu.be/aqz-KE-bpKQ</a></p>",
        "<blockquote>https://youtu.be/aqz-KE-bpKQ</blockquote>",
        f'<blockquote><p>Hello</p><a href="{FILM}">May 5</a></blockquote>',
        f'<p><a href="{EVIL}">{WATCH}</a></p>',
        f"<pre>&lt;iframe src={VIDEO}&gt;</pre><!-- <iframe src={VIDEO}></iframe> -->",
        f"<textarea>&lt;iframe src={VIDEO}&gt;</textarea>",
        '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@a/video/1"><p>No service</p></blockquote>',
        '<iframe src="/own"></iframe><iframe src="map.html"></iframe><iframe src="about:blank"></iframe>',
        '<iframe src="http://localhost/own"></iframe><iframe></iframe>',
        '<script src="/own.js" data-url="https://api.example"></script>',
        '<script type="application/ld+json">{"url": "https://youtu.be/aqz-KE-bpKQ"}</script>',
        '<img src="https://images.example/1.jpg" alt="A"><svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>',
        "<pre>\n\ncode</pre>",
        '<meta http-equiv="refresh" content="30"><meta http-equiv="refresh" content="5; url=/next?a=1">',
        '<meta name="description" content="0; url=https://evil.example/x"><link rel="icon" href="/icon.png">',
    ],
)
def test_what_stays(html: str) -> None:
    """What is no embed comes through as it was, to the letter where it was written as browsers write it."""
    assert filtered_html(html) == html


def test_embed_inside_a_paragraph() -> None:
    """An embed cannot be inside a paragraph or a link, so it follows it; what is left empty goes."""
    html = (
        f'<p>a <b><iframe src="{VIDEO}"></iframe></b> b<iframe src="{EVIL}"></iframe></p><p><em><iframe src="{VIDEO}">'
    )

    soup = filtered(html)

    assert [each.name for each in soup.find_all(True, recursive=False)] == ["p", "div", "div", "div"]
    assert soup.p.text == "a  b"
    assert [address for _, address in shown(soup)] == [WATCH, EVIL, WATCH]


def test_box_that_keeps_the_shape_goes_too() -> None:
    """Vendors' boxes of 56 % keep no hole above the embed."""
    html = f'<div style="padding:56.25% 0 0 0;position:relative"><iframe src="{VIDEO}"></iframe></div>'
    assert not filtered(html).select("[style]")
    assert filtered(html.replace("</div>", "<p>Legend</p></div>")).select("[style] .fcc-placeholder")


def test_noscript_says_it_once() -> None:
    """What a lazy loader wrote twice is shown once, for those with scripts and those without."""
    twice = f'<noscript><iframe src="{VIDEO}"></iframe></noscript><img class="lazy"><iframe data-src="{VIDEO}?rel=0">'
    assert shown(filtered(twice)) == [(UNTITLED, WATCH)]
    assert not filtered(twice).select("noscript")


# -- what nobody declared -------------------------------------------------------------------------------------------

UNKNOWN = [
    f'<iframe src="{EVIL}"></iframe>',
    f'<p title="<b>"><iframe src="{EVIL}">',
    f'<iframe src="{EVIL[6:]}"></iframe>',
    r'<iframe src="\\evil.example\x"></iframe>',
    r'<iframe src="/\evil.example/x"></iframe>',
    '<iframe src="/&#9;/evil.example/x"></iframe>',
    '<iframe src="https:evil.example/x"></iframe>',
    '<iframe src="&#104;ttps:&#x2f;&#x2f;evil.example/x"></iframe>',
    '<iframe src="https://localhost@evil.example/x"></iframe>',
    '<iframe src="https://localhost:99/x"></iframe>',
    f'<iframe src="/own" data-src="{EVIL}"></iframe>',
    f'<iframe data-url="{EVIL}"></iframe>',
    f'<div style="padding-top:56.25%"><iframe src="{EVIL}"></iframe></div>',
    f'<embed src="{EVIL}">',
    f'<object data="{EVIL}"><object data="{EVIL}"></object></object>',
    f'<object><param name="Movie" value="{EVIL}"></object>',
    f'<svg><foreignObject><iframe src="{EVIL}"></iframe></foreignObject></svg>',
    f'<math><mtext><iframe src="{EVIL}"></mtext></math>',
    f'<table><tr><iframe src="{EVIL}"></iframe><td>x',
    f'<select><option><iframe src="{EVIL}"></iframe></select>',
    f'<a href="/"><iframe src="{EVIL}"></iframe></a>',
    f'<b><p></b><iframe src="{EVIL}"><p>',
    f'<noscript><iframe src="{EVIL}"></iframe></noscript>',
    f'<noscript><p title="</noscript><iframe src={EVIL}></iframe>"></noscript>',
    f"<noscript><!-- </noscript><iframe src={EVIL}></iframe> --></noscript>",
    f"<noscript><style></noscript><iframe src={EVIL}></iframe></style></noscript>",
    f"<!--> <iframe src={EVIL}></iframe> -->",
    f"<!-- --!><iframe src={EVIL}></iframe> -->",
    f"<![CDATA[><iframe src={EVIL}></iframe>]]>",
    f"<title>a</title><textarea></textarea><iframe src={EVIL}></iframe>",
    f'<form><div></form><form><iframe src="{EVIL}"></iframe>',
]
SILENT = [
    '<iframe srcdoc="<script src=https://evil.example/x></script>"></iframe>',
    '<iframe src="data:text/html,<script src=https://evil.example/x></script>"></iframe>',
    '<iframe src=" java&#10;script:document.write(1)"></iframe>',
    '<iframe src="blob:https://evil.example/x"></iframe>',
]
HIDDEN = [
    f'<template><iframe src="{EVIL}"></iframe></template>',
    f'<div><template shadowrootmode="open"><iframe src="{EVIL}"></iframe></template></div>',
    f"<svg><style><!--</style><iframe src={EVIL}></iframe>--></style></svg>",
]
SCRIPTS = [
    f'<script src="{EVIL}"></script>',
    f'<SCRIPT ASYNC SRC="{EVIL[6:]}"></SCRIPT>',
    f'<svg><script href="{EVIL}"></script></svg>',
    f'<svg><script xlink:href="{EVIL}"></script></svg>',
    f'<script type="text/plain" data-src="{EVIL}"></script>',
    f'<link rel="preload" as="script" href="{EVIL}">',
    f'<base href="{EVIL}">',
    f'<base href="{EVIL}"><iframe src="/frame"></iframe>',
    f'<meta http-equiv="refresh" content="0; url={EVIL}">',
    f"<META HTTP-EQUIV=Refresh CONTENT=' 5.5 ;URL = \"{EVIL}\"x'>",
    f'<p><meta http-equiv="refresh" content="0,{EVIL[6:]}">',
    f"<noscript><meta http-equiv=refresh content='1;{EVIL}'></noscript>",
    f'<link rel="icon" href="{EVIL}"><link rel="shortcut ICON" href="{EVIL}">',
    f'<link rel="manifest" href="{EVIL}"><link rel="compression-dictionary" href="{EVIL}">',
    f'<script type="SpeculationRules">{{"prefetch": [{{"urls": ["{EVIL}"]}}]}}</script>',
]


def calls(html: str) -> list[str]:
    """Return the elements that call on another host, in browsers with scripts and without."""
    found = []
    for scripts in (True, False):
        soup = JustHTML(html, fragment=True, sanitize=False, scripting_enabled=scripts)
        for name in ("iframe", "script", "object", "embed", "param", "link", "base", "meta"):
            for each in soup.query(name):
                values = [*each.attrs.values(), each.to_text() if name == "script" else ""]
                found += [f"{name} {value}" for value in values if _is_elsewhere(value or "")]
    return found


def _is_elsewhere(value: str) -> bool:
    return any(each in value.lower() for each in ("evil", "www.youtube.com", ":99", "script:"))


@pytest.mark.parametrize("html", UNKNOWN + SILENT + HIDDEN + SCRIPTS)
def test_nothing_undeclared_is_called(html: str) -> None:
    """A2: no frame, plug-in or script of an undeclared host is left, however it was written, whatever was allowed."""
    for chosen in ("", "accept"):
        assert calls(filtered_html(html, chosen=chosen)) == []


@pytest.mark.parametrize("html", UNKNOWN)
def test_undeclared_frame_is_a_link(html: str) -> None:
    """A visitor learns that something is missing, and can go there."""
    [place] = filtered(html).select(".fcc-placeholder")
    host = "localhost:99" if ":99" in html else "evil.example"

    assert place.p.text == f"This content of {host} is not shown, because this site has not declared it."
    assert place.a["href"].startswith("https://") and place.a["href"].endswith(f"{host}/x")


@pytest.mark.parametrize("html", SILENT)
def test_undeclared_frame_without_an_address(html: str) -> None:
    [place] = filtered(html).select(".fcc-placeholder")
    assert place.p.text.startswith("Some content is not shown here") and not place.a


def test_what_older_browsers_read_otherwise() -> None:
    """They know no style inside `select`, so its text would be elements to them."""
    html = f"<select><option>a</option><style></select><iframe src={EVIL}></iframe></style></select>"
    assert filtered_html(html) == "<select><option>a</option></select>"


def test_nothing_swallows_the_page() -> None:
    """A content ends where it ends, whatever its author left open."""
    assert filtered_html("<p>a</p><plaintext>b") == "<p>a</p><pre>b</pre>"
    assert filtered_html("<!-- a") == "<!-- a-->"
    assert (
        filtered_html("<noscript><noscript>a</noscript>b<textarea>c") == "<noscript></noscript>b<textarea>c</textarea>"
    )


def test_nothing_undeclared_is_called_twin() -> None:
    """With `leave` the same contents call on others: the check sees it."""
    site = stored_site(COOKIECONSENT_UNDECLARED_FRAMES="leave")
    assert calls(filtered_html(UNKNOWN[0], site))
    assert [html for html in SCRIPTS if not calls(filtered_html(html, site))] == [
        html for html in SCRIPTS if html.startswith("<base")
    ]
    assert calls(filtered_html(SILENT[0], site))
    assert not calls(filtered_html(f'<base href="{EVIL}">', site))


@pytest.mark.parametrize(
    "html",
    [
        "<form method=post action=/cookies/choice><button name=choice value=accept>Read more</button></form>",
        '<form action="/x/..\\cookies/choice"><p>More</p></form>',
        "<form action=/search><button formaction=/cookies/choice name=choice value=accept>More</button></form>",
        "<button form=fcc-form name=choice value=accept>Read more</button>",
        "<input form=fcc-form name=service value=counter>",
        "<form id=fcc-form><input name=notice value=x></form>",
        "<script src=/cookies/static/1/tag.js data-service=a data-recipe={}></script>",
        "<svg><script href='/cookies/static/1/google.js'></script></svg>",
    ],
)
def test_content_chooses_for_nobody(html: str) -> None:
    """B9: a form in the content, or a control of one of ours, cannot post a choice."""
    assert not filtered(html).select("button, script, [form], [name=choice], [id^=fcc-], [action*=cookies]")


def test_content_chooses_for_nobody_twin() -> None:
    """A form of the site's own stays, and an embed inside it too, for that has no form of its own."""
    soup = filtered(
        f"<form action=/search><input name=q><iframe src={VIDEO} title=A></iframe><button>Go</button></form>"
    )

    assert soup.select("form[action='/search'] > .fcc-placeholder")
    assert filtered("<script src=/static/site.js></script>").select("script[src='/static/site.js']")
    assert [button.get("form") for button in soup.select("form button")][-1] is None


def test_scripts_of_declared_services_never_stay() -> None:
    """A2: a declared vendor's script would make frames before anybody is asked."""
    site = stored_site(COOKIECONSENT_UNDECLARED_FRAMES="leave")
    html = (
        '<script async src="https://platform.twitter.com/widgets.js"></script><script src="https://cdn.example/a.js">'
    )
    assert [each["src"] for each in filtered(html, site).select("script")] == ["https://cdn.example/a.js"]


def test_trusted_origins_are_the_site() -> None:
    html = '<iframe src="https://shop.example.com/map"></iframe>'
    site = stored_site(COOKIECONSENT_TRUSTED_ORIGINS=["https://shop.example.com"])
    assert filtered_html(html, site) == html
    assert filtered_html(html) != html


def test_developer_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """What is left out is named in the log once, not on every page view."""
    site = stored_site()
    for html in (f'<script src="{EVIL}"></script>', f'<div style="padding:50% 0"><iframe src="{EVIL}"></div>'):
        caplog.clear()
        filtered_html(html, site)
        filtered_html(html, site)
        assert [each.getMessage() for each in caplog.records] == [
            f"undeclared third-party content left out of stored HTML: '{EVIL}'; declare its service; "
            "`flask cookieconsent new-service` finds it by the embed code, or writes a skeleton"
        ]


def test_developer_is_not_told_without_end(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever writes content cannot fill the log: it has each address once, twenty of them, and that there are more."""
    take_apart("".join(f'<iframe src="{EVIL}{number}"></iframe>' for number in range(99)) * 2, RULES)
    assert len(caplog.records) == 21
    assert caplog.records[-1].getMessage() == "more that was left out of the same stored HTML is not logged"

    caplog.clear()
    take_apart("".join(f'<iframe src="{EVIL}{number}"></iframe>' for number in range(20)) * 2, RULES)
    assert len(caplog.records) == 20


def test_content_that_nobody_can_read(caplog: pytest.LogCaptureFixture) -> None:
    """Where reading has no end, the text alone is shown."""
    html = "<p>Hello</p><i><script><!--<script></i>"
    with pytest.raises(UnstableContentError):
        take_apart(html, Rules(EmbedIndex({}), {"localhost"}, True, "/cookies"))
    assert not filtered(html).find(True)
    assert "Hello" in filtered_html(html)
    assert "correct its HTML" in caplog.text


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        (TWEET.format("a", TWEET.format("b", "")), 1),
        ('<div class="twitter-tweet"><p>a</p>' + TWEET.format("b", "") + "</div>", 3),
        (f'<object><object><param name="movie" value="{VIDEO}"></object></object>', 1),
        (f'<object><p>a</p><object><param name="movie" value="{EVIL}"></object></object>', 2),
    ],
)
def test_innermost_is_judged(html: str, parts: int) -> None:
    """What is nested in a quotation or a plug-in is judged by itself; the outer one keeps what is its own."""
    assert len(take_apart(html, RULES)) == parts


def test_growth_is_bounded() -> None:
    """Elements that are never closed come again in every paragraph, which makes a tree of any size."""
    html = "".join(f"<p><b id={number}>x" for number in range(200))
    with pytest.raises(UnstableContentError, match="leaves many elements open"):
        take_apart(html, RULES)
    assert len(take_apart("<p><b><i>x" * 40, RULES)) == 1


# -- everything else stays ------------------------------------------------------------------------------------------

FRAMES = [KNOWN[0][0], f'<iframe src="{EVIL}"></iframe>', f'<noscript><iframe src="{VIDEO}"></iframe></noscript>']
INLINE = st.recursive(
    st.sampled_from(["text", "&lt;b&gt; &amp;amp;", "<br>", '<img src="/a.png" alt="">', "<!-- note -->", "\n"]),
    lambda inner: st.builds(
        lambda tag, inside: f"<{tag}>{inside}</{tag.split()[0]}>",
        st.sampled_from(["b", "em", 'span class="x" data-y="&quot;"', "code"]),
        inner,
    ),
    max_leaves=5,
)
BLOCKS = st.recursive(
    st.lists(INLINE, min_size=1, max_size=3).map("".join).map("<p>x{}</p>".format),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["div", "section", "blockquote", "ul", "td", "template", "h2", "details"]),
        st.lists(inner | INLINE, max_size=4),
    ),
    max_leaves=12,
)
BROKEN = ["<p>", "</p>", "<b>", "</i>", "<i>", "<table>", "<td>", "</table>", "<svg>", "</svg>", "<math>", "<mtext>"]
BROKEN += ["<style>", "</style>", "<noscript>", "</noscript>", "<template>", "</template>", "<textarea>", "<!--", "-->"]
BROKEN += ["<select>", "<form>", "</form>", "<a>", "<title>", "</title>", "<xmp>", '<p title="', '">', "x", "<![CDATA["]


def tree(html: str) -> str:
    """Return the elements of a content, without its frames and what stands in their place."""
    root = JustHTML(html, fragment=True, sanitize=False, scripting_enabled=False).root
    for each in root.query("iframe, .fcc-placeholder, noscript"):
        each.parent.remove_child(each)
    return re.sub("<!--fcc.*?-->", "", root.to_html(pretty=False))


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCKS | st.sampled_from(FRAMES), max_size=6).map("".join))
def test_nothing_but_frames_changes(html: str) -> None:
    """The elements, attributes and words around frames are what they were."""
    assert tree(filtered_html(html)) == tree(html)


def test_nothing_but_frames_changes_twin() -> None:
    """The comparison sees a word, an attribute and an element that went."""
    assert len({tree(each) for each in ("<p>a b</p>", "<p>a</p>", "<p id=x>a b</p>", "<p><b>a b</b></p>")}) == 4


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([*BROKEN, *FRAMES]), max_size=14).map("".join), st.sampled_from(["", "accept"]))
def test_twice_is_once(html: str, chosen: str) -> None:
    """A2: what was filtered is filtered, broken HTML included: it holds nothing more to find."""
    once = filtered_html(html, chosen=chosen)
    assert calls(once) == []
    # Buttons that post a choice are ours or an attacker's: nothing tells them apart.
    assert written(filtered_html(once, chosen=chosen)) == written(without_buttons(once))


def without_buttons(html: str) -> str:
    controls = r"<input type=\"?checkbox\"?[^>]*form=\"?fcc-[^>]*>|<button[^>]* form=\"?fcc-.*?</button>"
    return re.sub(controls, "", html, flags=re.S)


def written(html: str) -> str:
    """Return a content in one way of writing, its lines and the bounds of pieces apart."""
    root = JustHTML(html, fragment=True, sanitize=False, scripting_enabled=False).root
    return re.sub(r"\s+", " ", re.sub("<!-- ?fcc.*?-->", "", root.to_html(pretty=False)))


def test_twice_is_once_twin() -> None:
    """A wrapper more is seen."""
    assert written("<div><p>a</p></div>") != written("<p>a</p>")


# -- in templates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "is_html"),
    [
        ("body|safe|cookieconsent_embeds", True),
        ("body|cookieconsent_embeds|safe", True),
        ("marked|cookieconsent_embeds", True),
        ("body|cookieconsent_embeds", False),
    ],
)
def test_only_safe_html_is_html(expression: str, is_html: bool) -> None:
    """The filter makes nothing safe: what a template would escape without it is escaped with it."""
    site = make_site()
    body = "<p>Hello</p>" + KNOWN[0][0]
    with site.app.test_request_context("/"):
        html = render_template_string("{{ " + expression + " }}", body=body, marked=Markup(body))
    assert bool(soup_of(html).p) is is_html


def test_markdown() -> None:
    """A bare link in Markdown is an embed; a link with words is a link, and a title is the title."""
    text = """Watch:

https://youtu.be/aqz-KE-bpKQ

<https://x.com/ecom/status/12345>

[https://youtu.be/aqz-KE-bpKQ](https://youtu.be/aqz-KE-bpKQ "Our warehouse")

[Our film](https://youtu.be/aqz-KE-bpKQ), `https://youtu.be/aqz-KE-bpKQ`
"""
    for markdown in (MarkdownIt(), MarkdownIt("commonmark", {"html": True})):
        soup = filtered(markdown.render(text))
        titles = [title for title, _ in shown(soup)]
        assert titles == [UNTITLED, "Content of X", "Our warehouse"]
        assert soup.find("a", string="Our film")


def test_placeholders_work() -> None:
    """A9: two placeholders of one content are two places, and the button allows the service."""
    site = stored_site()
    visitor = visitor_of(site, KNOWN[0][0] * 2)
    source = "<body>{{ body()|safe|cookieconsent_embeds }}{{ cookieconsent.link() }}"
    site.app.add_url_rule("/page", "page_of", lambda: render_template_string(source))
    page = visitor.get("/page")

    assert len({each["name"] for each in soup_of(page).select("iframe")}) == 2
    assert "Cookie" in page.headers["Vary"]
    visitor.press(page, "Always allow YouTube", within=".fcc-placeholder")
    assert len(soup_of(visitor.get("/page")).select(".fcc-embed")) == 2


def test_same_content_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading is the same for everybody, and remembered; what each visitor is shown is not."""
    read: list[str] = []
    original = stored.take_apart
    monkeypatch.setattr(stored, "take_apart", lambda html, rules: read.append(html) or original(html, rules))
    site = stored_site()

    assert "fcc-embed" not in filtered_html(KNOWN[0][0], site)
    assert "fcc-embed" in filtered_html(KNOWN[0][0], site, chosen="accept")
    assert "fcc-embed" not in filtered_html(KNOWN[0][0], site)
    assert len(read) == 1


def test_missing_parser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer is told what to install, where the filter is used and nowhere else."""
    monkeypatch.setitem(sys.modules, "justhtml", None)
    site = make_site()
    with site.app.test_request_context("/"), pytest.raises(SetupError, match=r"flask-cookieconsent\[cms\]"):
        render_template_string("{{ '<p>'|cookieconsent_embeds }}")
    assert make_site().visitor().get("/").status_code == 200


def test_missing_parser_is_told_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of ours that cannot be imported is not taken for a missing parser."""
    monkeypatch.delattr("flask_cookieconsent.embeds.stored")
    monkeypatch.setitem(sys.modules, "flask_cookieconsent.embeds.stored", None)
    site = make_site()
    with site.app.test_request_context("/"), pytest.raises(ImportError, match="stored"):
        render_template_string("{{ '<p>'|cookieconsent_embeds }}")
