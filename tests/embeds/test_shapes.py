"""The space of an embed: as high and as wide as the frame that was pasted."""

from __future__ import annotations

import pytest

from flask_cookieconsent.core.services import Frame
from flask_cookieconsent.embeds.segments import TitledEmbed
from tests.kit.contents import VIDEO, read, shown


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        ("560", "315", "wide"),
        ("640", "390", "wide"),
        ("480", "360", "square"),
        ("400", "400", "square"),
        ("315px", "560.5px", "tall"),
        ("100%", "315", "wide"),
        ("0", "0", "wide"),
        ("9" * 9, "1", "wide"),
        ("", "500", "wide"),
        ("-9", "16", "wide"),
    ],
)
def test_shape_of_the_frame(width: str, height: str, shape: str) -> None:
    """A video takes the space that the pasted frame had, so that nothing moves when it comes."""
    html = f'<iframe src="{VIDEO}" width="{width}" height="{height}"></iframe>'
    [found] = [each.embed.content.shape for each in read(html) if isinstance(each, TitledEmbed)]
    assert found == shape


def test_shape_that_the_provider_knows() -> None:
    """An upright video stays upright, and a post is no video; a shape makes no other embed of it."""
    frames = {
        "https://www.youtube.com/shorts/aqz-KE-bpKQ": "tall",
        "https://open.spotify.com/embed/track/4PTG3Z6ehGkBFwjybzWkR8": "strip",
    }
    for address, shape in frames.items():
        html = f'<iframe src="{address}" width="400" height="300"></iframe>'
        [embed] = [each.embed for each in read(html) if isinstance(each, TitledEmbed)]
        assert isinstance(embed.content, Frame) and embed.content.shape == shape
    both = f'<iframe src="{VIDEO}" width="9" height="16"></iframe><noscript><iframe src="{VIDEO}"></iframe></noscript>'
    assert len(shown(read(both))) == 1
