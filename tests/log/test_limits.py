"""A script cannot fill the log, and nobody who refuses is held up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_cookieconsent.log.events import receipt_digest
from flask_cookieconsent.log.limits import GrantLimits, Rate
from tests.kit.sites import JSON, Clock, make_site, soup_of


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


def test_many_grants_of_all_wait() -> None:
    """A thousand browsers of one script make no more rows than the rate; every refusal gets through."""
    site = make_site(COOKIECONSENT_GRANT_RATE="5 per hour")
    answers = [site.visitor().choose("accept").status_code for _ in range(12)]
    refusals = [site.visitor().choose("reject").status_code for _ in range(12)]

    assert answers == [303] * 5 + [429] * 7
    assert refusals == [303] * 12
    assert [each.kind for each in site.events()].count("given") == 5
    assert site.visitor().choose("accept", headers=JSON).json["error"] == "too-many"


def test_refused_part_of_a_held_up_choice_takes_effect() -> None:
    """F5: of a mixed press what only takes away is done, and recorded."""
    site = make_site(COOKIECONSENT_GRANT_RATE="1 per hour")
    visitor = site.visitor()
    visitor.choose("save", "films")

    answer = visitor.choose("save", "posts")

    assert answer.status_code == 429
    assert visitor.allowed() == set()
    assert sorted(each.kind for each in site.events()) == ["given", "withdrawn"]


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


def limits(*, everybody: str = "100 per hour", one: str = "20 per hour", clock: Clock | None = None) -> GrantLimits:
    return GrantLimits(all_visitors=Rate.parse(everybody), one_receipt=Rate.parse(one), clock=clock or Clock())


def test_receipts_are_not_kept_as_they_are() -> None:
    """F3: what counts knows digests alone."""
    counted = limits()
    counted.hit("a-receipt-of-somebody")
    counted.follow("a-receipt-of-somebody", "the-next-of-somebody")

    assert receipt_digest("the-next-of-somebody") in counted._windows
    assert "somebody" not in str(counted._windows)


@pytest.mark.parametrize(("before", "after"), [(None, "r1"), ("r0", None), (None, None), ("r0", "r0")])
def test_receipts_that_do_not_follow(before: str | None, after: str | None) -> None:
    """A first grant, a refusal and a withdrawal start no count and end none."""
    counted = limits()
    counted.follow(before, after)

    assert counted._windows == {}


def test_window_ends() -> None:
    """Whoever waited as long as they were told gets through, and not a second earlier."""
    clock = Clock()
    counted = limits(everybody="2 per minute", clock=clock)
    assert [counted.hit(None), counted.hit(None)] == [0, 0]
    clock.forward(seconds=10)
    wait = counted.hit(None)

    assert wait == 50
    clock.forward(seconds=wait - 1)
    assert counted.hit(None) == 1
    clock.forward(seconds=1)
    assert counted.hit(None) == 0


def test_chain_of_receipts_has_one_window() -> None:
    """The window of a bearer ends when it was said to, however many receipts follow one another in it."""
    clock = Clock()
    counted = limits(one="2 per hour", clock=clock)
    counted.follow("r0", "r1")
    clock.forward(minutes=40)
    counted.follow("r1", "r2")

    assert counted.hit("r2") == 20 * 60
    clock.forward(minutes=20)
    assert counted.hit("r2") == 0


def test_windows_are_forgotten() -> None:
    """What is over is dropped, so that a process never fills up."""
    clock = Clock()
    counted = limits(one="2 per minute", clock=clock)
    for number in range(1_000):
        counted.follow(f"old {number}", f"new {number}")
    clock.forward(minutes=2)

    counted.follow("a", "b")

    assert len(counted._windows) == 1


def test_threads_count_together() -> None:
    """As many get through as the rate says, whichever thread they come from."""
    counted = limits(everybody="1000 per hour")
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: counted.hit(None), range(4_000)))

    assert waits.count(0) == 1_000
