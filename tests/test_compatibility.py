"""What docs/compatibility.md promises is so: formats in browsers and databases, and names that stay."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import Cookie, CookieConsent, Service
from flask_cookieconsent.core.own_service import own_service
from flask_cookieconsent.i18n import DOMAIN
from tests.kit.papers import DOCS, ROOT, needs_pages, rows

KEY = "a key of some length"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)

#: Written by version 0.1.0 on 23 November 2026: the layout was granted, and what arrived was refused.
COOKIE = "1.20261123.0.arrival-.layout+TmdqA.UKYUNwql_4kLrNwqIB0vOgCQrp9-Fz4LOxInkA5U6Po"

#: An event of that version.
EVENT = {
    "id": "01c4b3b0" + "00" * 12,
    "recorded_on": date(2026, 11, 23),
    "time": datetime(2026, 11, 23, 12, 34),
    "kind": "given",
    "method": "banner",
    "choices": {"arrival": "refused", "layout": "granted"},
    "gpc": False,
    "receipt": "ab" * 32,
    "previous_receipt": None,
    "notice": "cd" * 32,
    "locale": "en",
    "policy_version": "1",
    "scope": "shop",
    "validity": 184,
}
MAC = "60bfe5c83e638415519cb2ac0d738ff04fbd09b1b23e15b7ab490470779ff4fa"


def own(id: str, category: str, purpose: str) -> Service:
    """Return a service that will always be declared like this."""
    cookie = Cookie(name=id, purpose="Remembers it.", duration=timedelta(days=180))
    return Service(id=id, name=id, category=category, purpose=purpose, cookies=(cookie,))


@pytest.fixture
def db() -> SQLAlchemy:
    """The app's own database."""
    return SQLAlchemy()


@pytest.fixture
def app(db: SQLAlchemy) -> Flask:
    """An app that reads what an earlier version wrote."""
    app = Flask("shop")
    app.config |= {"SECRET_KEY": KEY, "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    db.init_app(app)
    services = [own("layout", "functionality", "preferences"), own("arrival", "tracking", "attribution")]
    CookieConsent(app, db=db, services=services, clock=lambda: NOON)
    return app


def run(app: Flask, *args: str) -> tuple[int, str]:
    """Run one of our commands; return its exit status and its output."""
    result = app.test_cli_runner().invoke(args=["cookieconsent", *args])
    return result.exit_code, result.output


# -- formats -----------------------------------------------------------------------------------------------------------


def test_old_cookie_is_read(app: Flask) -> None:
    _, output = run(app, "explain", "--cookie", COOKIE)

    assert re.search(r"^yes +layout +granted", output, re.MULTILINE)
    assert re.search(r"^no +arrival +refused", output, re.MULTILINE)


def test_other_format_is_not_read(app: Flask) -> None:
    """The bad twin: one letter of the old cookie is another."""
    _, output = run(app, "explain", "--cookie", "2" + COOKIE[1:])

    assert re.search(r"^no +layout +undecided", output, re.MULTILINE)


def written(app: Flask, db: SQLAlchemy, event: dict[str, Any]) -> None:
    """Put a row into the log, as it came from an old backup."""
    run(app, "init-db")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.insert(db.metadata.tables["cookieconsent_event"]).values(**event, mac=MAC))


def test_old_event_is_genuine(app: Flask, db: SQLAlchemy) -> None:
    written(app, db, EVENT)

    # The backup came without its notices, and of that alone `verify` has to tell.
    status, output = run(app, "verify")
    assert (status, output.splitlines()[0]) == (1, f"notice {EVENT['notice']}: taken away, though events name it")
    assert f"event {EVENT['id']}" not in output


def test_old_event_that_was_edited_is_not(app: Flask, db: SQLAlchemy) -> None:
    """The bad twin."""
    written(app, db, EVENT | {"kind": "changed"})

    assert f"event {EVENT['id']}" in run(app, "verify")[1]


# -- names -------------------------------------------------------------------------------------------------------------


def names(heading: str, row: str) -> list[str]:
    """Return the names in code of one row of a table of promises."""
    (cell,) = [cells[1] for cells in rows(DOCS / "compatibility.md", heading) if cells[0] == row]
    return re.findall(r"`([^`]+)`", cell)


def strings() -> set[str]:
    """Return every string and every text of bytes that stands in the package's code."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "flask_cookieconsent").rglob("*.py")]
    values = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {value.decode("latin-1") if isinstance(value, bytes) else value for value in values if value is not ...}


@needs_pages
@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Formats that never change", "salt of its signature"),
        ("Formats that never change", "salt of a kept choice"),
        ("Formats that never change", "salt of the key of the log"),
        ("Formats that never change", "schema of the receipt"),
        ("Names that stay", "loggers"),
    ],
)
def test_promised_texts_are_literal(heading: str, row: str) -> None:
    """They stand in the code as they are, so that moving a module does not change them."""
    assert set(names(heading, row)) - strings() == set()


@needs_pages
def test_names_of_the_cookies_are_as_promised() -> None:
    """What a browser keeps of a choice is found again whatever release reads it."""
    declared = {cookie.name for cookie in own_service("/cookies").cookies}

    assert {name for name in declared if not name.endswith("*")} == set(
        names("Formats that never change", "names of the cookies")
    )


@needs_pages
def test_loggers_are_all_promised() -> None:
    code = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "flask_cookieconsent").rglob("*.py"))
    calls = re.findall(r"getLogger\((.*?)\)", code)

    ours = {call.strip('"') for call in calls if "flask_cookieconsent" in call}
    assert ours == set(names("Names that stay", "loggers"))
    assert names("Names that stay", "domain of the texts") == [DOMAIN]


@needs_pages
def test_tables_and_columns_are_as_promised(app: Flask, db: SQLAlchemy) -> None:
    promised = {
        row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in rows_of_second_table("Formats that never change")
    }

    assert {name: [column.name for column in table.columns] for name, table in db.metadata.tables.items()} == promised
    assert [row[0].strip("`") for row in rows(DOCS / "log.md", "Tables")] == list(promised)
    assert [row[0].strip("`") for row in rows(DOCS / "log.md", "An event")] == promised["cookieconsent_event"]
    assert set(names("Formats that never change", "keys in `db.metadata.info`")) <= set(db.metadata.info)


def rows_of_second_table(heading: str) -> list[list[str]]:
    """Return the rows of tables, which is the second below its heading."""
    text = (DOCS / "compatibility.md").read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1]
    lines = text.split("| table | columns |\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@needs_pages
def test_static_files_are_as_promised() -> None:
    there = {path.name for path in files("flask_cookieconsent").joinpath("static").iterdir()}

    assert set(names("Names that stay", "static files")) == there


@needs_pages
def test_classes_and_buttons_are_as_promised() -> None:
    folder = files("flask_cookieconsent").joinpath("templates", "cookieconsent")
    html = " ".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    classes = {name for value in re.findall(r'class="([^"]*)"', html) for name in re.findall(r"fcc-[a-z-]+", value)}
    answers = set(re.findall(r'name="choice" value="(\w+)"', html))

    assert set(names("Names that stay", "classes that tools and sites go by")) <= classes
    assert set(names("Names that stay", "buttons of a choice")[1:]) == answers


@needs_pages
def test_readme_and_map_lead_to_the_promise() -> None:
    pages = [ROOT / "README.md", DOCS / "index.md", DOCS / "api.md"]

    assert [page.name for page in pages if "compatibility.md" not in page.read_text(encoding="utf-8")] == []
