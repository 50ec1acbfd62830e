"""The demo without a browser: pages are whole, and what they refer to is there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from demo_app import create_app
from demo_app.consents import consent
from demo_app.models import db
from flask_cookieconsent.testing import ConsentAudit, consenting, refusing
from tests.kit.sites import Clock, Site, Visitor

PAGES = (
    *("/", "/stories", "/about", "/platform/sign-in", "/nowhere", "/cookies/", "/cookies/policy"),
    *("/cookies/choice/receipt", "/cookies/choice/check", "/cookies/report"),
)
#: What a page never holds: a stand-in that nobody replaced, a value that was missing, a template's own signs.
LEFTOVER = re.compile(r"fcc-[a-z]+-hole|>\s*None\s*<|=\"[^\"]*\bNone\b[^\"]*\"|\{\{|\{%|Undefined|&lt;\w+ object at 0x")
ADDRESS = re.compile(r'(?:href|src)="(/[^/"#][^"#]*|/)')


def leftovers(html: str) -> list[str]:
    """Return what is left in a page of its making."""
    return LEFTOVER.findall(html)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demo, with a database of its own."""
    return create_app({"INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))})


@pytest.fixture(params=["", "Reject all", "Accept all"])
def visitor(request: pytest.FixtureRequest, demo: Any) -> Visitor:
    """Somebody who gave no answer yet, or refused or accepted everything."""
    someone = Site(demo, consent, Clock(), db).visitor()
    if request.param:
        someone.press(someone.get("/"), request.param, within=".fcc-banner")
        assert someone.client.get_cookie("cookieconsent") is not None
    return someone


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_pages_are_whole(visitor: Visitor, language: str) -> None:
    """Nothing is left of how a page was made, and every address of this site in it answers."""
    pages = {path: visitor.get(f"{path}?lang={language}").text for path in PAGES}
    addresses = {found.replace("&amp;", "&") for html in pages.values() for found in ADDRESS.findall(html)}
    statuses = {address: visitor.get(address, buffered=True).status_code for address in addresses - set(PAGES)}

    assert {path: leftovers(html) for path, html in pages.items() if leftovers(html)} == {}
    assert {
        address: status for address, status in statuses.items() if status >= 400 and "/nowhere" not in address
    } == {}
    assert len(addresses) > 10


@pytest.mark.parametrize(
    "html",
    [
        '<form action="/cookies/choice"><input name="next" value="fcc-next-hole">',
        '<script nonce="fcc-nonce-hole">',
        '<div id="fcc-place-hole">',
        "<p>None</p>",
        '<a href="/cookies/None">',
        "<p>{{ cookieconsent.link() }}</p>",
    ],
)
def test_leftovers_are_found(html: str) -> None:
    """The bad twins of a whole page."""
    assert leftovers(f"<main>{html}</main>")


def test_leftovers_are_none_in_words() -> None:
    """Words that only contain the same letters are no leftovers."""
    assert leftovers('<p title="Nonetheless">The whole site. None of them. .hole</p>') == []


def test_demo_passes_its_own_check(demo: Any) -> None:
    """Every page that a newcomer reaches has its three helpers, in the layout of the demo."""
    result = demo.test_cli_runner().invoke(args=["cookieconsent", "check"])

    assert result.exit_code == 0, result.output


def sign_in(client: FlaskClient) -> None:
    """Sign somebody in to the Platform, as its form does."""
    with client.session_transaction() as opened:
        opened["person"] = "lotte"


def test_demo_does_what_it_declares(demo: Any, consent_audit: ConsentAudit) -> None:
    """Every page, as it is for four visitors who are signed in; what only a form sets is not seen by an audit."""
    report = consent_audit(demo, sign_in=sign_in)

    assert {finding.subject for finding in report.findings} <= {"ecom_layout", "ecom_newsletter"}
    assert report.not_reached == ()


def test_tracker_in_the_demo_is_found(demo: Any, consent_audit: ConsentAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bad twin: one cookie more on a page that only who is signed in can see."""
    view = demo.view_functions["platform.customers"]

    def planted() -> Response:
        response: Response = demo.make_response(view())
        response.set_cookie("_fbp", "fb.1.1.1")
        return response

    monkeypatch.setitem(demo.view_functions, "platform.customers", planted)
    with pytest.raises(AssertionError, match=r"undeclared-cookie[\s\S]*_fbp[\s\S]*/platform/customers"):
        consent_audit(demo, sign_in=sign_in)


@pytest.mark.parametrize(("allowed", "link"), [((), True), (("layout",), False)])
def test_layout_goes_from_link_to_link_until_it_may_be_kept(demo: Any, allowed: tuple[str, ...], link: bool) -> None:
    """B5: whoever refuses has the same tables, whose links carry the layout."""
    client = consenting(demo.test_client(), *allowed) if allowed else refusing(demo.test_client())
    sign_in(client)
    page = client.get("/platform/customers?layout=compact").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    fields = {"layout": "compact", "page": "customers", "csrf_token": token[1] if token else ""}
    answer = client.post("/platform/layout", data=fields)

    assert answer.status_code == 303
    assert ("layout=compact" in answer.headers["Location"]) is link
    assert (client.get_cookie("ecom_layout") is None) is link
