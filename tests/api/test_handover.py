"""An app opens a web view already decided, once; nobody else plants a choice that way; the way back gives a token."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from flask_cookieconsent.choice.codes import challenge_of
from flask_cookieconsent.core.validity import HALF_A_YEAR
from tests.kit.accounts import ADA, accounts_site, device_of, press
from tests.kit.phones import APART, SHARING, Phone, website
from tests.kit.sites import EVERYTHING, GPC, SAME_ORIGIN, Site, Visitor, cookies_set, make_app, make_site

#: What a web view sends whose app has called `postUrl` (Android), or loaded a `URLRequest` (iOS).
WEB_VIEWS = [{"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document", "Origin": "null"}, {}]
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def code_of(phone: Phone, **body: Any) -> str:
    """Return a new code of an app for its web view."""
    answer = phone.call("/handover", body or None)
    assert answer.status_code == 200
    return str(answer.json["code"])


def opened(visitor: Visitor, code: str, to: str = "/about", headers: Any = None, **fields: str) -> TestResponse:
    """Open a page in a web view with a code."""
    sent = WEB_VIEWS[0] if headers is None else headers
    return visitor.open("/cookies/handover", "POST", data={"code": code, "next": to, **fields}, headers=sent)


def deciding(site: Site, choice: str, *services: str) -> Phone:
    phone = Phone(site)
    assert phone.choose(choice, *services).status_code == 200
    return phone


# -- from the app to a page --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", WEB_VIEWS)
def test_web_view_opens_decided(headers: dict[str, str]) -> None:
    """The page comes by a redirect, with what the app chose and no banner; no event, no receipt, no address tells."""
    site = website()
    phone = deciding(site, "save", "films")
    answer = phone.call("/handover")
    view, before = site.visitor(), site.events()
    response = opened(view, answer.json["code"], headers=headers)

    assert answer.json.keys() == {"code", "expires_in"}
    assert (answer.json["expires_in"], answer.headers["Cache-Control"]) == (60, "no-store")
    assert (response.status_code, response.headers["Location"]) == (303, "/about")
    assert response.headers["Cache-Control"] == "no-store"
    assert set(cookies_set(response)) == {"cookieconsent"}
    assert view.cookie() == phone.token
    assert view.allowed() == {"films"}
    assert "fcc-banner" not in view.get("/").text
    assert site.events() == before


def test_next_stays_on_the_site() -> None:
    """B9: the redirect leads to a page of this app, whatever the form says."""
    site = website()
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/nothing", ""):
        response = opened(site.visitor(), "", to)
        assert (response.status_code, response.headers["Location"]) == (303, "/cookies/"), to


def test_reading_the_address_changes_nothing() -> None:
    """A code in an address does nothing: no link, no prefetch and no preview hands anything over."""
    site = website()
    code = code_of(deciding(site, "accept"))
    view = site.visitor()
    response = view.get(f"/cookies/handover?code={code}&next=/about")

    assert (response.status_code, cookies_set(response)) == (302, {})
    assert opened(view, "", headers=WEB_VIEWS[0]).status_code == 303
    assert view.allowed() == set()
    opened(view, code)
    assert view.allowed() == EVERYTHING, "it was not used up either"


FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://sister.localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "junk", "Origin": "null"},
    {"Referer": "https://evil.example/page"},
]


def planted(headers: dict[str, str]) -> tuple[int, set[str]]:
    """Return the status and what is allowed where a page with these headers sends a visitor with a code."""
    site = website()
    code = code_of(deciding(site, "accept"))
    victim = site.visitor()
    status = opened(victim, code, headers=headers).status_code
    return status, victim.allowed()


@pytest.mark.parametrize("headers", FOREIGN)
def test_nobody_plants_a_choice(headers: dict[str, str]) -> None:
    """B9: a page of another site cannot send a visitor here with a code of its own maker's."""
    assert planted(headers) == (403, set())


@pytest.mark.parametrize("headers", [*WEB_VIEWS, SAME_ORIGIN, {"Origin": "http://localhost"}])
def test_own_app_and_site_can(headers: dict[str, str]) -> None:
    """The bad twin: by the same check what an app's web view or this site sends is taken."""
    assert planted(headers) == (303, EVERYTHING)


def test_framed_page_takes_no_code() -> None:
    """A page of ours inside somebody's frame takes no choice over."""
    for place in ("iframe", "frame", "embed", "object"):
        assert planted({**SAME_ORIGIN, "Sec-Fetch-Dest": place}) == (403, set())


def test_used_old_and_forged_codes() -> None:
    """The page opens undecided: no error in anybody's face, no cookie, nothing recorded."""
    site = website()
    phone = deciding(site, "accept")
    used, old = code_of(phone), code_of(phone)
    opened(site.visitor(), used)
    site.clock.forward(seconds=61)
    back = site.visitor()
    back.choose("accept")
    events = site.events()
    codes = (used, old, used[:-1], "junk", "é" * 50, "x" * 9_000, phone.token or "", _code_back(back))
    for code in codes:
        view = site.visitor()
        response = opened(view, code)
        assert (response.status_code, response.headers["Location"]) == (303, "/about"), code
        assert cookies_set(response) == {}, code
        assert view.allowed() == set(), code
    assert site.events() == events


def test_form_without_a_code() -> None:
    """What lacks its fields opens a page; what is longer than a code can be is refused."""
    site = website()
    assert site.visitor().open("/cookies/handover", "POST", headers=WEB_VIEWS[0]).status_code == 303
    assert opened(site.visitor(), "x" * 20_000).status_code == 400


def test_one_code_one_view() -> None:
    """The second view opens undecided, though the first one holds what the code said."""
    site = website()
    code = code_of(deciding(site, "accept"))
    views = [site.visitor(), site.visitor()]
    for view in views:
        opened(view, code)

    assert [view.allowed() for view in views] == [EVERYTHING, set()]


# -- what a code does not overrule -------------------------------------------------------------------------------------


def test_newer_choice_of_the_view_stays() -> None:
    """D: what the visitor chose here later counts, and keeps its receipt."""
    site = website()
    phone = deciding(site, "accept")
    site.clock.forward(days=1)
    view = site.visitor()
    view.choose("save", "posts")
    receipt = view.receipt
    assert cookies_set(opened(view, code_of(phone))) == {}

    assert (view.allowed(), view.receipt) == ({"posts"}, receipt)


def test_refusal_of_the_same_day_wins() -> None:
    """Service by service: a grant in the app does not undo a refusal here, nor the reverse."""
    site = website()
    phone = deciding(site, "save", "films", "posts")
    view = site.visitor()
    view.choose("save", "posts", "counter")
    opened(view, code_of(phone))

    assert view.allowed() == {"posts"}


def test_refusal_in_the_app_arrives() -> None:
    """A withdrawal in the app takes away here at once, the receipt too; the cookies of what ended are swept."""
    site = website()
    phone = deciding(site, "accept")
    view = site.visitor()
    opened(view, code_of(phone))
    view.client.set_cookie("_ec", "1", domain="localhost")
    site.clock.forward(days=1)
    phone.choose("withdraw")
    response = opened(view, code_of(phone))

    assert view.allowed() == set()
    assert cookies_set(response)["_ec"]["max-age"] == "0"


def test_nothing_chosen_is_nothing_handed() -> None:
    """An app that has not asked yet opens an undecided page, which asks."""
    site = website()
    view = site.visitor()
    opened(view, code_of(Phone(site)))

    assert "fcc-banner" in view.get("/").text
    assert view.cookie() is None


def test_what_has_expired_is_not_handed() -> None:
    """D2: a choice of more than six months ago is none, and a code gives it no new day."""
    site = website()
    phone = deciding(site, "accept")
    site.clock.forward(days=HALF_A_YEAR.days)
    view = site.visitor()
    last = int(cookies_set(opened(view, code_of(phone)))["cookieconsent"]["max-age"])
    site.clock.forward(days=1)
    late = site.visitor()
    opened(late, code_of(phone))

    assert last <= 86_400
    assert (view.allowed(), late.allowed()) == (set(), set())


def test_signal_of_the_view_is_heeded() -> None:
    """G: a grant made without Global Privacy Control does not stand against the view that sends it."""
    site = website()
    view = site.visitor(**{name.replace("-", "_"): value for name, value in GPC.items()})
    opened(view, code_of(deciding(site, "accept")), headers=WEB_VIEWS[0] | GPC)

    assert "films" not in view.allowed()


# -- only between shared scopes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [{}, APART, {**SHARING, "COOKIECONSENT_APP_SCOPE": "Kiosk"}])
def test_scopes_apart_hand_nothing_over(config: dict[str, Any]) -> None:
    """409, with words for the developer, and nothing else happens."""
    site = make_site(**config)
    phone = deciding(site, "accept")
    code = code_of(deciding(website(), "accept"))
    view = site.visitor()
    answers = [phone.call("/handover"), phone.call("/exchange", {"code": code}), _back(view)]

    for answer in answers:
        assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
        assert answer.json["type"] == "urn:flask-cookieconsent:problem:not-shared"
        assert "COOKIECONSENT_SHARED_SCOPES" in answer.json["errors"][0]["detail"]
    assert opened(view, code).status_code == 409
    assert view.allowed() == set()


def test_codes_of_another_site() -> None:
    """A code that another site's key has signed opens an undecided page."""
    site, other = website(), website(SECRET_KEY="the key of somebody else")
    view = site.visitor()
    opened(view, code_of(deciding(other, "accept")))

    assert view.allowed() == set()


# -- from a page to the app --------------------------------------------------------------------------------------------


def _back(view: Visitor, headers: Any = None, **body: Any) -> TestResponse:
    sent = SAME_ORIGIN if headers is None else headers
    more = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
    return view.open("/cookies/api/handover/back", "POST", headers=sent, **more)


def _code_back(view: Visitor, **body: Any) -> str:
    return str(_back(view, **body).json["code"])


def test_way_back() -> None:
    """The app gets a token with what the page's visitor chose, and no cookie; no event, and no receipt travels."""
    site = website()
    view = site.visitor()
    view.choose("save", "films")
    code, events = _code_back(view), site.events()
    phone = Phone(site)
    answer = phone.call("/exchange", {"code": code})
    phone.token = answer.json["token"]

    assert (phone.token, phone.allowed) == (view.cookie(), {"films"})
    assert "receipt" not in answer.json
    assert cookies_set(answer) == {}
    assert answer.json["choices"]["films"] == "granted"
    assert site.events() == events


def test_grants_of_an_account_stay_there() -> None:
    """What a person has allowed on another device counts while they are signed in, and goes into no app's token."""
    site, _ = accounts_site(config=SHARING)
    press(device_of(site, ADA), "Accept all")
    view, phone = device_of(site, ADA), Phone(site)
    assert view.allowed() == EVERYTHING, "the account says so"
    phone.token = phone.call("/exchange", {"code": _code_back(view)}).json["token"]
    assert phone.allowed == set()
    press(view, "Save choices", off=["films"])
    phone.token = phone.call("/exchange", {"code": _code_back(view)}).json["token"]

    assert phone.allowed == EVERYTHING - {"films"}, "what they say here is handed over"


def test_token_of_the_app_counts_too() -> None:
    """The code does not overrule a refusal that the app itself was told on the same day."""
    site = website()
    view, phone = site.visitor(), deciding(site, "save", "posts", "films")
    view.choose("save", "films", "counter")
    phone.token = phone.call("/exchange", {"code": _code_back(view)}).json["token"]

    assert phone.allowed == {"films"}


def test_exchange_reads_no_cookie() -> None:
    """A caller without a token has chosen nothing, whatever cookie comes along."""
    site = website()
    view, other = site.visitor(), site.visitor()
    view.choose("save", "films")
    other.choose("save", "posts")
    body = {"data": json.dumps({"code": _code_back(view)}), "content_type": "application/json"}
    answer = other.open("/cookies/api/exchange", "POST", headers=SAME_ORIGIN, **body)

    assert set(answer.json["allowed"]) >= {"films"}
    assert "posts" not in answer.json["allowed"]


@pytest.mark.parametrize("headers", [*FOREIGN, {}, WEB_VIEWS[0]])
def test_only_a_page_of_the_site_gives_back(headers: dict[str, str]) -> None:
    """Nobody else's page or program gets a code out of a visitor's cookie."""
    view = website().visitor()
    view.choose("accept")
    assert _back(view, headers).status_code == 403


def test_wrong_codes_are_no_tokens() -> None:
    """400 with the problem `wrong-code`: used, old, forged, or meant for a page."""
    site = website()
    view = site.visitor()
    view.choose("accept")
    phone = Phone(site)
    used, old = _code_back(view), _code_back(view)
    phone.call("/exchange", {"code": used})
    to_page = code_of(deciding(site, "accept"))
    site.clock.forward(seconds=61)

    for code in (used, old, "junk", to_page, view.cookie()):
        answer = phone.call("/exchange", {"code": code})
        assert (answer.status_code, answer.json["type"].rpartition(":")[2]) == (400, "wrong-code"), code


def test_intercepted_code_is_useless() -> None:
    """RFC 7636: with a challenge only the app that has its verifier gets the token, and the page the choice."""
    site = website()
    view = site.visitor()
    view.choose("accept")
    code, phone = _code_back(view, challenge=challenge_of(VERIFIER)), Phone(site)
    assert phone.call("/exchange", {"code": code}).status_code == 400
    assert phone.call("/exchange", {"code": code, "verifier": VERIFIER[::-1]}).status_code == 400
    assert phone.call("/exchange", {"code": code, "verifier": VERIFIER}).status_code == 200
    thief, own = site.visitor(), site.visitor()
    code = code_of(deciding(site, "accept"), challenge=challenge_of(VERIFIER))
    opened(thief, code)
    opened(own, code, verifier=VERIFIER)

    assert (thief.allowed(), own.allowed()) == (set(), EVERYTHING)


BODIES: list[tuple[str, Any, str]] = [
    ("/exchange", {}, "code: found"),
    ("/exchange", {"code": 7}, "code: found"),
    ("/exchange", {"code": "x", "verifier": "short"}, "verifier: found"),
    ("/exchange", {"code": "x", "more": 1}, "'more': no such field"),
    ("/exchange", [], "the body: found a list, wanted an object"),
    ("/handover", {"challenge": "plain"}, "challenge: found"),
    ("/handover", {"code": "x"}, "'code': no such field"),
]


@pytest.mark.parametrize(("path", "body", "wanted"), BODIES)
def test_what_is_wrong_is_told(path: str, body: Any, wanted: str) -> None:
    """A developer reads the field, what was found and what is wanted; nothing is given."""
    answer = Phone(website()).call(path, body)

    assert answer.status_code == 400
    assert wanted in answer.json["errors"][0]["detail"]


def test_other_requests() -> None:
    """No token, no JSON, too long, another method: a problem of its own each."""
    site = website()
    phone = Phone(site)
    client = site.app.test_client()

    assert client.post("/cookies/api/handover", headers=SAME_ORIGIN).status_code == 400
    assert phone.call("/handover/back", Origin="http://localhost").status_code == 400
    assert phone.call("/handover", method="GET").status_code == 405
    assert phone.call("/exchange", {"code": "x" * 20_000}).status_code == 400
    broken = {"Authorization": "Bearer", "Content-Type": "text/plain"}
    assert client.post("/cookies/api/exchange", headers=broken, data="code=x").status_code == 415
    for path in ("/handover", "/exchange"):
        assert phone.call(path, {"code": "x"}, Origin="https://evil.example").status_code == 403, path


# -- several processes -------------------------------------------------------------------------------------------------


def _use(folder: str, codes: list[str], gate: Any, found: Any) -> None:
    """Open a web view with each code, at the same moment as another process."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=folder, **SHARING)
    site = make_site(app=app)
    for number, code in enumerate(codes):
        view = site.visitor()
        gate.wait(timeout=120)
        opened(view, code)
        found.put((number, bool(view.cookie())))


def race(folder: Path) -> list[int]:
    """Return how many of two processes have won with each of some codes that both use at once."""
    codes = [code_of(deciding(website(), "accept")) for _ in range(6)]
    processes = multiprocessing.get_context("spawn")
    gate, found = processes.Barrier(2), processes.Queue()
    both = [processes.Process(target=_use, args=(str(folder), codes, gate, found)) for _ in range(2)]
    for each in both:
        each.start()
    answers = [found.get(timeout=240) for _ in range(2 * len(codes))]
    for each in both:
        each.join(timeout=60)
    return [sum(won for number, won in answers if number == wanted) for wanted in range(len(codes))]


@pytest.mark.parametrize(
    ("place", "winners"),
    [(lambda path: path / "spool", 1), (lambda path: Path("/dev/null/spool"), 2)],
    ids=["one folder", "bad twin: none"],
)
def test_two_processes_and_one_code(place: Callable[[Path], Path], winners: int, tmp_path: Path) -> None:
    """Of two processes of one machine that use a code at once exactly one wins, thanks to the folder they share."""
    assert race(place(tmp_path)) == [winners] * 6
