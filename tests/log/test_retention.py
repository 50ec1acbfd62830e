"""Old events leave the log, the rest stays, and what is exported is what is there (F6, F7)."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.log import retention
from flask_cookieconsent.log.events import Event, EventDraft, receipt_digest
from flask_cookieconsent.log.models import count_model, event_model, seal_model
from tests.kit.events import fill
from tests.kit.sites import NOON, Clock, Site, make_app, make_site
from tests.kit.tampering import WHOLE, rows_of


def run(site: Site, *args: str) -> Any:
    return site.app.test_cli_runner().invoke(args=["cookieconsent", *args])


def filled(uri: str = "sqlite://", **config: Any) -> Site:
    """Return a site with two grants, one withdrawal and one refusal a day, on three days, 300 days apart."""
    clock = Clock()
    site = make_site(clock=clock, uri=uri, **config)
    for _ in range(3):
        visitor = site.visitor()
        visitor.choose("accept")
        visitor.choose("withdraw")
        site.visitor().choose("save", "films", locale="en")
        site.visitor().choose("reject")
        clock.forward(days=300)
    return site


def kinds(site: Site) -> Counter[str]:
    return Counter(each.kind for each in site.events())


def counts(site: Site) -> dict[str, Any]:
    table = count_model(site.db).__table__
    with site.app.app_context(), site.db.engine.connect() as connection:
        return {str(row.day): row.counts for row in connection.execute(sa.select(table))}


def test_purge_keeps_what_the_settings_keep(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    """F6: refusals go after thirteen months, grants long after; days are counted, and the seals know."""
    monkeypatch.setattr("flask_cookieconsent.log.retention.BATCH", 2)
    site = filled(uri, COOKIECONSENT_GRANT_RETENTION=700)
    assert kinds(site) == {"given": 6, "withdrawn": 3, "refused": 3}

    assert run(site, "purge").output == "Events taken out of the log: 5.\n"

    assert kinds(site) == {"given": 4, "withdrawn": 2, "refused": 1}
    assert counts(site)["2026-11-23"]["kind"] == {"given": 2, "withdrawn": 1, "refused": 1}
    assert len(counts(site)) == 3
    assert run(site, "verify").output.endswith(WHOLE)
    assert run(site, "purge").output == "Events taken out of the log: 0.\n"


def test_purge_twin() -> None:
    """F6: by default nothing is old enough but the first refusals, and nothing is kept for ever."""
    site = filled()
    run(site, "purge")
    assert kinds(site) == {"given": 6, "withdrawn": 3, "refused": 1}
    site.clock.forward(days=4_000)
    run(site, "purge")
    assert kinds(site) == {}


def test_purge_seals_first(uri: str) -> None:
    """F4, F6: nothing goes before its day is sealed and counted, so that the log can tell what went."""
    site = filled(uri)
    assert rows_of(site, "seals") == []

    run(site, "purge")

    seals = rows_of(site, "seals")
    assert [(row["refusals"], row["others"], row["refusals_purged"], row["others_purged"]) for row in seals] == [
        *((1, 3, "done", "no"),) * 2,
        (1, 3, "no", "no"),
    ]
    assert run(site, "verify").output.endswith(WHOLE)


def test_purge_that_was_killed_goes_on(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    """F4, F6: after each step the log is whole, and the next purge does the rest."""
    monkeypatch.setattr(retention, "BATCH", 1)
    site = filled(uri, COOKIECONSENT_GRANT_RETENTION=700)
    delete, left = retention._delete_some, [0]

    def killed(tables: Any, ids: list[str], connection: sa.Connection) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return delete(tables, ids, connection)

    monkeypatch.setattr(retention, "_delete_some", killed)
    states = []
    for steps in (0, 1, 1, 2):
        left[0] = steps
        with site.app.app_context(), pytest.raises(KeyboardInterrupt):
            site.log.purge()
        states.append([(row["refusals_purged"], row["others_purged"]) for row in rows_of(site, "seals")])
        assert run(site, "verify").output.endswith(WHOLE)
        assert run(site, "verify", "--whole").output.endswith(WHOLE)
    assert states == [
        [("begun", "no"), ("no", "no"), ("no", "no")],
        [("done", "no"), ("begun", "no"), ("no", "no")],
        [("done", "begun"), ("done", "no"), ("no", "no")],
        [("done", "begun"), ("done", "no"), ("no", "no")],
    ]

    monkeypatch.setattr(retention, "_delete_some", delete)
    assert run(site, "purge").output == "Events taken out of the log: 1.\n"

    assert kinds(site) == {"given": 4, "withdrawn": 2, "refused": 1}
    assert run(site, "verify").output.endswith(WHOLE)


def statements_of(site: Site) -> list[str]:
    """Return a list to which every statement of a site is added from now on."""
    said: list[str] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    return said


def test_purge_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """F6: a day costs one look at its rows, and a statement for each batch, whatever is beside it."""
    monkeypatch.setattr(retention, "BATCH", 10)
    counts = {}
    for count in (200, 800):
        site = make_site(clock=Clock(), COOKIECONSENT_REFUSAL_RETENTION=200)
        fill(site, count, NOON.date(), 10)
        site.clock.forward(days=300)
        run(site, "seal")
        refused = kinds(site)["refused"]
        said = statements_of(site)
        assert run(site, "purge").output == f"Events taken out of the log: {refused}.\n"
        counts[count] = Counter(each.split()[0] for each in said)
        assert counts[count]["DELETE"] <= refused // 10 + 10

    assert counts[200]["SELECT"] == counts[800]["SELECT"], "rows are looked at once a day, not once a batch"


def test_purge_of_nothing_deletes_nothing() -> None:
    """F6: where nothing is old enough any more the seals say so, and no row is looked at."""
    site = filled()
    run(site, "purge")
    said = statements_of(site)

    assert run(site, "purge").output == "Events taken out of the log: 0.\n"
    assert not [each for each in said if each.startswith(("DELETE", "UPDATE")) or "cookieconsent_event.id" in each]


def test_pretended_purge_is_found() -> None:
    """F4: a row that somebody else took away is not excused by the purge of others."""
    site = filled()
    run(site, "purge")
    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        id = connection.scalar(sa.select(table.c.id).order_by(table.c.id).limit(1))
        connection.execute(sa.delete(table).where(table.c.id == id))

    assert "events of 2026-11-23: 1 taken away after the day was sealed\n" in run(site, "verify").output


def test_forged_note_takes_nothing_out() -> None:
    """F4: `purge --again` takes out what bearers have erased, and not what somebody else has written on a seal."""
    site = filled()
    run(site, "seal")
    event = rows_of(site)[-1]
    table = seal_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.update(table).values(erased=bytes.fromhex(event["id"])))

    run(site, "purge", "--again")

    assert event["id"] in {row["id"] for row in rows_of(site)}


@pytest.mark.parametrize(
    ("args", "count"),
    [
        ((), 12),
        (("--kind", "given"), 6),
        (("--since", "2027-01-01"), 8),
        (("--until", "2026-11-23"), 4),
        (("--since", "2026-11-23", "--until", "2026-11-23", "--kind", "refused"), 1),
        (("--since", "2040-01-01"), 0),
    ],
)
def test_export(args: tuple[str, ...], count: int) -> None:
    """F7: both forms hold the same events, of the days and the kind that were asked for."""
    site = filled()

    lines = [json.loads(line) for line in run(site, "export", *args).output.splitlines()]
    rows = list(csv.DictReader(io.StringIO(run(site, "export", "--format", "csv", *args).output)))

    assert len(lines) == len(rows) == count
    assert [each["id"] for each in lines] == [each["id"] for each in rows]
    assert [each["choices"] for each in lines] == [json.loads(each["choices"]) for each in rows]
    assert all(each["time"].endswith("Z") for each in lines)


def test_erasing_takes_the_whole_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """F7: the bearer is shown the newest events of a very long history, and all of them are erased."""
    monkeypatch.setattr("flask_cookieconsent.log.database.LONGEST_HISTORY", 2)
    site = make_site(clock=Clock())
    visitor = site.visitor()
    for number in range(5):
        visitor.choose("save", "films", *(["posts"] if number % 2 else []))
        site.clock.forward(minutes=1)

    with site.app.app_context():
        shown = site.log.receipt(visitor.receipt or "")
        newest = site.log.newest(2)
    visitor.choose("erase")

    assert list(shown) == newest
    assert kinds(site) == {"erased": 1}


def chained(site: Site, count: int, receipt: str = "r") -> list[Event]:
    """Write a chain of events, a minute apart, each with a receipt of its own, and return them, newest first."""
    factory, chain = site.factory, []
    for number in range(count):
        last = number == count - 1
        draft = EventDraft(kind=Kind.GIVEN, method="banner", receipt=receipt if last else f"{receipt} {number}")
        previous = chain[-1].receipt if chain else None
        chain.append(factory.signed(replace(factory.event(draft), previous_receipt=previous)))
        site.clock.forward(minutes=1)
    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.insert(table), [event.row for event in chain])
    return chain[::-1]


def test_long_chain(uri: str) -> None:
    """F7: a history of any length is read with one query, the newest of it, and is erased with a few, all of it."""
    # Without its statistics a server may look at every row for each link.
    site = make_site(uri=uri, COOKIECONSENT_DATABASE_TIMEOUT=60)
    chain, other = chained(site, 2_600), chained(site, 3, "other")
    site.clock.forward(days=9)
    run(site, "seal")
    statements: list[str] = []

    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert [event.id for event in site.log.receipt("r")] == [event.id for event in chain[:200]]
        assert len([each for each in statements if "cookieconsent_event" in each]) == 1
        statements.clear()
        assert site.log.erase("r") == 2_600
        assert len([each for each in statements if "cookieconsent_" in each]) < 40
    assert [event.id for event in site.events() if event.kind == "given"] == [event.id for event in other[::-1]]
    assert run(site, "verify").output.endswith(WHOLE)


def test_chain_that_somebody_has_closed(uri: str) -> None:
    """F7: events that lead in a circle, as nobody's but a stranger's do, end no request and are erased."""
    site = make_site(uri=uri)
    chain = chained(site, 5)
    table = event_model(site.db).__table__
    with site.app.app_context():
        with site.db.engine.begin() as connection:
            oldest = table.c.id == chain[-1].id
            connection.execute(sa.update(table).where(oldest).values(previous_receipt=chain[0].receipt))
        site.log.receipt("r")
        assert site.log.erase("r") == 5


def test_history_whose_beginning_is_gone() -> None:
    """F6, F7: a link to an event that retention has taken leads nowhere, and the rest is shown and erased."""
    site = make_site(clock=Clock())
    visitor = site.visitor()
    for granted in (["films"], ["films", "posts"], ["films", "posts", "language"]):
        visitor.choose("save", *granted)
        site.clock.forward(days=1)
    table = event_model(site.db).__table__
    oldest, *rest = site.events()
    receipt = visitor.receipt or ""
    with site.app.app_context():
        with site.db.engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.id == oldest.id))

        assert [event.id for event in site.log.receipt(receipt)] == [event.id for event in rest[::-1]]
        assert site.log.erase(receipt) == 2
    assert kinds(site) == {"erased": 1}


def test_link_to_what_waits_on_disk(tmp_path: Any) -> None:
    """F5, F7: a grant that waits on disk belongs to the record of its bearer, whose newer choice is in the database."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"))
    site = make_site(app=app, uri=f"sqlite:///{tmp_path}/log.db", clock=Clock())
    stranger, visitor = site.visitor(), site.visitor()
    table = event_model(site.db).__table__.name
    rename(site, table, "away")
    visitor.choose("save", "films")
    stranger.choose("save", "posts")
    rename(site, "away", table)
    with site.app.app_context():
        draft = EventDraft(kind=Kind.CHANGED, method="banner", receipt="new", previous_receipt=visitor.receipt)
        row = site.factory.signed(site.factory.event(draft)).row
        with site.db.engine.begin() as connection:
            connection.execute(sa.insert(event_model(site.db).__table__), row)

        assert site.log.erase("new") == 2
        assert site.log.replay() == 1

    assert kinds(site) == {"erased": 1, "given": 1}
    assert {event.receipt for event in site.events()} == {None, receipt_digest(stranger.receipt)}


def rename(site: Site, table: str, name: str) -> None:
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}"))
