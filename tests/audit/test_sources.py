"""Where in the owner's own source a finding stands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import DictLoader

from flask_cookieconsent.audit.findings import Finding, Place, Source
from flask_cookieconsent.audit.sources import Sources

APP = """from __future__ import annotations

import functools

from flask import Blueprint, Flask, make_response, render_template
from flask.views import MethodView, View

app = Flask(__name__)
desk = Blueprint("desk", __name__, static_folder="assets")
CONSTANT: str = "constant"


def decorated(view):
    @functools.wraps(view)
    def wrapper(*arguments):
        return view(*arguments)

    return wrapper


@app.get("/")
@decorated
@decorated
def home():
    response = make_response(render_template("home.html"))
    response.set_cookie("cart", "7")
    response.set_cookie(
        "basket",
        "8",
    )
    return response


def helper(response):
    response.set_cookie("far", "9")
    response.set_cookie(CONSTANT, "10")


@app.after_request
def count(response):
    response.set_cookie(key="hits", value="1")
    return response


class Films(MethodView):
    decorators = [decorated]

    def get(self):
        return '<img src="https://films.example/">'


class Plain(View):
    def dispatch_request(self):
        return "plain"


class Called:
    def __call__(self):
        return "called"


app.add_url_rule("/films", view_func=Films.as_view("films"))
app.add_url_rule("/plain", view_func=Plain.as_view("plain"))
app.add_url_rule("/called", "called", Called())
app.add_url_rule("/partial", "partial", functools.partial(helper, None))
app.register_blueprint(desk, url_prefix="/desk")
DECLARED = dict(
    name="declared",
)
"""
FILES = {
    "shop_of_sources/__init__.py": APP,
    "shop_of_sources/templates/home.html": (
        '{% extends "base.html" %}\n{% block content %}\n{% include "part.html" %}\n'
        '{% from "macros.html" import one %}\n'
        '<img src="https://pictures.example/a?b=1&amp;c=2">\n<img src="//pictures.example/b">\n{% endblock %}\n'
    ),
    "shop_of_sources/templates/base.html": "<p>\n{% block content %}{% endblock %}\n<script src=//CDN.example/x.js>\n",
    "shop_of_sources/templates/part.html": "\n\n<img src=//part.example/>\n{% include name_that_varies %}",
    "shop_of_sources/templates/macros.html": "{% macro one() %}\n//macro.example/{% endmacro %}",
    "shop_of_sources/templates/broken.html": "<p>\n//broken.example/ {% nothing %}",
    "shop_of_sources/templates/cookieconsent/banner.html": "<form>",
    "shop_of_sources/static/shop.css": "a {}\nb { background: url(//styles.example/x.png) }\n",
    "shop_of_sources/assets/desk.css": "b { background: url(//desk.example/x.png) }\n",
    "secret.css": "b { background: url(//secret.example/x.png) }\n",
    ".venv/lib/python3.11/site-packages/thing/templates/thing.html": "<img src=//thing.example/>",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app of several files, below the current folder."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("shop_of_sources").app
    del sys.modules["shop_of_sources"]


def found(app: Flask, subject: str, rule: str = "undeclared-host", **place: object) -> str:
    """Return where a finding with one place is found, as the file in the app's folder and its line."""
    seen = Place(**({"route": "/", "path": "/", "visitor": "gpc", "element": f"<img src={subject}>"} | place))  # type: ignore[arg-type]
    (where,) = Sources(app).located(Finding(rule, subject, "is here", (seen,))).places
    return str(where.source).removeprefix("shop_of_sources/")


def line_of(text: str) -> str:
    """Return the place of a text in the module of the app."""
    return f"__init__.py:{APP[: APP.index(text)].count(chr(10)) + 1}"


@pytest.mark.parametrize(
    ("subject", "element", "source"),
    [
        ("pictures.example", '<img src="https://pictures.example/a?b=1&amp;c=2">', "templates/home.html:5"),
        ("pictures.example", '<img src="//pictures.example/b">', "templates/home.html:6"),
        ("cdn.example", '<script src="https://cdn.example/x.js">', "templates/base.html:3"),
        ("part.example", "", "templates/part.html:3"),
        ("macro.example", "", "templates/macros.html:2"),
        ("nowhere.example", "", line_of('@app.get("/")')),
        ("example", "", line_of('@app.get("/")')),  # a part of longer names alone
        ("", "", line_of('@app.get("/")')),
    ],
)
def test_template(shop: Flask, subject: str, element: str, source: str) -> None:
    """The very element before the host alone; what is in no template is said of the view."""
    assert found(shop, subject, element=element, endpoint="home", templates=("home.html",)) == source


def test_template_that_cannot_be_parsed(shop: Flask) -> None:
    assert found(shop, "broken.example", templates=("broken.html", "missing.html")) in (
        "None",
        "templates/broken.html:2",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("cart", 'response.set_cookie("cart"'), ("basket", '"basket",'), ("hits", "response.set_cookie(key=")],
)
def test_cookie_of_a_view_or_a_hook(shop: Flask, name: str, text: str) -> None:
    assert found(shop, name, element=f"Set-Cookie: {name}", endpoint="home") == line_of(text)


@pytest.mark.parametrize(("name", "text"), [("far", 'response.set_cookie("far"'), ("constant", "CONSTANT: str")])
def test_cookie_of_other_code(shop: Flask, name: str, text: str) -> None:
    """What a view calls, and the name of a constant, are in the modules of the app."""
    assert found(shop, name, element=f"Set-Cookie: {name}", endpoint="plain") == line_of(text)


def test_declared_cookie(shop: Flask) -> None:
    where = {"route": "the declaration", "path": "", "element": 'Cookie(name="declared")'}

    assert found(shop, "declared", "stale-cookie", **where) == line_of('name="declared"')
    assert found(shop, "constant", "stale-cookie", **where) == line_of("CONSTANT: str")
    assert found(shop, "other", "stale-cookie", **where | {"element": 'Cookie(name="other")'}) == "None"


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        ("home", '@app.get("/")'),
        ("films", "def get(self)"),
        ("plain", "def dispatch_request"),
        ("called", "def __call__"),
        ("partial", "def helper"),
    ],
)
def test_views(shop: Flask, endpoint: str, text: str) -> None:
    """Decorators, classes, callable objects and partial functions are looked through."""
    assert found(shop, "/", "unreadable-page", element="HEAD", endpoint=endpoint) == line_of(text)


def test_text_in_a_view(shop: Flask) -> None:
    assert found(shop, "films.example", endpoint="films") == line_of("https://films.example/")


@pytest.mark.parametrize(
    ("path", "subject", "source"),
    [
        ("/static/shop.css?v=1", "styles.example", "static/shop.css:2"),
        ("/desk/assets/desk.css", "desk.example", "assets/desk.css:1"),
        ("/static/shop.css", "other.example", "static/shop.css:1"),
        ("/static/none.css", "styles.example", "None"),
        ("/static/../../secret.css", "secret.example", "None"),
    ],
)
def test_static_files(shop: Flask, path: str, subject: str, source: str) -> None:
    assert found(shop, subject, path=path, endpoint="static") == source


def test_template_of_ours_that_the_site_overrides(shop: Flask) -> None:
    where = {"route": "the templates", "path": "", "element": "en"}

    assert found(shop, "banner.html", "unfair-template", **where) == "templates/cookieconsent/banner.html:1"
    assert found(shop, "preferences.html", "unfair-template", **where) == "None"


def test_nothing_of_others(shop: Flask, tmp_path: Path) -> None:
    """What is installed, also inside the project, is not the owner's; a template without a file has no place."""
    installed = Flask("thing", root_path=str(tmp_path / ".venv/lib/python3.11/site-packages/thing"))
    shop.jinja_loader = DictLoader({"memory.html": "<img src=//memory.example/>"})

    assert found(installed, "thing.example", templates=("thing.html",)) == "None"
    assert found(shop, "memory.example", templates=("memory.html",)) == "None"
    assert found(shop, "x", endpoint="static", element="GET") == "None"  # a view of Flask's own


def test_files_are_relative(shop: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the current folder, else to the app's; a process in the root of the machine has the app's alone."""
    where = (Place("/", "/", "gpc", endpoint="home"),)
    finding = Finding("unreadable-page", "/", "raises", where)
    names = []
    for folder in (tmp_path, tmp_path / "shop_of_sources", tmp_path / ".venv", Path("/")):
        monkeypatch.chdir(folder)
        names.append(Sources(shop).located(finding).places[0].source)

    assert [name.file for name in names if name] == ["shop_of_sources/__init__.py", *["__init__.py"] * 3]
    assert Sources(shop).home == "__init__.py"
    assert Sources(Flask("flask")).home == ""


def test_place_that_is_known_stays(shop: Flask) -> None:
    place = Place("/", "/", "gpc", endpoint="home", source=Source("shop.js", 7))

    assert Sources(shop).located(Finding("undeclared-host", "x", "", (place,))).places[0].source == Source("shop.js", 7)


def test_folders_of_the_machine_are_left_out(shop: Flask, tmp_path: Path) -> None:
    """What a page raises goes to code hosts and into the folder for an authority."""
    says = (
        f"raises OSError: no such file: '{tmp_path}/shop_of_sources/a.csv', '{sys.prefix}/b', '{Path.home()}/c', '/d'"
    )
    finding = Finding("unreadable-page", "/", says)

    assert Sources(shop).located(finding).says == "raises OSError: no such file: 'a.csv', 'b', 'c', '/d'"
