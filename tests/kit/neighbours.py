"""Apps with another extension that has translations of its own; run as a module it prints what one of them answers.

`python -m tests.kit.neighbours NAME [consent] [hidden] [babel]` makes the app in a fresh interpreter: with consent,
with `flask_babel` hidden as if it was not installed, with Flask-Babel initialised by the app itself after all others.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from typing import Any

from flask import Flask, render_template_string

from flask_cookieconsent import CookieConsent


def admin(app: Flask) -> str:
    """Flask-Admin, which uses `flask_babel` where it can be imported."""
    from flask_admin import Admin

    Admin(app, name="Shop")
    return "/admin/"


def security(app: Flask) -> str:
    """Flask-Security-Too, which uses it where the app has it."""
    from flask_security.core import RoleMixin, Security, UserMixin
    from flask_security.datastore import UserDatastore

    class User(UserMixin):  # type: ignore[misc]
        fs_uniquifier = fs_token_uniquifier = email = password = active = roles = ""

    Security(app, UserDatastore(User, RoleMixin))
    return "/login"


def forms(app: Flask) -> str:
    """Flask-WTF, which takes the messages of WTForms from there."""
    from flask_wtf import FlaskForm
    from wtforms import StringField
    from wtforms.validators import InputRequired

    class Form(FlaskForm):
        name = StringField(validators=[InputRequired()])

    def page() -> str:
        form = Form(formdata=None, data={})
        form.validate()
        return render_template_string("{{ form.errors }}", form=form)

    app.add_url_rule("/form", "form", page)
    return "/form"


NEIGHBOURS = {each.__name__: each for each in (admin, security, forms)}


def answer(name: str, options: Collection[str]) -> dict[str, Any]:
    """Return the status and the text of a neighbour's page, and what the app consists of."""
    if "hidden" in options:
        sys.modules["flask_babel"] = None  # type: ignore[assignment]
    app = Flask(name)
    app.config.update(SECRET_KEY="a key for tests only", SECURITY_PASSWORD_SALT="salt")
    app.config.update(WTF_CSRF_ENABLED=False, BABEL_DEFAULT_LOCALE="fr")
    if "consent" in options:
        CookieConsent(app)
    path = NEIGHBOURS[name](app)
    if "babel" in options:
        from flask_babel import Babel

        Babel(app)
    names = {"extensions": sorted(app.extensions), "filters": sorted(app.jinja_env.filters)}
    response = app.test_client().get(path)
    return {"status": response.status_code, "text": response.text, "jinja": sorted(app.jinja_env.extensions), **names}


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1], sys.argv[2:])))
