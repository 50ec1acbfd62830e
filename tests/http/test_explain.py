"""Why a request is answered as it is: `flask cookieconsent explain`, and the panel of the debug mode."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.kit.sites import PLAYER, make_site, soup_of
from tests.kit.talkative import talkative


def test_explain() -> None:
    """Each service with its reason, the cookies and the hosts, for a request that somebody tells of."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")
    header = f"cookieconsent={visitor.cookie()}; _ec=1; a=1"
    args = ["cookieconsent", "explain", "--cookie", header, "--http", "--host", "www.example.com", "--path", "/a/b"]
    told_of = site.app.test_cli_runner().invoke(args=args).output.splitlines()

    assert "yes  films  granted" in told_of
    assert "no   counter  refused" in told_of
    assert "Hidden from the app: _ec" in told_of
    assert "Removed with a page: _ec (6 places)" in told_of
    assert f"Opened in the Content-Security-Policy: frame-src {PLAYER}" in told_of
    alone = site.app.test_cli_runner().invoke(args=[*args[:2], "--cookie", visitor.cookie(), "--http", "--gpc"]).output
    assert "no   films  signal" in alone.splitlines()


def test_panel_in_debug() -> None:
    """The same on every page, for developers alone."""
    site = talkative()
    assert "fcc-panel" not in site.visitor().get("/").text
    site.app.debug = True
    page = site.visitor().get("/", headers={"Cookie": "_ec=1"})
    panel = soup_of(page).select_one(".fcc-panel")

    assert "counter" in panel.text
    assert "undecided" in panel.text
    assert "Hidden from the app: _ec" in panel.text


@pytest.mark.parametrize(
    ("key", "value", "usual"),
    [("GRANT_RETENTION", 3650, 2009), ("REFUSAL_RETENTION", timedelta(days=397), 396)],
)
def test_long_retention_is_told_at_the_start(
    key: str, value: Any, usual: int, caplog: pytest.LogCaptureFixture
) -> None:
    """F6: a retention above the usual one starts with a warning that names key, value and what is wanted."""
    make_site(**{f"COOKIECONSENT_{key}": value})

    (record,) = [each for each in caplog.records if "RETENTION" in each.getMessage()]
    days = value if isinstance(value, int) else value.days
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith(f"COOKIECONSENT_{key}: found {days} days, wanted at most {usual}")


def test_usual_retention_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """The twin: the defaults, and whatever is shorter."""
    make_site(COOKIECONSENT_GRANT_RETENTION=400, COOKIECONSENT_REFUSAL_RETENTION=timedelta(days=396))

    assert "RETENTION" not in caplog.text
