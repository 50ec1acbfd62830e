"""What the package imports, what it declares, and what comes with it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterable
from configparser import ConfigParser
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import flask_cookieconsent

ROOT = Path(__file__).parents[1]
needs_checkout = pytest.mark.skipif(not (ROOT / "setup.cfg").exists(), reason="requirements are read in the checkout")

#: The packages of an app with consent and without a database.
ALLOWED = {
    *(
        "babel",
        "blinker",
        "click",
        "flask",
        "flask_babel",
        "flask_cookieconsent",
        "flask_wtf",
        "itsdangerous",
        "jinja2",
    ),
    *("markupsafe", "werkzeug", "wtforms"),
}
#: What those take where it is installed: Babel takes pytz, old WTForms email-validator.
TAKEN = {"pytz", "email_validator", "idna", "typing_extensions"}
DATABASE = {"flask_sqlalchemy", "sqlalchemy", "greenlet", "cython_runtime"}

MINIMAL = """
import json, sys
sys.modules.update(dict.fromkeys({hidden!r}.split()))
from flask import Flask, render_template_string
from flask_cookieconsent import CookieConsent
app = Flask("minimal")
app.config["SECRET_KEY"] = "a key for tests only"
CookieConsent(app)
app.add_url_rule("/", "home", lambda: render_template_string("{{{{ cookieconsent.banner() }}}}"))
{more}
client = app.test_client()
statuses = [client.get(path).status_code for path in ("/", "/cookies/", "/cookies/policy")]
print(json.dumps([statuses, sorted(sys.modules)]))
"""


@cache
def run(*, hidden: str = "", more: str = "") -> tuple[list[int], set[str]]:
    """Return the statuses of a minimal app and the modules it imported, where a hidden one is not installed."""
    code = MINIMAL.format(hidden=hidden, more=more)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    statuses, modules = json.loads(done.stdout)
    return statuses, set(modules)


def packages(modules: Iterable[str]) -> set[str]:
    """Return the top-level packages of modules, without Python's own and the private ones of compiled code."""
    tops = {module.partition(".")[0] for module in modules}
    return {top for top in tops if not top.startswith("_")} - sys.stdlib_module_names


def test_minimal_app_imports_what_it_uses() -> None:
    """No parser, no migration, no other language, and none of the ready-made services."""
    statuses, modules = run()

    assert statuses == [200, 200, 200]
    assert packages(modules) - TAKEN - DATABASE == ALLOWED
    assert not {module for module in modules if module.startswith(("flask_cookieconsent.catalogue", "babel.messages"))}


def test_one_import_more_is_the_bad_twin() -> None:
    _, modules = run(more="import flask_cookieconsent.catalogue, flask_cookieconsent.embeds.stored")

    assert packages(modules) - TAKEN - DATABASE == ALLOWED | {"justhtml"}
    assert "flask_cookieconsent.catalogue" in modules


def test_package_alone_imports_nothing() -> None:
    """Pytest loads it for its plugin in every run, before tests of others patch what they want to patch."""
    code = "import json, sys, flask_cookieconsent; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert packages(json.loads(done.stdout)) == {"flask_cookieconsent"}
    assert set(flask_cookieconsent._HOMES) == set(flask_cookieconsent.__all__)
    assert [name for name in flask_cookieconsent.__all__ if not hasattr(flask_cookieconsent, name)] == []
    assert not hasattr(flask_cookieconsent, "Nothing")


def test_minimal_app_imports_no_database() -> None:
    """SQLAlchemy is for apps that give a `db`."""
    assert not packages(run()[1]) & DATABASE


def test_parser_may_be_missing() -> None:
    """The minimal app works where the extra is not installed."""
    assert run(hidden="justhtml")[0] == [200, 200, 200]


def test_needed_package_is_the_bad_twin() -> None:
    with pytest.raises(AssertionError, match="wtforms"):
        run(hidden="wtforms")


# -- what is declared -----------------------------------------------------------------------------------------------


def declared(group: str) -> list[Requirement]:
    """Return the requirements of the package, or of one of its extras, as setup.cfg has them."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    section = "options" if group == "install_requires" else "options.extras_require"
    return [Requirement(line) for line in parser[section][group].split("\n") if line]


def imported(source: str) -> set[str]:
    """Return the top-level packages that a source imports, anywhere, without Python's own and ours."""
    nodes = list(ast.walk(ast.parse(source)))
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return packages(modules) - {"flask_cookieconsent"}


def undeclared(sources: Iterable[str], requirements: Iterable[Requirement]) -> set[str]:
    """Return the packages that sources import and no requirement names."""
    names = {canonicalize_name(requirement.name) for requirement in requirements}
    distributions = packages_distributions()
    tops = set().union(*map(imported, sources))
    return {top for top in tops if not names & {canonicalize_name(name) for name in distributions[top]}}


def sources() -> list[str]:
    """Return the sources of the package."""
    return [path.read_text("utf-8") for path in (ROOT / "flask_cookieconsent").rglob("*.py")]


def optional() -> list[Requirement]:
    """Return the requirements of every extra but the tests'."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    groups = [group for group in parser["options.extras_require"] if group != "test"]
    return [requirement for group in groups for requirement in declared(group)]


@needs_checkout
def test_imports_are_declared() -> None:
    """Nothing is imported that came along with something else by chance; pytest imports its plugin itself."""
    pytest_imports = [path.name for path in (ROOT / "flask_cookieconsent").rglob("*.py") if _imports_pytest(path)]

    assert undeclared(sources(), [*declared("install_requires"), *optional()]) == {"pytest"}
    assert pytest_imports == ["plugin.py"]


def _imports_pytest(path: Path) -> bool:
    return "pytest" in imported(path.read_text("utf-8"))


@needs_checkout
def test_undeclared_import_is_the_bad_twin() -> None:
    assert undeclared(["def late():\n    from bs4.element import Tag"], declared("install_requires")) == {"bs4"}
