"""HTML trees: normalised until serialising and parsing agree, and edited in one go."""

from __future__ import annotations

from typing import Any

import pytest
from justhtml import Comment

from flask_cookieconsent.embeds.html import Edits, Position, nodes, parse, serialise, text_of, tidy


def tidied(html: str) -> str:
    root = parse(html)
    tidy(root)
    return serialise(root)


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p a=1 =b c>x", '<p a="1" c>x</p>'),
        (
            '<noscript><b>x</noscript><p title="</noscript>">',
            '<noscript><b>x</b></noscript><p title="&lt;/noscript&gt;"></p>',
        ),
        ("<noscript><noscript>a</noscript>b", "<noscript></noscript>b"),
        ("<select><option>a<svg></svg></select>", "<select><option>a</option></select>"),
        ("<select><template><select><svg>", "<select><template><select></select></template></select>"),
        ('<base href="//evil.example">', "<base>"),
        ("<iframe><p>x</iframe>", "<iframe></iframe>"),
        ("<plaintext>x", "<pre>x</pre>"),
        ("<plaintext>\n\nx", "<pre>\n\n\nx</pre>"),
        ("<pre>\n\nx</pre>", "<pre>\n\nx</pre>"),
        ("<textarea>\n\nx</textarea>", "<textarea>\n\nx</textarea>"),
        ("<listing>\n\nx</listing>", "<listing>\n\nx</listing>"),
    ],
)
def test_mutations(html: str, wanted: str) -> None:
    """Each makes a tree that is read again as it was written, with scripting on or off."""
    assert tidied(html) == wanted
    assert tidied(wanted) == wanted


def test_mutations_twin() -> None:
    """Without them the same HTML is read otherwise the second time."""
    assert serialise(parse(serialise(parse("<pre>\n\n\nx")))) != serialise(parse("<pre>\n\n\nx"))


def test_walk() -> None:
    """The contents of templates belong to it, and what is inside a closed node does not."""
    root = parse("<div>a<template><b>b</b></template></div><i>c<b>d</b></i>")

    assert [node.name for node in nodes(root) if node.name[0] != "#"] == ["div", "template", "b", "i", "b"]
    assert text_of(root) == "a b c d"
    assert text_of(root, closed=lambda node: node.name == "div") == "c d"


def test_positions() -> None:
    """The outermost element that may hold no embed is known of each node, but not through a template."""
    root = parse("<p><a><i></i><template><b></b></template></a></p><noscript></noscript>")
    tidy(root)
    outer, stack = {}, [Position(root)]
    while stack:
        position = stack.pop()
        outer[position.node.name] = position.outer and position.outer.name
        stack.extend(position.inside())

    assert (outer["p"], outer["a"], outer["i"], outer["template"], outer["b"]) == (None, "p", "p", "p", None)


def replace_underlined(root: Any) -> None:
    """Put a numbered comment in the place of each `<u>`."""
    edits, number, stack = Edits(), 0, [Position(root)]
    while stack:
        position = stack.pop()
        stack.extend(reversed(list(position.inside())))
        if position.node.name == "u":
            edits.replace(position.node, position.outer, [Comment(str(number))])
            number += 1
    edits.apply()


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<u></u>", "<!--0-->"),
        ("a<u></u>b<u></u>c", "a<!--0-->b<!--1-->c"),
        ("<p>a<u></u>b<u></u></p>c", "<p>ab</p><!--0--><!--1-->c"),
        ("<p><b> <u></u> </b>\n<u></u></p>", "<!--0--><!--1-->"),
        ("<p><b><u></u></b>a</p>", "<p>a</p><!--0-->"),
        ('<div style="padding:5%"> <u></u> </div>', "<!--0-->"),
        ('<div style="padding:5%"><u></u><u></u></div>', '<div style="padding:5%"><!--0--><!--1--></div>'),
        ("<div><u></u></div>", "<div><!--0--></div>"),
        ("<template><u></u></template>", "<template><!--0--></template>"),
    ],
)
def test_edits(html: str, wanted: str) -> None:
    """What stands in for an element follows what cannot hold it, in order; what becomes empty goes."""
    root = parse(html)
    replace_underlined(root)

    assert serialise(root) == wanted
    assert all(child.parent is root for child in root.children)
