"""The plugin in pytest runs of their own, which load it as the suites of sites do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.papers import DOCS, blocks, needs_pages

pytest_plugins = ("pytester",)

SITE = """
from flask import Flask, render_template_string
from flask_cookieconsent import CookieConsent, SetupError
import pytest, sys

PAGE = '''<!doctype html><html lang="en"><head><title>Home</title>{{ cookieconsent.head() }}</head><body>
{{ cookieconsent.banner() }}<h1>Home</h1>{{ cookieconsent.link() }}</body></html>'''

def make(tracker=""):
    app = Flask("site")
    app.config |= {"SECRET_KEY": "a key for tests only", "COOKIECONSENT_CONTROLLER": "Example NV"}
    CookieConsent(app)
    @app.get("/")
    def home():
        response = app.make_response(render_template_string(PAGE))
        if tracker:
            response.set_cookie(tracker, "1")
        return response
    return app

def test_parser_is_missing(consent_audit, monkeypatch):
    monkeypatch.setitem(sys.modules, "justhtml", None)
    with pytest.raises(SetupError, match="pip install"):
        consent_audit(make())

def test_mended(consent_audit):
    consent_audit(make())

def test_planted(consent_audit):
    consent_audit(make("_ga"))
"""

STRANGER = """
import sys, warnings

def test_stranger(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("flask_cookieconsent")
    assert not {"flask", "werkzeug", "sqlalchemy", "justhtml"} & set(sys.modules)
    assert [name for name in sys.modules if name.startswith("flask_cookieconsent")] == [
        "flask_cookieconsent", "flask_cookieconsent.testing", "flask_cookieconsent.testing.plugin"
    ]
"""

#: The suites of this machine's other plugins stay out of it: Dash's loads Flask.
ALONE = ("-p", "no:dash", "-p", "no:randomly", "-W", "error")


def test_new_tracker_fails_a_suite(pytester: pytest.Pytester) -> None:
    """One line in a test; the site without the tracker passes, and nothing warns."""
    pytester.makepyfile(SITE)
    result = pytester.runpytest_subprocess(*ALONE)

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*ERROR undeclared-cookie*", "*Set-Cookie: _ga*", "*google_analytics(*", "FAILED *::test_planted*"]
    )
    # The failure is shown where the suite calls it.
    result.stdout.no_fnmatch_line("*auditing.py*")


@pytest.mark.parametrize("more", [(), ("-n", "1")])
def test_other_suites_pay_nothing(pytester: pytest.Pytester, more: tuple[str, ...]) -> None:
    """Nothing of a site is imported before a test does, and nothing warns; so also in the processes of xdist."""
    pytester.makepyfile(STRANGER)

    pytester.runpytest_subprocess(*ALONE, *more).assert_outcomes(passed=1)


def test_site_may_run_its_tests_itself(tmp_path: Path) -> None:
    """A command such as `flask test` has imported the package before pytest, which warns of most plugins then."""
    (tmp_path / "test_it.py").write_text("def test_it(consent_audit): assert consent_audit\n", "utf-8")
    code = f"import sys, flask_cookieconsent.state, pytest; sys.exit(pytest.main({[*ALONE, '-q', str(tmp_path)]}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "PytestAssertRewriteWarning" not in done.stdout + done.stderr


def test_fixture_says_what_it_is_for(pytester: pytest.Pytester) -> None:
    """In `pytest --fixtures`, where people look."""
    result = pytester.runpytest_subprocess(*ALONE, "--fixtures")

    result.stdout.fnmatch_lines(["consent_audit *", "*fails where it sets a cookie or contacts a host*"])


@needs_pages
def test_page_shows_a_suite_that_passes(pytester: pytest.Pytester) -> None:
    """What docs/testing.md tells people to write, but for the block that needs a browser of the suite's own."""
    shown = [block for block in blocks(DOCS / "testing.md") if "live_server" not in block]
    pytester.makepyfile("\n".join(shown))

    pytester.runpytest_subprocess(*ALONE).assert_outcomes(passed=2)
