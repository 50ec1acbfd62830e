"""The owner's report: the right numbers, none that tells on few, and only for whom the site lets see it (F6, F7)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.log.daily_counts import DailyCounts
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.statistics import ANSWERS, BASE, Summary, ratio, rounded, tally, whole_weeks
from flask_cookieconsent.log.tables import Tables
from flask_cookieconsent.state import get_state
from tests.kit.events import fill
from tests.kit.sites import Site, make_app, make_site, remote_references, services, soup_of


def reporting(uri: str = "sqlite://", may_see: Any = lambda: True, **config: Any) -> Site:
    """Return a site with a report."""
    return make_site(uri=uri, may_see_report=may_see, **config)


def state(app: Flask) -> Any:
    return get_state(app)


def busy(uri: str = "sqlite://", count: int = 2_000, days: int = 40) -> Site:
    """Return a site with many events on the days before today."""
    site = reporting(uri)
    fill(site, count, state(site.app).today - timedelta(days=days - 1), days)
    return site


def run(site: Site, *args: str) -> str:
    return site.app.test_cli_runner().invoke(args=["cookieconsent", *args]).output


def rows(site: Site) -> list[dict[str, Any]]:
    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.connect() as connection:
        return [dict(row) | {"count": 1} for row in connection.execute(sa.select(table)).mappings()]


def expected(site: Site) -> dict[str, Counter[str]]:
    """Count one event after the other, as slowly and plainly as can be."""
    return tally(rows(site), state(site.app).registry.optional_by_category)


def found(site: Site, days: int = 400) -> Any:
    with site.app.app_context():
        today = state(site.app).today
        return site.log.summary(today - timedelta(days=days), today)


def daily_counts(site: Site) -> DailyCounts:
    return DailyCounts(Tables.of(site.db), state(site.app).registry.optional_by_category, site.factory.keys)


def numbers(counters: Any) -> dict[str, dict[str, int]]:
    return {heading: {name: count for name, count in counter.items() if count} for heading, counter in counters.items()}


# -- who may see it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/cookies/report", "/cookies/report.csv"])
def test_nobody_sees_it_unless_the_site_says_who(path: str) -> None:
    """Without a function of the site's own there is no such page; whom the function refuses sees no number."""
    assert make_site().visitor().get(path).status_code == 404
    assert reporting(may_see=lambda: False).visitor().get(path).status_code == 403
    assert reporting(may_see=lambda: True).visitor().get(path).status_code == 200


def test_nobody_sees_it_without_a_database() -> None:
    app = make_app()
    CookieConsent(app, services=services()).report_guard(lambda: True)

    assert app.test_client().get("/cookies/report").status_code == 404


def test_page_is_nobody_elses() -> None:
    """It is kept by no cache, framed by no page, and loads nothing from elsewhere, not even a style in the page."""
    page = busy(count=300).visitor().get("/cookies/report")

    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert remote_references(page.text) == []
    assert "<script" not in page.text.partition("<main>")[2].partition("</main>")[0]


# -- the numbers -------------------------------------------------------------------------------------------------------


def test_numbers_are_those_of_the_log(uri: str) -> None:
    """F6: counted or not, and after retention too, a report says what was in the log."""
    site = busy(uri)
    plain = numbers(expected(site)) | {"scope": {site.app.name: 2_000}}

    assert numbers(found(site).total) == plain
    run(site, "seal")
    assert numbers(found(site).total) == plain
    site.clock.forward(days=300)
    run(site, "purge")
    assert numbers(found(site).total) == plain
    site.clock.forward(days=100)
    assert "Events taken out of the log: " in run(site, "purge")
    assert len(rows(site)) < 2_000
    assert numbers(found(site, days=500).total) == plain


def test_counts_are_of_every_choice() -> None:
    """A category is allowed only where all its services are, and withdrawals are no answers."""
    site = reporting()
    for choice in (("accept",), ("reject",), ("save", "films")):
        visitor = site.visitor()
        for _ in range(5):
            visitor = site.visitor()
            visitor.choose(*choice)
    visitor.choose("withdraw")

    total = found(site).total
    assert total["answer"] == {"accepted": 5, "refused": 5, "mixed": 5}
    assert total["kind"] == {"given": 10, "refused": 5, "withdrawn": 1}
    assert (total["allowed"]["films"], total["answered"]["films"]) == (10, 15)
    assert (total["allowed"]["third_party"], total["answered"]["third_party"]) == (5, 15)
    assert (total["allowed"]["language"], total["answered"]["language"]) == (5, 15)


def test_late_events_are_counted(tmp_path: Path) -> None:
    """Events that waited on disk for weeks are counted on the day on which they came; what has gone stays in counts."""
    uri, folder = f"sqlite:///{tmp_path}/log.db", str(tmp_path / "spool")
    site = make_site(uri=uri, tables=False, COOKIECONSENT_SPOOL_FOLDER=folder)
    for _ in range(7):
        site.visitor().choose("reject")
    site.clock.forward(days=20)
    came = site.clock().date()
    for command in ("init-db", "replay"):
        run(site, command)
    site.clock.forward(days=2)
    run(site, "seal")

    with site.app.app_context():
        days = daily_counts(site).summary(site.app.name, came - timedelta(days=30), came).days
        assert {day: counters["kind"]["refused"] for day, counters in days.items()} == {came: 7}
        with site.db.engine.begin() as connection:
            connection.execute(sa.delete(event_model(site.db).__table__))
    run(site, "seal")
    assert found(site).total["kind"].total() == 7


def test_too_many_uncounted_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report never counts for minutes: it leaves the newest days out, and says how to have them."""
    site = busy(count=300, days=10)
    monkeypatch.setattr("flask_cookieconsent.log.daily_counts.MOST_UNCOUNTED", 299)

    assert not found(site).is_whole
    page = site.visitor().get("/cookies/report")
    assert "flask cookieconsent seal" in soup_of(page).select_one("[role=alert]").text  # type: ignore[union-attr]
    assert "not counted yet" in run(site, "stats")
    run(site, "seal")
    assert found(site).is_whole
    assert soup_of(site.visitor().get("/cookies/report")).select_one("[role=alert]") is None


def test_days_are_counted_once() -> None:
    """Whoever comes second finds the same numbers there, and harms nothing."""
    site = busy(count=300, days=10)
    table = daily_counts(site).tables.counts.table
    counted = []
    for _ in range(2):
        run(site, "seal")
        with site.app.app_context():
            counted.append([tuple(row) for row in site.db.session.execute(sa.select(table))])

    assert counted[0] == counted[1]
    assert len(counted[0]) == 8


def test_other_sites_are_not_counted() -> None:
    """Two sites with one log have a report each."""
    site = busy(count=300, days=10)
    counts = daily_counts(site)
    with site.app.app_context():
        since, until = state(site.app).today - timedelta(days=30), state(site.app).today
        assert counts.summary("another", since, until).total["kind"].total() == 0
        assert {scope for _, scope, _ in counts.tallies(since, until)} == {site.app.name}


# -- what is told ------------------------------------------------------------------------------------------------------

_DAYS = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    st.fixed_dictionaries({name: st.integers(0, 12) for name in ("accepted", "refused", "mixed")}),
)


def summary_of(days: dict[date, dict[str, int]], since: date, until: date) -> Summary:
    """Return what is told of some days, where all answers are about one service."""
    weeks = whole_weeks(since, until, date(2026, 3, 1))
    tallies = {
        day: {
            "answer": Counter(answers),
            "allowed": Counter(films=answers["accepted"]),
            "answered": Counter(films=answers["accepted"] + answers["refused"]),
        }
        for day, answers in days.items()
        if weeks[0] <= day <= weeks[1]
    }
    return rounded(Summary(since=weeks[0], until=weeks[1], days=tallies))


@given(_DAYS)
def test_counts_are_rounded(days: dict[date, dict[str, int]]) -> None:
    """F6: what is told is near what there was, and never how many a few were, whatever one works out of it."""
    told = summary_of(days, date(2026, 1, 1), date(2026, 3, 1))

    for monday, counters in told.days.items():
        assert monday.weekday() == 0
        week = [answers for day, answers in days.items() if 0 <= (day - monday).days < 7]
        for name in ("accepted", "refused", "mixed"):
            count = counters["answer"][name]
            assert count % BASE == 0 and abs(count - sum(each[name] for each in week)) <= 2
        assert (counters["answered"] - counters["allowed"])["films"] % BASE == 0
        assert counters["allowed"]["films"] <= counters["answered"]["films"]


@given(_DAYS, st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 1)), min_size=3, max_size=3).map(sorted))
def test_ranges_cannot_be_subtracted(days: dict[date, dict[str, int]], three: list[date]) -> None:
    """F6: what a longer range tells is what its weeks tell: the rest of it without a shorter one is told anyway."""
    since, middle, until = three
    longer, shorter = summary_of(days, since, until), summary_of(days, since, middle)
    rest = {monday: counters for monday, counters in longer.days.items() if monday not in shorter.days}

    assert {monday: counters for monday, counters in longer.days.items() if monday in shorter.days} == shorter.days
    for name in ("accepted", "refused", "mixed"):
        difference = longer.total["answer"][name] - shorter.total["answer"][name]
        assert difference == sum(each["answer"][name] for each in rest.values())
        assert difference % BASE == 0


def test_ranges_cannot_be_subtracted_twin() -> None:
    """Counts of days that are only hidden where they are few are told by the sum of two days and of one of them."""
    days = {date(2026, 1, 5): {"accepted": 9}, date(2026, 1, 6): {"accepted": 1}}

    assert sum(each["accepted"] for each in days.values()) - days[date(2026, 1, 5)]["accepted"] == 1


def test_one_day_is_a_week() -> None:
    """F6: whoever asks for one day is told of its week, so that the day after tells no more."""
    site = reporting()
    site.clock.forward(days=-1)  # a Sunday
    for choice in ["accept"] * 8 + ["reject"] * 7:
        site.visitor().choose(choice)
    site.clock.forward(days=-1)
    for choice in ["accept"] * 1 + ["reject"] * 6:
        site.visitor().choose(choice)
    site.clock.forward(days=2)
    files = [
        site.visitor().get(f"/cookies/report.csv?since={since}&until={until}").text
        for since, until in (("2026-11-22", "2026-11-22"), ("2026-11-21", "2026-11-22"), ("2026-11-16", "2026-11-21"))
    ]

    assert files[0] == files[1] == files[2]
    assert "2026-11-16,accepted,10," in files[0] and "2026-11-16,refused,15," in files[0]


@pytest.mark.parametrize(
    ("part", "whole", "told_"), [(0, 0, None), (0, 20, None), (20, 20, None), (0, 25, 0.0), (25, 25, 1.0), (5, 50, 0.1)]
)
def test_shares(part: int, whole: int, told_: float | None) -> None:
    """F6: a share is told of no small group: rounding would say more than visitors."""
    assert ratio(part, whole) == told_


def test_few_choices_are_seen_nowhere() -> None:
    """F6: three visitors leave no number on the page, and none of theirs in the file and in the terminal."""
    site = reporting()
    for choice in (("accept",), ("reject",), ("save", "films")):
        site.visitor().choose(*choice)

    page = soup_of(site.visitor().get("/cookies/report"))
    assert "Too few to tell" in page.select_one(".fcc-report").text  # type: ignore[union-attr]
    assert page.select(".fcc-report td") == []
    lines = list(csv.DictReader(io.StringIO(site.visitor().get("/cookies/report.csv").text)))
    assert {line["count"] for line in lines} <= {"0", "5"}
    assert not re.search(r" [1-4]$", run(site, "stats"), re.MULTILINE)


# -- the page ----------------------------------------------------------------------------------------------------------


def test_file_says_what_the_page_says() -> None:
    """What can be downloaded is what is seen, the shares of the services too."""
    site = busy()
    page = soup_of(site.visitor().get("/cookies/report"))
    lines = list(csv.DictReader(io.StringIO(site.visitor().get("/cookies/report.csv").text)))

    of = {(line["what"], line["name"]): line for line in lines}
    shown = [[cell.text.split() for cell in row.select("th, td")] for row in page.select(".fcc-allowed tbody tr")]
    assert [[f"{int(of['allowed', id]['count']):,}"] for id in ("language", "arrival", "counter", "third_party")] == [
        row[1] for row in shown[:4]
    ]
    answers = [row.select_one("td").text for row in page.select("table:has(> caption) tbody tr")[:3]]  # type: ignore[union-attr]
    assert answers == [f"{int(of['answer', each]['count']):,}" for each in ANSWERS]
    bars = page.select("svg.fcc-chart g")
    assert len(bars) == 6 == len([line for line in lines if line["what"][:2] == "20"]) / 3


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", "2026-10-19", "2026-11-23"),
        ("since=2026-11-01&until=2026-11-02", "2026-10-26", "2026-11-08"),
        ("since=2026-11-02&until=2026-11-01", "2026-10-26", "2026-11-08"),
        ("since=yesterday&until=%00", "2026-10-19", "2026-11-23"),
        ("since=0001-01-01&until=2026-11-01", "2016-10-24", "2026-11-01"),
        ("until=0001-01-02", "0001-01-01", "0001-01-07"),
        ("since=9999-12-31&until=9999-12-31", "2026-11-23", "2026-11-23"),
    ],
)
def test_days_of_a_report(query: str, first: str, last: str) -> None:
    """Weeks of days in any order, about ten years of them, no day that is to come; what is no day is not heeded."""
    page = reporting().visitor().get("/cookies/report?" + query)

    assert page.status_code == 200
    assert [each["value"] for each in soup_of(page).select("input[type=date]")] == [first, last]


def test_long_reports_are_by_month() -> None:
    site = busy(count=3_000, days=200)
    page = soup_of(site.visitor().get("/cookies/report?since=2026-05-04&until=2026-11-23"))

    assert [bar.title.text for bar in page.select("svg g")] == [  # type: ignore[union-attr]
        f"{month} 2026" for month in ("May", "June", "July", "August", "September", "October", "November")
    ]


def test_report_is_in_the_language_of_the_page() -> None:
    site = busy(count=300)
    site.app.config["BABEL_DEFAULT_LOCALE"] = "de"
    from flask_babel import Babel

    Babel(site.app)
    assert "Einwilligung" in soup_of(site.visitor().get("/cookies/report")).h1.text  # type: ignore[union-attr]


def state_of(site: Site) -> list[tuple[str, bool]]:
    """Return what the page says of the log, and whether it calls for somebody."""
    items = soup_of(site.visitor().get("/cookies/report")).select(".fcc-log li")
    return [(" ".join(each.get_text().split()), "fcc-wrong" in each.get("class", [])) for each in items]


def test_state_of_the_log() -> None:
    """F4, F5: the page says how far the log is sealed, what its last verification found, and what waits on disk."""
    site = busy(count=300, days=10)
    assert state_of(site) == [
        ("No day is sealed yet.", False),
        ("Finished days without a seal: 8. Run “flask cookieconsent seal” once a day.", True),
        ("Never verified. Run “flask cookieconsent verify” once a day.", True),
        ("Events waiting on the disk of this server: 0.", False),
    ]
    run(site, "seal")
    run(site, "verify")
    assert state_of(site) == [
        ("Sealed until November 21, 2026.", False),
        ("Last verification: November 23, 2026. Mistakes found: 0.", False),
        ("Events waiting on the disk of this server: 0.", False),
    ]

    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.recorded_on == date(2026, 11, 20)))
    run(site, "verify")
    assert ("Last verification: November 23, 2026. Mistakes found: 2.", True) in state_of(site)


def test_waiting_events(tmp_path: Path) -> None:
    """F5: whoever looks at the report learns that the database was away, and that somebody has to look at the disk."""
    site = reporting(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path))
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.bad").write_text("{}")

    assert [each for each in state_of(site) if "disk" in each[0]] == [
        ("Events waiting on the disk of this server: 1. The database was away.", True),
        ("Events put aside on the disk of this server: 1. “flask cookieconsent doctor” says what to do.", True),
    ]


def test_statistics_command() -> None:
    """The same numbers without a browser."""
    site = busy()
    lines = run(site, "stats", "--days", "30").splitlines()
    file = site.visitor().get("/cookies/report.csv").text
    (given,) = [line["count"] for line in csv.DictReader(io.StringIO(file)) if line["name"] == "given"]

    assert f"kind            given            {given}" in lines
    assert abs(int(given) - expected(site)["kind"]["given"]) < 150
    assert any(line.startswith("allowed         films            ") and "% of " in line for line in lines)
    assert {line.split()[0] for line in run(reporting(), "stats").splitlines()} == {"log"}
