"""The log of what was left out: once, with what to write instead, and never without end."""

from __future__ import annotations

import pytest

from tests.embeds.test_codes import FORMS
from tests.kit.contents import STILL, read

_PAGE = "put the address of the page that shows it in a paragraph of its own, or cookieconsent.embed() in the template"
_LINK = "link to a page that shows it; what the service itself needs is loaded by cookieconsent.head() once allowed"
_COPY = "keep a copy of a picture on this site; what counts visitors is loaded by cookieconsent.head() once allowed"
WIDGET = "https://assets.calendly.com/assets/external/widget.js"


@pytest.mark.parametrize(
    ("html", "what", "address", "remedy"),
    [
        (f'<script src="{WIDGET}"></script>', "script or style sheet", WIDGET, _PAGE),
        (f'<link rel="stylesheet" href="{WIDGET}">', "script or style sheet", WIDGET, _PAGE),
        (FORMS[0], "script or style sheet", "https://js.hsforms.net/forms/embed/v2.js", _LINK),
        (f'<img src="{STILL}">', "picture or sound", STILL, _COPY),
        ('<iframe src="https://www.youtube.com/a"></iframe>', "frame", "https://www.youtube.com/a", _PAGE),
    ],
)
def test_what_is_left_out_is_told(
    caplog: pytest.LogCaptureFixture, html: str, what: str, address: str, remedy: str
) -> None:
    """Whoever looks for what is missing finds it in the log, once, with what to write instead."""
    read(html * 3)

    assert [each.getMessage() for each in caplog.records] == [
        f"{what} of a declared service left out of stored HTML: {address!r}; {remedy}"
    ]


@pytest.mark.parametrize(
    "html",
    [
        f'<a class="bookmark source" href="https://calendly.com/a/b"></a><script src="{WIDGET}"></script>',
        f'<script src="{WIDGET}"></script><noscript><a class="bookmark source" href="https://calendly.com/a/b"></a></noscript>',
        '<script src="https://connect.facebook.net/en_GB/sdk.js"></script>'
        '<div class="fb-page" data-href="https://www.facebook.com/facebook"></div>',
        '<img src="/own.jpg">',
    ],
)
def test_what_an_embed_stands_for_is_not_told(caplog: pytest.LogCaptureFixture, html: str) -> None:
    """The script of an embed that is shown is not missing, whichever service of its provider is declared."""
    read(html)

    assert caplog.records == []


def test_log_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    read("".join(f'<img src="{STILL}?{number}">' for number in range(99)))

    assert len(caplog.records) == 21
    assert caplog.records[-1].getMessage() == "more that was left out of the same stored HTML is not logged"
