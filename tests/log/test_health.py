"""The health of the log: what `flask cookieconsent doctor` finds, and that nothing which is wrong ends it (F4, F5)."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import ConsentEventMixin, CookieConsent
from flask_cookieconsent.log.health import (
    Finding,
    missing_parts,
    of_clock,
    of_disk,
    of_keys,
    of_scopes,
    of_seals,
    of_spool,
    of_tables,
    of_verification,
)
from flask_cookieconsent.log.models import Models
from flask_cookieconsent.log.statistics import Verified
from flask_cookieconsent.log.tables import LogTable, Tables
from tests.kit.events import fill
from tests.kit.sites import Clock, Site, make_app, make_site, services

DAY = date(2026, 11, 23)
MIB = 1 << 20
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def site_at(tmp_path: Path, uri: str = "", *, spool: str = "spool", **config: object) -> Site:
    folder = str(tmp_path / spool)
    return make_site(uri=uri or f"sqlite:///{tmp_path}/log.db", COOKIECONSENT_SPOOL_FOLDER=folder, **config)


def doctor(site: Site) -> Result:
    return site.app.test_cli_runner().invoke(args=["cookieconsent", "doctor"])


def levels(result: Result) -> dict[str, str]:
    """Return the worst level of each thing that was looked at."""
    found: dict[str, str] = {}
    for line in result.output.splitlines():
        level, about, *_ = line.split()
        found[about] = max(level, found.get(about, ""), key=("", "ok", "warning", "problem").index)
    return found


def brief(finding: Finding) -> tuple[str, str]:
    return finding.level.value, finding.sentence


def run(site: Site, *commands: str) -> None:
    for command in commands:
        site.app.test_cli_runner().invoke(args=["cookieconsent", command])


# -- the command -------------------------------------------------------------------------------------------------------


def test_healthy_log(tmp_path: Path) -> None:
    """One screen in which everything is well, and exit status 0."""
    site = site_at(tmp_path)
    fill(site, 40, DAY - timedelta(days=5), 6)
    run(site, "seal", "verify")

    result = doctor(site)

    assert (result.exit_code, set(levels(result).values())) == (0, {"ok"}), result.output
    assert set(levels(result)) == {
        *("database", "clock", "tables", "seals", "verification", "keys", "scope", "spool", "disk")
    }
    assert "sealed until 2026-11-21; finished days without a seal: 0" in result.output
    assert "the present key has signed the newest events and the newest seal" in result.output


def test_young_log(tmp_path: Path) -> None:
    """A log in which nobody has chosen yet has no problem."""
    result = doctor(site_at(tmp_path))

    assert result.exit_code == 0
    assert {about for about, level in levels(result).items() if level != "ok"} == {"verification"}


def test_log_without_tables(tmp_path: Path) -> None:
    """Each table that is not there is named, and what to do; what is in them is not asked."""
    result = doctor(site_at(tmp_path, tables=False))

    assert result.exit_code == 1
    assert levels(result) == {"database": "ok", "clock": "ok", "tables": "problem", "spool": "ok", "disk": "ok"}
    assert "table cookieconsent_event, table cookieconsent_notice" in result.output
    assert "run `flask cookieconsent init-db`" in result.output


def test_log_without_a_server(tmp_path: Path) -> None:
    """The disk is looked at all the same."""
    result = doctor(site_at(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/nothing", tables=False))

    assert result.exit_code == 1
    assert levels(result) == {"database": "problem", "spool": "ok", "disk": "ok"}
    assert "database unavailable (OperationalError: " in result.output


def test_configuration_without_a_database(tmp_path: Path) -> None:
    """What is no error of a database is a sentence all the same."""
    db = SQLAlchemy()
    folder = str(tmp_path / "spool")
    app = make_app(SQLALCHEMY_BINDS={"other": "sqlite://"}, COOKIECONSENT_SPOOL_FOLDER=folder)
    consent = CookieConsent(app, db=db, services=services())
    db.init_app(app)

    result = doctor(Site(app, consent, Clock(), db))

    assert result.exit_code == 1
    assert (
        "problem  database      the configuration names no database for the log, check SQLALCHEMY_BINDS"
        in result.output
    )


def test_database_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends in a sentence after the deadline, whatever the driver waits for."""
    monkeypatch.setattr(LogTable, "is_file", False)  # as on a server, in a thread
    site, released = site_at(tmp_path, COOKIECONSENT_DATABASE_TIMEOUT=0.1), threading.Event()
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *_: released.wait() and None)

    result = doctor(site)
    released.set()

    assert result.exit_code == 1
    assert "problem  database      database unavailable (DatabaseUnavailableError: it did not" in result.output
    assert levels(result) == {"database": "problem", "spool": "ok", "disk": "ok"}


def test_wrong_log(tmp_path: Path) -> None:
    """What is wrong with the log and its disk is all told at once."""
    site = site_at(tmp_path)
    fill(site, 40, DAY - timedelta(days=20), 20)
    run(site, "seal", "verify")
    fill(site, 40, DAY, 12)
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE cookieconsent_event SET mac = 'x'"))
        connection.execute(sa.text("UPDATE cookieconsent_count SET scope = 'another' WHERE day = '2026-11-10'"))
    site.clock.forward(days=12)
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o700)
    for name in ("a.json", "b.bad", "c.draft"):
        (folder / name).write_text("{}")

    result = doctor(site)

    assert result.exit_code == 1
    assert levels(result) == {
        **{"database": "ok", "clock": "ok", "tables": "ok", "seals": "problem", "verification": "warning"},
        **{"keys": "problem", "scope": "warning", "spool": "problem", "disk": "ok"},
    }
    for part in (
        *("finished days without a seal: 12", "last on 2026-11-23; events: 40, mistakes: 0", "events of 'another'"),
        *("20 of the newest 20 events", "files put aside: 1", "spool: 1;", "drafts: 1"),
    ):
        assert part in result.output


def test_rows_that_cannot_be_read(tmp_path: Path) -> None:
    """What somebody has written where no column of ours has it ends nothing."""
    site = site_at(tmp_path)
    fill(site, 5, DAY, 1)
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE cookieconsent_event SET time = 'noon', choices = 'x'"))

    assert "5 of the newest 5 events" in doctor(site).output


# -- the database ------------------------------------------------------------------------------------------------------


def parts(site: Site) -> tuple[list[str], list[str]]:
    with site.app.app_context():
        return missing_parts(Tables.of(site.db))


def test_parts_that_are_missing(uri: str, tmp_path: Path) -> None:
    """Tables, columns and indexes are looked for on every database; an index of another name will do."""
    site = site_at(tmp_path, uri)
    assert parts(site) == ([], [])

    with site.app.app_context():
        (index,) = [each for each in Models.of(site.db).Event.__table__.indexes if "recorded_on" in each.columns]
        with site.db.engine.begin() as connection:
            index.drop(connection)
    assert parts(site) == ([], ["index on cookieconsent_event (recorded_on)"])

    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text("CREATE INDEX mine ON cookieconsent_event (recorded_on, kind)"))
    assert parts(site) == ([], [])

    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE cookieconsent_seal DROP COLUMN refusals_hash"))
        connection.execute(sa.text("DROP TABLE cookieconsent_violation"))
    assert parts(site) == (["column cookieconsent_seal.refusals_hash", "table cookieconsent_violation"], [])


def test_columns_of_a_model_of_the_apps_own(tmp_path: Path) -> None:
    """What the app has added is as needed as ours."""
    db = SQLAlchemy()

    class ShopConsent(ConsentEventMixin, db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "shop_consent"
        team = sa.orm.mapped_column(sa.String(9), nullable=True)

    site = site_at(tmp_path, db=db)
    assert parts(site) == ([], [])
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE shop_consent DROP COLUMN team"))
    assert parts(site)[0] == ["column shop_consent.team"]


def test_clock_of_a_server(uri: str, tmp_path: Path) -> None:
    """The clock of these tests stands still in the past, and that of a server goes."""
    clock_of_the_machine = site_at(tmp_path, uri, clock=Clock(datetime.now(UTC)))
    assert levels(doctor(clock_of_the_machine))["clock"] == "ok"
    late = doctor(site_at(tmp_path, uri, spool="other"))
    expected = "ok" if uri.startswith("sqlite") else "problem"
    assert levels(late)["clock"] == expected


def test_clock() -> None:
    now = NOW.timestamp()
    assert brief(of_clock(None, NOW)) == ("ok", "the database has no clock of its own")
    assert brief(of_clock(now + 60, NOW)) == ("ok", "app and database differ by 60 s")
    assert brief(of_clock(now + 61, NOW))[0] == "problem"
    assert "this server's is 61 s behind the database's" in of_clock(now + 61, NOW).sentence
    assert "this server's is 61 s ahead of the database's" in of_clock(now - 61, NOW).sentence


def test_tables() -> None:
    assert of_tables([], []).level == "ok"
    assert of_tables([], ["index on a (b)"]).level == "warning"
    assert "not there: table a, index on a (b); run" in of_tables(["table a"], ["index on a (b)"]).sentence
    assert of_tables(["table a"], []).is_problem


# -- seals and keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "waiting", "level"),
    [
        (None, 0, "ok"),
        (None, 1, "ok"),
        (None, 2, "warning"),
        (date(2026, 11, 21), 0, "ok"),
        (date(2026, 11, 14), 7, "warning"),
        (date(2026, 11, 13), 8, "problem"),
        (date(2026, 11, 22), 0, "problem"),
        (date(2027, 11, 22), 0, "problem"),
    ],
)
def test_seals(until: date | None, waiting: int, level: str) -> None:
    """F4: a day is sealed two days later; a seal of a day that is not over is a clock's fault."""
    assert of_seals(until, waiting, DAY).level == level


def test_verification() -> None:
    last = Verified(made_on=DAY, events=5, mistakes=0, reached=None)
    assert of_verification(None, DAY).level == "warning"
    assert brief(of_verification(last, DAY)) == ("ok", "last on 2026-11-23; events: 5, mistakes: 0")
    assert of_verification(last, DAY + timedelta(days=7)).level == "ok"
    assert of_verification(last, DAY + timedelta(days=8)).level == "warning"
    assert of_verification(Verified(made_on=DAY, events=5, mistakes=1, reached=None), DAY).is_problem


def test_keys() -> None:
    assert of_keys([], []).level == "ok"
    assert of_keys([0, 0], [0]).level == "ok"
    assert "keep it as long" in of_keys([0, 1], [0]).sentence
    assert "keep it as long" in of_keys([0], [1]).sentence
    assert of_keys([0, None], [0]).is_problem
    assert "1 of the newest 2 events and the newest seal" in of_keys([0, None], [None]).sentence
    assert "has signed the newest seal" in of_keys([0], [None]).sentence


def test_key_that_was_changed(tmp_path: Path) -> None:
    """A new key without the former one among its fallbacks is told before anybody verifies."""
    fill(site_at(tmp_path), 5, DAY - timedelta(days=9), 5)
    new = {"COOKIECONSENT_SECRET_KEY": "another key than before"}
    former = {"COOKIECONSENT_SECRET_KEY_FALLBACKS": ["a key for tests only"]}

    assert "keep it as long" in doctor(site_at(tmp_path, **new, **former)).output
    assert "5 of the newest 5 events" in doctor(site_at(tmp_path, **new)).output


def test_scopes() -> None:
    assert of_scopes(set()).level == "ok"
    assert "'a', 'b'" in of_scopes({"b", "a"}).sentence
    assert of_scopes({"a"}).level == "warning"


# -- the disk ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "level"),
    [(16 * MIB - 1, "problem"), (16 * MIB, "warning"), (160 * MIB - 1, "warning"), (160 * MIB, "ok")],
)
def test_disk(free: int, level: str) -> None:
    assert of_disk(free).level == level


def test_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    """It is made when it is needed, where its parent can be written."""
    site = site_at(tmp_path, spool="some/deep/folder")
    assert [each.level for each in of_spool(site.log._spool)] == ["ok", "ok"]


def test_folder_that_cannot_be(tmp_path: Path) -> None:
    """The bad twin: a file stands in its way."""
    (tmp_path / "file").write_text("")
    (finding,) = of_spool(site_at(tmp_path, spool="file/spool").log._spool)
    assert brief(finding)[0] == "problem" and "cannot be written" in finding.sentence


def test_folder_that_is_open_to_others(tmp_path: Path) -> None:
    """It is closed at the start and before each event; in between somebody may open it."""
    site = site_at(tmp_path)
    (tmp_path / "spool").mkdir(mode=0o755)
    found = list(of_spool(site.log._spool))
    assert [each.level for each in found] == ["problem", "ok", "ok"]
    assert "open to others (mode 755)" in found[0].sentence
