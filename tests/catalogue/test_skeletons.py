"""Skeletons of declarations: read from any snippet, and sound but for what they say is missing."""

from __future__ import annotations

import copy
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flask_cookieconsent.catalogue.kit.checking import schema
from flask_cookieconsent.catalogue.kit.declaration import factory
from flask_cookieconsent.catalogue.moving.known import by_snippet, catalogue
from flask_cookieconsent.catalogue.moving.skeleton import Skeleton, guessed, skeleton
from flask_cookieconsent.catalogue.moving.snippet import read
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Frame, Service

TODAY = date(2026, 11, 27)
FULL = Draft202012Validator(schema())

CHAT = """<!-- Chatty -->
<script>
  window.chatSettings = {workspace: "ab12cd34ef", lang: "de"};
  window.chat = window.chat || function () { (chat.q = chat.q || []).push(arguments) };
  chat("boot", "ab12cd34ef");
  (function () { var s = document.createElement("script"); s.src = 'https://cdn.chatty.example/v2/widget.js';
    document.head.appendChild(s) })()
</script>
<noscript><iframe src="https://chatty.example/none"></iframe><img src="//pixel.chatty.example/p?id=1"></noscript>"""
COUNTER = """<script async defer src="//stats.counter.example/count.js" data-site-id="G-AB12CD34" onload="go()"
  data-braces="{not_ours}" integrity="sha384-xyz"></script>
<script>var _cnt = window._cnt || []; _cnt.push(["start", 7, true]); _cnt.push({no: 1});</script>"""
FRAME = """<iframe width="560" height="315" title="Episode" allow="autoplay; fullscreen"
  src="http://player.podium.example/episode/123456?theme=dark&show=ab12cd34ef&autoplay=1"></iframe>
<script src="https://player.podium.example/resize.js"></script>"""


def skeleton_of(text: str) -> Skeleton:
    """Return the skeleton of a snippet."""
    return skeleton(read(text), TODAY)


def completed(made: Skeleton) -> dict[str, Any]:
    """Return a skeleton in which a person has filled in what it says is missing."""
    data = copy.deepcopy(dict(made.data))
    data["provider"] = {"name": "Podium SA", "country": "BE", "privacy_policy": "https://podium.example/privacy"}
    data["sources"]["provider"]["at"] = "https://podium.example/cookies"
    return data | {"name": data["name"] or "Podium"}


def service_of(made: Skeleton) -> Service:
    """Return the service of a completed skeleton, with the values that the snippet had."""
    data = completed(made)
    given = {name: rule["example"] for name, rule in data.get("parameters", {}).items()}
    return build([factory(made.id, data)(**given)]).services[made.id]


def test_script_that_code_starts() -> None:
    made = skeleton_of(CHAT)

    assert made.id == "chatty"
    assert {key: made.data[key] for key in ("name", "purpose", "categories", "parameters", "hosts", "tag")} == {
        "name": "Chatty",
        "purpose": "advertising",
        "categories": ["tracking"],
        "parameters": {"workspace": {"match": "[a-z0-9]{7,13}", "example": "ab12cd34ef"}},
        "hosts": {
            "https://chatty.example": {"for": ["frame-src"]},
            "https://pixel.chatty.example": {"for": ["img-src"]},
            "https://cdn.chatty.example": {"for": ["script-src"]},
        },
        "tag": {
            "src": "https://cdn.chatty.example/v2/widget.js",
            "queue": {"name": "chat", "calls": "q"},
            "calls": [["boot", "{workspace}"]],
            "values": {"chatSettings": {"workspace": "{workspace}", "lang": "de"}},
        },
    }


def test_script_with_attributes() -> None:
    made = skeleton_of(COUNTER)

    assert made.data["tag"] == {
        "src": "https://stats.counter.example/count.js",
        "attributes": {"data-site-id": "{site_id}", "integrity": "sha384-xyz"},
        "queue": "_cnt",
        "calls": [["start", 7, True]],
    }
    assert made.data["parameters"] == {"site_id": {"match": "G-[A-Z0-9]{5,11}", "example": "G-AB12CD34"}}
    assert "tag.attributes.data-braces: left out, because of its braces" in made.look_up
    assert "tag.calls: a call that could not be read is left out" in made.look_up
    service = service_of(made)
    assert service.tag is not None and service.tag.attributes["data-site-id"] == "G-AB12CD34"


def test_frame_comes_before_a_script() -> None:
    """No code of a provider runs where its frame is enough, and no option starts a film by itself."""
    made = skeleton_of(FRAME)

    assert made.data["embed"] == {
        "kind": "audio",
        "shape": "strip",
        "allow": "autoplay; fullscreen",
        "src": "https://player.podium.example/episode/{item}?theme=dark&show={item2}",
        "link": "https://player.podium.example/episode/{item}?theme=dark&show={item2}",
        "addresses": [
            {
                "hosts": ["player.podium.example"],
                "path": "/episode/(?P<item>[0-9]{3,9})",
                "query": {"show": "(?P<item2>[a-z0-9]{7,13})"},
            }
        ],
    }
    assert "tag" not in made.data and list(made.data["hosts"]) == ["https://player.podium.example"]
    assert [each for each in made.look_up if each.startswith("https://player.podium.example/resize.js: left out")]


def test_frame_is_read_again() -> None:
    """E2: its link gives the same frame, and what is another's gives none."""
    parse = service_of(skeleton_of(FRAME)).parse
    assert parse is not None

    frame = parse(skeleton_of(FRAME).data["sample"]["embed"])
    assert isinstance(frame, Frame)
    assert frame.src == "https://player.podium.example/episode/123456?theme=dark&show=ab12cd34ef"
    assert parse(frame.link) == frame
    assert parse("https://player.podium.example/episode/12x?show=ab12cd34ef") is None
    assert parse("https://podium.example/episode/123456?show=ab12cd34ef") is None


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("UA-12345678-1", "UA-[0-9]{5,11}-[0-9]{1,4}"),
        ("GTM-AB12CD", "GTM-[A-Z0-9]{3,9}"),
        ("1234567", "[0-9]{4,10}"),
        ("7", "[0-9]{1,4}"),
        ("94db1cb1-74f4-4a40-ad6c-962362670409", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("0123456789abcdef", "[0-9a-f]{16}"),
        ("aqz-KE-bpKQ", "[A-Za-z0-9_-]{8,14}"),
    ],
)
def test_pattern_is_guessed_from_an_example(value: str, pattern: str) -> None:
    assert guessed(value) == pattern


@pytest.mark.parametrize("name", ["id", "name", "category", "class", "for", "2nd", "--"])
def test_parameter_has_a_name_that_python_takes(name: str) -> None:
    made = skeleton_of(f'<script src="https://a.example/a.js?{name}=12345678"></script>')

    assert [key.isidentifier() for key in made.data["parameters"]] == [True]
    assert service_of(made).tag is not None


def test_text_without_anything_is_said_to_lack_everything() -> None:
    made = skeleton_of("nothing at all")

    assert made.data["name"] == "" and made.id == "service"
    assert [each.partition(":")[0] for each in made.look_up][:6] == [
        "name",
        "provider.name",
        "provider.country",
        "provider.privacy_policy",
        "sources.provider.at",
        "purpose, categories",
    ]


def places(data: Any) -> set[str]:
    """Return the places in which a full validator finds a mistake."""
    return {".".join(map(str, error.absolute_path)) for error in FULL.iter_errors(data)}


def is_sound(made: Skeleton) -> bool:
    """Tell whether a skeleton has no mistakes but those that it names, and makes a service once they are mended."""
    named = {each.partition(":")[0] for each in made.look_up}
    return places(made.data) <= named and not places(completed(made)) and service_of(made).id == made.id


def test_mistake_that_is_not_named_is_seen() -> None:
    """The bad twin: a skeleton with one mistake more."""
    made = skeleton_of(CHAT)
    assert is_sound(made)

    worse = Skeleton(made.id, {**made.data, "ticked": True}, made.look_up)
    assert not is_sound(worse)


PARTS = st.sampled_from(
    [
        *(
            "<script ",
            "<iframe ",
            "<img ",
            "<noscript>",
            "</script>",
            "</noscript>",
            ">",
            "<![",
            "<!--",
            "<?",
            "&#0;",
            "'",
        ),
        *(
            'src="',
            "data-id=",
            "https://a.example/",
            "//b.example/x.js?id=12345678",
            "{a}",
            "{a|origin}",
            "%7B",
            '"',
            "`",
        ),
        *(
            "window.q = window.q || []",
            "q.push(",
            "['a', 'b1234567c']",
            ")",
            "\\",
            "/*",
            "*/",
            "\n",
            "{",
            "}",
            "||",
            "\x1b",
        ),
        *(
            "chat('go', '{x}')",
            "(chat.q = chat.q || []).push(",
            "?a=1&b=2",
            "http://[",
            "https://a.b:99999/",
            "\x00",
            "é",
        ),
        *(
            "window.s = {a: '1', b: 2}",
            "class",
            "autoplay=1",
            "/embed/0123456789abcdef/",
            "{{",
            "item",
            "id",
            "name=G-AB12CD",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS | st.text(max_size=8), max_size=30).map("".join) | st.text())
def test_any_text_makes_a_sound_skeleton(text: str) -> None:
    assert is_sound(skeleton_of(text))


@pytest.mark.parametrize(
    "part",
    [
        *("'", '"', "`", "\\'", "<", "<!", "<![", "<a ", "/*", "//", "{", "a:", "a=", "x=x||[", "(a.b=a.b||[]).push("),
        *(
            "q.push([",
            "window.a={",
            "https://a.",
            "https://a.example/?a&",
            "&",
            "<script>",
            "</noscript>",
            "a" * 50 + "\n",
        ),
        *("https://a.b/c'", '"https://a.b/c",'),
        *("window.a={b:1,", "'a','", "12345", "a.push(['b',", "a ", "((((", "-", "a-", "&#"),
    ],
)
def test_long_text_takes_no_longer_than_it_is(part: str) -> None:
    """D6: whatever is repeated, and however often."""
    text = part * (200_000 // len(part))
    started = time.process_time()
    for before in ("q = q || [];", "<script src=https://a.example/a.js>q=q||[];"):
        skeleton_of(before + text)
        by_snippet(read(before + text), catalogue())

    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("around", "is_asked"), [("<noscript>{}</noscript>", False), ("{}<style>p {{}}</style>", True), ("{}", True)]
)
def test_what_is_there_without_scripts_is_no_widget(around: str, is_asked: bool) -> None:
    html = '<script src="https://cdn.chatty.example/a.js"></script>' + around.format("<p><img></p>")
    asked = [each for each in skeleton(read(html), TODAY).look_up if "this is a widget" in each]

    assert asked == ["<p>: if the script fills it, this is a widget, see docs/adding-a-service.md"] * is_asked
