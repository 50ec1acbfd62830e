"""Rewrite stored HTML to a fixed point of parsing and serialising, and split it into segments.

The invariant: what is returned, parsed by a browser, serialised and parsed again, is the same tree, and in that tree
nothing is left that the rules do not want. Broken HTML may hide one element in another, which appears only when it is
read a second time (mutation XSS); at a fixed point there is no second time. What all rounds may cost is bounded in
proportion to the length of the content.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from html import unescape
from typing import Any

from justhtml import Comment, Element, Text

from flask_cookieconsent.errors import UnstableContentError

from .html import Edits, Position, parse, serialise, tidy
from .judge import KEEP, Judge, Rules, Verdict
from .nesting import nesting
from .segments import NotShown, Segment, TitledEmbed

_ROUNDS = 8
# What reading a content may cost, in characters and open elements at each tag, over all rounds: for each character of
# it, of which real pages need at most ten, and in any case.
_MOST_COST = 24
_LEAST_LIMIT = 50_000

_LIKE_A_TAG = re.compile(r"<[^<>]*>?")


def take_apart(html: str, rules: Rules) -> tuple[Segment, ...]:
    """Split stored HTML into segments, without any frame, plug-in or script that the rules do not want.

    :raises UnstableContentError: if no fixed point is reached in eight rounds, or reading costs too much.
    """
    left = _LEAST_LIMIT + _MOST_COST * len(html)
    reading = _Reading(rules)
    for _ in range(_ROUNDS):
        left -= len(html) + nesting(html)
        if left < 0:
            raise UnstableContentError(
                "stored content leaves many elements open (b, i, a …) or nests them too deep; correct its HTML"
            )
        written = reading.rewrite(html)
        if written == html:
            reading.tell()
            return tuple(segment for segment in reading.segments(html) if segment)
        html = written
    raise UnstableContentError("stored content changes each time it is read; correct its HTML")


def words_in(html: str) -> str:
    """Return the words of HTML that no parser can be trusted with: what is left without anything like a tag."""
    return " ".join(unescape(_LIKE_A_TAG.sub(" ", html)).split())


class _Reading:
    """The reading of one content: rounds of parse, normalise, judge, replace, serialise.

    A substitute is kept in the HTML as a comment with its number, because a comment is the one node that survives a
    round anywhere in a tree. The random mark cannot be forged by whoever writes content.
    """

    def __init__(self, rules: Rules) -> None:
        self._judge = Judge(rules)
        self._mark = f"embed-{secrets.token_hex(16)}-"
        self._substitutes: list[TitledEmbed | NotShown] = []
        #: What is shown already, by identity: a `noscript` often says the same again.
        self._identities: set[str | NotShown] = set()

    def rewrite(self, html: str) -> str:
        """Return the HTML of the next round, the same if a fixed point is reached."""
        root = parse(html)
        tidy(root)
        edits = Edits()
        # What a `noscript` says again is known by what stands outside, before or after it.
        for position, verdict in sorted(self._verdicts(root), key=lambda pair: pair[0].in_noscript):
            self._replace(edits, position, verdict)
        edits.apply()
        return serialise(root)

    def _verdicts(self, root: Any) -> Iterator[tuple[Position, Verdict]]:
        """Yield the elements that go, in document order; what is inside them goes with them."""
        stack = [Position(root)]
        while stack:
            position = stack.pop()
            verdict = self._judge.judge(position.node) if isinstance(position.node, Element) else KEEP
            if verdict.stays:
                for name in verdict.drops:
                    del position.node.attrs[name]
                stack.extend(reversed(list(position.inside())))
            else:
                yield position, verdict

    def _replace(self, edits: Edits, position: Position, verdict: Verdict) -> None:
        marks = self._marks(verdict, position.in_noscript)
        if verdict.inside:
            *others, last = position.node.children
            for child in others:
                edits.replace(child, position.outer, ())
            edits.replace(last, position.outer, marks)
        elif verdict.text:
            # A text may stand wherever the element could.
            edits.replace(position.node, None, [Text(verdict.text)])
        else:
            edits.replace(position.node, position.outer, marks)

    def _marks(self, verdict: Verdict, in_noscript: bool) -> list[Comment]:
        marks = []
        for substitute in verdict.substitutes:
            identity = substitute.embed.identity if isinstance(substitute, TitledEmbed) else substitute
            if in_noscript and identity in self._identities:
                continue
            self._identities.add(identity)
            self._substitutes.append(substitute)
            marks.append(Comment(f"{self._mark}{len(self._substitutes) - 1}"))
        return marks

    def segments(self, html: str) -> Iterator[Segment]:
        """Yield the parts of rewritten HTML and, between them, what its marks stand for."""
        first, *parts = html.split(f"<!--{self._mark}")
        yield first
        for part in parts:
            number, _, text = part.partition("-->")
            yield self._substitutes[int(number)]
            yield text

    def tell(self) -> None:
        """Log what was left out."""
        shown = {each.embed.service.id for each in self._substitutes if isinstance(each, TitledEmbed)}
        self._judge.left_out.tell(shown)
