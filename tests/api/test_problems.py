"""Problems as RFC 9457 wants them: their type, in the language of the page, and kept nowhere."""

from __future__ import annotations

import json

import pytest

from flask_cookieconsent.api.problems import MEDIA_TYPE, TYPE, problem
from flask_cookieconsent.choice.problems import Problem
from tests.kit.sites import make_site


@pytest.mark.parametrize("kind", Problem)
def test_members(kind: Problem) -> None:
    with make_site().app.test_request_context():
        answer = problem(kind)
    told = json.loads(answer.data)

    assert (answer.status_code, answer.mimetype) == (kind.status, MEDIA_TYPE)
    assert told == {
        "type": TYPE + kind.value,
        "title": kind.heading,
        "status": kind.status,
        "detail": kind.explanation,
    }
    assert answer.headers["Cache-Control"] == "no-store" and "Retry-After" not in answer.headers


def test_more_to_say() -> None:
    """Mistakes for developers, seconds to wait, and members besides, which never stand in the place of its own."""
    with make_site().app.test_request_context():
        answer = problem(Problem.TOO_MANY, ["a: wanted b"], retry_after=7, more={"asks": True, "status": 200})
    told = json.loads(answer.data)

    assert told["errors"] == [{"detail": "a: wanted b"}]
    assert (told["asks"], told["status"], answer.headers["Retry-After"]) == (True, 429, "7")


def test_words_are_in_the_language_of_the_page() -> None:
    """B6: a script may show them."""
    with make_site(BABEL_DEFAULT_LOCALE="de").app.test_request_context():
        told = json.loads(problem(Problem.STALE).data)

    assert told["title"] != Problem.STALE.heading
