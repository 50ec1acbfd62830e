"""The verdict on an element: what takes its place is neither read as something else, nor too much."""

from __future__ import annotations

import pytest
from justhtml import JustHTML

from flask_cookieconsent.catalogue import youtube
from flask_cookieconsent.embeds.segments import NotShown
from tests.kit.contents import EVIL, STILL, VIDEO, read, rest, rules_of, shown

MUTATIONS = [
    f'<noscript><img src="{STILL}" alt="</noscript><iframe src={EVIL}></iframe>"></noscript>',
    f'<svg><title><img src="{STILL}" alt="</title><script src={EVIL}></script>"></title></svg>',
    f'<math><mtext><img src="{STILL}" alt="<script src={EVIL}></script>"></mtext></math>',
    f'<table><tr><img src="{STILL}" alt="<td><iframe src={EVIL}>"></table>',
    f"<svg><style><img src='{STILL}' alt='</style><iframe src={EVIL}></iframe>'></style></svg>",
    f'<p><a href="https://youtu.be/aqz-KE-bpKQ"><img src="{STILL}" alt="</a><iframe src={EVIL}>"></a></p>',
    f'<lite-youtube videoid="aqz-KE-bpKQ" title="</div><iframe src={EVIL}>"><iframe src="{EVIL}"></iframe>',
    f'<li>https://youtu.be/aqz-KE-bpKQ<iframe src="{EVIL}"></iframe>',
    f'<style>p {{background: url({STILL})}}</style><style><!--</style><iframe src="{EVIL}"></iframe>--></style>',
    f'<xmp><img src="{STILL}" alt="</xmp><iframe src={EVIL}>"></xmp>',
]


@pytest.mark.parametrize("html", MUTATIONS)
def test_texts_do_not_become_elements(html: str) -> None:
    """What stands in the place of a picture is a text, however its surroundings are read; a second time is the same."""
    once = rest(read(html)).replace("{}", "<hr>")

    for scripts in (True, False):
        root = JustHTML(once, fragment=True, sanitize=False, scripting_enabled=scripts)
        assert root.query("iframe, script, object, embed, img") == []
    assert rest(read(once)) == once


def test_texts_do_not_become_elements_twin() -> None:
    """Put there as it is, the words of a picture would be elements."""
    html = f"<noscript>{'</noscript><iframe src=/own>'}</noscript>"
    assert JustHTML(html, fragment=True, sanitize=False).query("iframe")


@pytest.mark.parametrize(
    "box",
    [
        '<div class="ratio ratio-16x9">{}</div>',
        '<div class="Video-Container">{}</div>',
        '<div style="aspect-ratio: 16/9">{}</div>',
        '<div style="position:relative;height:0;padding-bottom:56.25%">{}</div>',
        '<div style="min-height: 700px">{}</div>',
    ],
)
def test_space_is_reserved_once(box: str) -> None:
    """A box of the site that reserves a space for one frame goes with it, but not one that holds more."""
    frame = f'<iframe src="{VIDEO}"></iframe>'
    assert rest(read(box.format(frame))) == "{}"
    assert rest(read(box.format(f"{frame}<p>Legend</p>"))) == box.format("{}<p>Legend</p>")
    assert rest(read(f'<div style="line-height: 2">{frame}</div>')) == '<div style="line-height: 2">{}</div>'


def test_frames_of_declared_services_never_stay() -> None:
    """A2: also where others are let through, and where no parser knows what they show."""
    rules = rules_of(blocks=False)
    html = f'<iframe src="https://www.youtube.com/embed/?list=x"></iframe><iframe src="{EVIL}"></iframe>'

    assert rest(read(html, rules)) == f'{{}}<iframe src="{EVIL}"></iframe>'
    assert rest(read(f'<iframe srcdoc="<img src={STILL}>"></iframe>', rules)) == "{}"
    assert rest(read('<iframe srcdoc="<p>a"></iframe>', rules)).startswith("<iframe")


LIVE = "https://www.youtube.com/embed/live_stream?channel=UC1"


@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize(
    ("html", "address", "host"),
    [
        (f'<iframe src="{LIVE}"></iframe>', LIVE, "www.youtube.com"),
        (f'<iframe data-src="{LIVE}" src="about:blank"></iframe>', LIVE, "www.youtube.com"),
        (f'<iframe src="{EVIL}" data-src="{LIVE}"></iframe>', LIVE, "www.youtube.com"),
        ('<object data="//WWW.YouTube.com:443/v/"></object>', "https://www.youtube.com/v/", "www.youtube.com"),
        ('<embed src="https://www.facebook.com/events/1">', "https://www.facebook.com/events/1", "www.facebook.com"),
        (f'<iframe srcdoc="<img src={STILL}>"></iframe>', "", "i.ytimg.com"),
        (f'<iframe src="{EVIL}" srcdoc="<img src={STILL}>"></iframe>', "", "i.ytimg.com"),
    ],
)
def test_frame_that_its_declared_service_cannot_show(html: str, address: str, host: str, blocks: bool) -> None:
    """A9: it is known whose it is, so that nobody is told that the site has not declared it."""
    assert NotShown(address, host, is_declared=True) in read(html, rules_of(blocks=blocks))


def test_short_link_in_a_frame() -> None:
    """What a declared service's own parser names and refuses is of that service, also on another host."""
    html = '<iframe src="https://fb.watch/abc"></iframe>'

    assert shown(read(html)) == ["refused:https://fb.watch/abc"]
    assert shown(read(html, rules_of(youtube()))) == ["undeclared:https://fb.watch/abc"]


@pytest.mark.parametrize(
    "address", [EVIL, "https://www.youtube.com.evil.example/embed/", "https://www.youtube.com@evil.example/embed/"]
)
def test_frame_that_its_declared_service_cannot_show_twin(address: str) -> None:
    """What only looks like a frame of a declared service is undeclared, and so is a page that names no host."""
    assert shown(read(f'<iframe src="{address}"></iframe>')) == [f"undeclared:{address}"]
    assert shown(read(f'<iframe srcdoc="<img src={EVIL}>"></iframe>')) == ["undeclared:"]
    assert shown(read('<iframe src="javascript:alert(1)"></iframe>')) == ["undeclared:"]


def test_frame_of_a_necessary_service() -> None:
    """A service that nobody is asked about is declared too."""
    html = f'<iframe src="{LIVE}"></iframe>'

    assert shown(read(html, rules_of(necessary=("youtube",)))) == [f"refused:{LIVE}"]
