"""Events as consent records: the schema holds, each answer has its status, and what is no record is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from flask_cookieconsent import SampleEvent
from flask_cookieconsent.audit.evidence.records import Records, record
from flask_cookieconsent.core.consent import Kind
from tests.kit.sites import Site, make_site
from tests.kit.tampering import SEALED, UNSEALED, behind, four_days, tables_of

SCHEMA = json.loads((files("flask_cookieconsent") / "audit/evidence/record.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def records_of(site: Site, **more: Any) -> tuple[Records, list[dict[str, Any]]]:
    """Return the records of a site, and their lines as JSON."""
    given = {"since": None, "until": None, "today": site.clock().date()} | more
    with site.app.app_context():
        found = Records(tables_of(site).events, site.factory.keys, site.factory.scopes, **given)
        return found, [json.loads(line) for line in found]


def statuses(line: dict[str, Any]) -> set[str]:
    return {each["dpv:hasConsentStatus"]["@id"] for each in line["dpv:hasProcess"]}


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_event_is_a_record() -> None:
    """Each kind of event, in the order of the log, and each line by itself fits the schema."""
    site = four_days()
    found, lines = records_of(site)

    assert [line["dct:identifier"] for line in lines] == [
        event.id for event in sorted(site.events(), key=lambda e: e.id)
    ]
    assert [list(VALIDATOR.iter_errors(line)) for line in lines] == [[]] * 16
    assert (found.count, found.changed, found.samples, found.others) == (16, 0, 0, 0)
    by_kind = {line["fcc:event"]: statuses(line) for line in lines}
    assert by_kind == {
        "given": {"dpv:ConsentGiven"},
        "refused": {"dpv:ConsentRefused"},
        "withdrawn": {"dpv:ConsentWithdrawn"},
    }


def test_one_embed_leaves_the_rest_undecided() -> None:
    site = make_site()
    visitor = site.visitor()
    visitor.press(visitor.get("/"), "Always allow Example Films")
    _, lines = records_of(site)

    assert [statuses(line) for line in lines] == [{"dpv:ConsentGiven", "dpv:ConsentRequested"}]
    assert list(VALIDATOR.iter_errors(lines[0])) == []


def test_erasure_tells_nothing_but_itself() -> None:
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    visitor.choose("erase")
    _, lines = records_of(site)

    assert [(line["fcc:event"], line["dpv:hasProcess"]) for line in lines] == [("erased", [])]
    assert "dpv:hasDataSubject" not in lines[0]
    assert list(VALIDATOR.iter_errors(lines[0])) == []


def test_receipt_is_there_as_its_digest_alone() -> None:
    """F3: what `export` has, and never the number itself."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    _, (line,) = records_of(site)

    digest = site.events()[0].receipt
    assert line["dpv:hasDataSubject"] == {"@id": f"urn:flask-cookieconsent:receipt:{digest}"}
    assert str(visitor.receipt) not in json.dumps(line)


@pytest.mark.parametrize(
    "changed",
    [
        {"@type": "dpv:ConsentReceipt"},
        {"dpv:isIndicatedAtTime": "2026-11-23T12:34:56Z"},
        {"dpv:isIndicatedBy": {"@id": "dpv:DataController"}},
        {"dpv:hasIndicationMethod": "telephone"},
        {"fcc:event": "expired"},
        {"fcc:address": "192.0.2.1"},
        {"dpv:hasNotice": {"@id": "urn:flask-cookieconsent:notice:x"}},
        {"dpv:hasProcess": [{"@id": "service:films", "dpv:hasConsentStatus": {"@id": "dpv:ConsentUnknown"}}]},
    ],
)
def test_other_shapes_do_not_fit_the_schema(changed: dict[str, Any]) -> None:
    """The bad twins."""
    site = make_site()
    site.visitor().choose("accept")

    assert not VALIDATOR.is_valid(record(site.events()[0]) | changed)


@pytest.mark.parametrize("name", SCHEMA["required"])
def test_missing_field_does_not_fit(name: str) -> None:
    site = make_site()
    site.visitor().choose("accept")
    line = record(site.events()[0])
    del line[name]

    assert not VALIDATOR.is_valid(line)


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (None, None, (*SEALED, UNSEALED)),
        (SEALED[1], None, (*SEALED[1:], UNSEALED)),
        (None, SEALED[1], SEALED[:2]),
        (SEALED[1], SEALED[2], SEALED[1:]),
        (SEALED[2], SEALED[2], SEALED[2:]),
        (date(2027, 1, 1), None, ()),
        (None, date(2020, 1, 1), ()),
        (date(2020, 1, 1), date(2020, 1, 2), ()),
    ],
)
def test_period(since: date | None, until: date | None, days: tuple[date, ...]) -> None:
    """Both days are included; the bounds are of the choice, as those of `export` are."""
    _, lines = records_of(four_days(), since=since, until=until)

    assert sorted({line["dct:created"] for line in lines}) == [day.isoformat() for day in days]
    assert len(lines) == 4 * len(days)


def test_changed_row_is_no_record() -> None:
    """The bad twin: what somebody has changed, or cannot be read, is counted and never told as a visitor's choice."""
    site = four_days()
    table = tables_of(site).events.table
    last = max(event.id for event in site.events())
    behind(
        site,
        lambda connection, _: connection.execute(
            sa.update(table).where(table.c.id == last).values(kind="given<script>")
        ),
    )
    found, lines = records_of(site)

    assert (found.count, found.changed) == (15, 1)
    assert last not in {line["dct:identifier"] for line in lines}


def test_samples_and_other_sites_are_no_records() -> None:
    site = make_site(COOKIECONSENT_LOG_SCOPE="shop")
    site.visitor().choose("accept")
    with site.app.app_context():
        site.log.add_samples([SampleEvent(age=timedelta(days=1), kind="given", method="banner", locale="en")])
        event = replace(site.events()[0], id="0" * 32, scope="blog", kind=Kind.GIVEN)
        row = site.factory.signed(event).row
    behind(site, lambda connection, tables: connection.execute(sa.insert(tables.events.table), [row]))
    found, lines = records_of(site)

    assert (found.count, found.samples, found.others) == (1, 1, 1)
    assert [line["dpv:hasService"] for line in lines] == ["shop"]
