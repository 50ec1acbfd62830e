"""Bare addresses: which words of a block are told to be some, and which block holds anything else."""

from __future__ import annotations

import pytest

from flask_cookieconsent.embeds.html import parse
from flask_cookieconsent.embeds.lines import lines


def lines_of(html: str) -> list[tuple[str, str]]:
    """Return each line of the first element of some HTML: what it shows, and where it leads."""
    return [(line.text, line.address) for line in lines(parse(html).children[0])]


ADDRESS = "https://a.example/b"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (f"<p>{ADDRESS}</p>", [(ADDRESS, ADDRESS)]),
        (f"<p> {ADDRESS}<br>\u200b//c.example&nbsp;www.d.example </p>", None),
        (f'<p><b><a href="/e">{ADDRESS}<wbr>/c</a></b></p>', [(f"{ADDRESS}/c", "/e")]),
        (f"<p>[embed width=1]{ADDRESS}[/embed]</p>", [(ADDRESS, ADDRESS)]),
        (f"<p><a><i>{ADDRESS}</i></a></p>", [(ADDRESS, "")]),
        ("<p></p>", []),
        (f"<p>See {ADDRESS}</p>", []),
        (f"<p>{ADDRESS}<!-- a --></p>", []),
        (f"<p>{ADDRESS}<img src=a></p>", []),
        (f"<p><code>{ADDRESS}</code></p>", []),
        (f"<div><p>{ADDRESS}</p></div>", []),
        (f'<p><a href="/e"><img src=a>{ADDRESS}</a></p>', []),
        ("<p>mailto:a@a.example</p>", []),
    ],
)
def test_lines(html: str, found: list[tuple[str, str]] | None) -> None:
    """A block of nothing but addresses has each of them; one with anything else has none."""
    three = [(ADDRESS, ADDRESS), ("//c.example", "//c.example"), ("www.d.example", "https://www.d.example")]
    assert lines_of(html) == (three if found is None else found)
