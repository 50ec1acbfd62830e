"""The OpenAPI description and the code: each address, method, field, status and problem of the one is in the other."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

import flask_cookieconsent.api as package
from flask_cookieconsent.api.bodies import CHOICES, FIELDS
from flask_cookieconsent.api.callers import RECEIPT_HEADER
from flask_cookieconsent.api.description import shipped
from flask_cookieconsent.api.documents import TEXTS
from flask_cookieconsent.api.problems import TYPE
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.core.decision import Reason
from tests.kit.programs import API, Program, addresses_of, program, script
from tests.kit.sites import GPC, STALE, Site, make_site

ROOM = Path(str(package.__file__)).parent


@pytest.fixture(scope="module")
def site() -> Site:
    """One site for what changes nothing."""
    return make_site()


def served(site: Site) -> Any:
    """Return the description as a site serves it."""
    return site.visitor().get(f"{API}/openapi.json").json


def operations(described: Any) -> dict[tuple[str, str], Any]:
    """Return every operation by its path and method."""
    paths = described["paths"].items()
    return {(path, method.upper()): each for path, methods in paths for method, each in methods.items()}


def test_description_is_valid(site: Site) -> None:
    """OpenAPI 3.1, as it is shipped and as a site serves it."""
    validate(shipped())
    validate(served(site))


def test_invalid_description_is_seen() -> None:
    """The bad twin."""
    described = shipped()
    del described["paths"]["/choice"]["get"]["responses"]
    described["info"].pop("version")

    with pytest.raises(Exception, match="version|responses"):
        validate(described)


def test_addresses_and_methods(site: Site) -> None:
    views = addresses_of(site)
    code = {(path, method) for path, methods in views.items() for method in methods}

    assert set(operations(shipped())) == code


def used_problems() -> set[str]:
    """Return every problem that the code of the interface, and what carries out its presses, can answer with."""
    paths = [*ROOM.glob("*.py"), ROOM.parent / "choice" / "outcome.py", ROOM.parent / "pages" / "reading.py"]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    # A page of ours answers with those, and no address of the interface.
    of_pages = [each for each in nodes if isinstance(each, ast.Call) and ast.unparse(each.func) == "pages.problem"]
    theirs = {id(argument) for call in of_pages for argument in call.args}
    named = [each for each in nodes if isinstance(each, ast.Attribute) and id(each) not in theirs]
    names = {each.attr for each in named if ast.unparse(each.value) == "Problem"}
    return {Problem[name].value for name in names if name.isupper()}


def test_problems() -> None:
    """Each problem of the code is a type of the description, and its status one of an operation's, and back."""
    described = {each.removeprefix(TYPE) for each in shipped()["components"]["schemas"]["ProblemType"]["enum"]}
    assert described == used_problems()

    told: dict[str, set[str]] = {}
    for operation in operations(shipped()).values():
        for status, response in operation["responses"].items():
            for word in response["description"].split("`")[1::2]:
                told.setdefault(word, set()).add(status)
    # Those are answers of addresses and methods that are not described.
    elsewhere = {"wrong-method", "not-found"}
    assert {name for name in described if name in told} == described - elsewhere
    assert {name: {str(Problem(name).status)} for name in described - elsewhere} == {
        name: statuses for name, statuses in told.items() if name in described
    }


def test_words_of_the_code() -> None:
    schemas = shipped()["components"]["schemas"]

    assert schemas["Choice"]["properties"]["choice"]["enum"] == list(CHOICES)
    assert list(schemas["Choice"]["properties"]) == list(FIELDS)
    assert schemas["Reason"]["enum"] == [each.value for each in Reason]
    assert set(schemas["Texts"]["properties"]) == {*TEXTS, "reach", "objection"}
    assert shipped()["components"]["parameters"]["receipt"]["name"] == RECEIPT_HEADER


def test_site_fills_in_its_own(site: Site) -> None:
    """The ids, the languages, the cookie's name and the base of the addresses."""
    described = served(site)
    schemas = described["components"]["schemas"]

    assert schemas["ServiceId"]["enum"] == ["language", "arrival", "counter", "films", "posts"]
    assert schemas["CategoryId"]["enum"] == ["functionality", "tracking", "performance", "third_party"]
    assert schemas["Language"]["examples"] == ["en"]
    assert described["components"]["securitySchemes"]["cookie"]["name"] == "cookieconsent"
    assert described["servers"] == [{"url": "/cookies/api"}]
    assert set(operations(described)) == set(operations(shipped()))


def closed(described: Any, schema: Any) -> Any:
    """Return a schema in which nothing may be that is not described."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": described["components"]}
    return whole if "type" in schema and "properties" not in schema else whole | {"unevaluatedProperties": False}


def mistakes(described: Any, method: str, path: str, answer: TestResponse) -> list[str]:
    """Return how an answer differs from its description: its status, its type, its fields."""
    responses = operations(described)[path.partition("?")[0], method]["responses"]
    if str(answer.status_code) not in responses:
        return [f"{method} {path}: status {answer.status_code} is not described"]
    contents = responses[str(answer.status_code)].get("content")
    if contents is None:
        return [] if not answer.data else [f"{method} {path}: content is not described"]
    if answer.mimetype not in contents:
        return [f"{method} {path}: type {answer.mimetype} is not described"]
    validator = Draft202012Validator(closed(described, contents[answer.mimetype]["schema"]), format_checker=_FORMATS)
    return [f"{method} {path}: {error.message[:200]}" for error in validator.iter_errors(answer.json)]


_FORMATS = Draft202012Validator.FORMAT_CHECKER


def answers(site: Site) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield a real answer for nearly every status of every operation, with its method and path."""
    someone = program(site)
    for each in (program(site), script(site)):
        for choice, services in (("accept", ()), ("save", ("films",)), ("allow", ("posts",)), ("withdraw", ())):
            yield "POST", "/choice", each.choose(choice, *services)
            for path in ("/choice", "/choice/receipt"):
                yield "GET", path, each.ask("GET", path)
        yield "GET", "/choice", each.ask("GET", "/choice", headers=GPC)
        yield "POST", "/choice", each.choose("accept", **STALE)
        yield "POST", "/choice", each.choose("perhaps")
        yield "POST", "/choice", each.ask("POST", "/choice", data=b"x")
        yield "POST", "/choice", each.choose("reject", headers={"Sec-Fetch-Site": "cross-site"})
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {}):
            yield "DELETE", "/choice/receipt", each.ask("DELETE", "/choice/receipt", headers=headers)
    for path in ("/openapi.json", "/declaration", "/notice", "/notice?lang=de"):
        yield "GET", path, someone.ask("GET", path)
    tag = someone.ask("GET", "/notice").headers["ETag"]
    yield "GET", "/notice", someone.ask("GET", "/notice", headers={"If-None-Match": tag})


def test_answers_are_as_described(site: Site) -> None:
    """No field more and none less, in all that programs and scripts get."""
    described = served(site)
    got = list(answers(site))

    assert len(got) > 30 and {answer.status_code for _, _, answer in got} == {200, 304, 400, 403, 409, 415}
    assert [each for method, path, answer in got for each in mistakes(described, method, path, answer)] == []


def test_late_answers_are_as_described(tmp_path: Path) -> None:
    """The same while there are too many grants, or no log."""
    few = make_site(COOKIECONSENT_RECEIPT_RATE="1 per hour")
    someone = program(few)
    got = [("POST", "/choice", someone.choose("save", each)) for each in ("films", "posts", "language")]
    away = Program(make_site(uri=f"sqlite:///{tmp_path}/nowhere/log.db", tables=False))
    got += [("POST", "/choice", away.choose("accept"))]
    away.receipt = "A" * 22
    got += [(method, "/choice/receipt", away.ask(method, "/choice/receipt")) for method in ("GET", "DELETE")]

    assert [answer.status_code for _, _, answer in got][2:] == [429, 503, 503, 503]
    assert [each for method, path, answer in got for each in mistakes(served(few), method, path, answer)] == []


def test_answer_that_is_not_described_is_seen(site: Site) -> None:
    """The bad twins: a field too much, one too few, another status, another type."""
    described, answer = served(site), program(site).ask("GET", "/choice")
    more, less = json.loads(answer.text) | {"visitor": 7}, json.loads(answer.text)
    less.pop("asks")
    for body in (more, less):
        assert mistakes(described, "GET", "/choice", _Told(body)) != []  # type: ignore[arg-type]
    assert "status" in mistakes(described, "GET", "/choice", _Told({}, 418))[0]  # type: ignore[arg-type]
    assert "type" in mistakes(described, "GET", "/choice", _Told({}, mimetype="text/html"))[0]  # type: ignore[arg-type]


class _Told:
    """An answer that nobody gives."""

    data = b"x"

    def __init__(self, json: Any, status_code: int = 200, mimetype: str = "application/json") -> None:
        self.json, self.status_code, self.mimetype = json, status_code, mimetype
