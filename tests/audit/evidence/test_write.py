"""The whole folder: what is in it, that it is the same twice, and that no secret and no lie gets into it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.audit.evidence import write
from flask_cookieconsent.audit.evidence.pictures import Camera
from flask_cookieconsent.audit.evidence.write import Period, write_evidence
from tests.kit.papers import ROOT
from tests.kit.sites import Site, make_site, services, small_app, soup_of
from tests.kit.tampering import behind, command, four_days, tables_of
from tests.kit.without_database import app_without_database

FILES = {
    *("MANIFEST.sha256", "audit.json", "declaration.json", "health.json", "index.html", "notices", "notices.json"),
    *("policy", "processes.jsonld", "record.schema.json", "records.jsonl", "seals.jsonl", "settings.json"),
    *("statistics.json", "verification.txt"),
}


@pytest.fixture(autouse=True)
def no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures to their own test, where a browser is."""
    monkeypatch.setattr(Camera, "__init__", lambda self: setattr(self, "missing", "nobody has a browser here"))


def evidence(app: Flask, out: Path, **period: Any) -> write.Outcome:
    with app.app_context():
        return write_evidence(app, out, Period(**period))


def everything(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def change_last_event(site: Site) -> str:
    """Change a row behind the back of the log, and return its id."""
    last = max(event.id for event in site.events())
    change = sa.update(tables_of(site).events.table).where(tables_of(site).events.c.id == last)
    behind(site, lambda connection, tables: connection.execute(change.values(locale="<script>alert(1)</script>")))
    return last


def test_whole_folder(tmp_path: Path) -> None:
    site = four_days(app=small_app())
    outcome = evidence(site.app, tmp_path / "evidence")

    assert {path.name for path in (tmp_path / "evidence").iterdir()} == FILES
    assert (outcome.mistakes, outcome.records) == (0, 16)
    assert len((tmp_path / "evidence/records.jsonl").read_text("utf-8").splitlines()) == 16
    page = soup_of((tmp_path / "evidence/index.html").read_text("utf-8"))
    assert "The log is as it was written" in page.text
    assert len((tmp_path / "evidence/seals.jsonl").read_text("utf-8").splitlines()) == 3


def test_same_twice(tmp_path: Path) -> None:
    """Given the same database and clock the folder is the same, byte for byte; a verification leaves a row in it."""
    site = four_days(app=small_app())
    assert command(site, "verify")[0] == 0
    for name in ("first", "second"):
        evidence(site.app, tmp_path / name)

    assert everything(tmp_path / "first") == everything(tmp_path / "second")


def test_changed_row_is_on_the_first_page(tmp_path: Path) -> None:
    """The bad twin: the folder is written all the same, says so first, and what was put in is escaped and no record."""
    site = four_days(app=small_app())
    last = change_last_event(site)
    outcome = evidence(site.app, tmp_path / "evidence")

    assert (outcome.mistakes, outcome.records) == (1, 15)
    page = soup_of((tmp_path / "evidence/index.html").read_text("utf-8"))
    verdict = page.select_one(".verdict.bad")
    assert verdict is not None
    assert f"event {last}: changed, or put in by somebody without the key" in verdict.text
    assert "The log is as it was written" not in page.text
    assert not [name for name, data in everything(tmp_path / "evidence").items() if b"<script" in data]


def test_changed_notice_is_not_shown(tmp_path: Path) -> None:
    site = make_site(app=small_app())
    site.visitor().choose("accept")
    behind(
        site,
        lambda connection, tables: connection.execute(
            sa.update(tables.notices.table).values(html="<meta http-equiv=refresh content='0;https://evil.example'>")
        ),
    )
    evidence(site.app, tmp_path / "evidence")

    assert "1 kept notice was changed" in (tmp_path / "evidence/index.html").read_text("utf-8")
    assert not [name for name, data in everything(tmp_path / "evidence").items() if b"evil.example" in data]


def test_no_secret_is_in_any_file(tmp_path: Path) -> None:
    """What is planted in the configuration, and in the errors of pages, is in no file."""
    place = tmp_path / "hidden-place"
    app = small_app(
        SECRET_KEY="planted-secret-key-1",
        SECRET_KEY_FALLBACKS=["planted-secret-key-2"],
        COOKIECONSENT_SECRET_KEY="planted-secret-key-3",
        COOKIECONSENT_SECRET_KEY_FALLBACKS=["planted-secret-key-4"],
        COOKIECONSENT_SPOOL_FOLDER=str(place),
        COOKIECONSENT_CSP_SOURCES={"img-src": ["https://planted-internal.example"]},
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/planted-database.db",
        MAIL_PASSWORD="planted-password",
    )
    app.add_url_rule("/told", "told", told_by(app))
    site = make_site(app=app)
    site.visitor().choose("accept")
    evidence(app, tmp_path / "evidence")

    found = {
        name for name, data in everything(tmp_path / "evidence").items() if b"planted" in data or b"hidden-" in data
    }
    assert found == set()
    assert any(
        each["rule"] == "unreadable-page"
        for each in json.loads((tmp_path / "evidence/audit.json").read_text())["findings"]
    )


def told_by(app: Flask) -> Any:
    """Return a view whose error tells a secret, as the errors of drivers do."""

    def told() -> str:
        raise RuntimeError(f"could not connect with {app.config['MAIL_PASSWORD']}")

    return told


def test_planted_secret_is_found_where_it_is_told(tmp_path: Path) -> None:
    """The bad twin of the search: what is told on purpose is found by it."""
    site = make_site(app=small_app(COOKIECONSENT_CONTROLLER="planted NV"))
    evidence(site.app, tmp_path / "evidence")

    found = {name for name, data in everything(tmp_path / "evidence").items() if b"planted" in data}
    assert {"index.html", "settings.json", "processes.jsonld"} <= found


def test_names_of_the_declaration_are_escaped(tmp_path: Path) -> None:
    names = {"COOKIECONSENT_CONTROLLER": "<b>Bold & Co</b>", "COOKIECONSENT_CONTACT": '"><script>x</script>'}
    site = make_site(app=small_app(**names))
    evidence(site.app, tmp_path / "evidence")
    page = soup_of((tmp_path / "evidence/index.html").read_text("utf-8"))

    assert "<b>Bold & Co</b>" in page.text
    assert page.find_all(["script", "b"]) == []


def test_period_of_days(tmp_path: Path) -> None:
    site = four_days(app=small_app())
    outcome = evidence(site.app, tmp_path / "evidence", since=date(2026, 11, 24), until=date(2026, 11, 25))

    assert outcome.records == 8
    assert "24 November 2026 to 25 November 2026" in (tmp_path / "evidence/index.html").read_text("utf-8")


def test_app_without_a_database(tmp_path: Path) -> None:
    """What can be given is given, and the rest is said."""
    outcome = evidence(app_without_database(), tmp_path / "evidence")

    assert (outcome.mistakes, outcome.records) == (0, 0)
    names = {path.name for path in (tmp_path / "evidence").iterdir()}
    assert FILES - names == {"health.json", "records.jsonl", "seals.jsonl", "statistics.json", "verification.txt"}
    page = (tmp_path / "evidence/index.html").read_text("utf-8")
    assert "No log to check" in page and "What visitors chose" not in page
    assert len(list((tmp_path / "evidence/notices").iterdir())) == 1


ALONE = """
import sys
sys.modules["justhtml"] = sys.modules["playwright"] = None
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, *rest: None if name in ("justhtml", "playwright") else find(name, *rest)
from pathlib import Path
from tests.kit.without_database import app_without_database
result = app_without_database().test_cli_runner().invoke(args=["cookieconsent", "evidence", "--out", sys.argv[1]])
print(result.output, result.exception)
assert not {"sqlalchemy", "flask_sqlalchemy"} & sys.modules.keys(), "it needs SQLAlchemy"
sys.exit(result.exit_code)
"""


def test_app_with_nothing_installed(tmp_path: Path) -> None:
    """Without a parser of HTML, a browser or SQLAlchemy the rest is there, and the first page says why."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path / "evidence")], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "evidence/index.html").read_text("utf-8")
    assert "The site was not audited" in page and "Playwright is not installed" in page
    assert not (tmp_path / "evidence/audit.json").exists()


def test_site_that_asks_nothing(tmp_path: Path) -> None:
    app = small_app()
    CookieConsent(app, services=[each for each in services() if each.category == "necessary"])
    evidence(app, tmp_path / "evidence")

    assert "What visitors were shown" in (tmp_path / "evidence/index.html").read_text("utf-8")
