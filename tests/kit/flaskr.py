"""A clean site in the shape of Flask's tutorial: a blog with SQLite, which asks about nothing."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, request, session, url_for
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from werkzeug.security import check_password_hash, generate_password_hash

from flask_cookieconsent import CookieConsent
from tests.kit.sites import BARE

SCHEMA = """
CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL, password TEXT NOT NULL);
CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, author_id INTEGER NOT NULL REFERENCES user (id),
  title TEXT NOT NULL, body TEXT NOT NULL);"""

PAGES = {
    "base.html": """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{% block title %}{% endblock %} - Flaskr</title>{{ cookieconsent.head() }}</head><body>
{{ cookieconsent.banner() }}<nav><h1><a href="{{ url_for('index') }}">Flaskr</a></h1>
{% if g.user %}<span>{{ g.user['username'] }}</span> <a href="{{ url_for('auth.logout') }}">Log Out</a>{% else %}
<a href="{{ url_for('auth.register') }}">Register</a> <a href="{{ url_for('auth.login') }}">Log In</a>{% endif %}</nav>
<section>{% for message in get_flashed_messages() %}<div class="flash">{{ message }}</div>{% endfor %}
{% block content %}{% endblock %}</section>
<footer><a href="https://flask.palletsprojects.com/">Made with Flask</a> {{ cookieconsent.link() }}</footer>
</body></html>""",
    "auth/form.html": """{% extends "base.html" %}{% block title %}{{ title }}{% endblock %}
{% block content %}<form method="post"><label>Username <input name="username" required></label>
<label>Password <input type="password" name="password" required></label><button>{{ title }}</button></form>
{% endblock %}""",
    "blog/index.html": """{% extends "base.html" %}{% block title %}Posts{% endblock %}{% block content %}
{% if g.user %}<a href="{{ url_for('blog.create') }}">New</a>{% endif %}
{% for post in posts %}<article><h2>{{ post['title'] }}</h2>
{% if g.user and g.user['id'] == post['author_id'] %}
<a href="{{ url_for('blog.update', id=post['id']) }}">Edit</a>{% endif %}
<p>{{ post['body'] }}</p></article>{% endfor %}{% endblock %}""",
    "blog/update.html": """{% extends "base.html" %}{% block title %}Edit{% endblock %}{% block content %}
<form method="post"><input name="title" value="{{ post['title'] }}"><textarea name="body">{{ post['body'] }}</textarea>
<button>Save</button></form>
<form action="{{ url_for('blog.delete', id=post['id'] or 0) }}" method="post"><button>Delete</button></form>
{% endblock %}""",
}

View = Callable[..., ResponseReturnValue]


def signed_in(view: View) -> View:
    """Send whoever is not signed in to the page where one signs in."""

    @functools.wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        return redirect(url_for("auth.login")) if g.user is None else view(**values)

    return guarded


def create_flaskr() -> Flask:
    """Return the blog, with two people and a post of each."""
    app = Flask("flaskr")
    app.config |= BARE
    app.jinja_loader = DictLoader(PAGES)
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.row_factory = sqlite3.Row
    database.executescript(SCHEMA)
    for name in ("admin", "reader"):
        password = generate_password_hash("pass", "pbkdf2:sha256:1")
        database.execute("INSERT INTO user (username, password) VALUES (?, ?)", (name, password))
    for number in (1, 2):
        database.execute("INSERT INTO post (author_id, title, body) VALUES (?, ?, 'Words')", (number, f"Post {number}"))
    auth, blog = Blueprint("auth", __name__, url_prefix="/auth"), Blueprint("blog", __name__)

    @auth.before_app_request
    def load_user() -> None:
        id = session.get("user_id")
        g.user = None if id is None else database.execute("SELECT * FROM user WHERE id = ?", (id,)).fetchone()

    @auth.route("/register", methods=("GET", "POST"))
    def register() -> ResponseReturnValue:
        if request.method == "POST":
            flash("Nobody may register here.")
        return render_template("auth/form.html", title="Register")

    @auth.route("/login", methods=("GET", "POST"))
    def login() -> ResponseReturnValue:
        if request.method == "POST":
            named = (request.form["username"],)
            person = database.execute("SELECT * FROM user WHERE username = ?", named).fetchone()
            if person and check_password_hash(person["password"], request.form["password"]):
                session.clear()
                session["user_id"] = person["id"]
                return redirect(url_for("index"))
            flash("Incorrect username or password.")
        return render_template("auth/form.html", title="Log In")

    @auth.route("/logout")
    def logout() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("index"))

    def post_of(id: int) -> Any:
        post = database.execute("SELECT * FROM post WHERE id = ?", (id,)).fetchone()
        if post is None:
            abort(404, f"Post id {id} doesn't exist.")
        if post["author_id"] != g.user["id"]:
            abort(403)
        return post

    @blog.route("/")
    def index() -> ResponseReturnValue:
        return render_template("blog/index.html", posts=database.execute("SELECT * FROM post ORDER BY id").fetchall())

    @blog.route("/create", methods=("GET", "POST"))
    @signed_in
    def create() -> ResponseReturnValue:
        return render_template("blog/update.html", post={"title": "", "body": "", "id": None})

    @blog.route("/<int:id>/update", methods=("GET", "POST"))
    @signed_in
    def update(id: int) -> ResponseReturnValue:
        return render_template("blog/update.html", post=post_of(id))

    @blog.route("/<int:id>/delete", methods=("POST",))
    @signed_in
    def delete(id: int) -> ResponseReturnValue:
        post_of(id)
        return redirect(url_for("blog.index"))

    app.register_blueprint(auth)
    app.register_blueprint(blog)
    app.add_url_rule("/", endpoint="index")
    app.add_url_rule("/hello", "hello", lambda: "Hello, World!")
    CookieConsent(app)
    return app


def enter_flaskr(client: FlaskClient) -> None:
    """Sign in."""
    client.post("/auth/login", base_url="https://localhost", data={"username": "admin", "password": "pass"})
