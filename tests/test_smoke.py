"""Smoke tests: an installed package has all of its modules, templates, static files and catalogs, and works.

With the tests elsewhere that are marked `smoke` they are what runs against the built wheel, outside the checkout.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest
from flask_babel import Babel

import flask_cookieconsent
from flask_cookieconsent import catalogue
from tests.kit.sites import make_site, soup_of, static
from tests.test_extension import walk

pytestmark = pytest.mark.smoke


def names_of(folder: str) -> list[str]:
    """Return the names of the files in a folder of the installed package."""
    return sorted(path.name for path in files("flask_cookieconsent").joinpath(folder).iterdir() if path.is_file())


def modules() -> list[ModuleType]:
    """Import every module of the installed package."""
    names = pkgutil.walk_packages(flask_cookieconsent.__path__, "flask_cookieconsent.")
    return [importlib.import_module(module.name) for module in names]


def test_every_module_can_be_imported() -> None:
    assert {"core", "embeds", "log", "http", "choice", "pages", "catalogue"} <= {
        module.__name__.split(".")[1] for module in modules()
    }


def test_every_module_and_public_name_is_documented() -> None:
    for thing in (*modules(), *(getattr(catalogue, name) for name in catalogue.__all__)):
        assert thing.__doc__, thing


def test_every_template_compiles() -> None:
    environment = make_site().app.jinja_env
    templates = names_of("templates/cookieconsent")

    assert {"banner.html", "preferences.html", "policy.html", "report.html"} <= set(templates)
    for name in templates:
        assert environment.get_template(f"cookieconsent/{name}").root_render_func


def test_every_static_file_is_served() -> None:
    visitor = make_site().visitor()
    names = names_of("static")

    assert {"fcc.css", "fcc.js", "tag.js", "report.css", "share.svg"} <= set(names)
    for name in names:
        with visitor.get(static(name)) as response:
            assert response.status_code == 200, name


def test_receipt_schema_is_json() -> None:
    text = files("flask_cookieconsent").joinpath("static", "receipt.schema.json").read_text("utf-8")

    assert json.loads(text)["$schema"]


@pytest.mark.parametrize(
    ("locale", "reject"), [("nl", "Alles weigeren"), ("fr", "Tout refuser"), ("de", "Alle ablehnen")]
)
def test_catalogs_are_compiled(locale: str, reject: str) -> None:
    """B6: a page is in its language, from the message catalog that was installed."""
    site = make_site()
    Babel(site.app, locale_selector=lambda: locale)
    banner = soup_of(site.visitor().get("/")).select_one(".fcc-banner")

    assert banner["lang"] == locale
    assert banner.select_one("button[value=reject]").text == reject


def test_walk_with_a_database(tmp_path: Path) -> None:
    """A visitor is asked, accepts and withdraws; both events are in a database on disk."""
    walk(make_site(uri=f"sqlite:///{tmp_path / 'log.db'}"))


def test_types_are_shipped() -> None:
    """PEP 561: `py.typed` tells type checkers that the package has annotations."""
    assert files("flask_cookieconsent").joinpath("py.typed").is_file()
