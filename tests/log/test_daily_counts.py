"""Daily counts are signed, whoever writes them at once, and what somebody else has changed is named (F4, F6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.log.daily_counts import DailyCounts
from flask_cookieconsent.log.models import count_model, event_model
from flask_cookieconsent.log.tables import Tables
from tests.kit.sites import NOON, OPTIONAL, Site, make_site
from tests.kit.tampering import SEALED, behind, four_days

DAY = NOON.date()


def daily_counts(site: Site) -> DailyCounts:
    return DailyCounts(Tables.of(site.db), OPTIONAL, site.factory.keys)


def verify(site: Site) -> list[str]:
    with site.app.app_context():
        return list(site.log.verify())


def counting(uri: str = "sqlite://") -> Site:
    """Return a site with counts of both kinds for one day."""
    site = make_site(uri=uri)
    site.visitor().choose("accept")
    with site.app.app_context():
        daily_counts(site).add_unwritten(DAY, site.factory.scope, {"kind": Counter(refused=3)})
    site.clock.forward(days=3)
    with site.app.app_context():
        site.log.seal()
    assert verify(site) == []
    return site


NOT_SEALED = f"counts of {DAY}: not those that were sealed"


def tamper(site: Site, **values: Any) -> None:
    table = count_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.source == "unwritten").values(values))


@pytest.mark.parametrize(
    "values",
    [
        {"counts": {"kind": {"refused": 4}}},
        {"counts": {}},
        {"day": DAY.replace(day=1)},
        {"scope": "other"},
        {"source": "other"},
        {"mac": "0" * 64},
        {"mac": "é"},
        {"mac": ""},
    ],
)
def test_changed_counts_are_named(uri: str, values: dict[str, Any]) -> None:
    """F4: one value changed, and the day is named; the others are not."""
    site = counting(uri)

    tamper(site, **values)

    day, source = values.get("day", DAY), values.get("source", "unwritten")
    sentence = f"counts of {day} ({source}): changed, or put in by somebody without the key"
    # The seal holds the signatures of its day.
    assert verify(site) == [sentence, NOT_SEALED][: 1 + bool({"mac", "day"} & {*values})]
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "verify"]).exit_code == 1


@pytest.mark.parametrize("text", ["not json", "[" * 100_000, "7", '"\\ud800"', ""])
def test_counts_that_nobody_can_read(text: str) -> None:
    """What somebody put there never ends the check before it has named the row, and those after it."""
    site = counting()
    table = count_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table.name} SET counts = :text"), {"text": text})

    assert len(verify(site)) == 3, "those of both kinds, and the outcome of the verification before"


@pytest.mark.parametrize("source", ["written", "unwritten"])
def test_counts_that_are_taken_away(source: str, uri: str) -> None:
    """F4, F6: counts outlive their events, so that the seal of their day holds them too."""
    site = counting(uri)
    table = count_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.source == source))

    assert verify(site) == [NOT_SEALED]


def test_counts_that_are_put_in(uri: str) -> None:
    """F4: nor does a sealed day take more of them, though the key of this site has signed them, for another name."""
    site = counting(uri)
    table = count_model(site.db).__table__
    row = {"day": DAY, "scope": "staging", "source": "written", "counts": {"kind": {"given": 900}}}
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.insert(table), site.factory.keys.with_mac(row))

    assert verify(site) == [NOT_SEALED]


def test_counts_are_written_with_the_seal(uri: str) -> None:
    """F6: a finished day is counted once, by the day on which its rows were recorded, and never again."""
    site = counting(uri)
    with site.app.app_context():
        before = site.log.summary(DAY, DAY).total
        table = event_model(site.db).__table__
        with site.db.engine.begin() as connection:
            connection.execute(sa.delete(table))
        site.log.seal()
        assert site.log.summary(DAY, DAY).total == before
    assert before["kind"] == {"given": 1, "refused": 3}
    assert rows(site) == {"written": 1, "unwritten": 1, "verified": 1}


def test_changed_counts_are_not_made_right() -> None:
    """Later events are added to a row that somebody has changed, and it still says so."""
    site = make_site()
    site.visitor().choose("accept")
    with site.app.app_context():
        daily_counts(site).add_unwritten(DAY, site.factory.scope, {"kind": Counter(refused=3)})
    tamper(site, counts={"kind": {"refused": 900}})

    with site.app.app_context():
        daily_counts(site).add_unwritten(DAY, site.factory.scope, {"kind": Counter(refused=1)})
        assert site.log.summary(DAY, DAY).total["kind"] == {"given": 1, "refused": 901}

    assert len(verify(site)) == 1


def rows(site: Site) -> Counter[str]:
    table = count_model(site.db).__table__
    with site.app.app_context(), site.db.engine.connect() as connection:
        return Counter(connection.scalars(sa.select(table.c.source)))


def at_once(site: Site, work: Callable[[], Any]) -> None:
    def run(_: int) -> None:
        with site.app.app_context():
            work()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(40)))
    with site.app.app_context():
        site.db.engine.dispose()


def test_many_count_at_once(uri: str) -> None:
    """Workers that write the same row lose no count of each other's, and sign what is there."""
    site = make_site(uri=uri)

    at_once(site, lambda: daily_counts(site).add_unwritten(DAY, site.factory.scope, {"kind": Counter(refused=1)}))

    with site.app.app_context():
        assert site.log.summary(DAY, DAY).total["kind"] == {"refused": 40}
    assert rows(site) == {"unwritten": 1} and verify(site) == []


def test_many_seal_at_once(uri: str) -> None:
    """Servers that count the same finished days find them counted once."""
    site = make_site(uri=uri)
    site.visitor().choose("accept")
    site.clock.forward(days=4)

    at_once(site, site.log.seal)

    with site.app.app_context():
        assert site.log.summary(DAY, DAY).total["kind"] == {"given": 1}
    assert rows(site) == {"written": 1} and verify(site) == []


@pytest.mark.parametrize("counts", ["[1]", "5", '{"kind": 5}', '{"kind": {"given": "x"}}', "null"])
def test_counts_that_are_none_end_no_report(counts: str) -> None:
    """F6: what somebody has written there is left out, and `verify` names it."""
    site = four_days()
    behind(
        site,
        lambda connection, tables: connection.execute(sa.text(f"UPDATE cookieconsent_count SET counts = '{counts}'")),
    )

    with site.app.app_context():
        assert site.log.summary(SEALED[0], SEALED[-1]).total["kind"] == {}
        assert len(list(site.log.verify())) >= len(SEALED)


def test_counts_beyond_the_limit_are_in_no_sealed_day() -> None:
    """F4, F6: whoever seals with a clock that is ahead leaves other servers another day to count on."""
    site = four_days(COOKIECONSENT_LOG_SCOPE="shop")
    with site.app.app_context():
        site.log._counts.add_unwritten(SEALED[0], "shop", {"kind": Counter(refused=2)})
        assert site.log.summary(SEALED[-1] + timedelta(days=1), site.clock().date()).total["kind"]["refused"] == 3
        assert list(site.log.verify()) == []
