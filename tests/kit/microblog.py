"""A clean site in the shape of a microblog: people who sign in, follow, write, and have pictures from Gravatar."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from sqlalchemy.pool import StaticPool
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import BooleanField, PasswordField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, Length

from flask_cookieconsent import CookieConsent, Provider, Service
from flask_cookieconsent.log.tables import create_tables
from tests.kit.sites import BARE

#: Style sheets of others name their home, and draw with data URLs; neither contacts anybody.
SHEET = """@charset "utf-8";
/*! Sheet v5.3.0 (https://sheet.example/) | Licence: https://github.com/sheet/sheet/blob/main/LICENSE */
.check { background: url("data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'/%3e") }
.avatar { background-image: url(avatar.svg) }
/* url(https://old.example/never.png) is no more */
/*# sourceMappingURL=sheet.css.map */"""
SCRIPT = """// Shows what a name stands for; see https://developer.mozilla.org/docs/Web/API/Fetch_API
document.addEventListener("mouseover", async (event) => {
  const link = event.target.closest?.("[data-popup]");
  if (link) link.title = new DOMParser().parseFromString(
    await (await fetch(link.dataset.popup)).text(), "text/html").body.textContent;
});"""

GRAVATAR = Service(
    id="gravatar",
    name="Gravatar",
    category="third_party",
    purpose="comments",
    description="Shows the pictures that people keep there beside what they write.",
    provider=Provider(name="Automattic Inc.", country="US", privacy_policy="https://automattic.com/privacy/"),
    hosts={"img-src": ("https://www.gravatar.com",)},
)

PAGES = {
    "base.html": """<!doctype html>
<html lang="{{ locale }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:image" content="{{ url_for('static', filename='avatar.svg', _external=True) }}">
<title>{% block title %}{{ title or "Home" }} - Microblog{% endblock %}</title>
<link rel="canonical" href="{{ request.base_url }}"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
<link rel="stylesheet" href="{{ url_for('static', filename='sheet.css') }}">
<link rel="icon" href="{{ url_for('static', filename='avatar.svg') }}">
<script defer src="{{ url_for('static', filename='popup.js') }}"></script>
{{ cookieconsent.head() }}</head><body>{{ cookieconsent.banner() }}
<nav><a href="{{ url_for('main.index') }}">Home</a> <a href="{{ url_for('main.explore') }}">Explore</a>
{% if current_user.is_anonymous %}<a href="{{ url_for('auth.login') }}">Sign in</a>{% else %}
<a href="{{ url_for('main.user', username=current_user.username) }}">Profile</a>
<a href="{{ url_for('main.messages') }}">Messages</a> <a href="{{ url_for('main.export_posts') }}">Export</a>
<a href="{{ url_for('auth.logout') }}">Sign out</a>{% endif %}</nav>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<main>{% block content %}{% endblock %}</main>
<footer><a rel="me" href="https://mastodon.example/@microblog">Elsewhere</a> {{ cookieconsent.link() }}</footer>
</body></html>""",
    "_post.html": """<article>{% if cookieconsent.allows("gravatar") %}
<img src="{{ post.author.avatar(36) }}" width="36" height="36" alt="">{% else %}
<img src="{{ url_for('static', filename='avatar.svg') }}" width="36" height="36" alt="">{% endif %}
<a href="{{ url_for('main.user', username=post.author.username) }}"
  data-popup="{{ url_for('main.user_popup', username=post.author.username) }}">{{ post.author.username }}</a>
<blockquote cite="https://elsewhere.example/posts/{{ post.id }}">{{ post.body }}</blockquote></article>""",
    "index.html": """{% extends "base.html" %}{% block content %}<h1>{{ title }}</h1>
{% if form %}<form method="post">{{ form.hidden_tag() }}{{ form.post() }}{{ form.submit() }}</form>{% endif %}
{% for post in posts %}{% include "_post.html" %}{% endfor %}
{% if posts.has_prev %}
<a href="{{ url_for(request.endpoint, page=posts.prev_num, **request.view_args) }}">Newer</a>{% endif %}
{% if posts.has_next %}
<a href="{{ url_for(request.endpoint, page=posts.next_num, **request.view_args) }}">Older</a>{% endif %}
{% endblock %}""",
    "user.html": """{% extends "index.html" %}{% block content %}{{ super() }}
<form method="post" action="{{ url_for('main.follow', username=person.username) }}">{{ button.hidden_tag() }}
<button>Follow</button></form>{% endblock %}""",
    "popup.html": """<div><strong>{{ person.username }}</strong> {{ person.about }}</div>""",
    "form.html": """{% extends "base.html" %}{% block content %}<h1>{{ title }}</h1>
<form method="post">{{ form.hidden_tag() }}
{% for field in form if field.type not in ("CSRFTokenField", "HiddenField") %}
<p>{{ field.label }} {{ field() }}</p>{% endfor %}</form>{% endblock %}""",
    "404.html": '{% extends "base.html" %}{% block content %}<h1>Not found</h1>{% endblock %}',
}


class SignInForm(FlaskForm):  # type: ignore[misc]
    """The form of signing in."""

    username = StringField("Name", validators=[DataRequired()])
    password = PasswordField("Password", validators=[DataRequired()])
    remember_me = BooleanField("Remember me")
    submit = SubmitField("Sign in")


class PostForm(FlaskForm):  # type: ignore[misc]
    """The form of a post."""

    post = TextAreaField("Say something", validators=[DataRequired(), Length(max=140)])
    submit = SubmitField("Post")


def create_microblog() -> Flask:
    """Return the site, with two people who have written enough for three pages."""
    app = Flask("microblog", static_folder=None)
    memory = {"connect_args": {"check_same_thread": False}, "poolclass": StaticPool}
    app.config |= BARE | {"SQLALCHEMY_DATABASE_URI": "sqlite://", "SQLALCHEMY_ENGINE_OPTIONS": memory}
    app.config |= {"COOKIECONSENT_BASE_TEMPLATE": "base.html", "POSTS_PER_PAGE": 2}
    app.jinja_loader = DictLoader(PAGES)
    db = SQLAlchemy(app)

    class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        username = db.Column(db.String(64), unique=True)
        email = db.Column(db.String(120))
        about = db.Column(db.String(140), default="")
        password = db.Column(db.String(256))

        def avatar(self, size: int) -> str:
            digest = hashlib.md5(self.email.lower().encode(), usedforsecurity=False).hexdigest()
            return f"https://www.gravatar.com/avatar/{digest}?d=identicon&s={size}"

    class Post(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        body = db.Column(db.String(140))
        user_id = db.Column(db.ForeignKey("user.id"))
        author = db.relationship(User, backref="posts")

    Migrate(app, db)
    Babel(app, locale_selector=lambda: request.accept_languages.best_match(["en", "es"], default="en"))
    manager = LoginManager(app)
    manager.login_view = "auth.login"
    manager.user_loader(lambda id: db.session.get(User, int(id)))
    app.context_processor(lambda: {"locale": str(get_locale())})
    auth, main, api = (Blueprint(name, name) for name in ("auth", "main", "api"))

    @app.route("/static/<path:filename>", endpoint="static")
    def static(filename: str) -> Response:
        kinds = {"sheet.css": (SHEET, "text/css"), "popup.js": (SCRIPT, "text/javascript")}
        drawing = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>', "image/svg+xml")
        text, mimetype = kinds.get(filename, drawing)
        return Response(text, mimetype=mimetype)

    @auth.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        if current_user.is_authenticated:
            return redirect(url_for("main.index"))
        form = SignInForm()
        if form.validate_on_submit():
            person = db.session.scalar(sa.select(User).where(User.username == form.username.data))
            if person is None or not check_password_hash(person.password, form.password.data):
                flash("Wrong name or password")
                return redirect(url_for("auth.login"))
            login_user(person, remember=form.remember_me.data)
            return redirect(url_for("main.index"))
        return render_template("form.html", title="Sign in", form=form)

    @auth.route("/logout")
    def logout() -> ResponseReturnValue:
        logout_user()
        return redirect(url_for("main.index"))

    @auth.route("/reset_password/<token>")
    def reset_password(token: str) -> ResponseReturnValue:
        return redirect(url_for("main.index"))

    @main.before_request
    def seen() -> None:
        g.locale = str(get_locale())

    def posts_of(query: Any) -> Any:
        return db.paginate(query.order_by(Post.id.desc()), per_page=app.config["POSTS_PER_PAGE"], error_out=False)

    @main.route("/", methods=["GET", "POST"])
    @main.route("/index", methods=["GET", "POST"])
    @login_required  # type: ignore[untyped-decorator]
    def index() -> ResponseReturnValue:
        form = PostForm()
        if form.validate_on_submit():
            db.session.add(Post(body=form.post.data, author=current_user))
            db.session.commit()
            return redirect(url_for("main.index"))
        return render_template("index.html", title="Home", form=form, posts=posts_of(sa.select(Post)))

    @main.route("/explore")
    @login_required  # type: ignore[untyped-decorator]
    def explore() -> ResponseReturnValue:
        return render_template("index.html", title="Explore", posts=posts_of(sa.select(Post)))

    @main.route("/user/<username>")
    @login_required  # type: ignore[untyped-decorator]
    def user(username: str) -> ResponseReturnValue:
        person = db.first_or_404(sa.select(User).where(User.username == username))
        posts = posts_of(sa.select(Post).where(Post.user_id == person.id))
        return render_template("user.html", title=username, person=person, posts=posts, button=FlaskForm())

    @main.route("/user/<username>/popup")
    @login_required  # type: ignore[untyped-decorator]
    def user_popup(username: str) -> ResponseReturnValue:
        person = db.first_or_404(sa.select(User).where(User.username == username))
        return render_template("popup.html", person=person)

    @main.route("/follow/<username>", methods=["POST"])
    @login_required  # type: ignore[untyped-decorator]
    def follow(username: str) -> ResponseReturnValue:
        return redirect(url_for("main.user", username=username))

    @main.route("/messages")
    @login_required  # type: ignore[untyped-decorator]
    def messages() -> ResponseReturnValue:
        return render_template("form.html", title="Messages", form=PostForm())

    @main.route("/notifications")
    @login_required  # type: ignore[untyped-decorator]
    def notifications() -> ResponseReturnValue:
        return jsonify([{"name": "unread", "data": 0, "since": request.args.get("since", 0.0, type=float)}])

    @main.route("/export_posts")
    @login_required  # type: ignore[untyped-decorator]
    def export_posts() -> ResponseReturnValue:
        flash("You get them by mail")
        return redirect(url_for("main.user", username=current_user.username))

    @api.route("/users/<int:id>")
    def one_user(id: int) -> ResponseReturnValue:
        if not request.authorization:
            abort(401)
        return jsonify({"id": id, "avatar": "https://www.gravatar.com/avatar/0"})

    app.register_error_handler(404, lambda error: (render_template("404.html", title="Not found"), 404))
    app.register_blueprint(auth, url_prefix="/auth")
    app.register_blueprint(main)
    app.register_blueprint(api, url_prefix="/api")
    CookieConsent(app, db=db, services=[GRAVATAR])
    with app.app_context():
        db.create_all()
        create_tables(db)
        people = [
            User(username=name, email=f"{name}@mail.example", password=generate_password_hash("cat", "pbkdf2:sha256:1"))
            for name in ("susan", "john")
        ]
        db.session.add_all([Post(body=f"Post {number}", author=people[number % 2]) for number in range(5)])
        db.session.commit()
    return app


def enter_microblog(client: FlaskClient) -> None:
    """Sign in as a visitor would, with the token of the form."""
    page = client.get("/auth/login", base_url="https://localhost").text
    token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    fields = {"csrf_token": token, "username": "susan", "password": "cat", "remember_me": "y"}
    done = client.post(
        "/auth/login", base_url="https://localhost", headers={"Referer": "https://localhost/"}, data=fields
    )
    assert done.location == "/index" or done.location == "/", done.status
