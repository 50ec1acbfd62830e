"""A script cannot fill the log nor take Accept away from others, and nobody who refuses is held up."""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.log.events import receipt_digest
from flask_cookieconsent.log.limits import Limits, Rate, SharedRate
from tests.kit.sites import JSON, NOON, SAME_ORIGIN, STALE, Clock, Site, Visitor, make_site, services, soup_of

SCRIPT = "203.0.113.7"


def visitor_from(site: Site, address: str) -> Visitor:
    """Return somebody who was never here, as WSGI names their address."""
    visitor = site.visitor()
    visitor.client.environ_base["REMOTE_ADDR"] = address
    return visitor


def kinds(site: Site) -> Counter[str]:
    return Counter(each.kind.value for each in site.events())


def counted(site: Site, heading: str = "kind") -> dict[str, int]:
    """Return what the report of the last days counts."""
    today = site.clock().date()
    with site.app.app_context():
        return {name: count for name, count in site.log.summary(NOON.date(), today).total[heading].items() if count}


def test_many_grants_of_one_receipt_wait() -> None:
    """Whoever switches on and off all day is asked to wait, and told for how long; a refusal is not."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="3 per hour")
    visitor = site.visitor()
    answers = [visitor.choose("save", "films", *(["posts"] if number % 2 else [])) for number in range(8)]

    assert [each.status_code for each in answers] == [303, 303, 303, 303, 303, 429, 303, 429]
    assert len(site.events()) == 5, "the first one has no receipt yet, and taking something away is never held up"
    answer = answers[-1]
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "was not saved" in soup_of(answer).select_one(".fcc-problem").text
    assert visitor.choose("withdraw").status_code == 303
    assert visitor.allowed() == set()
    assert [each.kind for each in site.events()].count("withdrawn") == 1


def test_receipt_that_is_sent_again_is_counted_again() -> None:
    """A script that always brings the same cookies has the bound of one receipt, as a browser that follows them has."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="3 per hour")
    visitor = site.visitor()
    visitor.choose("save", "films")
    cookies = {
        "Cookie": f"cookieconsent={visitor.cookie()}; cookieconsent_receipt={visitor.receipt}",
    }

    answers = [visitor.choose("save", "films", "posts", headers=cookies).status_code for _ in range(6)]

    assert answers == [303] * 3 + [429] * 3


def test_many_grants_of_all_wait() -> None:
    """A thousand browsers of one script make no more rows than the rate; every refusal gets through."""
    site = make_site(COOKIECONSENT_GRANT_RATE="5 per hour")
    answers = [visitor_from(site, f"203.0.113.{n}").choose("accept").status_code for n in range(12)]
    refusals = [visitor_from(site, f"203.0.113.{n}").choose("reject").status_code for n in range(12)]

    assert answers == [303] * 5 + [429] * 7
    assert refusals == [303] * 12
    assert kinds(site)["given"] == 5
    assert site.visitor().choose("accept", headers=JSON).json["error"] == "too-many"


def test_one_address_has_a_share() -> None:
    """One script never takes Accept away from the others, whatever it sends."""
    site = make_site(COOKIECONSENT_GRANT_RATE="50 per hour")

    script = [visitor_from(site, SCRIPT).choose("accept").status_code for _ in range(60)]
    others = [visitor_from(site, f"198.51.100.{n}").choose("accept").status_code for n in range(20)]

    assert Counter(script) == {303: 5, 429: 55}
    assert others == [303] * 20


def test_one_site_of_ipv6_has_a_share() -> None:
    """A script that has all networks of a /48 gets a quarter of the limit, and no more (RFC 6177)."""
    site = make_site(COOKIECONSENT_GRANT_RATE="40 per hour")

    script = [visitor_from(site, f"2001:db8:1:{n:x}::1").choose("accept").status_code for n in range(30)]
    others = [visitor_from(site, f"2001:db8:{n:x}:1::1").choose("accept").status_code for n in range(2, 22)]

    assert Counter(script) == {303: 10, 429: 20}
    assert others == [303] * 20


def test_returning_visitors_pass_when_new_ones_wait() -> None:
    """Whoever has granted something before has a limit of their own, so a flood of new grants never holds them up."""
    site = make_site(COOKIECONSENT_GRANT_RATE="50 per hour")
    returning = visitor_from(site, "198.51.100.1")
    returning.choose("save", "films")
    flood = [visitor_from(site, f"203.0.113.{n}").choose("accept").status_code for n in range(60)]
    assert flood[-1] == 429

    assert returning.choose("save", "films", "posts").status_code == 303
    assert visitor_from(site, "198.51.100.2").choose("accept").status_code == 429


def test_made_up_receipt_makes_nobody_known() -> None:
    """A receipt counts with the choices cookie of a grant alone; without one it is a new visitor's press."""
    site = make_site(COOKIECONSENT_GRANT_RATE="5 per hour")
    answers = []
    for n in range(10):
        visitor = visitor_from(site, f"203.0.113.{n}")
        visitor.client.set_cookie("cookieconsent_receipt", f"{n}" * 22, path="/cookies/choice")
        answers.append(visitor.choose("accept").status_code)

    assert answers == [303] * 5 + [429] * 5
    assert {each.previous_receipt for each in site.events()} == {None}


# -- refusals and withdrawals ------------------------------------------------------------------------------------------


def test_refusals_beyond_the_bound_are_counted() -> None:
    """Every refusal takes effect and is in the report; few of a flood are rows (F5)."""
    site = make_site(COOKIECONSENT_GRANT_RATE="100 per hour")
    flood = [visitor_from(site, SCRIPT).choose("reject") for _ in range(100)]
    other = visitor_from(site, "198.51.100.1")

    assert {each.status_code for each in flood} == {303}
    assert all("cookieconsent=" in each.headers["Set-Cookie"] for each in flood)
    assert other.choose("reject").status_code == 303
    assert kinds(site) == {"refused": 2}, "a tenth of the grants' bound, and a tenth of that for one address"
    assert counted(site) == {"refused": 101}
    assert counted(site, "answer") == {"refused": 101}
    assert counted(site, "locale") == {"en": 101}


def test_refusals_without_a_notice_are_no_answers() -> None:
    """Who names no notice of the site has answered none: that is in the log, or counted, and never in the shares."""
    site = make_site(COOKIECONSENT_GRANT_RATE="100 per hour")
    client = site.app.test_client(use_cookies=False)
    for number in range(200):
        notice = {} if number % 2 else STALE
        client.post("/cookies/choice", data={"choice": "reject"} | notice, headers=SAME_ORIGIN)

    assert 0 < kinds(site)["refused"] < 20
    assert counted(site)["refused"] == 200
    assert counted(site, "answer") == {} == counted(site, "answered")
    assert {each.notice for each in site.events()} == {""}


def test_refusal_of_a_kept_notice_is_an_answer(tmp_path: Path) -> None:
    """A page that was open while the declaration changed counts, because what it showed is kept."""
    db, address = SQLAlchemy(), f"sqlite:///{tmp_path}/log.db"
    before = make_site(db=db, uri=address, COOKIECONSENT_LOG_SCOPE="shop")
    before.visitor().choose("accept")
    site = make_site(db=db, uri=address, services=services()[1:], COOKIECONSENT_LOG_SCOPE="shop")
    assert site.digest != before.digest

    site.visitor().choose("reject", notice=before.digest)

    assert {each.kind: each.notice for each in site.events()} == dict.fromkeys(("given", "refused"), before.digest)
    assert counted(site, "answer") == {"accepted": 1, "refused": 1}


def test_replayed_withdrawal_is_one_event() -> None:
    """One cookie text that is sent again and again makes one row a minute, and no count either."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    cookies = {"Cookie": f"cookieconsent={visitor.cookie()}; cookieconsent_receipt={visitor.receipt}"}

    answers = [visitor.choose("withdraw", headers=cookies).status_code for _ in range(300)]

    assert answers == [303] * 300
    assert kinds(site) == counted(site) == {"given": 1, "withdrawn": 1}
    site.clock.forward(minutes=1)
    visitor.choose("withdraw", headers=cookies)
    assert kinds(site)["withdrawn"] == 2


def test_withdrawals_without_a_receipt_are_bounded() -> None:
    """Without its receipt a replayed cookie makes a row a minute too; each takes effect and is counted."""
    site = make_site(COOKIECONSENT_GRANT_RATE="100 per hour")
    visitor = site.visitor()
    visitor.choose("accept")
    withdrawn = [
        visitor.choose("withdraw", headers={"Cookie": f"cookieconsent={visitor.cookie()}"}) for _ in range(100)
    ]

    assert {each.status_code for each in withdrawn} == {303}
    assert kinds(site)["withdrawn"] == 1
    assert counted(site)["withdrawn"] == 100


def test_flood_of_refusals_leaves_room_for_withdrawals() -> None:
    """What was taken back is in the log, however many refuse."""
    site = make_site(COOKIECONSENT_GRANT_RATE="100 per hour")
    visitor = site.visitor()
    visitor.choose("accept")
    for number in range(50):
        visitor_from(site, f"203.0.113.{number}").choose("reject")

    visitor.choose("withdraw")

    assert kinds(site)["withdrawn"] == 1


def test_receipt_of_what_stays_granted_is_kept() -> None:
    """Beyond the bound no event has a new receipt, so the browser keeps the one that proves the rest."""
    site = make_site(COOKIECONSENT_GRANT_RATE="1 per hour")
    visitor, other = site.visitor(), visitor_from(site, "198.51.100.1")
    visitor.choose("save", "films", "posts")
    receipt = visitor.receipt
    site.clock.forward(hours=2)
    other.choose("save", "films", "posts")
    other.choose("save", "films")

    answer = visitor.choose("save", "films")

    assert answer.status_code == 303
    assert (visitor.allowed(), visitor.receipt) == ({"films"}, receipt)
    assert counted(site) == {"given": 2, "changed": 2}
    assert kinds(site) == {"given": 2, "changed": 1}


def test_refused_part_of_a_held_up_choice_takes_effect() -> None:
    """F5: of a mixed press what only takes away is done, and recorded."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="1 per hour")
    visitor = site.visitor()
    visitor.choose("save", "films")
    visitor.choose("save", "films", "language")

    answer = visitor.choose("save", "posts")

    assert answer.status_code == 429
    assert visitor.allowed() == set()
    assert sorted(each.kind for each in site.events()) == ["changed", "given", "withdrawn"]


def test_reduced_choice_keeps_its_count() -> None:
    """The part of a held-up press that takes effect gives a new receipt, and no new window with it."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="2 per hour")
    visitor = site.visitor()
    presses = (
        ["films", "posts"],
        ["films", "posts", "language"],
        ["films", "posts"],
        ["films", "language"],
        ["films", "language"],
    )
    answers = [visitor.choose("save", *granted).status_code for granted in presses]

    assert answers == [303, 303, 303, 429, 429]
    assert visitor.allowed() == {"films"}
    assert len(site.events()) == 4


def test_repeats_are_not_counted() -> None:
    """Pressing again what is chosen already writes nothing, and costs nothing."""
    site = make_site(COOKIECONSENT_GRANT_RATE="1 per hour")
    visitor = site.visitor()

    assert [visitor.choose("accept").status_code for _ in range(4)] == [303] * 4
    assert len(site.events()) == 1


# -- what is kept of an address ----------------------------------------------------------------------------------------


def test_no_address_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    """F3: neither memory, database nor any line of a log holds an address, or what one could be compared with."""
    caplog.set_level(logging.DEBUG)
    site = make_site(COOKIECONSENT_GRANT_RATE="20 per hour")
    for choice in ("accept", "reject"):
        for _ in range(10):
            visitor_from(site, SCRIPT).choose(choice)

    limit = site.log._limits._new
    before = dict(limit._counters)
    assert list(before.values()) == [2] and max(before) < 65_536
    assert "203.0.113" not in repr(vars(site.log._limits)) + repr(vars(limit)) + caplog.text
    key = limit._key
    site.clock.forward(hours=1)
    visitor_from(site, SCRIPT).choose("accept")
    assert limit._key != key and sum(limit._counters.values()) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_one_client"),
    [
        ("203.0.113.1", "203.0.113.2", False),
        ("203.0.113.1", "::ffff:203.0.113.1", True),
        ("::ffff:203.0.113.1", "::ffff:203.0.113.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", None, True),
        ("unix:", "", True),
        ("not an address", "\udc80", True),
    ],
)
def test_clients(one: str | None, other: str | None, is_one_client: bool) -> None:
    """An IPv4 address is a client however it is written, and so is the /64 that one line of a provider has of IPv6."""
    limit = SharedRate(Rate.parse("10 per hour"))
    while limit.hit(one, 0.0) == 0:
        pass

    assert (limit.hit(other, 0.0) > 0) == is_one_client


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.31.0.1", "::1", "fd00::1", None])
def test_address_of_a_proxy(address: str | None, caplog: pytest.LogCaptureFixture) -> None:
    """Where a proxy hides its clients they have half of the limit, others the rest, and the owner is told once."""
    limit = SharedRate(Rate.parse("100 per hour"))

    behind = [limit.hit(address, 0.0) for _ in range(80)]

    assert behind.count(0) == 50
    assert [limit.hit(SCRIPT, 0.0) for _ in range(20)].count(0) == 10
    assert caplog.text.count("ProxyFix") == 1
    assert not address or address not in caplog.text


def test_memory_is_bounded() -> None:
    """However many addresses a script has, there are 65,536 counters at most."""
    limit = SharedRate(Rate.parse("999999999 per day"))
    for number in range(100_000):
        limit.hit(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1", 0.0)

    assert len(limit._counters) <= 65_536


# -- the limits themselves ---------------------------------------------------------------------------------------------


class Timer:
    """Seconds that go on only when they are told to; where they begin means nothing."""

    def __init__(self, now: float = -86_399.5) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def forward(self, *, minutes: float = 0, seconds: float = 0) -> None:
        self.now += minutes * 60 + seconds


def limits(*, everybody: str = "100 per hour", one: str = "20 per hour", timer: Timer | None = None) -> Limits:
    return Limits(grants=Rate.parse(everybody), one_receipt=Rate.parse(one), timer=timer or Timer())


def test_receipts_are_not_kept_as_they_are() -> None:
    """F3: what counts knows digests alone."""
    counts = limits()
    counts.delay("a-receipt-of-somebody", SCRIPT)
    counts.follow("a-receipt-of-somebody", "the-next-of-somebody")
    counts.is_repeated(Kind.WITHDRAWN, "the-next-of-somebody")

    assert receipt_digest("the-next-of-somebody") in counts._receipts
    assert "somebody" not in str(counts._receipts) + str(counts._pressed)


@pytest.mark.parametrize(("before", "after"), [(None, "r1"), ("r0", None), (None, None), ("r0", "r0")])
def test_receipts_that_do_not_follow(before: str | None, after: str | None) -> None:
    """A first grant, a refusal and a withdrawal start no count and end none."""
    counts = limits()
    counts.follow(before, after)

    assert counts._receipts == {}


def test_window_ends() -> None:
    """Whoever waited as long as they were told gets through, and not a second earlier."""
    timer = Timer()
    counts = limits(everybody="2 per minute", timer=timer)
    assert [counts.delay(None, address) for address in ("203.0.113.1", "203.0.113.2")] == [0, 0]
    timer.forward(seconds=10)
    wait = counts.delay(None, "203.0.113.3")

    assert wait == 50
    timer.forward(seconds=wait - 1)
    assert counts.delay(None, "203.0.113.3") == 1
    timer.forward(seconds=1)
    assert counts.delay(None, "203.0.113.3") == 0


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_that_is_set(hours: int) -> None:
    """A window is as long as a timer says: a clock that is set holds nobody up, and lets no more through."""
    clock, now = Clock(), 5.0
    site = make_site(clock=clock, timer=lambda: now, COOKIECONSENT_GRANT_RATE="2 per minute")
    answers = []
    for seconds in (0, 0, 59, 1, 0):
        now += seconds
        answers.append(visitor_from(site, f"203.0.113.{len(answers)}").choose("accept").status_code)
        answers.append(visitor_from(site, f"198.51.100.{len(answers)}").choose("accept").status_code)
        clock.forward(hours=hours)

    assert answers == [303, 303, 429, 429, 429, 429, 303, 303, 429, 429]


def test_chain_of_receipts_has_one_window() -> None:
    """The window of a bearer ends when it was said to, however many receipts follow one another in it."""
    timer = Timer()
    counts = limits(one="2 per hour", timer=timer)
    counts.follow("r0", "r1")
    timer.forward(minutes=40)
    counts.follow("r1", "r2")

    assert counts.delay("r2", SCRIPT) == 20 * 60
    timer.forward(minutes=20)
    assert counts.delay("r2", SCRIPT) == 0


def test_windows_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over is dropped, and so is the oldest of too many, so that a process never fills up."""
    timer = Timer()
    counts = limits(one="2 per minute", timer=timer)
    for number in range(1_000):
        counts.follow(f"old {number}", f"new {number}")
    timer.forward(minutes=2)
    counts.follow("a", "b")
    assert len(counts._receipts) == 2

    monkeypatch.setattr("flask_cookieconsent.log.limits.MOST_REMEMBERED", 10)
    for number in range(100):
        counts.follow(f"old {number}", f"new {number}")
        counts.is_repeated(Kind.WITHDRAWN, f"old {number}")
    assert len(counts._receipts) <= 12 and len(counts._pressed) <= 10


def test_threads_count_together() -> None:
    """As many get through as the rate says, whichever thread they come from."""
    counts = limits(everybody="1000 per hour")
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: counts.delay(None, f"203.0.{number % 250}.1"), range(4_000)))

    assert waits.count(0) == 1_000
