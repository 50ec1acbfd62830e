"""Embed codes: they stand for what a declared service knows, and for nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flask_cookieconsent import catalogue
from flask_cookieconsent.core.services import Frame
from tests.embeds.test_cms import CASES
from tests.kit.contents import EVIL, SERVICES, STILL, VIDEO, WATCH, read, rules_of, shown, titles

HOSTILE = [
    '<div class="calendly-inline-widget" data-url="javascript:alert(1)"></div>',
    '<div data-oembed-url="javascript:alert(1)//https://youtu.be/aqz-KE-bpKQ"></div>',
    '<div data-oembed-url="/cookies/choice?choice=accept"></div>',
    '<lite-youtube videoid="../../cookies/choice"></lite-youtube>',
    '<lite-youtube videoid="aqz-KE-bpKQ&amp;list=x"></lite-youtube>',
    "<lite-youtube videoid='\"><iframe src=https://evil.example/x>'></lite-youtube>",
    '<p>javascript:alert("https://youtu.be/aqz-KE-bpKQ")</p>',
    '<p><a href="javascript:alert(1)">https://youtu.be/aqz-KE-bpKQ</a></p>',
    f'<p><a href="{EVIL}">https://youtu.be/aqz-KE-bpKQ</a></p>',
    f'<a href="javascript:alert(1)"><img src="{STILL}" alt="x"></a>',
    '<iframe src="/embed?url=javascript:alert(1)"></iframe>',
    '<iframe src="/media/oembed?url=/cookies/choice"></iframe>',
    f'<iframe src="/media/oembed?url={EVIL}"></iframe>',
    '<script src="https://geo.dailymotion.com/player/x.js" data-video="../evil"></script>',
    '<div class="elementor-widget-video" data-settings="[[[[[[[["></div>',
    '<div class="elementor-widget-video" data-settings="{&quot;video_type&quot;:[],&quot;a&quot;:1}"></div>',
    '<video data-setup="{&quot;sources&quot;:[1,{&quot;src&quot;:2}]}"></video>',
    '<div data-borlabs-cookie-content="%%%"></div><div data-borlabs-cookie-content="////"></div>',
    "<div class=BorlabsCookie><script type=text/template>&lt;script&gt;</script></div>",
    '<div class="hs-form-frame" data-portal-id="1/../2" data-form-id="x"></div>',
]


@pytest.mark.parametrize("html", HOSTILE)
def test_codes_lead_nowhere_else(html: str) -> None:
    """An embed code stands for what a declared service knows, or for nothing."""
    found = shown(read(html))

    assert [each for each in found if not each.startswith(f"undeclared:{EVIL}")] == []


def test_codes_lead_nowhere_else_twin() -> None:
    assert shown(read('<div data-oembed-url="https://youtu.be/aqz-KE-bpKQ"></div>')) == [WATCH]
    assert shown(read('<iframe src="/media/oembed?url=https://youtu.be/aqz-KE-bpKQ"></iframe>')) == [WATCH]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<div class="wistia_embed wistia_async_fudkgyoejs videoFoam=true">&nbsp;</div>',
            ["https://fast.wistia.net/embed/iframe/fudkgyoejs"],
        ),
        (
            '<span class="wistia_async_fudkgyoejs popover=true wistia_embed"></span>',
            ["https://fast.wistia.net/embed/iframe/fudkgyoejs"],
        ),
        ('<div class="wistia_async_fudkgyoejs"></div>', []),
        ('<div class="wistia_embed"></div>', []),
        ('<div class="wistia_embed wistia_async_../../evil"></div>', []),
    ],
)
def test_class_names_the_video(html: str, expected: list[str]) -> None:
    """Wistia's older code has the id in the name of a class."""
    assert shown(read(html, rules_of(catalogue.wistia()))) == expected


def test_titles() -> None:
    """A title is the one that the code has, in whatever attribute or element of a card."""
    cards = [each["html"] for each in CASES if each["from"] in ("Ghost", "Notion") and "bookmark-title" in each["html"]]

    assert [titles(each) for each in cards if WATCH in each] == [["Film"], ["Film"]]
    assert titles('<lite-youtube videoid="aqz-KE-bpKQ" playlabel="Play: Film"></lite-youtube>') == ["Play: Film"]
    assert titles(f'<a href="{WATCH}"><img src="{STILL}" alt="Watch"></a>') == ["Watch"]
    assert titles(f'<a href="{WATCH}" title="Film"><img src="{STILL}" alt="Watch"></a>') == ["Film"]
    assert titles(f'<div data-oembed-url="{WATCH}"><iframe src="{VIDEO}" title="Film"></iframe></div>') == ["Film"]
    assert titles(f'<iframe src="{VIDEO}"></iframe>') == [""]


#: Forms as their vendor gives them out.


def _form(text: str) -> Frame | None:
    match = re.fullmatch(r"https://forms\.hsforms\.com/embed/v3/form/(\d{4,10})/([a-z-]{3,40})", text)
    return match and Frame(src=f"{text}?embed", link=text, kind="page", shape="long")  # type: ignore[return-value]


FORM = "https://forms.hsforms.com/embed/v3/form/123456/ab-cd"
FORMS = [each["html"] for each in CASES if each["from"] == "HubSpot"]


@pytest.mark.parametrize("html", FORMS)
def test_form_that_a_service_can_show(html: str) -> None:
    """A form is read as far as its code says which one it is."""
    rules = rules_of(replace(SERVICES[-2], parse=_form))

    assert shown(read(html, rules)) == [FORM]
    assert shown(read(html)) == []
