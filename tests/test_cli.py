"""The commands: `flask cookieconsent …`."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from demo_app import create_app as create_demo
from demo_app.models import db
from flask_cookieconsent import CookieConsent
from flask_cookieconsent.cli import commands
from flask_cookieconsent.errors import SpoolFullError
from flask_cookieconsent.log.tables import LogTable
from tests.kit.events import fill
from tests.kit.sites import EVERYTHING, NOON, Site, make_app, make_site, services
from tests.kit.tampering import WHOLE, four_days, rows_of

pytestmark = pytest.mark.smoke


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["cookieconsent", *arguments])


def test_init_db_makes_the_table_once() -> None:
    """F1: the table is made on request, and a second time changes nothing."""
    site = make_site(tables=False)
    for _ in range(2):
        result = run(site.app, "init-db")
        assert result.output == "The tables of events, notices, seals, daily counts and violations are there.\n"

    assert site.visitor().choose("accept").status_code == 303
    assert len(site.events()) == 1


def test_services_lists_what_is_declared() -> None:
    """C2, C3, C4: every service with its category, its recipient, its cookies and how long they last."""
    result = run(make_site(COOKIECONSENT_CONTROLLER=None).app, "services")

    assert result.exit_code == 0
    for line in (
        "necessary: Strictly necessary cookies",
        "  cookieconsent  this site",
        "  counter  Example Media SA",
        "    _ec  30 days  this site",
        "    watched  30 days  example.net",
        "Note: COOKIECONSENT_CONTROLLER is not set; the policy does not name who is responsible.",
    ):
        assert line in result.output.splitlines()
    assert "Note:" not in run(make_site(COOKIECONSENT_CONTROLLER="Ecom").app, "services").output


def test_events_shows_the_newest_first() -> None:
    """F1, F7: the log can be read without any visitor in it."""
    site = make_site(COOKIECONSENT_LOG_SCOPE="shop")
    visitor = site.visitor()
    for choice, granted in (("save", ("films", "language")), ("withdraw", ())):
        site.clock.forward(minutes=1)
        visitor.choose(choice, *granted)

    lines = run(site.app, "events").output.splitlines()

    assert [each.split()[:5] for each in lines] == [
        ["2026-11-23", "12:36", "withdrawn", "preferences", "shop"],
        ["2026-11-23", "12:35", "given", "preferences", "shop"],
    ]
    assert lines[1].endswith("granted: language, films")
    assert lines[0].endswith("granted: nothing")
    assert len(run(site.app, "events", "--count", "1").output.splitlines()) == 1
    assert str(visitor.receipt) not in "".join(lines)
    assert run(site.app, "events", "--count", "0").exit_code == 2


def test_without_a_database() -> None:
    """What needs a database says so; the rest works."""
    app = make_app()
    CookieConsent(app, services=services())

    results = {name: run(app, name) for name in commands.commands}

    needing = {name for name, result in results.items() if "pass CookieConsent(db=db)" in result.output}
    looking = {"audit", "check", "check-templates"}
    rest = {"services", "explain", "cookie", "doctor", "evidence", "new-service", "import-services"}
    assert set(results) - needing == rest | looking
    assert {name for name, result in results.items() if result.exit_code == 1} == needing | looking
    assert {result.output.count("\n") for name, result in results.items() if name in needing} == {1}


#: What reads the log, and what writes to it.
READING = ("events", "verify", "export", "stats", "notices", "diff", "violations")
WRITING = ("replay", "seal", "purge")


def stored(tmp_path: Path, uri: str = "", **config: object) -> Site:
    """Return a site whose log is a file, and whose events may wait on disk."""
    folder = str(tmp_path / "spool")
    return make_site(uri=uri or f"sqlite:///{tmp_path}/log.db", COOKIECONSENT_SPOOL_FOLDER=folder, **config)


def sentence(result: Result) -> str:
    """Return what a command says where it ends with one sentence and no traceback, else nothing."""
    ends_well = result.exit_code == 1 and isinstance(result.exception, SystemExit) and result.output.count("\n") == 1
    return result.output.removeprefix("Error: ").strip() if ends_well else ""


@pytest.mark.parametrize("name", [*READING, *WRITING])
def test_missing_tables_are_one_line(name: str, tmp_path: Path) -> None:
    """Whoever runs a command before `init-db` reads what to do, and no traceback."""
    site = stored(tmp_path, tables=False)
    site.visitor().choose("reject")  # which waits

    said = sentence(run(site.app, name))

    assert said.startswith(
        "a table of the log is missing: run `flask cookieconsent init-db`, or migrate (no such table: "
    )


@pytest.mark.parametrize("name", ["init-db", *READING, *WRITING])
def test_server_that_is_away_is_one_line(name: str, tmp_path: Path) -> None:
    site = stored(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/nothing", tables=False)

    assert sentence(run(site.app, name)).startswith("database unavailable (OperationalError: ")


@pytest.mark.parametrize("name", ["init-db", *READING, *WRITING])
def test_database_that_hangs_is_one_line(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the driver waits for, the command ends after the deadline."""
    monkeypatch.setattr(LogTable, "is_file", False)  # as on a server, in a thread
    site, released = stored(tmp_path, COOKIECONSENT_DATABASE_TIMEOUT=0.1), threading.Event()
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *_: released.wait() and None)

    said = sentence(run(site.app, name))
    released.set()

    assert said.startswith("database unavailable (DatabaseUnavailableError: it did not answer within 0.1 seconds")


def test_database_that_takes_no_writes(tmp_path: Path) -> None:
    """A replica can be read and verified; what has to write says that it cannot."""
    site = stored(tmp_path, COOKIECONSENT_LOG_SCOPE="shop")
    fill(site, 30, NOON.date() - timedelta(days=9), 9)
    uri = f"sqlite:///file:{tmp_path}/log.db?mode=ro&uri=true"
    replica = stored(tmp_path, uri, tables=False, COOKIECONSENT_LOG_SCOPE="shop")
    replica.visitor().choose("reject")  # which waits

    reading = {name: run(replica.app, name).exit_code for name in READING if name != "diff"}
    writing = {name: sentence(run(replica.app, name)) for name in WRITING}

    assert set(reading.values()) == {0}
    assert {said.partition(":")[0] for said in writing.values()} == {"the database takes no writes"}
    assert run(replica.app, "doctor").exit_code == 1  # days without a seal


def test_full_disk_of_the_database(tmp_path: Path) -> None:
    site = stored(tmp_path, SQLALCHEMY_ENGINE_OPTIONS={"poolclass": sa.pool.NullPool})
    fill(site, 30, NOON.date() - timedelta(days=9), 9)
    with site.app.app_context():
        sa.event.listen(site.db.engine, "connect", lambda each, _: each.execute("PRAGMA max_page_count = 1"))

    assert sentence(run(site.app, "seal")).startswith("the disk of the database is full (")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(30, "Read-only file system", "/spool/a.json"), "[Errno 30] Read-only file system: '/spool/a.json'"),
        (SpoolFullError("too little of the disk is free"), "too little of the disk is free"),
    ],
)
def test_trouble_of_the_spool_is_one_line(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site()

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(site.log), "replay", fail)
    assert sentence(run(site.app, "replay")) == said


def test_reader_that_has_read_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """`export | head` ends without a word."""
    site = make_site()

    def fail(*_: object, **named: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(type(site.log), "export", fail)
    assert run(site.app, "export").output == ""


def test_seal_and_verify_speak_of_a_head() -> None:
    """F4: what `seal` prints is what `verify` finds again, and an unknown one is named with exit status 1."""
    site = four_days()
    said = run(site.app, "seal").output.splitlines()
    head = rows_of(site, "seals")[-1]["mac"]

    assert said == ["Every finished day is sealed.", f"Head, to keep elsewhere: {head}"]
    found = run(site.app, "verify", "--whole", "--head", head)
    assert (found.exit_code, found.output.splitlines()[-1] + "\n") == (0, WHOLE)
    assert found.output.startswith("Checked: 16 events, 3 days against their seals (2026-11-23 to 2026-11-25), 3 seals")
    lost = run(site.app, "verify", "--head", head, "--head", "0" * 64)
    assert (lost.exit_code, lost.output.count("\n")) == (1, 2)
    assert lost.output.startswith(f"head {'0' * 64}: the seal that it is of is gone")


def test_replay_tells_what_is_put_aside(tmp_path: Path) -> None:
    """F5: events that the log could not take make an exit status that a nightly run notices."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path))
    site = make_site(app=app)
    assert run(site.app, "replay").output == "Events that waited and are in the log now: 0.\n"
    (tmp_path / "x.json").write_text("{}")

    result = run(site.app, "replay")

    assert result.exit_code == 1
    assert "Error: 1 events are put aside, see the lines of flask_cookieconsent.spool\n" in result.output


def test_replay_by_somebody_who_may_not_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool is its app's alone: to another user it would look empty."""

    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    site = stored(tmp_path)
    monkeypatch.setattr("flask_cookieconsent.log.recorder.os.scandir", refuse)
    assert "Permission denied" in sentence(run(site.app, "replay"))


def test_errors_of_the_app_are_no_errors_of_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no trouble of a database keeps its traceback."""
    site = make_site()
    monkeypatch.setattr(type(site.app.extensions["cookieconsent.state"].log), "newest", lambda *_: 1 / 0)

    assert isinstance(run(site.app, "events").exception, ZeroDivisionError)


def test_commands_ask_the_current_app() -> None:
    """One group serves every app of a process, each with its own database and name."""
    sites = [make_site(COOKIECONSENT_LOG_SCOPE=scope) for scope in ("first", "second")]
    for site in sites:
        site.visitor().choose("accept")

    assert [run(site.app, "events").output.split()[4] for site in sites] == ["first", "second"]


COOKIE = ("cookie", "--without-debug")


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        (["--accept", "films", "--accept", "performance"], {"films", "counter"}),
        (["--accept", "all"], EVERYTHING),
        (["--refuse"], set()),
        (["--accept", "films", "--expired"], set()),
        (["--accept", "films", "--http"], {"films"}),
        (["--accept", "films", "--host", "www.shop.example"], {"films"}),
    ],
)
def test_cookie_is_what_a_visitor_holds(options: list[str], allowed: set[str]) -> None:
    """Whoever brings it has chosen, although nothing is recorded and there is no receipt (F1)."""
    site = make_site()
    pair = run(site.app, *COOKIE, "--format", "pair", *options).output.strip()
    header = run(site.app, *COOKIE, *options).output

    host = "www.shop.example" if "--host" in options else "localhost"
    visitor = site.visitor(host=host, https="--http" not in options)
    assert visitor.allowed(headers={"Cookie": pair}) == allowed
    assert header.startswith(f"Set-Cookie: {pair}; ") and header.count("\n") == 1
    assert visitor.allowed() == set()
    assert site.events() == [] and "receipt" not in header


def test_cookie_goes_by_the_signal() -> None:
    """G2: a choice made under Global Privacy Control stands against it; another one does not."""
    site, wanted = make_site(), ("--accept", "films", "--format", "pair")
    pairs = [run(site.app, *COOKIE, *wanted, *more).output.strip() for more in ([], ["--gpc"])]
    headers = [{"Cookie": pair, "Sec-GPC": "1"} for pair in pairs]

    assert [site.visitor(https=True).allowed(headers=each) for each in headers] == [set(), {"films"}]


def test_cookie_in_other_forms() -> None:
    """By default it is for the host that the configuration names."""
    app = make_site(SERVER_NAME="shop.example:5000").app
    data = json.loads(run(app, *COOKIE, "--accept", "films", "--format", "json").output)
    file = run(app, *COOKIE, "--refuse", "--format", "netscape").output

    assert (data["name"], data["hostOnly"], data["secure"]) == ("__Host-cookieconsent", True, True)
    assert file.splitlines()[1].split("\t")[:4] == ["#HttpOnly_shop.example", "FALSE", "/", "TRUE"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["cookie", "--refuse"], 1, "the app is not in debug mode; wanted flask --debug cookieconsent cookie"),
        ([*COOKIE], 2, "wanted --accept with a service, a category or `all`, or --refuse"),
        ([*COOKIE, "--refuse", "--accept", "films"], 2, "and not both"),
        ([*COOKIE, "--accept", "film"], 1, "did you mean 'films'?"),
        ([*COOKIE, "--refuse", "--host", "https://shop.example"], 2, "wanted a host such as shop.example"),
    ],
)
def test_cookie_that_is_not_printed(arguments: list[str], status: int, said: str) -> None:
    """Where visitors come only who says so signs one."""
    result = run(make_site().app, *arguments)

    assert result.exit_code == status and said in result.output
    assert "cookieconsent=" not in result.output


def test_cookie_in_debug_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `flask --debug` sets it."""
    monkeypatch.setenv("FLASK_DEBUG", "1")

    assert run(make_site().app, "cookie", "--refuse").exit_code == 0


def test_new_service_reads_a_file_or_the_standard_input(tmp_path: Path) -> None:
    snippet = '<script src="https://cdn.chatty.example/chat.js"></script>'
    (tmp_path / "chat.html").write_text(snippet)
    app = make_site().app
    told = app.test_cli_runner().invoke(args=["cookieconsent", "new-service"], input=snippet)

    assert (told.exit_code, json.loads(told.stdout)["name"]) == (0, "Chatty")
    assert run(app, "new-service", str(tmp_path / "chat.html")).output == told.output
    assert sentence(run(app, "new-service", str(tmp_path))).endswith("found no file of this name, wanted one")


def test_import_services_checks_a_file(tmp_path: Path) -> None:
    (tmp_path / "podium.json").write_text("{}")
    app = make_site().app
    result = run(app, "import-services", str(tmp_path / "podium.json"))

    assert result.exit_code == 1
    assert "podium.json: name: found nothing, wanted it as well" in result.output.splitlines()
    assert (
        sentence(run(app, "import-services", "nothing.json")) == "nothing.json: found no file of this name, wanted one"
    )


def test_help_says_what_each_command_does() -> None:
    """Each command has a sentence."""
    output = run(make_site().app, "--help").output
    assert all(
        each in output for each in ("init-db", "services", "events", "Create the five tables", "List every", "Show the")
    )


@pytest.mark.parametrize("keys", [{}, {"COOKIECONSENT_SECRET_KEY": "another key than the app's own"}])
def test_samples_of_the_demo_are_genuine(tmp_path: Path, keys: dict[str, str]) -> None:
    """F4: the samples are signed with the key of the log, whichever setting it comes from."""
    app = create_demo({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "a key for tests only"} | keys)
    runner = app.test_cli_runner()

    assert "9 sample events" in runner.invoke(args=["seed"]).output
    assert runner.invoke(args=["cookieconsent", "verify"]).output.splitlines() == [
        "Checked: 9 events, 0 days against their seals, 0 seals, 0 notices, 0 rows of counts.",
        "What was checked is as it was written.",
    ]
    assert "there already" in runner.invoke(args=["seed"]).output
    with app.app_context():
        db.engine.dispose()
