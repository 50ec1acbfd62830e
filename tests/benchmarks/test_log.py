"""Throughput of the choice endpoint: same-origin check, decision, HMAC and insert, against a view that inserts a row.

Printed with `-s`: wall time, because a database works in another process, and the share of the bare view's requests
per second. Targets: accept all and reject all 0.6, save with ten services 0.4. No time decides a test.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_sqlalchemy import SQLAlchemy

from tests.kit.sites import SAME_ORIGIN, Site, make_site, own

from .interleaved import ratio_of

pytestmark = pytest.mark.benchmark

#: At most 332, because a site reads the newest thousand events of its log.
ROUNDS = 300
SERVICES = [own(f"s{number}", "functionality") for number in range(10)]

#: Posts one form as a new visitor and returns the wall time in nanoseconds.
Sender = Callable[[], int]


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


def use_wal(app: Flask) -> None:
    """Switch SQLite to its write-ahead log and `synchronous=NORMAL`, as sites do that write much; others stay."""
    db = app.extensions["sqlalchemy"]
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            sa.event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=NORMAL"))
            db.engine.dispose()


def sender(app: Flask, **form: Any) -> Sender:
    """Return what posts a form to an app.

    It raises ValueError if the answer is not 303: a choice that was turned away is no choice that was recorded.
    """

    def send() -> int:
        client = app.test_client()
        start = time.perf_counter_ns()
        response = client.post("/cookies/choice", data=form, headers=SAME_ORIGIN)
        spent = time.perf_counter_ns() - start
        if response.status_code != 303:
            raise ValueError(f"status {response.status} for {form}, wanted 303")
        return spent

    return send


def round_times(senders: Mapping[str, Sender]) -> dict[str, list[int]]:
    """Return the wall times of every sender in every round, each round in another order, after one to warm up."""
    order, chance = list(senders), random.Random(1)
    times: dict[str, list[int]] = {name: [] for name in order}
    for name in order:
        senders[name]()
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for name in order:
            times[name].append(senders[name]())
    return times


@pytest.fixture
def site(uri: str) -> Site:
    """A site with ten services, whose rate limit lets every grant of the benchmark pass."""
    return make_site(services=SERVICES, uri=uri, COOKIECONSENT_GRANT_RATE="9999999 per second")


def test_choice(site: Site, uri: str, tmp_path: Path) -> None:
    """Every choice that is timed is in the log, on each database."""
    bare = bare_view(f"sqlite:///{tmp_path}/bare.db" if uri.startswith("sqlite") else uri)
    for app in (bare, site.app):
        use_wal(app)
    fields = {"locale": "en", "notice": site.digest, "surface": "preferences"}
    choices = {
        "accept all": sender(site.app, choice="accept", **fields),
        "reject all": sender(site.app, choice="reject", **fields),
        "save with ten services": sender(site.app, choice="save", service=[f"s{n}" for n in range(0, 10, 2)], **fields),
    }
    times = round_times({"bare insert": sender(bare, choice="accept"), **choices})

    for name in times:
        share = 1 / ratio_of(times[name], times["bare insert"]).ratio
        print(
            f"\n{uri[:10]:>11} {name:>24}: {median(times[name]) / 1_000:7.0f} µs, {share:.2f} of the bare view", end=""
        )
    with bare.app_context():
        bare.extensions["sqlalchemy"].engine.dispose()
    assert len(site.events()) == len(choices) * (ROUNDS + 1)


@pytest.mark.parametrize("uri", ["sqlite://"])
def test_choice_that_is_turned_away_is_not_timed(site: Site) -> None:
    """The bad twin: a choice of an unknown service is answered with an error, quickly."""
    send = sender(site.app, choice="save", service="unknown", locale="en", notice=site.digest, surface="preferences")

    with pytest.raises(ValueError, match="wanted 303"):
        send()
    assert site.events() == []
