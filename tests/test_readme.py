"""README and docs hold what they say: their code runs, their tables are the code's, their links lead somewhere."""

from __future__ import annotations

import inspect
import re
from configparser import ConfigParser
from dataclasses import fields
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click import Group
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import flask_cookieconsent
from flask_cookieconsent import CookieConsent, catalogue, errors
from flask_cookieconsent.audit.rules import RULES
from flask_cookieconsent.core.csp import without_features
from flask_cookieconsent.core.defaults import CATEGORIES, NECESSARY_PURPOSES, PURPOSES
from flask_cookieconsent.settings import PREFIX, RENAMED, Settings, read
from tests.kit.papers import (
    DOCS,
    PAGES,
    README,
    ROOT,
    blocks,
    broken_links,
    first_names,
    needs_pages,
    rows,
    unlike,
)

pytestmark = needs_pages

#: One shows a module of the catalogue, which has imports of its own room; one is a suite that choice/test_people runs;
#: one shows signatures; and the code of the last is run piece by piece in test_other_extensions.
ELSEWHERE = ("adding-a-service.md", "people.md", "services.md", "with-other-extensions.md")
RUNNABLE = [path for path in PAGES if path.name not in ELSEWHERE]


@pytest.fixture(scope="module")
def app() -> Flask:
    """An app with all that the pages speak of."""
    db = SQLAlchemy()
    consent = CookieConsent(db=db, services=[catalogue.youtube()])
    app = Flask("shop")
    app.config |= {"SECRET_KEY": "a key of some length", "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    db.init_app(app)
    consent.init_app(app)
    return app


@pytest.fixture(scope="module")
def commands(app: Flask) -> dict[str, Any]:
    """Every command by name."""
    group = app.cli.commands["cookieconsent"]
    assert isinstance(group, Group)
    return {name: command for name, command in group.commands.items() if not command.hidden}


# -- code ------------------------------------------------------------------------------------------------------------


def run(path: Path) -> dict[str, Any]:
    """Run the blocks of a page one after the other, and return the names they leave."""
    names: dict[str, Any] = {"__name__": path.stem.replace("-", "_")}
    for block in blocks(path):
        exec(compile(block, str(path), "exec"), names)
    return names


@pytest.mark.smoke
def test_quick_start_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of the README run one after the other, and the app they make answers."""
    monkeypatch.setenv("FLASK_SECRET_KEY", "a key of some length")
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", "sqlite://")
    monkeypatch.setenv("FLASK_COOKIECONSENT_CONTROLLER", "Example NV")
    app = run(README)["create_app"]()

    assert app.test_cli_runner().invoke(args=["cookieconsent", "init-db"]).exit_code == 0
    assert app.test_client().get("/cookies/").status_code == 200


def test_quick_start_is_ten_lines() -> None:
    lines = [line for line in blocks(README)[0].splitlines() if line and not re.match(r"from|import", line)]

    assert len(lines) <= 10


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_readme_counts_right() -> None:
    """The numbers of services and of languages are those of the folders; English has no catalog."""
    text = README.read_text(encoding="utf-8")
    catalogs = list((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))

    assert f"{len(catalogue.__all__)} [ready-made services]" in text
    assert "forty-two are there" in text and len(catalogs) + 1 == 42


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.name)
def test_blocks_run(path: Path) -> None:
    assert "__builtins__" in run(path) or not blocks(path)


def test_wrong_block_is_seen(tmp_path: Path) -> None:
    """The bad twin: a page whose code imports what is not there."""
    page = tmp_path / "page.md"
    page.write_text("```python\nfrom flask_cookieconsent import Nothing\n```\n")

    with pytest.raises(ImportError):
        run(page)


def test_settings_of_the_examples_are_settings() -> None:
    given = {name: value for name, value in run(DOCS / "configuration.md").items() if name.startswith(PREFIX)}

    assert given
    assert read(given)


# -- tables ----------------------------------------------------------------------------------------------------------


def test_settings_table_is_the_code() -> None:
    wanted = [
        [f"`COOKIECONSENT_{setting.name.upper()}`", _default(setting.default), setting.metadata["doc"]]
        for setting in fields(Settings)
    ]

    assert rows(DOCS / "configuration.md", "Settings") == wanted


def _default(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"`timedelta(days={value.days})`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def test_purposes_table_is_the_code() -> None:
    wanted = [[f"`{purpose}`", str(sentence)] for purpose, sentence in PURPOSES.items()]

    assert rows(DOCS / "declaring.md", "Purposes") == wanted


def test_necessary_purposes_are_the_code() -> None:
    text = (DOCS / "declaring.md").read_text(encoding="utf-8")
    sentence = text.partition("Strictly necessary can be ")[2].partition(", and no other")[0]

    assert set(re.findall(r"`(\w+)`", sentence)) == NECESSARY_PURPOSES


def test_denied_features_are_told() -> None:
    text = (DOCS / "enforcement.md").read_text(encoding="utf-8").partition("## Permissions-Policy")[2]

    assert re.findall(r"`Permissions-Policy: (.*?)`", text) == [without_features("")]


def test_categories_table_is_the_code() -> None:
    assert first_names(DOCS / "declaring.md", "Categories") == {category.id for category in CATEGORIES}


def test_helpers_table_is_the_code(app: Flask) -> None:
    """Every helper that templates may call, and no other."""
    documented = {name.removeprefix("cookieconsent.") for name in first_names(DOCS / "templates.md", "Helpers")}
    helper = type(app.jinja_env.globals["cookieconsent"])
    public = {name for name, _ in inspect.getmembers(helper, inspect.isfunction) if name[0] != "_"}

    assert unlike(documented, public) == set()


def test_templates_table_is_the_folder() -> None:
    folder = files("flask_cookieconsent").joinpath("templates", "cookieconsent")

    assert first_names(DOCS / "templates.md", "Overriding a template") == {path.name for path in folder.iterdir()}


def test_blocks_of_templates_are_there() -> None:
    folder = files("flask_cookieconsent").joinpath("templates", "cookieconsent")
    text = (DOCS / "templates.md").read_text(encoding="utf-8")
    names = [
        name
        for template in ("layout.html", "policy_text.html")
        for name in re.findall(r"{% block (\w+) %}", folder.joinpath(template).read_text(encoding="utf-8"))
    ]

    assert len(names) == 9
    assert [name for name in names if f"`{name}`" not in text] == []


def test_colours_table_is_the_style_sheet() -> None:
    css = files("flask_cookieconsent").joinpath("static", "fcc.css").read_text(encoding="utf-8")
    documented = {row[0].strip("`") for row in rows(DOCS / "templates.md", "Colours")}

    assert set(re.findall(r"var\((--fcc-[a-z][a-z-]*)", css)) == documented


def test_commands_table_is_the_code(commands: dict[str, Any]) -> None:
    """The sentence of each command is the one that `--help` prints."""
    documented = dict(rows(DOCS / "commands.md", "All of them"))
    sentences = {f"`flask cookieconsent {name}`": command.help for name, command in commands.items()}

    assert unlike({name.split()[-1].strip("`") for name in documented}, commands) == set()
    assert {name: documented[name] for name in documented.keys() & sentences.keys()} == {
        name: sentences[name] for name in documented.keys() & sentences.keys()
    }


def test_audit_rules_table_is_the_code() -> None:
    """What the page says of a rule is what the report says of it."""
    documented = {row[0].strip("`"): tuple(row[1:]) for row in rows(DOCS / "audit.md", "The rules")}

    assert unlike(documented, RULES) == set()
    for rule in RULES.values():
        assert documented[rule.id] == (rule.level, rule.title, f"{rule.why} ({rule.law})" if rule.law else rule.why)


def test_names_table_is_the_code() -> None:
    assert unlike(first_names(DOCS / "api.md", "Names of `flask_cookieconsent`"), flask_cookieconsent.__all__) == set()


def test_members_table_is_the_code() -> None:
    public = {name for name, _ in inspect.getmembers(CookieConsent) if name[0] != "_"}

    assert unlike(first_names(DOCS / "api.md", "`CookieConsent`"), public) == set()


def test_signals_table_is_the_code() -> None:
    public = {name for name in flask_cookieconsent.__all__ if name.startswith(("consent_", "event_", "log_"))}

    assert first_names(DOCS / "api.md", "Signals") == public


def test_errors_table_is_the_code() -> None:
    public = {name for name, _ in inspect.getmembers(errors, inspect.isclass) if name.endswith("Error")}

    assert first_names(DOCS / "api.md", "Errors") == public


def test_addresses_table_is_the_code(app: Flask) -> None:
    """Each route with its endpoint and, where nothing but POST reaches it, the method."""
    wanted = {
        (("POST " if rule.methods == {"POST", "OPTIONS"} else "") + rule.rule, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if "cookieconsent" in rule.endpoint and not rule.endpoint.startswith("cookieconsent.api")
    }

    assert {(row[0].strip("`"), row[1].strip("`")) for row in rows(DOCS / "api.md", "Addresses")} == wanted


def test_cookies_table_is_the_declaration(app: Flask) -> None:
    text = " ".join(row[0] for row in rows(DOCS / "enforcement.md", "Our own two cookies"))
    explained = app.test_cli_runner().invoke(args=["cookieconsent", "services"]).output
    ours = explained.split("  cookieconsent  this site\n", 1)[1].split("\n  c")[0].split("\n\n")[0]
    names = {line.split()[0] for line in ours.splitlines() if "cookieconsent" in line}

    assert set(re.findall(r"`([\w-]+\*?)`", text)) == names


def test_table_without_a_row_is_seen(tmp_path: Path) -> None:
    """The bad twin: one setting is not told of."""
    page = tmp_path / "page.md"
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    page.write_text(re.sub(r"\| `COOKIECONSENT_CSP` .*\n", "", text), encoding="utf-8")

    assert len(rows(page, "Settings")) == len(fields(Settings)) - 1


def test_name_that_is_nowhere_is_seen() -> None:
    """The bad twin: a name that only the pages have, and one that only the code has."""
    assert unlike({"both", "told"}, {"both", "made"}) == {"told", "made"}


# -- what the pages name -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_named_things_are_there(path: Path, commands: dict[str, Any]) -> None:
    """Settings, commands, extras and targets of make, wherever a page speaks of one."""
    text = path.read_text(encoding="utf-8")
    known = {PREFIX + setting.name.upper() for setting in fields(Settings)}
    old = {PREFIX + name for name in RENAMED} if path.name == "CHANGELOG.md" else set()
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = set(config["options.extras_require"])
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"COOKIECONSENT_[A-Z_]*[A-Z]", text)) - known - old == set()
    assert set(re.findall(r"flask cookieconsent ([a-z][a-z-]+)", text)) - set(commands) == set()
    assert set(re.findall(r"(?i:flask-cookieconsent)\[(\w+)\]", text)) - extras == set()
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) - targets == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    assert broken_links(path, path.read_text(encoding="utf-8")) == []


def test_broken_link_is_seen() -> None:
    """The bad twins: no such file, no such heading."""
    text = "[a](nowhere.md) [b](README.md#nowhere) [c](README.md#quick-start) [d](https://example.com)"

    assert broken_links(README, text) == ["nowhere.md", "README.md#nowhere"]


def test_map_has_every_page() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")

    assert [page.name for page in DOCS.glob("*.md") if f"({page.name})" not in index and page.stem != "index"] == []


def test_every_public_name_has_a_docstring() -> None:
    for name in flask_cookieconsent.__all__:
        assert inspect.getdoc(getattr(flask_cookieconsent, name)), name
    for name, member in inspect.getmembers(CookieConsent, inspect.isfunction):
        assert name.startswith("_") or inspect.getdoc(member), name


# -- the project -------------------------------------------------------------------------------------------------------


def test_changelog_names_every_old_setting() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert [name for name in RENAMED if f"`{PREFIX}{name}" not in text] == []


def test_workflow_tries_every_python_that_is_promised() -> None:
    """The matrix has the versions that setup.cfg classifies, and lint starts from the oldest of them."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    promised = re.findall(r":: (3\.\d+)$", config["metadata"]["classifiers"], re.MULTILINE)
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    (matrix,) = re.findall(r"python: \[(.*)\]", workflow)

    assert re.findall(r"3\.\d+", matrix) == promised
    assert config["options"]["python_requires"] == f">={promised[0]}" == f">={config['mypy']['python_version']}"
