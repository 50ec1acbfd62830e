"""What a log is worth: its mistakes named, its seals a chain, its health without a place, its counts rounded."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.audit.evidence.kept_log import MOST_NAMED, Checked, Seals, health_of, statistics_of
from flask_cookieconsent.log.health import Finding, Level
from tests.kit.events import fill
from tests.kit.sites import NOON, Site, make_site
from tests.kit.tampering import SEALED, behind, command, four_days, rows_of, tables_of


def checked(site: Site, **more: Any) -> tuple[Checked, list[str]]:
    with site.app.app_context():
        found = Checked(site.log.verify(whole=True, **more))
        return found, list(found)


def sealed(site: Site) -> tuple[Seals, list[dict[str, Any]]]:
    with site.app.app_context():
        found = Seals(tables_of(site).seals, site.factory.keys)
        return found, [json.loads(line) for line in found]


def test_whole_log_is_checked() -> None:
    found, lines = checked(four_days())

    assert (found.mistakes, found.named, lines) == (0, [], [found.sentence])
    assert found.sentence.startswith("Checked: 16 events, 3 days against their seals")


def test_changed_rows_are_named_up_to_a_number() -> None:
    """The bad twin; the file has them all."""
    site = make_site()
    fill(site, 30, NOON.date() - timedelta(days=9), 9)
    behind(site, lambda connection, tables: connection.execute(sa.update(tables.events.table).values(locale="xx")))
    found, lines = checked(site)

    assert (found.mistakes, len(found.named), len(lines)) == (30, MOST_NAMED, 31)
    assert (
        lines[0] == f"event {min(row['id'] for row in rows_of(site))}: changed, or put in by somebody without the key"
    )


def test_place_on_the_server_is_not_told(tmp_path: Path) -> None:
    site = make_site(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "secret place"))
    site.visitor().choose("accept")
    (tmp_path / "secret place").mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "secret place/x.json").write_text("{}")
    assert "put aside" in command(site, "replay")[1]
    found, lines = checked(site)

    assert found.mistakes == 1
    assert lines[0] == "spool of events that wait: 1 events put aside, which are not in the log; see its log lines"
    with site.app.app_context():
        health = health_of(site.log.health())
    assert {each["about"] for each in health if each["level"] == "problem"} == {"spool", "verification"}
    assert "secret place" not in json.dumps(health)


def test_seals_are_a_chain() -> None:
    site = four_days()
    found, lines = sealed(site)

    assert [line["day"] for line in lines] == [day.isoformat() for day in SEALED]
    assert [line["mac_of_the_seal_before"] for line in lines] == ["", *(line["mac"] for line in lines[:-1])]
    assert [(line["refusals"], line["other_events"]) for line in lines] == [(1, 3)] * 3
    assert (found.count, found.foreign, found.head) == (3, 0, lines[-1]["mac"])
    assert (found.first, found.last) == (SEALED[0], SEALED[-1])


def test_what_was_taken_out_is_told() -> None:
    """F6, F7: purged days with the newest of them, and erased events."""
    site = four_days(COOKIECONSENT_REFUSAL_RETENTION=184, COOKIECONSENT_GRANT_RETENTION=400)
    visitor = site.visitor()
    visitor.choose("accept")
    site.clock.forward(days=3)
    command(site, "seal")
    visitor.choose("erase")
    site.clock.forward(days=182)
    assert command(site, "purge")[0] == 0
    found, lines = sealed(site)

    assert found.erased == 1
    assert (found.refusals_purged, found.refusals_purged_until) == (5, date(2026, 11, 27))
    assert (found.others_purged, found.others_purged_until) == (0, None)
    assert {line["refusals_purged"] for line in lines[:5]} == {True}
    assert {line["other_events_purged"] for line in lines} == {False}


def test_forged_seal_is_none_of_them() -> None:
    """The bad twin."""
    site = four_days()
    behind(
        site,
        lambda connection, tables: connection.execute(
            sa.update(tables.seals.table).where(tables.seals.c.day == SEALED[1]).values(others=99)
        ),
    )
    found, lines = sealed(site)

    assert (found.count, found.foreign, len(lines)) == (2, 1, 2)


def test_health_tells_no_driver() -> None:
    findings = [
        Finding(Level.OK, "database", "postgresql answers"),
        Finding(Level.OK, "seals", "sealed until 2026-11-23"),
        Finding(Level.WARNING, "seals", "no day is sealed"),
        Finding(Level.WARNING, "disk", "17 MiB are free"),
        Finding(Level.PROBLEM, "tables", "no such table (postgresql://user:password@host)"),
    ]

    assert [each["sentence"] for each in health_of(findings)] == [
        "as it should be",
        "sealed until 2026-11-23",
        "no day is sealed",
        "little is free of the disk on which events wait while the database is away",
        "a table or a column of the log is missing",
    ]


def test_counts_are_those_of_the_report() -> None:
    """F6: rounded as the owner's report is, and nothing is told of too few."""
    site = make_site()
    fill(site, 300, NOON.date() - timedelta(days=20), 20)
    site.visitor().choose("accept")
    since, today = NOON.date() - timedelta(days=20), NOON.date()
    with site.app.app_context():
        told = statistics_of(site.log, since, today, today)
        report = site.log.report(since, today)

    assert told["total"]["kind"] == dict(sorted(report.summary.total["kind"].items()))
    assert {
        count % 5 for tally in told["weeks"].values() for counts in tally.values() for count in counts.values()
    } == {0}
    assert {each["name"] for each in told["allowed"]} >= {"films", "tracking"}
    assert json.loads(json.dumps(told)) == told


def test_nothing_is_told_of_two() -> None:
    """The bad twin: two visitors are none."""
    site = make_site()
    for _ in range(2):
        site.visitor().choose("accept")
    with site.app.app_context():
        told = statistics_of(site.log, NOON.date(), NOON.date(), NOON.date())

    assert (told["total"]["kind"], told["allowed"]) == ({}, [])
