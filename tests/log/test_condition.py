"""The condition of the log: seals, the last verification and what waits, without a look at any event (F4, F5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from flask_cookieconsent.log.statistics import MOST_DAYS, Condition, Verified
from flask_cookieconsent.state import get_state
from tests.kit.events import fill
from tests.kit.sites import Site, make_site

DAY = date(2026, 11, 23)


def condition_of(site: Site) -> Condition:
    with site.app.app_context():
        report = get_state().log.report(DAY, DAY)
    assert report is not None
    return report.condition


def lines(site: Site) -> list[str]:
    """Return what `stats` says of the log."""
    output = site.app.test_cli_runner().invoke(args=["cookieconsent", "stats"]).output
    return [" ".join(line.split()[1:]) for line in output.splitlines() if line.startswith("log ")]


def test_young_log() -> None:
    assert condition_of(make_site()) == Condition(
        sealed_until=None, days_to_seal=0, verified=None, waiting=0, put_aside=0, is_interrupted=False
    )


def test_sealed_and_verified_log(tmp_path: Path) -> None:
    """F4: today and yesterday are not finished; what was never sealed is counted, and a verification remembered."""
    site = make_site(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path))
    fill(site, 50, DAY - timedelta(days=9), 10)
    assert (condition_of(site).sealed_until, condition_of(site).days_to_seal) == (None, 8)

    for command in ("seal", "verify"):
        site.app.test_cli_runner().invoke(args=["cookieconsent", command])
    for name in ("a.json", "b.bad", "c.bad"):
        (tmp_path / name).write_text("{}")
    site.clock.forward(days=1)

    found = condition_of(site)
    assert found.verified is not None and found.verified.reached is not None
    assert replace(found, verified=replace(found.verified, reached=None)) == Condition(
        sealed_until=date(2026, 11, 21),
        days_to_seal=1,
        verified=Verified(made_on=DAY, events=50, mistakes=0, reached=None),
        waiting=1,
        put_aside=2,
        is_interrupted=False,
    )


def test_terminal_says_the_same() -> None:
    site = make_site()
    fill(site, 50, DAY - timedelta(days=9), 10)
    young = lines(site)
    for command in ("seal", "verify"):
        site.app.test_cli_runner().invoke(args=["cookieconsent", command])

    rest = ["waiting 0", "put aside 0", "database answers"]
    assert young == ["sealed until no day", "days to seal 8", "verified never", *rest]
    assert lines(site) == ["sealed until 2026-11-21", "days to seal 0", "verified 2026-11-23, 0 mistakes", *rest]


def test_what_nobody_looks_for() -> None:
    """No more than `MOST_DAYS` days are counted, and the rows say so; a breaker that is open is said, too."""
    worst = Condition(
        sealed_until=None, days_to_seal=MOST_DAYS, verified=None, waiting=0, put_aside=0, is_interrupted=True
    )

    assert dict(worst.rows)["days to seal"] == "400 or more"
    assert dict(worst.rows)["database"] == "left alone, because it did not answer in time"
