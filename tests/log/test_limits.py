"""A script cannot fill the log, and nobody who refuses is held up (PEERS 5)."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flask_cookieconsent.log.limits import Floods, Memory
from flask_cookieconsent.settings import read
from tests.sites import JSON, make_site, soup_of


def test_many_grants_of_one_receipt_wait() -> None:
    """PEERS 5: whoever switches on and off all day is asked to wait, and told for how long; a refusal is not."""
    site = make_site(COOKIECONSENT_RECEIPT_RATE="3 per hour")
    visitor = site.visitor()
    answers = [visitor.choose("save", "films", *(["posts"] if number % 2 else [])) for number in range(8)]

    assert [each.status_code for each in answers] == [303, 303, 303, 303, 303, 429, 303, 429]
    assert len(site.events()) == 5, "the first one has no receipt yet, and taking something away is never held up"
    answer = answers[-1]
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "nothing new is on" in soup_of(answer).select_one("[role=alert]").text
    assert visitor.choose("withdraw").status_code == 303
    assert visitor.allowed() == set()
    assert [each.kind for each in site.events()].count("withdrawn") == 1


def test_many_grants_of_all_wait() -> None:
    """PEERS 5: a thousand browsers of one script make no more rows than the rate; every refusal gets through."""
    site = make_site(COOKIECONSENT_GRANT_RATE="5 per hour")
    answers = [site.visitor().choose("accept").status_code for _ in range(12)]
    refusals = [site.visitor().choose("reject").status_code for _ in range(12)]

    assert answers == [303] * 5 + [429] * 7
    assert refusals == [303] * 12
    assert [each.kind for each in site.events()].count("given") == 5
    assert site.visitor().choose("accept", headers=JSON).json["error"] == "too-many"


def test_refused_part_of_a_held_up_choice_takes_effect() -> None:
    """PEERS 5, F5: of a mixed press what only takes away is done, and recorded."""
    site = make_site(COOKIECONSENT_GRANT_RATE="1 per hour")
    visitor = site.visitor()
    visitor.choose("save", "films")

    answer = visitor.choose("save", "posts")

    assert answer.status_code == 429
    assert visitor.allowed() == set()
    assert sorted(each.kind for each in site.events()) == ["given", "withdrawn"]


def test_repeats_are_not_counted() -> None:
    """PEERS 5: pressing again what is chosen already writes nothing, and costs nothing."""
    site = make_site(COOKIECONSENT_GRANT_RATE="1 per hour")
    visitor = site.visitor()

    assert [visitor.choose("accept").status_code for _ in range(4)] == [303] * 4
    assert len(site.events()) == 1


def test_storage_out_of_order_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """PEERS 5: it guards the size of the log; without it there is a line in the app's own."""

    def broken(*args: Any, **more: Any) -> bool:
        raise ConnectionError("no storage")

    floods = Floods(read({"COOKIECONSENT_GRANT_RATE": "1 per hour"}))
    for name in ("hit", "test"):
        monkeypatch.setattr(f"limits.strategies.FixedWindowRateLimiter.{name}", broken)
    with caplog.at_level(logging.ERROR):
        assert [floods.wait("x"), floods.wait(None)] == [0, 0]
        floods.follow("w", "x")

    assert caplog.text.count("could not be counted") == 3


def test_receipts_are_not_kept_as_they_are() -> None:
    """F3: what counts knows fingerprints alone."""
    floods = Floods(read({}))
    floods.wait("a-receipt-of-somebody")
    floods.follow("a-receipt-of-somebody", "the-next-of-somebody")

    kept = str(list(floods._limiter.storage._counts))  # type: ignore[attr-defined]
    assert "cookieconsent" in kept
    assert "somebody" not in kept


def test_windows_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """PEERS 5: a count ends with its window, and what is over is forgotten, so that a process never fills up."""
    now = 1_000.0
    monkeypatch.setattr("flask_cookieconsent.log.limits.time.time", lambda: now)
    memory = Memory()
    assert [memory.incr("a", 60), memory.incr("a", 60, 2), memory.get("a"), memory.get_expiry("a")] == [1, 3, 3, 1_060]
    for number in range(1_000):
        memory.incr(f"receipt {number}", 60)

    now = 1_061.0
    assert (memory.get("a"), memory.incr("b", 60)) == (0, 1)
    assert memory.reset() == 1


def test_memory_counts_every_thread() -> None:
    """PEERS 5: workers with threads count together."""
    memory = Memory()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: memory.incr("a", 3_600), range(4_000)))

    assert memory.get("a") == 4_000
