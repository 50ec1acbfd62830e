"""The README holds what it says: its code runs, its tables are the code's."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import flask_cookieconsent
from flask_cookieconsent import CookieConsent
from flask_cookieconsent.cli import create_commands
from flask_cookieconsent.pages.template_api import TemplateApi
from flask_cookieconsent.settings import Settings

README = Path(__file__).parents[1] / "README.md"


def blocks() -> list[str]:
    """Return the Python code of the README, in its order."""
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = README.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


@pytest.mark.smoke
def test_quick_start_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks run one after the other, and the app they make answers."""
    monkeypatch.setenv("FLASK_SECRET_KEY", "a key of some length")
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", "sqlite://")
    names: dict[str, Any] = {"__name__": "quick_start"}
    for block in blocks():
        exec(compile(block, str(README), "exec"), names)
    app = names["create_app"]()

    assert app.test_cli_runner().invoke(args=["cookieconsent", "init-db"]).exit_code == 0
    assert app.test_client().get("/cookies/").status_code == 200
    assert names["layout"].id == "layout"


def test_quick_start_is_ten_lines() -> None:
    lines = [line for line in blocks()[0].splitlines() if line and not re.match(r"from|import", line)]

    assert len(lines) <= 10


def test_settings_table_is_the_code() -> None:
    wanted = [
        [f"`COOKIECONSENT_{each.name.upper()}`", _default(each.default), each.metadata["doc"]]
        for each in fields(Settings)
    ]

    assert rows("Settings") == wanted


def _default(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"`timedelta(days={value.days})`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def test_helpers_table_is_the_code() -> None:
    """Every helper that templates may call, and no other."""
    documented = {re.match(r"`cookieconsent\.(\w+)\(", row[0])[1] for row in rows("Helpers in templates")}  # type: ignore[index]
    public = {name for name, _ in inspect.getmembers(TemplateApi, inspect.isfunction) if name[0] != "_"}

    assert documented == public


def test_signals_table_is_the_code() -> None:
    documented = {row[0].strip("`") for row in rows("Signals")}

    assert documented == {name for name in flask_cookieconsent.__all__ if name.startswith(("consent_", "event_"))}


def test_commands_table_is_the_code() -> None:
    """The sentence of each command is the one that `--help` prints."""
    commands = create_commands(None).commands
    wanted = [[f"`flask cookieconsent {name}`", command.help] for name, command in commands.items()]

    assert rows("Commands") == wanted


def test_colours_table_is_the_style_sheet() -> None:
    css = files("flask_cookieconsent").joinpath("static", "fcc.css").read_text()
    documented = {row[0].strip("`") for row in rows("Colours")}
    read = set(re.findall(r"var\((--fcc-[a-z][a-z-]*)", css))

    assert read == documented


def test_every_public_name_has_a_docstring() -> None:
    for name in flask_cookieconsent.__all__:
        assert inspect.getdoc(getattr(flask_cookieconsent, name)), name
    for name, member in inspect.getmembers(CookieConsent, inspect.isfunction):
        assert name.startswith("_") or inspect.getdoc(member), name
