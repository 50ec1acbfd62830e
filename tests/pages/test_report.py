"""The owner's report: the right numbers, none that tells on few, and only for whom the site lets see it (F6, F7)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.log.daily_counts import DailyCounts
from flask_cookieconsent.log.models import Tables, event_model
from flask_cookieconsent.log.statistics import ANSWERS, SMALLEST_GROUP, ratio, suppress_small_groups, tally
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
    return DailyCounts(Tables.of(site.db), state(site.app).registry.optional_by_category)


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
    plain = numbers(expected(site))

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
        for _ in range(SMALLEST_GROUP):
            visitor = site.visitor()
            visitor.choose(*choice)
    visitor.choose("withdraw")

    total = found(site).total
    assert total["answer"] == {"accepted": 5, "refused": 5, "mixed": 5}
    assert total["kind"] == {"given": 10, "refused": 5, "withdrawn": 1}
    assert (total["allowed"]["films"], total["answered"]["films"]) == (10, 15)
    assert (total["allowed"]["third_party"], total["answered"]["third_party"]) == (5, 15)
    assert (total["allowed"]["language"], total["answered"]["language"]) == (5, 15)


def test_late_events_are_counted() -> None:
    """Events that waited on disk for weeks are in the counts at the next count; what was erased stays in them."""
    site = busy(count=400, days=20)
    site.clock.forward(days=3)
    run(site, "seal")
    before = found(site).total["kind"].total()
    fill(site, 7, state(site.app).today - timedelta(days=10), 1)
    assert found(site).total["kind"].total() == before

    run(site, "seal")
    assert found(site).total["kind"].total() == before + 7
    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.delete(table))
    run(site, "seal")
    assert found(site).total["kind"].total() == before + 7


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


def test_two_servers_count_at_once() -> None:
    """Whoever comes second finds the same numbers there, and harms nothing."""
    site = busy(count=300, days=10)
    counts = daily_counts(site)
    with site.app.app_context():
        counts.count_days(site.clock())
        once = [tuple(row) for row in site.db.session.execute(sa.select(counts.tables.counts.table))]
        counts.count_days(site.clock())
        assert [tuple(row) for row in site.db.session.execute(sa.select(counts.tables.counts.table))] == once
    assert len(once) == 8


def test_other_sites_are_not_counted() -> None:
    """Two sites with one log have a report each."""
    site = busy(count=300, days=10)
    counts = daily_counts(site)
    with site.app.app_context():
        since, until = state(site.app).today - timedelta(days=30), state(site.app).today
        assert counts.summary("another", since, until).total["kind"].total() == 0
        assert {scope for _, scope, _ in counts.tallies(since, until)} == {site.app.name}


# -- small groups ------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30)))
def test_small_groups_are_suppressed(counts: dict[str, int]) -> None:
    """F6: no count below the bound is told, and none follows from the others and their sum."""
    shown = suppress_small_groups(counts)
    hidden = [name for name, count in shown.items() if count is None]

    assert all(counts[name] == 0 or counts[name] >= SMALLEST_GROUP for name in shown if name not in hidden)
    assert len(hidden) != 1 or not [name for name in counts if counts[name] and name not in hidden]
    assert bool(hidden) == any(0 < count < SMALLEST_GROUP for count in counts.values())


def test_small_groups_are_suppressed_twin() -> None:
    """A page that only leaves the small number out tells it all the same, as the rest of the sum."""
    counts = {"a": 20, "b": 9, "c": 2}
    careless = {name: None if 0 < count < SMALLEST_GROUP else count for name, count in counts.items()}

    assert sum(counts.values()) - sum(count for count in careless.values() if count) == counts["c"]
    assert [name for name, count in suppress_small_groups(counts).items() if count is None] == ["b", "c"]


@pytest.mark.parametrize(
    ("part", "whole", "told_"),
    [(0, 0, None), (0, 4, None), (0, 5, 0.0), (5, 5, 1.0), (4, 100, None), (96, 100, None), (5, 10, 0.5)],
)
def test_shares(part: int, whole: int, told_: float | None) -> None:
    """F6: neither those who allowed nor those who refused are told where they are few."""
    assert ratio(part, whole) == told_


def test_few_choices_are_seen_nowhere() -> None:
    """F6: three visitors leave three hints on the page and in the file, and no number."""
    site = reporting()
    for choice in (("accept",), ("reject",), ("save", "films")):
        site.visitor().choose(*choice)

    page = soup_of(site.visitor().get("/cookies/report"))
    cells = [cell.text.strip() for cell in page.select(".fcc-report td")]
    assert "Fewer than 5" in cells
    assert not [cell for cell in cells if cell in {"1", "2", "3", "4", "33%", "67%"}]
    assert not [
        row for row in csv.DictReader(io.StringIO(site.visitor().get("/cookies/report.csv").text))
        if row["count"] in {"1", "2", "3", "4"}
    ]  # fmt: skip


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
    assert len(bars) == 30 == len([line for line in lines if line["what"][:2] == "20"]) / 3


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", "2026-10-25", "2026-11-23"),
        ("since=2026-11-01&until=2026-11-02", "2026-11-01", "2026-11-02"),
        ("since=2026-11-02&until=2026-11-01", "2026-11-01", "2026-11-02"),
        ("since=yesterday&until=%00", "2026-10-25", "2026-11-23"),
        ("since=0001-01-01&until=2026-11-01", "2016-10-24", "2026-11-01"),
        ("until=0001-01-02", "0001-01-01", "0001-01-02"),
        ("since=9999-12-31&until=9999-12-31", "2026-11-23", "2026-11-23"),
    ],
)
def test_days_of_a_report(query: str, first: str, last: str) -> None:
    """Days in any order, at most ten years of them, none that is still to come; what is no day is not heeded."""
    page = reporting().visitor().get("/cookies/report?" + query)

    assert page.status_code == 200
    assert [each["value"] for each in soup_of(page).select("input[type=date]")] == [first, last]


def test_long_reports_are_by_month() -> None:
    site = busy(count=3_000, days=200)
    page = soup_of(site.visitor().get("/cookies/report?since=2026-05-01&until=2026-11-23"))

    assert [bar.title.text for bar in page.select("svg g")] == [  # type: ignore[union-attr]
        f"{month} 2026" for month in ("May", "June", "July", "August", "September", "October", "November")
    ]


def test_report_is_in_the_language_of_the_page() -> None:
    site = busy(count=300)
    site.app.config["BABEL_DEFAULT_LOCALE"] = "de"
    from flask_babel import Babel

    Babel(site.app)
    assert "Einwilligung" in soup_of(site.visitor().get("/cookies/report")).h1.text  # type: ignore[union-attr]


def test_state_of_the_log() -> None:
    """F4, F5: the page says how far the log is sealed, what was taken away since, and what waits on disk."""
    site = busy(count=300, days=10)
    assert "No day is sealed yet" in site.visitor().get("/cookies/report").text
    run(site, "seal")
    whole = site.visitor().get("/cookies/report").text
    assert "That day is as it was sealed" in whole
    assert "Finished days without a seal" not in whole

    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        newest = sa.select(sa.func.max(table.c.id)).where(table.c.time < date(2026, 11, 22))
        id = connection.scalar(newest)
        connection.execute(sa.delete(table).where(table.c.id == id))
    assert f"event {id}: taken away" in site.visitor().get("/cookies/report").text


def test_waiting_events(tmp_path: Any) -> None:
    """F5: whoever looks at the report learns that the database was away."""
    site = reporting(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path))
    (tmp_path / "a.json").write_text("{}")

    page = site.visitor().get("/cookies/report").text
    assert "1 of at most 10,000" in page
    assert "The database was away." in page


def test_statistics_command() -> None:
    """The same numbers without a browser."""
    site = busy()
    lines = run(site, "stats", "--days", "40").splitlines()
    plain = expected(site)

    assert f"kind            given            {plain['kind']['given']}" in lines
    assert any(line.startswith("allowed         films            ") and "% of " in line for line in lines)
    assert run(reporting(), "stats") == "signal          off              0\n" or run(reporting(), "stats") == ""
