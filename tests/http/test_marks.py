"""Marks: what tells for which decision a piece of ours was made."""

from __future__ import annotations

import json
import re

from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.http.marks import foreign, marks_in
from flask_cookieconsent.state import get_state
from tests.embeds.test_nesting import is_linear
from tests.kit.sites import make_site, somebody


def test_marks_of_every_decision() -> None:
    """A8: each piece that a page may hold is known again, and none of one's own is foreign."""
    site = make_site()
    pages, decisions = {}, {}
    for choice in ("accept", "reject", ""):
        visitor = somebody(site, choice)
        pages[choice] = visitor.get("/").text
        with site.app.app_context():
            state = get_state()
            decisions[choice] = state.decide(visitor.cookie(), OptOutSignals(), state.today)
    pieces = {
        "placeholder": (r'<div class="fcc-placeholder.*?>', "reject", {"reject", ""}),
        "embed": (r'<div class="fcc-embed.*?>', "accept", {"accept"}),
        "loader": (r'<script src="[^"]*/google\.js".*?>', "accept", {"accept"}),
        "state": (r'<span class="fcc-forms".*?>', "", {""}),
    }
    for name, (pattern, source, fits) in pieces.items():
        piece = re.search(pattern, pages[source])
        assert piece is not None, name
        for body in (piece[0].encode(), json.dumps(piece[0]).encode()):
            marks = marks_in(body)
            assert len(marks) == 1, name
            for choice, decision in decisions.items():
                assert (foreign(marks, decision) is not None) == (choice not in fits), (name, choice)
    assert marks_in(b'<p data-state="open">a page of the site</p>') == []


def test_marks_cost_no_more_than_their_length() -> None:
    """A8: whoever writes many marks into what an app hands on makes nobody wait."""
    assert is_linear(lambda text: marks_in(f"<{text}".encode()), 'data-service="films" ')
