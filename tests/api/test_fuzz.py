"""Requests made up from the description: no 500, every answer as described, and nothing recorded unasked."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
import sqlalchemy as sa
from flask import request
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode

from flask_cookieconsent.api.callers import caller
from flask_cookieconsent.api.choice import ChoiceViews
from flask_cookieconsent.choice.form import Choice, Press
from flask_cookieconsent.pages.renderer import get_renderer
from tests.kit.phones import website
from tests.kit.programs import API
from tests.kit.sites import SAME_ORIGIN, Site

from .test_description import mistakes, operations, served

#: The same requests in every run.
calm = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MODES = {"as described": GenerationMode.POSITIVE, "otherwise": GenerationMode.NEGATIVE}

#: Who sends them: three who may decide, and three who may not.
SENDERS: dict[str, dict[str, str]] = {
    "a program": {"Authorization": "Bearer"},
    "a program with a broken token": {"Authorization": "Bearer 1.20261123.0.films+hLj16.x"},
    "a script of a page": SAME_ORIGIN,
    "nobody knows": {},
    "a script of another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "a program in another site's page": {"Authorization": "Bearer", "Origin": "https://evil.example"},
}
PERMITTED = tuple(SENDERS)[:3]


def make_open_site() -> Site:
    """Return a site whose limits nobody reaches, and which hands choices over."""
    rate = "1000000 per minute"
    return website(COOKIECONSENT_GRANT_RATE=rate, COOKIECONSENT_RECEIPT_RATE=rate)


def events_of(site: Site) -> int:
    """Return how many events the log holds."""
    with site.app.app_context(), site.db.engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(site.consent.models.Event)) or 0)


class Answer:
    """An answer of schemathesis in the words of Werkzeug's."""

    def __init__(self, answer: Any) -> None:
        self.status_code, self.data = answer.status_code, answer.content
        self.mimetype = (answer.headers.get("content-type") or [""])[0].partition(";")[0]
        self.json = json.loads(answer.content) if answer.content and "json" in self.mimetype else None


def parsed(body: bytes | str | None) -> Any:
    """Return what a body says, an exception where it is no JSON."""
    try:
        return json.loads(body or b"")
    except ValueError as error:
        return error


def faults(site: Site, described: Any, case: Any, sender: str) -> list[str]:
    """Send a request that was made up, and return what is wrong with its answer, or with the log after it."""
    method, path, before = case.method.upper(), case.operation.path, events_of(site)
    try:
        raw = case.call(headers=SENDERS[sender])
    except Exception as error:  # the library raises what the app did
        return [f"{method} {path}: 500, {error!r}"]
    answer, body = Answer(raw), parsed(raw.request.body)
    found = [] if answer.status_code < 500 else [f"{method} {path}: {answer.status_code}"]
    found += mistakes(described, method, path, answer)  # type: ignore[arg-type]
    schema = described["components"]["schemas"]["Choice"] | {"components": described["components"]}
    is_choice = (method, path) == ("POST", "/choice") and Draft202012Validator(schema).is_valid(body)
    is_permitted = sender in PERMITTED
    if (method, path) == ("POST", "/choice") and is_permitted and (answer.status_code == 400) == is_choice:
        found.append(f"{method} {path}: {body!r} was answered {answer.status_code}")
    may_record = is_permitted and (is_choice or method == "DELETE")
    if events_of(site) != before and not may_record:
        found.append(f"{method} {path}: recorded what nobody asked for")
    return found


def faults_of(site: Site, operation: tuple[str, str], mode: GenerationMode) -> list[str]:
    """Return what is wrong with the answers to many requests of one operation."""
    described, found = served(site), list[str]()
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", site.app)

    @calm
    @given(
        case=schema[operation[0]][operation[1]].as_strategy(generation_mode=mode), sender=st.sampled_from([*SENDERS])
    )
    def send(case: Any, sender: str) -> None:
        found.extend(faults(site, described, case, sender))

    send()
    return found


@pytest.mark.parametrize("mode", MODES.values(), ids=list(MODES))
def test_made_up_requests(mode: GenerationMode) -> None:
    """F1, B9: each answer is as described, whatever is sent; only a choice that may be made is an event."""
    site = make_open_site()
    known = [operation for operation in operations(served(site)) if has_cases(operation, mode)]

    assert ("/choice", "POST") in known
    assert {operation: faults_of(site, operation, mode) for operation in known} == {each: [] for each in known}


def has_cases(operation: tuple[str, str], mode: GenerationMode) -> bool:
    """Tell whether something of an operation can be made up, or made up wrongly."""
    is_described = operation[0] != "/openapi.json"
    return is_described and (mode is GenerationMode.POSITIVE or operation[1] == "POST")


def test_made_up_choices_are_recorded() -> None:
    """The twin: some of the requests are in the log, or it would show nothing that no other is."""
    site = make_open_site()
    faults_of(site, ("/choice", "POST"), GenerationMode.POSITIVE)

    assert events_of(site) > 3


def replace_view(site: Site, bad: Any) -> None:
    """Let a function run before the view of a choice."""
    name = "cookieconsent.api_choice"
    view = site.app.view_functions[name]
    site.app.view_functions[name] = lambda **values: bad() or view(**values)


def _raises() -> None:
    if request.is_json and "services" in request.get_data(as_text=True):
        raise ValueError("on purpose")


def _records() -> None:
    renderer = get_renderer()
    if request.method == "GET":
        views = ChoiceViews(renderer)
        views.carried_out(caller(renderer.state), Press(choice=Choice.REJECT))


def _says_more() -> Any:
    return {"choices": {}, "visitor": 7} if request.method == "GET" else None


@pytest.mark.parametrize(
    ("bad", "method", "said"),
    [(_raises, "POST", "500"), (_records, "GET", "recorded"), (_says_more, "GET", "is a required")],
)
def test_bad_views_are_found(bad: Any, method: str, said: str) -> None:
    """The bad twins: a view that raises, one that records whoever reads, and one that says what is not described."""
    site = make_open_site()
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    replace_view(site, bad)

    assert said in " ".join(faults_of(site, ("/choice", method), GenerationMode.POSITIVE))
