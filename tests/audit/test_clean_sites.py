"""The audit of sites that declare the truth: no error, and each warning can be accepted by one line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo_app import create_app
from flask_cookieconsent.audit.accepted import acceptance, sort_out
from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.options import parse_options
from flask_cookieconsent.audit.report import Report, audit
from flask_cookieconsent.audit.walking.walk import Wishes
from tests.kit.flaskr import create_flaskr, enter_flaskr
from tests.kit.microblog import create_microblog, enter_microblog
from tests.kit.shop import PAGES, create_shop, enter_shop


def enter_platform(client: FlaskClient) -> None:
    """Sign in to the Platform of the demo, as its form does."""
    answer = client.post(
        "/platform/sign-in",
        base_url="https://localhost",
        headers={"Origin": "https://localhost"},
        data={"person": "lotte"},
    )
    assert answer.location == "/platform/"


#: By site: how it is made in a folder, how one signs in, and paths that no page links to.
SITES: dict[str, tuple[Callable[[str], Flask], Any, tuple[str, ...]]] = {
    "microblog": (lambda folder: create_microblog(), enter_microblog, ("/user/john/popup",)),
    "flaskr": (lambda folder: create_flaskr(), enter_flaskr, ()),
    "shop": (lambda folder: create_shop(), enter_shop, ("/picture/lamp.svg",)),
    "demo": (lambda folder: create_app({"INSTANCE_PATH": folder}), enter_platform, ()),
}
#: What is declared and set by forms alone, which an audit never sends.
SET_BY_FORMS = {("stale-cookie", "ecom_layout"), ("stale-cookie", "ecom_newsletter"), ("stale-cookie", "basket")}
#: What acts when it is asked for, or needs a secret of somebody.
LEFT_OUT = {"/auth/logout", "/auth/reset_password/<token>", "/api/users/<int:id>"}


def told(findings: tuple[Finding, ...]) -> list[str]:
    """Return findings in a line each, with the first place."""
    return [f"{each.rule}: {each.subject} at {each.routes[0]}: {each.says}" for each in findings]


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, Wishes]:
    """One of the sites, and how somebody who knows it has it audited."""
    make, sign_in, paths = SITES[request.param]
    return make(str(tmp_path_factory.mktemp("instance"))), Wishes(sign_in=sign_in, paths=paths)


@pytest.fixture(scope="module")
def report(site: tuple[Flask, Wishes]) -> Report:
    """What an audit says of it."""
    return audit(*site)


def test_site_that_tells_the_truth_has_no_errors(site: tuple[Flask, Wishes], report: Report) -> None:
    """An alarm that is false costs the trust in those that are not; whoever is not signed in gets none either."""
    assert told(report.errors) == []
    assert told(audit(site[0]).errors) == []


def test_warnings_are_of_what_no_walk_can_see(report: Report) -> None:
    found = [(each.rule, each.subject) for each in report.findings]

    assert set(found) - SET_BY_FORMS == set()
    assert len(set(found)) == len(found)


def test_warning_is_accepted_by_one_line(report: Report) -> None:
    """The line that the audit proposes is read back from a file, and nothing is left to say."""
    lines = "".join(f"{acceptance(each, report.day).line}\n" for each in report.findings)
    options = parse_options(tomllib.loads(f"accepted = [\n{lines}]"), report.day)

    assert len(options.accepted) == len(report.findings)
    assert told(sort_out(report.findings, options.accepted, report.day).counting) == []


def test_walk_looks_at_nearly_everything(report: Report) -> None:
    """A walk that looks at little finds nothing either."""
    assert {route for route, _ in report.not_reached} - LEFT_OUT == set()


def test_clean_site_with_one_pixel_more_is_seen() -> None:
    """The bad twin: the shop on the day when somebody adds a pixel to its checkout."""
    app = create_shop()
    pixel = '<img src="https://pixel.example/p.gif" alt=""></form>'
    loader: Any = app.jinja_loader
    loader.mapping = PAGES | {"checkout.html": PAGES["checkout.html"].replace("</form>", pixel)}
    report = audit(app, Wishes(sign_in=enter_shop))

    assert [(each.rule, each.subject, each.routes) for each in report.errors] == [
        ("undeclared-host", "pixel.example", ("/checkout",))
    ]
