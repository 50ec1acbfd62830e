"""A blog as sites are: an app factory with Flask-SQLAlchemy, Migrate, Login, Babel and WTF, and eight lines of ours."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired

from flask_cookieconsent import CookieConsent  # ours, 1
from flask_cookieconsent.catalogue import google_analytics, youtube  # ours, 2

BASE = """<!doctype html>
<html lang="{{ language }}">
  <head>
    <meta charset="utf-8">
    <title>{% block title %}{{ title or "Home" }} - Blog{% endblock %}</title>
    OURS{{ cookieconsent.head() }}
  </head>
  <body>
    OURS{{ cookieconsent.banner() }}
    <nav>{% if current_user.is_anonymous %}<a href="{{ url_for('auth.login') }}">Sign in</a>
      {% else %}<a href="{{ url_for('auth.logout') }}">Sign out {{ current_user.name }}</a>{% endif %}</nav>
    {% for message in get_flashed_messages() %}<p class="flash">{{ message }}</p>{% endfor %}
    {% block content %}{% endblock %}
    OURS<footer>{{ cookieconsent.link() }}</footer>
  </body>
</html>"""
FORM = """{% extends "base.html" %}{% block content %}<h1>{{ title }}</h1>
<form method="post">{{ form.hidden_tag() }}{{ form.name() }}{{ form.password() }}
<button>{{ title }}</button></form>{% endblock %}"""
HOME = """{% extends "base.html" %}{% block content %}<h1>Hi, {{ current_user.name }}!</h1>
{% for post in posts %}<p class="post">{{ post.body }}</p>{% endfor %}{% endblock %}"""
PAGES = {
    "form.html": FORM,
    "home.html": HOME,
    "404.html": '{% extends "base.html" %}{% block content %}<h1>Not found</h1>{% endblock %}',
}


class SignIn(FlaskForm):  # type: ignore[misc]
    """The form of signing in."""

    name = StringField(_l("Name"), validators=[DataRequired()])
    password = PasswordField(_l("Password"), validators=[DataRequired()])
    remember_me = BooleanField()


def language() -> str:
    """Return the language of the page, as Flask-Babel asks for it."""
    return request.accept_languages.best_match(["en", "es"], default="en")


def create_blog(*, with_consent: bool = True, **config: Any) -> Flask:
    """Return the blog, with and without our lines."""
    app = Flask("blog")
    app.config |= {"SECRET_KEY": "a key for tests only", "SQLALCHEMY_DATABASE_URI": "sqlite://"} | config
    db = SQLAlchemy(app)

    class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(64), unique=True)
        password = db.Column(db.String(256))
        posts = db.relationship("Post", backref="author")

    class Post(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        body = db.Column(db.String(140))
        user_id = db.Column(db.ForeignKey("user.id"))

    Migrate(app, db)
    manager = LoginManager(app)
    manager.login_view = "auth.login"
    manager.user_loader(lambda id: db.session.get(User, int(id)))
    Babel(app, locale_selector=language)
    app.context_processor(lambda: {"language": language()})
    app.jinja_loader = DictLoader(PAGES | {"base.html": _base(with_consent=with_consent)})

    auth = Blueprint("auth", __name__)

    @auth.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        form = SignIn()
        if form.validate_on_submit():
            user = db.session.scalar(db.select(User).where(User.name == form.name.data))
            if user is not None and check_password_hash(user.password, form.password.data):
                login_user(user, remember=form.remember_me.data)
                return redirect(url_for("main.home"))
            flash("Wrong name or password")
            return redirect(url_for("auth.login"))
        return render_template("form.html", form=form, title="Sign in")

    @auth.route("/register", methods=["GET", "POST"])
    def register() -> ResponseReturnValue:
        form = SignIn()
        if form.validate_on_submit():
            db.session.add(User(name=form.name.data, password=generate_password_hash(form.password.data)))
            db.session.commit()
            flash("Welcome!")
            return redirect(url_for("auth.login"))
        return render_template("form.html", form=form, title="Register")

    @auth.route("/logout")
    def logout() -> ResponseReturnValue:
        logout_user()
        return redirect(url_for("main.home"))

    main = Blueprint("main", __name__)

    @main.route("/")
    @login_required  # type: ignore[untyped-decorator]
    def home() -> ResponseReturnValue:
        return render_template("home.html", posts=db.session.scalars(db.select(Post)))

    @main.route("/posts", methods=["POST"])
    @login_required  # type: ignore[untyped-decorator]
    def post() -> ResponseReturnValue:
        db.session.add(Post(body=request.form["body"], author=current_user))
        db.session.commit()
        return redirect(url_for("main.home"))

    app.register_error_handler(404, lambda error: (render_template("404.html"), 404))
    app.register_blueprint(auth)
    app.register_blueprint(main)
    if with_consent:
        app.config["COOKIECONSENT_CONTROLLER"] = "Example NV"  # ours, 3
        app.config["COOKIECONSENT_BASE_TEMPLATE"] = "base.html"  # ours, 4
        CookieConsent(app, db=db, services=[google_analytics("G-1234567890"), youtube()])  # ours, 5
    return app


def _base(*, with_consent: bool) -> str:
    return "\n".join(line.replace("OURS", "") for line in BASE.splitlines() if with_consent or "OURS" not in line)
