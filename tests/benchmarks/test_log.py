"""The cost of a press: same-origin check, decision, HMAC and insert, against a view that inserts a row.

Printed with `-s`: the CPU time of this process as a ratio to the bare view's, and the share of the bare view's requests
per second, because a database works in another process. No time decides a test: it is the rows that are counted.

Targets: accept all and reject all at most 1.6 of the CPU time and at least 0.6 of the requests per second, save with
ten services at most 2.2.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_sqlalchemy import SQLAlchemy

from tests.kit.sites import Site, make_site, own

from .interleaved import BLOCK, WARM_UP, Request, ask, press_of, ratio_of, rounds

pytestmark = pytest.mark.benchmark

SECONDS = float(os.environ.get("FCC_SECONDS", "2"))
SERVICES = [own(f"s{number}", "functionality") for number in range(10)]
#: What nobody may be short of while the same press is timed again and again.
NO_LIMITS = {"COOKIECONSENT_GRANT_RATE": "9999999 per second"}


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


def presses(site: Site, bare: Flask) -> dict[str, Request]:
    """Return what is measured, the floor first: forms as the banner and the preferences post them, of new visitors."""
    fields = {"locale": "en", "notice": site.digest, "next": "/about"}
    of_banner = "/cookies/choice?surface=banner"
    switches = {
        "surface": "preferences",
        "choice": "save",
        "service": [f"s{number}" for number in range(0, 10, 2)],
        "next": "/cookies/",
    }
    return {
        "bare insert": (bare, press_of(of_banner, fields | {"choice": "accept"})),
        "accept all": (site.app, press_of(of_banner, fields | {"choice": "accept"})),
        "reject all": (site.app, press_of(of_banner, fields | {"choice": "reject"})),
        "save with ten services": (site.app, press_of("/cookies/choice", fields | switches)),
    }


def table(title: str, requests: Mapping[str, Request], *, seconds: float) -> Iterator[str]:
    """Measure some presses against the first of them and yield the lines of their table.

    :raises ValueError: if an answer is not 303: a choice that was turned away is no choice that was recorded.
    """
    for name, press in requests.items():
        if not (status := ask(press).status).startswith("303"):
            raise ValueError(f"{name}: status {status}, wanted 303")
    times = rounds(requests, seconds=seconds)
    floor = next(iter(times.values()))
    yield f"{title}, {len(floor.cpu)} rounds of {BLOCK}"
    yield f"{'press':>24} {'CPU µs':>7} {'ratio':>6} {'±':>5} {'wall µs':>8}  share of requests per second"
    for name, spent in times.items():
        cpu, wall = ratio_of(spent.cpu, floor.cpu), ratio_of(spent.wall, floor.wall)
        yield (
            f"{name:>24} {cpu.microseconds:7.0f} {cpu.ratio:6.2f} {cpu.margin:5.2f} {wall.microseconds:8.0f}"
            f"  {1 / wall.ratio:.2f}"
        )


def rows_of(site: Site) -> int:
    """Return how many events are in the log of a site."""
    with site.app.app_context(), site.db.engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(site.consent.models.Event)) or 0)


@pytest.fixture
def site(uri: str) -> Site:
    """A site with ten services, whose rate limit lets every grant of the benchmark pass."""
    return make_site(services=SERVICES, uri=uri, **NO_LIMITS)


def test_choice(site: Site, uri: str, tmp_path: Path) -> None:
    """Every choice that is timed is in the log, on each database; `FCC_SECONDS` is how long it is measured."""
    bare = bare_view(f"sqlite:///{tmp_path}/bare.db" if uri.startswith("sqlite") else uri)
    for app in (bare, site.app):
        use_wal(app)
    requests = presses(site, bare)

    title, *lines = table(uri.partition(":")[0], requests, seconds=SECONDS)

    print("", title, *lines, sep="\n")
    with bare.app_context():
        bare.extensions["sqlalchemy"].engine.dispose()
    count = int(title.split()[1])
    assert len(lines) == 1 + len(requests)
    assert rows_of(site) == (len(requests) - 1) * (1 + (WARM_UP + count) * BLOCK)


@pytest.mark.parametrize("uri", ["sqlite://"])
def test_choice_that_is_turned_away_is_not_timed(site: Site) -> None:
    """The bad twin: a choice of an unknown service is answered with an error, quickly."""
    form = {"choice": "save", "service": "unknown", "locale": "en", "notice": site.digest, "surface": "preferences"}

    with pytest.raises(ValueError, match="wanted 303"):
        list(table("turned away", {"wrong": (site.app, press_of("/cookies/choice", form))}, seconds=0))
    assert rows_of(site) == 0
