"""The cost of a choice: a POST that is checked, decided, signed and recorded, against a bare view that inserts one row.

Targets: accept all and reject all at least 0.6 of the bare view's requests per second, save with ten services 0.4.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_sqlalchemy import SQLAlchemy

from tests.kit.sites import SAME_ORIGIN, make_site, own

pytestmark = pytest.mark.benchmark

ROUNDS = 300
SERVICES = [own(f"s{number}", "functionality") for number in range(10)]


def bare_view(uri: str) -> Flask:
    """Return an app whose one view inserts what it was sent, in a transaction of its own."""
    app = Flask("bare")
    app.config.update(SECRET_KEY="a key for tests only", SQLALCHEMY_DATABASE_URI=uri)
    db = SQLAlchemy(app)
    table = sa.Table(
        "row", db.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.String(200))
    )
    with app.app_context():
        db.metadata.create_all(db.engine, [table])

    def insert() -> Any:
        with db.engine.begin() as connection:
            connection.execute(sa.insert(table).values(text=request.form["choice"]))
        return redirect("/", 303)

    app.add_url_rule("/cookies/choice", view_func=insert, methods=["POST"])
    return app


def in_wal_mode(app: Flask) -> None:
    db = app.extensions["sqlalchemy"]
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            sa.event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=NORMAL"))
            db.engine.dispose()


def sender(app: Flask, **form: Any) -> Callable[[], int]:
    """Return a function that posts a form as a new visitor and returns the wall time in nanoseconds."""

    def send() -> int:
        client = app.test_client()
        start = time.perf_counter_ns()
        answer = client.post("/cookies/choice", data=form, headers=SAME_ORIGIN)
        spent = time.perf_counter_ns() - start
        assert answer.status_code == 303
        return spent

    return send


def test_choice(uri: str, tmp_path: Path) -> None:
    """A choice on each database, as a share of the bare view's requests per second; printed with `-m benchmark -s`."""
    bare = bare_view(f"sqlite:///{tmp_path}/bare.db" if uri.startswith("sqlite") else uri)
    site = make_site(services=SERVICES, uri=uri, COOKIECONSENT_GRANT_RATE="9999999 per second")
    for app in (bare, site.app):
        in_wal_mode(app)
    fields = {"locale": "en", "notice": site.digest, "surface": "preferences"}
    cases = {
        "bare insert": sender(bare, choice="accept", **fields),
        "accept all": sender(site.app, choice="accept", **fields),
        "reject all": sender(site.app, choice="reject", **fields),
        "save with ten services": sender(site.app, choice="save", service=[f"s{n}" for n in range(0, 10, 2)], **fields),
    }
    order, chance = list(cases), random.Random(1)
    spent: dict[str, list[int]] = {name: [] for name in order}
    for name in order:
        cases[name]()
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for name in order:
            spent[name].append(cases[name]())

    floor = median(spent["bare insert"])
    for name, times in spent.items():
        middle = median(times)
        print(f"\n{uri[:10]:>11} {name:>24}: {middle / 1000:7.0f} µs, {floor / middle:.2f} of the bare view", end="")
    with bare.app_context():
        bare.extensions["sqlalchemy"].engine.dispose()
    assert len(site.events()) >= 3 * ROUNDS or len(site.events()) == 1000
