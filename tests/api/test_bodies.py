"""The JSON body of a choice: what is a press, and every other body a mistake that says itself."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from flask_cookieconsent.api.bodies import CHOICES, FIELDS, read_body
from flask_cookieconsent.choice.form import LONGEST_BODY, Choice
from flask_cookieconsent.core.own_service import own_service
from flask_cookieconsent.core.registry import build
from tests.kit.programs import Program, problem_of
from tests.kit.sites import make_site, services

REGISTRY = build((own_service("/"), *services()))
DIGEST = "0" * 64


def read(body: Any) -> Any:
    """Return what a body is read as: the press, or else the mistakes."""
    press, mistakes = read_body(REGISTRY, body if isinstance(body, bytes) else json.dumps(body).encode())
    assert (press is None) == bool(mistakes)
    return press or mistakes


@pytest.mark.parametrize("choice", ["accept", "reject", "withdraw"])
def test_choices_that_mean_everything(choice: str) -> None:
    """They need no list, and one that comes along means nothing."""
    for more in ({}, {"services": ["films"]}, {"categories": ["third_party"]}):
        press = read({"choice": choice, "notice": DIGEST, "locale": "de"} | more)
        assert (press.choice, press.services, press.categories) == (Choice(choice), set(), set())
        assert (press.notice, press.locale, press.surface) == (DIGEST, "de", "api")


def test_saved_services() -> None:
    """B4: each service by itself, and a category stands for all of its services."""
    assert read({"choice": "save"}).services == set()
    assert read({"choice": "save", "services": ["films", "films"]}).services == {"films"}
    both = {"choice": "save", "services": ["language"], "categories": ["third_party"]}
    assert read(both).services == {"language", "films", "posts"}


def test_one_allowed_service() -> None:
    assert read({"choice": "allow", "services": ["films"]}).services == {"films"}


#: Bodies that are no choice, each with a word of what is said of it.
WRONG: dict[str, tuple[Any, str]] = {
    "nothing": (b"", "found no JSON"),
    "a form": (b"choice=accept", "found no JSON"),
    "half of it": (b'{"choice": "accept"', "found no JSON"),
    "no object": (["accept"], "a list, wanted an object"),
    "null": (None, "null, wanted an object"),
    "another encoding": ('{"choice": "reject"}'.encode("utf-16"), "found no JSON"),
    "a byte order mark": ('\ufeff{"choice": "reject"}'.encode(), "found no JSON"),
    "half a character": (b'{"choice": "\xc3"}', "found no JSON"),
    "a name twice": (b'{"choice": "reject", "choice": "accept"}', "'choice': found twice"),
    "a name twice, inside": (b'{"choice": {"a": 1, "a": 2}}', "'a': found twice"),
    "NaN": (b'{"choice": NaN}', "found no JSON"),
    "Infinity": (b'{"choice": -Infinity}', "found no JSON"),
    "a huge number": (b'{"choice": 1e999}', "choice: found a number"),
    "a number of many digits": (b'{"choice": %s}' % (b"9" * 10_000), "found no JSON"),
    "deep lists": (b"[" * 16_000, "found no JSON"),
    "deep objects": (b'{"a":' * 2_500 + b"1" + b"}" * 2_500, "found no JSON"),
    "deep services": (b'{"choice":"save","services":' + b"[" * 400 + b"]" * 400 + b"}", "services: found a list"),
    "no choice": ({}, "choice: found nothing"),
    "another choice": ({"choice": "Accept"}, "choice: found a string that does not fit, wanted one of accept"),
    "erasing by choice": ({"choice": "erase"}, "choice: found a string"),
    "a true choice": ({"choice": True}, "choice: found a truth value"),
    "a field too much": ({"choice": "reject", "shown": []}, "'shown': no such field"),
    "a surface": ({"choice": "reject", "surface": "banner"}, "'surface': no such field"),
    "another site's service": ({"choice": "save", "services": ["youtube"]}, "services: found a list"),
    "a necessary service": ({"choice": "save", "services": ["cookieconsent"]}, "services: found a list"),
    "one word for services": ({"choice": "save", "services": "films"}, "services: found a string"),
    "services that are no text": ({"choice": "save", "services": [["films"]]}, "services: found a list"),
    "no list of services": ({"choice": "save", "services": None}, "services: found null"),
    "a necessary category": ({"choice": "save", "categories": ["necessary"]}, "categories: found a list"),
    "unknown services beside a word": ({"choice": "accept", "services": ["x"]}, "services: found a list"),
    "allow none": ({"choice": "allow"}, "services: wanted exactly one"),
    "allow two": ({"choice": "allow", "services": ["films", "posts"]}, "services: wanted exactly one"),
    "allow a category": (
        {"choice": "allow", "services": ["films"], "categories": ["third_party"]},
        "categories: wanted none",
    ),
    "a short notice": ({"choice": "accept", "notice": "abc"}, "notice: found a string"),
    "a notice that is a number": ({"choice": "accept", "notice": 7}, "notice: found a number"),
    "a surrogate": (b'{"choice": "accept", "notice": "\\ud800"}', "notice: found a string"),
    "a NUL": (b'{"choice": "accept", "locale": "de\\u0000"}', "locale: found a string"),
    "a line": (b'{"choice": "accept", "locale": "de\\n"}', "locale: found a string"),
    "a language tag": ({"choice": "accept", "locale": "de-AT"}, "such as 'de'"),
    "a long locale": ({"choice": "accept", "locale": "d" * 41}, "locale: found a string"),
    "a name with a surrogate": (b'{"choice": "reject", "\\ud800\\u0000": 1}', "no such field"),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=list(WRONG))
def test_mistakes_say_what_is_wanted(body: Any, said: str) -> None:
    """B9: what is not understood is said in words, and never raises."""
    assert any(said in mistake for mistake in read(body)), read(body)


def test_many_mistakes_are_told_in_part() -> None:
    """A body is not answered with one many times as long."""
    mistakes = read({f"field {number}": 1 for number in range(500)})

    assert len(mistakes) == 10


def test_names_are_those_of_the_code() -> None:
    assert set(CHOICES) == {each.value for each in Choice} - {"erase"}
    assert set(FIELDS) == {"choice", "services", "categories", "notice", "locale"}


@pytest.mark.parametrize("body", [body for body, _ in WRONG.values() if isinstance(body, bytes)])
def test_hostile_bytes_are_answered_and_not_logged(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """F3: 400 with a problem, no event, and nothing of it in any line of a log."""
    caplog.set_level(logging.DEBUG)
    site = make_site()
    answer = Program(site).ask("POST", "/choice", data=body, content_type="application/json")

    assert (answer.status_code, problem_of(answer)) == (400, "not-understood")
    assert answer.json["errors"][0]["detail"]
    assert site.events() == []
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("flask_cookieconsent")]
    assert [line for line in ours if "choice" in line and "POST" not in line] == []


def test_body_at_its_longest() -> None:
    """The limit is the form's: with white space up to it a body is read, and with one more byte it is not."""
    site = make_site()
    body = b'{"choice": "reject"}'.ljust(LONGEST_BODY)
    sizes = [
        Program(site).ask("POST", "/choice", data=each, content_type="application/json") for each in (body, body + b" ")
    ]

    assert [each.status_code for each in sizes] == [200, 400]
    assert problem_of(sizes[1]) == "too-long"
