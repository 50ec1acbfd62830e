"""The commands: `flask cookieconsent …`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from demo_app import create_app as create_demo
from demo_app.models import db
from flask_cookieconsent import CookieConsent
from flask_cookieconsent.cli import commands
from tests.kit.sites import make_app, make_site, services

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
    assert set(results) - needing == {"check", "check-templates", "services", "explain"}
    assert {name for name, result in results.items() if result.exit_code == 1} == {*needing, "check", "check-templates"}
    assert {result.output.count("\n") for name, result in results.items() if name in needing} == {1}


@pytest.mark.parametrize(
    "name", ["events", "seal", "verify", "purge", "export", "stats", "notices", "diff", "violations"]
)
def test_missing_tables_are_one_line(name: str) -> None:
    """Whoever runs a command before `init-db` reads what to do, and no traceback."""
    result = run(make_site(tables=False).app, name)

    assert result.exit_code == 1
    assert result.output.startswith(
        "Error: a table of the log is missing: run `flask cookieconsent init-db`, or migrate (no such table: "
    )
    assert result.output.count("\n") == 1


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
    assert (
        runner.invoke(args=["cookieconsent", "verify"]).output
        == "Checked: 9 events, 0 days against their seals, 0 seals, 0 notices, 0 rows of counts.\nWhat was checked is as it was written.\n"
    )
    assert "there already" in runner.invoke(args=["seed"]).output
    with app.app_context():
        db.engine.dispose()
