"""Two apps in the shapes that sites have: what they did before our lines they do after, and visitors are asked."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kit import blog, notes
from tests.kit.blog import create_blog
from tests.kit.notes import create_notes
from tests.kit.sites import SAME_ORIGIN, fields_of, soup_of

ROOT = Path(__file__).parents[1]


@pytest.fixture(params=[True, False], ids=["with consent", "without"])
def with_consent(request: pytest.FixtureRequest) -> bool:
    """Whether our lines are in the app."""
    return bool(request.param)


@pytest.fixture
def blogs(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """What makes a blog with its tables."""
    engines: list[sa.Engine] = []

    def make(*, with_consent: bool = True) -> Flask:
        app = create_blog(with_consent=with_consent, COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"))
        with app.app_context():
            db = app.extensions["sqlalchemy"]
            db.create_all()
            engines.append(db.engine)
        return app

    yield make
    for engine in engines:
        engine.dispose()


def submit(client: FlaskClient, path: str, **values: str) -> TestResponse:
    """Fill in the form of a page and send it."""
    form = soup_of(client.get(path).text).select_one("form:not(.fcc-form)[method=post]:not([id])")
    assert form is not None
    return client.post(path, data=dict(fields_of(form)) | values)


def press(client: FlaskClient, path: str, choice: str) -> TestResponse:
    """Press the button of a choice on a page, as a browser would."""
    soup: BeautifulSoup = soup_of(client.get(path).text)
    button = soup.select_one(f"button[value={choice}]")
    assert button is not None, (path, choice)
    form = soup.find(id=button["form"]) if button.get("form") else button.find_parent("form")
    data = [*fields_of(form), ("choice", choice)]  # type: ignore[arg-type]
    address = str(button.get("formaction") or form["action"])  # type: ignore[index]
    fields: dict[str, list[str]] = {}
    for name, value in data:
        fields.setdefault(name, []).append(value)
    return client.post(address, data=fields, headers=SAME_ORIGIN)


def test_our_lines_are_few() -> None:
    """Seven in a blog, eight where nothing is there already, templates included."""
    for module, base in ((blog, blog.BASE), (notes, notes.NOTES_BASE)):
        source = Path(str(module.__file__)).read_text("utf-8")
        assert len(re.findall(r"# ours, \d$", source, re.MULTILINE)) + base.count("OURS") <= 8


# -- the blog ----------------------------------------------------------------------------------------------------------


def test_blog_does_what_it_did(blogs: Callable[..., Flask], with_consent: bool) -> None:
    client = blogs(with_consent=with_consent).test_client()

    assert client.get("/").location.startswith("/login?next=")
    assert submit(client, "/register", name="ann", password="secret").location == "/login"
    assert "Welcome!" in client.get("/login").text
    assert submit(client, "/login", name="ann", password="wrong").location == "/login"
    assert submit(client, "/login", name="ann", password="secret", remember_me="y").location == "/"
    assert client.post("/posts", data={"body": "First"}).location == "/"
    page = soup_of(client.get("/").text)
    assert [each.text for each in page.select("h1, .post")] == ["Hi, ann!", "First"]
    assert client.get("/nowhere").status_code == 404
    assert client.get("/logout").location == "/"


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [("/login", "en", "Reject all"), ("/register", "es", "Rechazar todo"), ("/nowhere", "es", "Rechazar todo")],
)
def test_blog_asks_in_its_language(blogs: Callable[..., Flask], path: str, language: str, words: str) -> None:
    page = soup_of(blogs().test_client().get(path, headers={"Accept-Language": language}).text)

    assert page.select_one(".fcc-banner button[value=reject]").text == words  # type: ignore[union-attr]
    assert page.select_one(".fcc-link a")


def test_blog_keeps_who_is_signed_in(blogs: Callable[..., Flask]) -> None:
    """A choice changes nothing of the session, and messages of the site wait for its next page."""
    app = blogs()
    client = app.test_client()
    submit(client, "/register", name="ann", password="secret")
    refused = press(client, "/nowhere", "reject")
    submit(client, "/login", name="ann", password="secret", remember_me="y")
    accepted = press(client, "/cookies/", "accept")
    tagged = client.get("/").text
    client.delete_cookie("session")
    withdrawn = press(client, "/", "withdraw")

    assert [refused.status_code, accepted.status_code, withdrawn.status_code] == [303] * 3
    tag = 'data-service="google_analytics"'
    page = client.get("/").text
    assert tag in tagged and tag not in page and "Hi, ann!" in page
    with app.app_context():
        events = app.extensions["cookieconsent.state"].log.newest(9)
    assert sorted(event.kind.value for event in events) == ["given", "refused", "withdrawn"]


def test_blog_migrates(tmp_path: Path) -> None:
    """`flask db migrate` adds our tables and drops nothing; then `flask db check` finds nothing to do."""
    app = f"tests.kit.blog:create_blog(SQLALCHEMY_DATABASE_URI='sqlite:///{tmp_path / 'blog.db'}')"
    # In an interpreter of its own, because Alembic configures the logging of all of it.
    for command in ("init", "migrate", "upgrade", "check"):
        arguments = [sys.executable, "-m", "flask", "--app", app, "db", command, "-d", str(tmp_path / "migrations")]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'blog.db'}")
    tables = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    (script,) = Path(tmp_path, "migrations", "versions").glob("*.py")

    assert {"user", "post", "cookieconsent_event", "cookieconsent_violation"} <= tables
    assert "drop" not in script.read_text("utf-8").partition("def downgrade")[0]


def test_blog_passes_the_check(blogs: Callable[..., Flask]) -> None:
    result = blogs().test_cli_runner().invoke(args=["cookieconsent", "check"])

    assert (result.exit_code, result.output.splitlines()[-1][-2:]) == (0, "2."), result.output


# -- the notes ---------------------------------------------------------------------------------------------------------


def test_notes_do_what_they_did(tmp_path: Path, with_consent: bool) -> None:
    client = create_notes(database=str(tmp_path / "notes.db"), with_consent=with_consent).test_client()

    assert client.post("/create", data={"title": "First"}).location == "/auth/login"
    assert "Incorrect" in submit(client, "/auth/login", name="ann", password="wrong").text
    assert submit(client, "/auth/login", name="ann", password="secret").location == "/"
    assert client.post("/create", data={"title": "First"}).location == "/"
    assert [each.text for each in soup_of(client.get("/").text).select("article, span:not([class])")][:2] == [
        "ann",
        "First",
    ]
    assert client.get("/auth/logout").location == "/"


def test_notes_ask(tmp_path: Path) -> None:
    """Without a database of ours and without Flask-Babel; signing in outlives each choice."""
    client = create_notes(database=str(tmp_path / "notes.db")).test_client()
    submit(client, "/auth/login", name="ann", password="secret")
    for path, choice in (("/", "accept"), ("/", "withdraw"), ("/cookies/", "reject")):
        assert press(client, path, choice).status_code == 303
        assert "ann" in client.get("/").text

    preferences = soup_of(client.get("/cookies/").text)
    assert preferences.title is not None and preferences.title.text == "Cookie settings - Notes"
    assert preferences.select("nav a") and preferences.select("button[value=save]")


def test_notes_pass_the_check(tmp_path: Path) -> None:
    app = create_notes(database=str(tmp_path / "notes.db"))
    result = app.test_cli_runner().invoke(args=["cookieconsent", "check"])

    assert (result.exit_code, result.output.splitlines()[-1][-2:]) == (0, "2."), result.output
