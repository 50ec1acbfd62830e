"""Why a request is answered as it is: `flask cookieconsent explain`, and the panel of the debug mode."""

from __future__ import annotations

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
