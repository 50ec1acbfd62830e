"""A site where people sign in with Flask-Login, whose choice it keeps in a column of their own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask, jsonify, request
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from tests.kit.sites import Site, Visitor, make_app, make_site

ADA, BOB = "ada@people.example", "bob@people.example"


class Accounts:
    """What the hooks of one site have, and how often they were called."""

    def __init__(self, db: SQLAlchemy) -> None:
        class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            email: Mapped[str] = mapped_column(sa.String(80), unique=True)
            cookie_choice: Mapped[str | None] = mapped_column(sa.String(4000))

        self.User, self._db = User, db
        self.loads = self.stores = 0

    def load(self, user: Any) -> str | None:
        """Return what is kept: asked of the database itself, because another request may have stored meanwhile."""
        self.loads += 1
        kept: str | None = self._db.session.scalar(sa.select(self.User.cookie_choice).filter_by(id=user.id))
        return kept

    def store(self, user: Any, choice: str, loaded: str | None) -> bool:
        """Keep a choice where nothing else was stored since."""
        self.stores += 1
        changed = self._db.session.execute(
            sa.update(self.User)
            .where(self.User.id == user.id, self.User.cookie_choice.is_not_distinct_from(loaded))
            .values(cookie_choice=choice)
        )
        self._db.session.commit()
        return bool(changed.rowcount)

    def kept(self, email: str) -> str | None:
        """Return what is kept of a person; needs an app context."""
        kept: str | None = self._db.session.scalar(sa.select(self.User.cookie_choice).filter_by(email=email))
        return kept

    def put(self, email: str, text: str | None) -> None:
        """Write into the column of a person, whatever it is; needs an app context."""
        self._db.session.execute(sa.update(self.User).filter_by(email=email).values(cookie_choice=text))
        self._db.session.commit()


def accounts_app(templates: dict[str, str] | None = None, **config: Any) -> tuple[Flask, SQLAlchemy, Accounts]:
    """Return an app in which Ada and Bob can sign in, without the extension."""
    app, db = make_app(templates, **config), SQLAlchemy()
    accounts, manager = Accounts(db), LoginManager(app)
    manager.user_loader(lambda id: db.session.get(accounts.User, int(id)))

    @app.post("/sign-in")
    def sign_in() -> str:
        login_user(db.session.scalars(sa.select(accounts.User).filter_by(email=request.form["email"])).one())
        return "signed in"

    @app.post("/sign-out")
    def sign_out() -> str:
        logout_user()
        return "signed out"

    @app.get("/seen")
    def seen() -> Any:
        return jsonify(sorted(request.cookies))

    @app.get("/shared")
    def shared() -> Any:
        page = app.make_response("<!doctype html><title>Shared</title><p>Same for all")
        page.cache_control.public = True
        return page

    return app, db, accounts


def accounts_site(*, hooks: bool = True, **more: Any) -> tuple[Site, Accounts]:
    """Return a site with a database in memory, and with the two hooks unless they are not wanted."""
    app, db, accounts = accounts_app(**more.pop("config", {}))
    site = make_site(app=app, db=db, **more)
    if hooks:
        site.consent.load_choice(accounts.load)
        site.consent.store_choice(accounts.store)
    with app.app_context():
        db.create_all()
        db.session.add_all(accounts.User(email=email) for email in (ADA, BOB))
        db.session.commit()
    return site, accounts


def device_of(site: Site, email: str = "", choice: str = "", *services: str, **headers: str) -> Visitor:
    """Return a browser on which somebody has chosen signed out, where a choice is named, and then signed in."""
    device = site.visitor(**headers)
    if choice:
        device.choose(choice, *services)
    if email:
        sign_in(device, email)
    return device


def sign_in(device: Visitor, email: str) -> None:
    """Sign somebody in on a device."""
    assert device.open("/sign-in", "POST", data={"email": email}).text == "signed in"


def sign_out(device: Visitor) -> None:
    """Sign out whoever is signed in on a device."""
    assert device.open("/sign-out", "POST").text == "signed out"


def press(device: Visitor, label: str, **more: Any) -> Any:
    """Press a button of the preferences page as it is shown to whoever is signed in on a device."""
    within = ".fcc-switches" if label == "Save choices" else ".fcc-all"
    return device.press(device.get("/cookies/"), label, within=within, **more)
