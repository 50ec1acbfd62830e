"""Notes as a tutorial writes them: `sqlite3`, no Flask-SQLAlchemy or Flask-Babel, pages without `head` and `body`."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from werkzeug.security import check_password_hash, generate_password_hash

from flask_cookieconsent import CookieConsent  # ours, 1
from flask_cookieconsent.catalogue import youtube  # ours, 2

SCHEMA = """
CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, password TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, title TEXT NOT NULL);
"""
NOTES_BASE = """<!doctype html>
<title>{% block title %}{% endblock %} - Notes</title>
OURS{{ cookieconsent.head() }}{{ cookieconsent.banner() }}
<nav><h1><a href="{{ url_for('index') }}">Notes</a></h1>
  <ul>{% if g.user %}<li><span>{{ g.user['name'] }}</span><li><a href="{{ url_for('auth.logout') }}">Log Out</a>
  {% else %}<li><a href="{{ url_for('auth.login') }}">Log In</a>{% endif %}</ul></nav>
<section class="content"><header>{% block header %}{% endblock %}</header>
  {% for message in get_flashed_messages() %}<div class="flash">{{ message }}</div>{% endfor %}
  {% block content %}{% endblock %}
</section>
OURS<footer>{{ cookieconsent.link() }}</footer>"""
NOTES_PAGES = {
    "index.html": """{% extends "base.html" %}
{% block header %}<h1>{% block title %}Posts{% endblock %}</h1>{% endblock %}
{% block content %}{% for note in notes %}<article><h1>{{ note['title'] }}</h1></article>{% endfor %}{% endblock %}""",
    "login.html": """{% extends "base.html" %}
{% block header %}<h1>{% block title %}Log In{% endblock %}</h1>{% endblock %}
{% block content %}<form method="post"><input name="name" required><input type="password" name="password" required>
<input type="submit" value="Log In"></form>{% endblock %}""",
}


def create_notes(*, database: str, with_consent: bool = True, **config: Any) -> Flask:
    """Return the notes, with and without our lines; *database* is the path of a file."""
    app = Flask("notes")
    app.config |= {"SECRET_KEY": "a key for tests only", "DATABASE": database} | config
    lines = [line for line in NOTES_BASE.splitlines() if with_consent or "OURS" not in line]
    app.jinja_loader = DictLoader(NOTES_PAGES | {"base.html": "\n".join(lines).replace("OURS", "")})

    def get_db() -> sqlite3.Connection:
        if "db" not in g:
            g.db = sqlite3.connect(app.config["DATABASE"])
            g.db.row_factory = sqlite3.Row
        return g.db  # type: ignore[no-any-return]

    @app.teardown_appcontext
    def close_db(error: BaseException | None) -> None:
        if (db := g.pop("db", None)) is not None:
            db.close()

    auth = Blueprint("auth", __name__, url_prefix="/auth")

    @auth.before_app_request
    def load_user() -> None:
        id = session.get("user_id")
        g.user = id and get_db().execute("SELECT * FROM user WHERE id = ?", (id,)).fetchone()

    @auth.route("/login", methods=("GET", "POST"))
    def login() -> ResponseReturnValue:
        if request.method == "POST":
            query = "SELECT * FROM user WHERE name = ?"
            user = get_db().execute(query, (request.form["name"],)).fetchone()
            if user is not None and check_password_hash(user["password"], request.form["password"]):
                session.clear()
                session["user_id"] = user["id"]
                return redirect(url_for("index"))
            flash("Incorrect name or password.")
        return render_template("login.html")

    @auth.route("/logout")
    def logout() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("index"))

    def index() -> str:
        return render_template("index.html", notes=get_db().execute("SELECT title FROM note").fetchall())

    def create() -> ResponseReturnValue:
        if g.user is None:
            return redirect(url_for("auth.login"))
        get_db().execute("INSERT INTO note (author_id, title) VALUES (?, ?)", (g.user["id"], request.form["title"]))
        get_db().commit()
        return redirect(url_for("index"))

    app.register_blueprint(auth)
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/create", "create", create, methods=("POST",))
    with app.app_context():
        get_db().executescript(SCHEMA)
        password = generate_password_hash("secret", method="pbkdf2:sha256:1")
        get_db().execute("INSERT OR IGNORE INTO user VALUES (1, 'ann', ?)", (password,))
        get_db().commit()
    if with_consent:
        app.config["COOKIECONSENT_CONTROLLER"] = "Example NV"  # ours, 3
        app.config["COOKIECONSENT_BASE_TEMPLATE"] = "base.html"  # ours, 4
        CookieConsent(app, services=[youtube()])  # ours, 5
    return app
