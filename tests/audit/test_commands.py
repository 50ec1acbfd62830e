"""The command `flask cookieconsent audit`: exit status, formats, options, and what it says where it cannot run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result
from flask import Flask

from flask_cookieconsent.audit import FILE
from tests.kit.papers import ROOT
from tests.kit.reports import FOREIGN, bad_app
from tests.kit.sarif import run_of
from tests.kit.sites import make_site, small_app
from tests.test_cli import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which has no options file yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bad() -> Iterator[Flask]:
    """An app with findings."""
    site = make_site(app=bad_app())  # which keeps its database as long as it is named
    yield site.app


@pytest.fixture
def sound() -> Iterator[Flask]:
    """An app with nothing wrong: it asks nothing, and sets nothing."""
    site = make_site(app=small_app({"home.html": "{% extends 'layout.html' %}"}), services=())
    yield site.app


def verdict(result: Result) -> str:
    return result.output.splitlines()[-1]


def test_exit_status(bad: Flask, sound: Flask) -> None:
    """0 where nothing is wrong, 1 for a finding, 2 where the command was called wrongly."""
    result = run(sound, "audit", "--strict")

    assert (result.exit_code, result.output.count("\n")) == (0, 1)
    assert verdict(result).startswith("The audit passes: no errors, no warnings (")
    assert run(bad, "audit").exit_code == 1
    assert run(bad, "audit", "--path", "shop").exit_code == run(bad, "audit", "--format", "xml").exit_code == 2


def test_warnings_count_under_strict() -> None:
    """Services whose cookies nobody sets are a warning."""
    site = make_site(app=small_app())
    calm, strict = run(site.app, "audit"), run(site.app, "audit", "--strict")

    assert (calm.exit_code, strict.exit_code) == (0, 1)
    assert "WARNING stale-cookie" in calm.output and verdict(strict).startswith(
        "The audit fails: no errors, 2 warnings"
    )


def test_table_is_not_drowned(bad: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """What the extension logs of the same things is not in the way."""
    result = run(bad, "audit")

    assert caplog.messages == []
    assert result.output.startswith("ERROR undeclared-host: ") and verdict(result).startswith("The audit fails: ")
    assert "is not declared; add it" not in result.output


def test_machines_read_the_standard_output(bad: Flask) -> None:
    """The verdict is for people, and on the standard error."""
    results = {form: run(bad, "audit", "--format", form) for form in ("json", "sarif", "junit", "accepted")}

    assert {result.exit_code for result in results.values()} == {1}
    assert json.loads(results["json"].stdout)["version"] == 1
    assert run_of(json.loads(results["sarif"].stdout))["results"]
    assert ET.fromstring(results["junit"].stdout.encode()).tag == "testsuites"
    assert tomllib.loads(results["accepted"].stdout)["accepted"]
    assert {result.stderr.partition(":")[0] for result in results.values()} == {"The audit fails"}


def test_report_in_a_file(bad: Flask, folder: Path) -> None:
    """One walk is enough for a log to read and a file for a tool."""
    result = run(bad, "audit", "--format", "sarif", "--out", "report")

    assert result.exit_code == 1
    assert result.output == run(bad, "audit").output
    assert (folder / "report").read_text("utf-8") == run(bad, "audit", "--format", "sarif").stdout


def test_table_in_a_file(bad: Flask, folder: Path) -> None:
    result = run(bad, "audit", "--out", "report")

    assert result.output.count("\n") == 1 and result.output.startswith("The audit fails")
    assert (folder / "report").read_text("utf-8").endswith(result.output)


def test_folder_that_is_not_there(bad: Flask) -> None:
    """It is told before the walk, and not after."""
    result = run(bad, "audit", "--out", "nowhere/report")

    assert result.exit_code == 2 and "found 'nowhere/report', wanted a file of a folder that is there" in result.output


def test_baseline_makes_the_audit_pass(bad: Flask, folder: Path) -> None:
    """Every finding is accepted by what the command itself prints; a host that comes later is not."""
    (folder / FILE).write_text(run(bad, "audit", "--format", "accepted").stdout, "utf-8")
    result = run(bad, "audit", "--strict")
    bad.view_functions["home"] = lambda: "<!doctype html><img src=https://new.example/>"
    later = run(bad, "audit")

    assert result.exit_code == 0 and "Accepted, and counted for nothing:" in result.output
    assert later.exit_code == 1 and 'subject = "new.example"' in later.output and FOREIGN in later.output


def test_line_of_the_table_is_taken(bad: Flask, folder: Path) -> None:
    """What stands below a finding is what accepts it."""
    lines = [line.strip() for line in run(bad, "audit").output.splitlines() if line.strip().startswith("{ rule = ")]
    (folder / "other.toml").write_text("accepted = [\n" + "\n".join(lines) + "\n]\n", "utf-8")

    assert run(bad, "audit", "--config", "other.toml").exit_code == 0
    assert run(bad, "audit").exit_code == 1


def test_mistake_in_the_file(bad: Flask, folder: Path) -> None:
    (folder / FILE).write_text('pats = ["/"]\nskip = "/admin"\n', "utf-8")
    result = run(bad, "audit")

    assert result.exit_code == 2
    assert f"{FILE}: pats: no such key; did you mean paths?" in result.output
    assert f"{FILE}: skip: found '/admin', wanted paths" in result.output
    assert run(bad, "audit", "--config", "none.toml").exit_code == 2


@pytest.mark.parametrize("option", [["--live"], ["--chromium", "/usr/bin/chromium"]])
def test_option_of_a_browser_alone(sound: Flask, option: list[str]) -> None:
    """Whoever gives it believes that a browser looks."""
    result = run(sound, "audit", *option)

    assert result.exit_code == 2
    assert f"found {option[0]} and no --browser" in result.output


def test_paths_of_file_and_command_line(sound: Flask, folder: Path) -> None:
    app = sound
    app.add_url_rule("/film/<id>", "film", lambda id: "<!doctype html><img src=https://films.example/>")
    app.add_url_rule("/admin", "admin", lambda: str(1 / 0))
    (folder / FILE).write_text('skip = ["/admin"]\n', "utf-8")

    assert "films.example" not in run(app, "audit").output
    assert "/admin - is left out, as you say" in run(app, "audit").output
    assert "films.example" in run(app, "audit", "--path", "/film/7").output


@pytest.fixture
def staff(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module that signs a client in, and one that cannot."""
    text = "def sign_in(client):\n    client.set_cookie('who', 'staff')\n\n"
    text += "def broken(client):\n    raise KeyError('staff')\n"
    (folder / "staff_of_a_test.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(folder)
    yield
    sys.modules.pop("staff_of_a_test", None)


def test_sign_in(staff: None, sound: Flask) -> None:
    app = sound
    page = "<!doctype html><img src=https://inside.example/>"

    @app.get("/desk")
    def desk() -> str:
        from flask import request

        return page if request.cookies.get("who") == "staff" else "go away"

    assert "inside.example" not in run(app, "audit").output
    assert "inside.example" in run(app, "audit", "--sign-in", "staff_of_a_test:sign_in").output
    broken = run(app, "audit", "--sign-in", "staff_of_a_test:broken")
    assert broken.exit_code == 2 and "staff_of_a_test:broken raises KeyError: 'staff'" in broken.output


WITHOUT = """
from __future__ import annotations
import sys
sys.modules["justhtml"] = None  # as where it is not installed
from tests.kit.sites import make_site
app = make_site().app
"""


def test_without_a_parser(folder: Path) -> None:
    """An app starts without the extra, and the command says in one line what it needs."""
    (folder / "bare_shop.py").write_text(WITHOUT, "utf-8")
    command = [sys.executable, "-m", "flask", "--app", "bare_shop", "cookieconsent", "audit"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    audit = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert (audit.returncode, audit.stdout) == (2, "")
    assert audit.stderr == 'Error: the audit needs a parser of HTML: pip install "Flask-CookieConsent[audit]"\n'
