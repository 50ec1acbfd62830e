"""The log on PostgreSQL with a standby that is promoted under load: what the servers' setting is worth.

A step of its own: `python -m pytest -m cluster -s tests/log/test_standby.py`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.kit.load import Load, is_whole, output_of
from tests.kit.sites import make_site
from tests.kit.standby import Pair

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("postgres")]


@pytest.mark.parametrize("synchronous", [True, False], ids=["synchronous", "asynchronous"])
def test_standby_is_promoted_under_load(synchronous: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """F5: a primary dies a second after it was cut off from its standby, which takes over; the app finds it by itself.

    The bad twin is the asynchronous pair: what it acknowledged in that second is on no disk but the one that is gone.
    """
    with Pair(synchronous=synchronous) as pair:
        site = make_site(
            uri=pair.uri,
            COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"),
            COOKIECONSENT_LOG_SCOPE="shop",
            COOKIECONSENT_GRANT_RATE="9999999 per second",
            COOKIECONSENT_DATABASE_PAUSE=1,
            PROPAGATE_EXCEPTIONS=False,
        )
        load = Load([site, site])
        with load.running():
            time.sleep(1)
            pair.cut()
            time.sleep(1)
            pair.kill(0)
            start = time.monotonic()
            pair.promote()
            promoted = time.monotonic() - start
            time.sleep(3)
        output_of(site, "replay")
        missing, surplus = load.missing(site), load.surplus(site)
        whole = is_whole(site)
        with site.app.app_context():
            site.db.engine.dispose()
    with capsys.disabled():
        kind = "synchronous" if synchronous else "asynchronous"
        print(f"\n{kind} standby promoted in {promoted:.1f} s: {load.figures}, {missing.total()} lost")

    assert load.statuses == {303: len(load.acknowledged)}
    assert len(load.acknowledged) > 20
    assert surplus == {} and whole
    assert (missing.total() == 0) == synchronous
