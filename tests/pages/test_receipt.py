"""What the bearer of a receipt can see, keep, check and erase, and what nobody else can (F7)."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flask_cookieconsent.i18n import language
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.tables import create_tables
from flask_cookieconsent.pages.receipt import Entry
from tests.kit.sites import Clock, Site, Visitor, make_app, make_site, soup_of
from tests.kit.tampering import WHOLE

PAGES = ("/cookies/choice/receipt", "/cookies/choice/receipt.json")


def bearer(**more: Any) -> tuple[Site, Visitor]:
    """Return somebody who has allowed something, and changed it on another day."""
    site = make_site(clock=Clock(), COOKIECONSENT_CONTROLLER="Example NV", **more)
    visitor = site.visitor()
    visitor.choose("save", "films")
    site.clock.forward(days=1)
    visitor.choose("save", "films", "language")
    return site, visitor


def run(site: Site, *args: str) -> Any:
    return site.app.test_cli_runner().invoke(args=["cookieconsent", *args])


def test_bearer_sees_the_whole_record() -> None:
    """F7: what was agreed, when, to which notice, in order, and no other's."""
    site, visitor = bearer()
    site.visitor().choose("accept")
    page = soup_of(visitor.get(PAGES[0]))
    headings = [" ".join(each.text.split()) for each in page.select("h2")]

    assert headings == [
        "November 24, 2026: you changed what you allow",
        "November 23, 2026: you made your first choice",
        "The record as a whole",
    ]
    first = " ".join(page.select("section")[1].text.split())
    assert "You allowed: Example Films (Example Media SA, BE) You refused: Language, Arrival," in first
    assert page.select_one(f'a[href="/cookies/policy/{site.digest}"]')
    assert visitor.get(f"/cookies/policy/{site.digest}").status_code == 200
    assert soup_of(visitor.get("/cookies/")).select_one(f'a[href="{PAGES[0]}"]')


def unsaid(page: Any, document: Any) -> list[str]:
    """Return what a receipt's file says that its page does not."""
    text = " ".join(soup_of(page).text.split())
    said = {each["datetime"] for each in soup_of(page).select("time")} | {text}
    words = {"preferences": "Preferences page", "embed": "Placeholder", "en": "English", "de": "German"}
    wanted = [document["pii_principal_id"], *filter(None, document["pii_controller"].values())]
    for event in document["events"]:
        names = ("record_id", "event_time", "method", "language", "privacy_notice", "policy_version", "service")
        wanted += [event[name] for name in (*names, "validity_duration")]
        wanted.append("Signal on" if event["user_agent_signal"] else "Signal off")
        for purpose in event["purposes"]:
            wanted += [purpose["name"], *(purpose["recipient_third_party"] or {}).values()]
    return [each for each in wanted if not any(words.get(each, each) in one for one in said)]


def test_page_says_all_that_the_file_says() -> None:
    """F7: nothing is in the one that is not in the other: number, time, place, language, signal, how long, who."""
    site, visitor = bearer(COOKIECONSENT_CONTACT="privacy@example.com", COOKIECONSENT_LOG_SCOPE="shop")
    visitor.choose("save", "films", surface="embed", headers={"Sec-GPC": "1"})
    page, document = visitor.get(PAGES[0]).text, json.loads(visitor.get(PAGES[1]).text)

    assert len(document["events"]) == 3
    assert unsaid(page, document) == []
    assert unsaid(page.replace("Signal on", ""), document) == ["Signal on"]
    assert unsaid(page.replace("Example Films", "A film"), document) == ["Example Films"] * 3


def test_day_of_a_refusal_has_no_time() -> None:
    """F3: what was not recorded is not shown as midnight; a notice that is not kept is named without a link."""
    site, _ = bearer()
    site.visitor().choose("reject")
    (refusal,) = [each for each in site.events() if each.kind == "refused"]
    grant = min(site.events(), key=lambda each: each.time)

    assert Entry(refusal, language("en"), False).moment == "November 24, 2026"
    assert Entry(grant, language("en"), False).moment.replace("\u202f", " ") == "November 23, 2026, 12:34 PM UTC"
    assert Entry(replace(grant, locale="xx_nothing"), language("en"), False).language == "xx_nothing"
    assert Entry(replace(grant, locale=""), language("en"), False).language == "–"


def test_erasing_asks_once() -> None:
    """F7: what cannot be undone takes a second press, without a script too, and says what it takes along."""
    _, visitor = bearer()
    button = soup_of(visitor.get(PAGES[0])).select_one("button[value=erase]")
    fold = button.find_parent("details")

    assert not fold.has_attr("open")
    assert fold.summary.text == "Have this record erased"
    assert "cannot be undone" in fold.text


def schema_says(document: Any) -> list[str]:
    """Return what the shipped schema finds wrong with a receipt."""
    schema = json.loads(files("flask_cookieconsent").joinpath("static", "receipt.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return [each.message for each in jsonschema.Draft202012Validator(schema).iter_errors(document)]


def test_file_is_of_the_shipped_schema() -> None:
    """F7: whoever reads a receipt with a program finds what the schema promises; it is served beside the pages."""
    site, visitor = bearer()
    visitor.choose("withdraw", headers={"Sec-GPC": "1"})
    site.visitor().choose("reject")
    visitor.choose("save", "films", surface="embed")
    empty = json.loads(site.visitor().get(PAGES[1]).text)
    full = json.loads(visitor.get(PAGES[1]).text)

    assert schema_says(full) == schema_says(empty) == []
    assert full["events"]
    with visitor.get("/cookies/static/receipt.schema.json") as served:
        assert served.get_json()["$id"].endswith("receipt:1")


@pytest.mark.parametrize(
    ("place", "value"), [("record_id", "1"), ("event_time", "2026-11-23"), ("event_state", "allowed"), ("ip", "::1")]
)
def test_schema_finds_a_bad_twin(place: str, value: str) -> None:
    """F7: a receipt with another value, or with a field that has no place in it, is none."""
    _, visitor = bearer()
    found = json.loads(visitor.get(PAGES[1]).text)
    found["events"][0][place] = value

    assert schema_says(found)


def test_file_can_be_kept_and_checked() -> None:
    """F7: a file with the same, in the terms of the standard, which proves itself."""
    site, visitor = bearer()
    response = visitor.get(PAGES[1])
    found = json.loads(response.text)

    assert response.headers["Content-Disposition"].startswith("attachment")
    assert found["pii_controller"]["name"] == "Example NV"
    assert [each["event_state"] for each in found["events"]] == ["changed", "given"]
    (films,) = [each for each in found["events"][0]["purposes"] if each["id"] == "films"]
    assert (films["answer"], films["recipient_third_party"]["country"]) == ("granted", "BE")
    assert found["events"][0]["validity_duration"] == "P184D"
    assert visitor.receipt not in response.text, "the file proves, it does not open the record"

    checked = site.visitor().post({"receipt": response.text}, "/cookies/choice/check")
    assert "not a letter of it has changed" in soup_of(checked).select_one("[role=status]").text


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("changed", "refused"),
        lambda text: text.replace("Example NV", "Other NV"),
        lambda text: json.dumps(json.loads(text) | {"mac": "0" * 64}),
        lambda text: json.dumps(json.loads(text) | {"mac": "é" * 64}),
        lambda text: json.dumps(json.loads(text) | {"mac": 7}),
        lambda text: json.dumps(json.loads(text) | {"more": 1}),
        lambda text: text[:-9],
        lambda text: "[" * 5_000,
        lambda text: "[]",
        lambda text: "nothing",
    ],
)
def test_changed_files_are_found(change: Any) -> None:
    """F7, F4: one letter, and it proves nothing."""
    site, visitor = bearer()
    text = visitor.get(PAGES[1]).text

    assert site.log.verify_receipt(text)
    assert not site.log.verify_receipt(change(text))
    checked = site.visitor().post({"receipt": change(text)}, "/cookies/choice/check")
    assert "This is no receipt of this site" in soup_of(checked).select_one("[role=status]").text


@pytest.mark.parametrize("receipt", [None, "", "x", "A" * 22, "'; DROP TABLE", "é" * 22])
def test_nobody_else_sees_anything(receipt: str | None) -> None:
    """F7: no receipt, a wrong one, nonsense: the same empty answer, and nothing to count through."""
    site, _ = bearer()
    headers = {} if receipt is None else {"Cookie": f"cookieconsent_receipt={receipt}".encode().decode("latin-1")}
    page, file = (site.visitor().get(path, headers=headers) for path in PAGES)

    assert "Your browser holds no receipt" in page.text
    assert json.loads(file.text)["events"] == []
    for response in (page, file):
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("commands", [[], ["seal"]])
def test_erasing(commands: list[str]) -> None:
    """F7: a withdrawal, and then nothing is left but that a record was erased; the log stays whole, sealed or not."""
    site, visitor = bearer()
    site.visitor().choose("accept")
    site.clock.forward(days=3)
    for command in commands:
        run(site, command)

    answer = visitor.press(visitor.get(PAGES[0]), "Erase my record")

    assert answer.status_code == 303
    assert visitor.allowed() == set()
    assert visitor.receipt is None
    assert sorted(each.kind for each in site.events()) == ["erased", "given"]
    (tombstone,) = [each for each in site.events() if each.kind == "erased"]
    assert (tombstone.receipt, tombstone.previous_receipt, dict(tombstone.choices), tombstone.notice) == (
        None,
        None,
        {},
        "",
    )
    assert tombstone.time.hour == tombstone.time.minute == 0
    assert run(site, "verify").output.endswith(WHOLE)


def test_erasing_without_a_receipt_is_a_withdrawal() -> None:
    """F7: whoever has no receipt has no record that could be found."""
    site, _ = bearer()
    other = site.visitor()

    assert other.choose("erase").status_code == 303
    assert "erased" not in {each.kind for each in site.events()}


def test_erasing_that_fails_can_be_tried_again() -> None:
    """F5, F7: what was allowed is withdrawn at once, the visitor is told, and keeps the receipt to try again."""
    site, visitor = bearer()
    receipt = visitor.receipt
    with site.app.app_context():
        event_model(site.db).__table__.drop(site.db.engine)

    answer = visitor.choose("erase")

    assert answer.status_code == 503
    assert "We could not erase your record" in answer.text
    assert visitor.allowed() == set()
    assert visitor.receipt == receipt


def test_erasing_takes_along_what_waits(tmp_path: Path) -> None:
    """F5, F7: an event that waits on disk is part of the record."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"))
    site = make_site(app=app, uri=f"sqlite:///{tmp_path}/log.db", tables=False)
    visitor = site.visitor()
    visitor.choose("accept")
    with site.app.app_context():
        create_tables(site.db)

    visitor.choose("erase")
    run(site, "replay")

    assert [each.kind for each in site.events()] == ["erased"]


def test_other_sites_erase_nothing() -> None:
    """B9: it is a choice like the others, and guarded like them."""
    site, visitor = bearer()

    assert visitor.choose("erase", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert len(site.events()) == 2


def test_check_keeps_nothing_and_is_bounded() -> None:
    """A7: any text, of any length."""
    site, _ = bearer()
    visitor = site.visitor()
    for text in ("", " ", "x" * 200_000):
        assert visitor.post({"receipt": text}, "/cookies/choice/check").status_code == 200
    assert visitor.post({"receipt": "x" * 400_000}, "/cookies/choice/check").status_code == 413
    assert len(site.events()) == 2


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00", "\\ud800\\u0041"])
def test_receipt_with_half_a_character_is_not_proved(half: str) -> None:
    """F7: JSON allows what no text can hold; it is no receipt of ours, and no error."""
    text = f'{{"schema_version": "flask-cookieconsent/receipt/1", "mac": "a", "x": "{half}"}}'
    checked = make_site().visitor().post({"receipt": text}, "/cookies/choice/check")

    assert "This is no receipt of this site" in soup_of(checked).select_one("[role=status]").text
