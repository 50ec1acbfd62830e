"""The response to a press: the cookies it leaves and erases, where it leads, and what the app is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask, Request, abort
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from flask_cookieconsent import consent_given, consent_withdrawn
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.log.events import receipt_digest
from tests.kit.phones import Phone
from tests.kit.sites import (
    BARE,
    EVERYTHING,
    NOON,
    Clock,
    Site,
    Visitor,
    cookies_set,
    make_site,
    own,
    paths_set,
    soup_of,
)


def test_receipt_comes_back_whatever_the_app_adds_to_addresses() -> None:
    """D3, E2: an app that carries its language in every link must not turn it into a part of the cookie's path."""
    site = make_site()
    site.app.url_defaults(lambda endpoint, values: values.setdefault("lang", "nl"))
    visitor = site.visitor()
    visitor.choose("accept")

    assert visitor.receipt is not None
    visitor.choose("withdraw")
    assert visitor.receipt is None
    given, withdrawn = sorted(site.events(), key=lambda each: each.kind)
    assert withdrawn.previous_receipt == given.receipt


def test_long_address_does_not_stop_a_refusal() -> None:
    """B5, E2: whatever the address of a page, its buttons work; a search or a campaign makes long ones."""
    visitor = make_site().visitor()
    page = visitor.get("/about?q=" + "x" * 3_000)

    assert visitor.press(page, "Reject all").status_code == 303
    assert not soup_of(visitor.get("/about")).select_one(".fcc-banner")


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "https://evil.example/about",
    "http:evil.example",
    "javascript:alert(1)",
    "/about\r\nSet-Cookie: a=b",
    "/about\nX: y",
    "about",
    "",
    "?next=//evil.example",
    "/posted",
    "/cookies/choice",
    "/cookies/frame/films",
    "/nowhere",
    "/about/../nowhere",
    "//localhost/about",
    "/[",
    "http://localhost/about",
    "/%2e%2e//evil.example",
    "/@evil.example",
]


def test_never_leads_elsewhere() -> None:
    """B9: whatever was sent, the answer leads to a page of this site that can be read."""
    site = make_site()

    for wanted in ELSEWHERE:
        response = site.visitor().choose("reject", next=wanted)
        assert response.headers["Location"] == "/cookies/#fcc-saved", wanted
        assert "a" not in cookies_set(response), wanted


@pytest.mark.parametrize("wanted", ["/", "/about", "/about?q=//evil.example&x=%2F", "/plain", "/stream", "/tag/a-b"])
def test_leads_back(wanted: str) -> None:
    """B9: an honest address is where the visitor comes out; its fragment gives way to the confirmation."""
    for sent in (wanted, wanted + "#part"):
        response = make_site().visitor().choose("reject", next=sent, headers={"Referer": "http://localhost/plain"})
        assert response.headers["Location"] == wanted + "#fcc-saved"


@pytest.mark.parametrize("path", ["/tag/red%20wine", "/tag/50%25", "/tag/a%3Fb", "/tag/a%23b", "/tag/%C3%A9t%C3%A9"])
def test_leads_back_to_any_address(path: str) -> None:
    """B9: a page whose address has to be percent-encoded is found again, and is the same page."""
    visitor = make_site().visitor()
    page = visitor.get(path)

    response = visitor.press(page, "Reject all")

    location = response.headers["Location"].removesuffix("#fcc-saved")
    assert soup_of(visitor.get(location)).h1.text == soup_of(page).h1.text


@pytest.mark.parametrize("matching", ["host_matching", "subdomain_matching"])
def test_leads_back_to_a_page_of_the_same_host(matching: str) -> None:
    """B9: where routes go by host, an address is one of the host on which the button was pressed."""
    app = Flask("hosts", static_folder=None, **{matching: True})  # type: ignore[arg-type]
    # Until Flask 3.1 a server's name was the host of every request where routes go by host.
    name = None if matching == "host_matching" else "shop.com"
    app.config |= BARE | {"SERVER_NAME": name, "COOKIECONSENT_SPOOL_FOLDER": "/dev/null/spool"}
    where = {"host": "nl.shop.com"} if matching == "host_matching" else {"subdomain": "nl"}
    app.add_url_rule("/kaas", "kaas", lambda: "kaas", **where)
    site = make_site(app=app)

    for host, leads_to in (("nl.shop.com", "/kaas"), ("fr.shop.com", "/cookies/")):
        assert site.visitor(host=host).choose("reject", next="/kaas").headers["Location"] == leads_to + "#fcc-saved"


def test_leads_back_as_the_app_itself_finds_its_pages() -> None:
    """B9: an app may look for its pages in a way of its own, in one class of apps or in one app."""

    class Sheltered(MapAdapter):
        def match(self, path_info: str | None = None, *args: Any, **more: Any) -> Any:
            return abort(404) if path_info == "/about" else super().match(path_info, *args, **more)

    def sheltered(app: Flask, request: Request | None) -> MapAdapter | None:
        adapter = Flask.create_url_adapter(app, request)
        if adapter is not None:
            adapter.__class__ = Sheltered
        return adapter

    of_one, usual = Flask("one"), Flask("usual")
    of_class = type("Shelter", (Flask,), {"create_url_adapter": sheltered})("shelter")
    of_one.create_url_adapter = partial(sheltered, of_one)  # type: ignore[method-assign]
    found = []
    for app in (of_class, of_one, usual):
        app.config |= BARE | {"COOKIECONSENT_SPOOL_FOLDER": "/dev/null/spool"}
        app.add_url_rule("/about", "about", lambda: "about")
        answer = make_site(app=app).visitor().choose("reject", next="/about")
        found.append(answer.headers["Location"].removesuffix("#fcc-saved"))

    assert found == ["/cookies/", "/cookies/", "/about"]


def test_answer_to_a_post_leads_to_the_preferences() -> None:
    """B9: the answer to a form has no address of its own to come back to."""
    visitor = make_site().visitor()

    response = visitor.press(visitor.open("/posted", "POST"), "Reject all")

    assert response.headers["Location"] == "/cookies/#fcc-saved"


def attributes(response: Any, name: str) -> dict[str, str]:
    """Return the attributes of a cookie but for the moment the server adds to `Max-Age`."""
    return {key: value for key, value in cookies_set(response)[name].items() if key not in ("value", "expires")}


@pytest.mark.parametrize(
    ("https", "domain", "name", "extra"),
    [
        (False, None, "cookieconsent", {}),
        (True, None, "__Host-cookieconsent", {"secure": ""}),
        (False, "example.com", "cookieconsent", {"domain": "example.com"}),
        (True, "example.com", "cookieconsent", {"domain": "example.com", "secure": ""}),
    ],
)
def test_choices_cookie(https: bool, domain: str | None, name: str, extra: dict[str, str]) -> None:
    """D1, D2: one small first-party cookie for 184 days, with the `__Host-` prefix where browsers take it."""
    site = make_site(COOKIECONSENT_COOKIE_DOMAIN=domain)
    visitor = site.visitor(https=https, host="www.example.com")

    response = visitor.choose("accept")

    expected = {"max-age": str(184 * 86_400), "httponly": "", "path": "/", "samesite": "Lax"} | extra
    assert attributes(response, name) == expected
    value = cookies_set(response)[name]["value"]
    assert len(name + value) <= 512
    assert all(0x21 <= ord(each) <= 0x7E and each not in '",;\\' for each in value)
    assert not [each for each in cookies_set(response) if each != name and not each.endswith("cookieconsent_receipt")]


def test_receipt_cookie() -> None:
    """D3: a grant alone leaves a receipt, which goes to the two addresses that record choices and nowhere else."""
    for https in (False, True):
        visitor = make_site().visitor(https=https)
        response = visitor.choose("save", "films")

        expected = {"max-age": str(184 * 86_400), "httponly": "", "path": "/cookies/api/choice", "samesite": "Lax"}
        name = "__Secure-cookieconsent_receipt" if https else "cookieconsent_receipt"
        assert attributes(response, name) == expected | ({"secure": ""} if https else {})
        assert len(cookies_set(response)[name]["value"]) == 22
        assert paths_set(response, name) == ["/cookies/choice", "/cookies/api/choice"]
        assert visitor.cookie(name, "/cookies/choice") == visitor.cookie(name, "/cookies/api/choice")


def test_receipts_are_never_the_same() -> None:
    """D3: each grant has a receipt of its own, also of one visitor: it follows nobody."""
    site = make_site()
    visitor = site.visitor()
    receipts = []
    for services in (("films",), ("posts",), ("films", "posts")):
        visitor.choose("save", *services)
        receipts.append(visitor.receipt)

    assert len(set(receipts)) == 3
    visitor.choose("withdraw")
    assert visitor.receipt is None


def test_refusals_are_the_same_for_everybody() -> None:
    """D3: whoever refuses on a day holds the same bytes, whichever way; a grant differs by its receipt alone."""
    site = make_site()
    texts, lines = set(), set()
    for refuse in (
        lambda one: one.press(one.get("/"), "Reject all"),
        lambda one: one.press(one.get("/cookies/"), "Reject all", headers={"User-Agent": "another"}),
        lambda one: one.press(one.get("/cookies/"), "Save", within=".fcc-switches"),
        lambda one: one.choose("accept") and one.choose("withdraw"),
    ):
        site.clock.forward(minutes=7)
        visitor = site.visitor()
        response = refuse(visitor)
        texts.add(visitor.cookie())
        lines.add(tuple(sorted(attributes(response, "cookieconsent").items())))
        assert "cookieconsent_receipt" not in visitor.get("/").text
    assert len(texts) == len(lines) == 1

    first, second = site.visitor(), site.visitor()
    first.choose("accept")
    second.choose("accept")
    assert first.cookie() == second.cookie()
    assert first.receipt != second.receipt


def test_refusal_leaves_no_receipt() -> None:
    """D3: nobody who has granted nothing carries a number."""
    for choice in ("reject", "save", "withdraw"):
        assert set(cookies_set(make_site().visitor().choose(choice))) == {"cookieconsent"}


def test_refusals_are_the_same_twin() -> None:
    """D3: another day is another text, so equal texts mean something."""
    one, two = make_site().visitor(), make_site(clock=Clock(NOON + timedelta(days=1))).visitor()
    one.choose("reject")
    two.choose("reject")
    assert one.cookie() != two.cookie()


def test_choice_is_not_prolonged_by_visits() -> None:
    """D2: neither pages nor the same choice again make it last longer; one more service lasts no longer either."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")
    text = visitor.cookie()
    site.clock.forward(days=100)

    for path in ("/", "/about", "/cookies/", "/nowhere"):
        assert visitor.get(path).headers.getlist("Set-Cookie") == []
    visitor.choose("save", "films")
    assert visitor.cookie() == text
    added = visitor.choose("allow", "posts", surface="embed")
    assert attributes(added, "cookieconsent")["max-age"] == str(84 * 86_400)


def test_stray_variants_are_expired() -> None:
    """D1: a host's cookie and its parent's are both sent; each choice ends the others, or one is asked for ever."""
    site = make_site()
    visitor = site.visitor(host="www.example.com")

    response = visitor.choose("reject", headers={"Cookie": "cookieconsent=a; cookieconsent=b"})

    lines = response.headers.getlist("Set-Cookie")
    expired = [each for each in lines if "Max-Age=0" in each]
    assert {"Domain=example.com", "Domain=www.example.com"} <= {part for each in expired for part in each.split("; ")}
    assert lines[-1].startswith("cookieconsent=1.")
    assert all(each.startswith("cookieconsent=;") for each in expired)


@pytest.mark.parametrize("config", [{}, {"COOKIECONSENT_COOKIE_DOMAIN": "example.com"}])
def test_twins_in_a_partition_are_expired(config: dict[str, str]) -> None:
    """D1: a sibling host can plant a choice in a partition, which no line without the word reaches (CHIPS)."""
    visitor = make_site(**config).visitor(https=True, host="www.example.com")
    name = "cookieconsent" if config else "__Host-cookieconsent"

    lines = visitor.choose("reject", headers={"Cookie": f"{name}=a; {name}=b"}).headers.getlist("Set-Cookie")

    twins = [each for each in lines if each.startswith(f"{name}=;") and each.endswith("; Path=/; Secure; Partitioned")]
    assert [re.findall("Domain=([^;]+)", each) for each in twins] == (
        [[], ["www.example.com"], ["example.com"]] if config else [[]]
    )
    assert lines.index(twins[-1]) < [each.startswith(f"{name}=1.") for each in lines].index(True)
    assert not any("Partitioned" in each for each in visitor.choose("reject").headers.getlist("Set-Cookie"))


def test_planted_trackers_leave_room_for_the_choice() -> None:
    """B10: on a page where two choices lie, those go first, however many cookies there are to sweep."""
    visitor = make_site().visitor(host="www.example.com")
    visitor.choose("reject")
    twice = f"cookieconsent={visitor.cookie()}; " * 2
    header = twice + "; ".join(f"_ec_{number}=1" for number in range(100))

    lines = visitor.get("/blog/page", headers={"Cookie": header}).headers.getlist("Set-Cookie")

    assert lines[0].startswith("cookieconsent=; ") and "Path=/blog" in lines[0]


def test_withdrawal_erases_what_the_site_can_reach() -> None:
    """E4: the cookies of what is off are expired for the host and its parents; no other is touched."""
    visitor = make_site().visitor(host="www.example.com")
    visitor.choose("accept")
    sent = {"_ec": "1", "_ec_G1": "2", "lang": "nl", "session": "s", "csrf_token": "c", "other": "o"}
    for name, value in sent.items():
        visitor.client.set_cookie(name, value, domain="www.example.com")

    response = visitor.choose("withdraw")

    found = [each.split("; ") for each in response.headers.getlist("Set-Cookie")]
    erased = {(each[0], part) for each in found if "Max-Age=0" in each for part in (*each[1:], "host only")}
    for name in ("_ec", "_ec_G1", "lang"):
        assert {(f"{name}=", "Domain=example.com"), (f"{name}=", "Domain=www.example.com")} <= erased
    assert not {"session=", "csrf_token=", "other="} & {name for name, _ in erased}
    assert "Clear-Site-Data" not in response.headers


def test_partial_change_spares_what_is_allowed() -> None:
    """E4: switching one service off erases its cookies alone."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    for name in ("_ec", "lang"):
        visitor.client.set_cookie(name, "1")

    visitor.choose("save", "language", "films", "posts", "arrival")

    assert visitor.cookie("_ec") is None
    assert visitor.cookie("lang") == "1"


def test_app_is_told() -> None:
    """F1: the app's own code hears of grants and withdrawals once, with every answer, and of nothing else."""
    site = make_site()
    heard: list[tuple[str, Any, dict[str, str]]] = []

    def given(sender: Any, choices: dict[str, str]) -> None:
        heard.append(("given", sender, choices))

    def withdrawn(sender: Any, choices: dict[str, str]) -> None:
        heard.append(("withdrawn", sender, choices))

    visitor = site.visitor()
    with consent_given.connected_to(given), consent_withdrawn.connected_to(withdrawn):
        visitor.choose("reject")
        visitor.choose("save", "films")
        visitor.choose("save", "films")
        visitor.choose("withdraw")
        visitor.choose("withdraw")

    assert [each[0] for each in heard] == ["given", "withdrawn"]
    assert all(each[1] is site.app for each in heard)
    assert heard[0][2] == dict.fromkeys(EVERYTHING, "refused") | {"films": "granted"}


def test_app_cannot_change_what_the_next_visitor_chose() -> None:
    """F1: a step is remembered for whoever takes the same, and what a receiver makes of its choices is its own."""
    site = make_site()
    with consent_given.connected_to(lambda sender, choices: choices.clear()):
        for _ in range(2):
            site.visitor().choose("accept")

    assert [event.choices for event in site.events()] == [dict.fromkeys(EVERYTHING, "granted")] * 2


# -- receipts that somebody else has put there -------------------------------------------------------------------------


PLANTED = "A" * 22


def planted(visitor: Visitor, *receipts: str) -> dict[str, str]:
    """Return the cookies of a browser with these receipts before whatever it keeps itself."""
    own = [f"{each.key}={each.value}" for each in visitor.client._cookies.values()]
    return {"Cookie": "; ".join([*(f"cookieconsent_receipt={each}" for each in receipts), *own])}


def keep(visitor: Visitor, answer: Any) -> None:
    """Let a browser keep what an answer to a request with a header of its own has set."""
    for name, cookie in cookies_set(answer).items():
        if cookie["value"]:
            visitor.client.set_cookie(name, cookie["value"], path=cookie["path"])


def test_receipt_from_before_a_grant_is_not_linked() -> None:
    """F7: whoever has granted nothing has no receipt, so that nobody can put one there and read what follows."""
    site = make_site()
    visitor = site.visitor()

    answer = visitor.choose("accept", headers=planted(visitor, PLANTED))
    keep(visitor, answer)
    visitor.choose("withdraw")

    digests = {event.receipt for event in site.events()} | {event.previous_receipt for event in site.events()}
    assert receipt_digest(PLANTED) not in digests
    read = site.visitor()
    assert "withdr" not in read.get("/cookies/choice/receipt.json", headers=planted(read, PLANTED)).text


def test_two_receipts_are_none() -> None:
    """F7: a receipt of somebody else beside the visitor's own is neither linked nor shown."""
    site = make_site()
    visitor, attacker = site.visitor(), site.visitor()
    attacker.choose("accept")
    visitor.choose("accept")
    both = planted(visitor, attacker.receipt or "")

    assert "given" not in visitor.get("/cookies/choice/receipt.json", headers=both).text
    visitor.choose("withdraw", headers=both)

    (withdrawal,) = (event for event in site.events() if event.kind is Kind.WITHDRAWN)
    assert (withdrawal.receipt, withdrawal.previous_receipt) == (None, None)


def test_receipt_that_came_twice_is_one() -> None:
    """F7: it lies at two paths, and the same number twice is nobody else's."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    twice = planted(visitor, visitor.receipt or "")

    assert "given" in visitor.get("/cookies/choice/receipt.json", headers=twice).text
    visitor.choose("withdraw", headers=twice)

    (withdrawal,) = (event for event in site.events() if event.kind is Kind.WITHDRAWN)
    assert withdrawal.previous_receipt == receipt_digest(visitor.receipt)


@pytest.mark.parametrize("count", [1, 24])
def test_planted_receipts_keep_nobody_from_erasing(count: int) -> None:
    """F7: the visitor's own is among those that came, wherever the others were put, and its record goes."""
    site = make_site()
    visitor, attacker = site.visitor(), site.visitor()
    for each in (visitor, attacker):
        each.choose("accept")
    foreign = [f"{number:022}" for number in range(count - 1)] + [attacker.receipt or ""]

    visitor.choose("erase", headers=planted(visitor, *foreign))

    assert receipt_digest(visitor.receipt) not in {event.receipt for event in site.events()}


WHERE = ("/", "/cookies", "/cookies/choice", "/cookies/api", "/cookies/api/choice")


def test_planted_receipts_are_removed() -> None:
    """F7: with the answer to a choice every other receipt goes, of whatever parent domain and folder."""
    visitor = make_site().visitor(host="www.shop.com")
    visitor.choose("accept")

    answer = visitor.choose("withdraw", headers=planted(visitor, PLANTED, "B" * 22))
    gone = {
        (path, domain)
        for line in answer.headers.getlist("Set-Cookie")
        if line.startswith("cookieconsent_receipt=;")
        for path in re.findall("Path=([^;]+)", line)
        for domain in re.findall("Domain=([^;]+)", line) or [""]
    }

    assert gone >= {(path, domain) for path in WHERE for domain in ("", "shop.com")}


def test_planted_receipt_never_takes_accept_away() -> None:
    """B2: a receipt that somebody has used up is not asked about its limit for a visitor who has granted nothing."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="1 per hour")
    attacker = site.visitor()
    for services in (("films",), ("posts",)):
        attacker.choose("save", *services)
    visitor = site.visitor()

    answer = visitor.choose("accept", headers=planted(visitor, attacker.receipt or ""))

    assert answer.status_code == 303


def test_refusal_has_no_link_to_a_receipt() -> None:
    """D3: somebody whose choices are gone and whose receipt is not refuses as anybody does."""
    site = make_site()
    visitor = site.visitor()

    visitor.choose("reject", headers={"Cookie": f"cookieconsent_receipt={PLANTED}"})

    assert (site.events()[-1].receipt, site.events()[-1].previous_receipt) == (None, None)


def test_shared_consent_that_is_full_never_makes_a_press_fail() -> None:
    """E1: two apps with more services than one cookie holds: every choice takes effect in both."""
    many = [[own(f"{app}_service_{number:02}".ljust(28, "x"), "functionality") for number in range(90)] for app in "ab"]
    key = "a key that both apps have"
    one, other = (make_site(services=each, COOKIECONSENT_SECRET_KEY=key) for each in many)
    first = one.visitor()
    first.choose("accept")
    for choice in ("accept", "reject", "save", "withdraw"):
        second = other.visitor()
        answer = second.choose(choice, headers={"Cookie": f"cookieconsent={first.cookie()}"})
        assert answer.status_code == 303
        text = cookies_set(answer)["cookieconsent"]["value"]
        state = second.get("/cookies/state", headers={"Cookie": f"cookieconsent={text}"}).json["choices"]
        wanted = "granted" if choice == "accept" else "refused"
        assert {state[service.id] for service in many[1]} == {wanted}


def test_choices_cookie_can_be_read_where_caches_share_pages() -> None:
    """D1, D3: the script has to see that there is one; the receipt stays away from scripts."""
    response = make_site(COOKIECONSENT_PAGES="cacheable").visitor().choose("accept")

    assert "httponly" not in attributes(response, "cookieconsent")
    assert "httponly" in attributes(response, "cookieconsent_receipt")


def test_choice_of_before_is_made_readable() -> None:
    """D2, B10: set anew as it is, on the day on which it would have ended; who asks for nothing gets nothing."""
    site = make_site(COOKIECONSENT_PAGES="cacheable", clock=(clock := Clock()))
    visitor = site.visitor()
    visitor.choose("save", "films")
    before = visitor.cookie()
    clock.forward(days=100)

    answer = visitor.get("/cookies/state?unread")

    assert attributes(answer, "cookieconsent")["max-age"] == str(84 * 86_400)
    assert visitor.cookie() == before
    assert "Set-Cookie" not in visitor.get("/cookies/state").headers
    assert "Set-Cookie" not in site.visitor().get("/cookies/state?unread").headers


def test_choice_of_before_twin() -> None:
    """Beside private pages no question sets anything."""
    visitor = make_site().visitor()
    visitor.choose("accept")

    assert "Set-Cookie" not in visitor.get("/cookies/state?unread").headers


class FallingClock(Clock):
    """Goes back ten days once it has been asked so often."""

    asked, falls_at = 0, 0

    def __call__(self) -> datetime:
        self.asked += 1
        if self.asked == self.falls_at:
            self.forward(days=-10)
        return self.now


def by_form(site: Site) -> TestResponse:
    return site.visitor().choose("accept")


def by_script(site: Site) -> TestResponse:
    return site.visitor().choose("save", "films", headers={"Accept": "application/json"})


def by_program(site: Site) -> TestResponse:
    return Phone(site).choose("accept")


@pytest.mark.parametrize(("press", "status"), [(by_form, 303), (by_script, 200), (by_program, 200)])
def test_clock_goes_back_during_a_press(press: Callable[[Site], TestResponse], status: int) -> None:
    """F5: whenever in a request the clock of the host is set right, a choice that is recorded is answered as one."""
    moment, has_fallen = 0, True
    while has_fallen:
        moment += 1
        clock = FallingClock()
        site = make_site(clock=clock)
        _ = site.digest
        clock.falls_at = clock.asked + moment
        answer = press(site)
        has_fallen = clock.asked >= clock.falls_at

        assert (answer.status_code, len(site.events())) == (status, 1)
        assert "films+" in answer.headers.get("Set-Cookie", "") + answer.text
    assert moment > 4
