"""The check of the fault test finds each thing that can be wrong: bad twins without any server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from .checks import READS, Figures, figures, mistakes, slowness
from .databases import NotHereError, wait_until
from .disks import full, read_only, small_disk
from .faults import FAULTS
from .rows import Row
from .table import HEAD, line
from .visitors import GRANTED, Act, Answer, Event, key_of

RECEIPTS = ("a" * 64, "b" * 64, "c" * 64)
GRANT = Event((GRANTED, RECEIPTS[0]))
CHANGE = Event((GRANTED, RECEIPTS[1]), RECEIPTS[0])
WITHDRAWAL = Event(("withdrawn", RECEIPTS[1]), RECEIPTS[1])
REFUSAL = Event(("refused", "banner", "el", ""))
#: What somebody has erased.
ERASED = Event((GRANTED, RECEIPTS[2]))
#: What no visitor was told of.
STRANGE = Event((GRANTED, "d" * 64))


def answer(act: Act, event: Event | None = None, **more: Any) -> Answer:
    """Return an answer as a sound shop gives it."""
    key, before = event or (None, None)
    sound = Answer(act=act, status=200 if act in READS else 303, came=1.0, latency=0.01, key=key, before=before)
    return replace(sound, **more)


ANSWERS = (
    answer(Act.VIEW),
    answer(Act.READ),
    answer(Act.GRANT, GRANT),
    answer(Act.CHANGE, CHANGE),
    answer(Act.WITHDRAW, WITHDRAWAL),
    answer(Act.REFUSE, REFUSAL),
    answer(Act.GRANT, ERASED),
    answer(Act.ERASE, record=(RECEIPTS[2],)),
)
EVENTS = (GRANT, CHANGE, WITHDRAWAL, REFUSAL)


def without(event: Event) -> list[Event]:
    return [each for each in EVENTS if each != event]


def instead(act: Act, **more: Any) -> list[Answer]:
    """Return the answers, the first one to a kind of visitors changed."""
    first = next(each for each in ANSWERS if each.act is act)
    return [replace(each, **more) if each is first else each for each in ANSWERS]


def test_sound_row() -> None:
    """Everything once: nothing is wrong, whatever else may be allowed."""
    assert mistakes(ANSWERS, EVENTS) == []
    assert mistakes(ANSWERS, EVENTS, told=3, keeps_nothing=True, cuts_off=True) == []


#: Answers and events with one thing wrong, and how the sentence about it begins.
WRONG: dict[str, tuple[Sequence[Answer], Sequence[Event], str]] = {
    "grant lost": (ANSWERS, without(GRANT), "1 acknowledged and not"),
    "change lost": (ANSWERS, without(CHANGE), "1 acknowledged and not"),
    "refusal lost": (ANSWERS, without(REFUSAL), "1 acknowledged and not"),
    "withdrawal lost": (ANSWERS, without(WITHDRAWAL), "1 acknowledged and not"),
    "grant doubled": (ANSWERS, [*EVENTS, GRANT], "1 more than once"),
    "refusal doubled": (ANSWERS, [*EVENTS, REFUSAL], "1 more than once"),
    "event of nobody": (ANSWERS, [*EVENTS, STRANGE], "1 in the log and nobody's"),
    "erased event left": (ANSWERS, [*EVENTS, ERASED], "1 in the log and erased"),
    "link lost": (ANSWERS, [*without(CHANGE), CHANGE._replace(before=None)], "1 not linked"),
    "refusal without effect": (instead(Act.REFUSE, took_effect=False), EVENTS, "1 without effect"),
    "grant without receipt": (instead(Act.GRANT, key=None), without(GRANT), "1 granted without a receipt"),
    "error": (instead(Act.GRANT, status=500), EVENTS, "1 answered wrongly"),
    "grant refused": (instead(Act.GRANT, status=503), without(GRANT), "1 answered wrongly"),
    "refusal refused": (instead(Act.REFUSE, status=503), EVENTS, "1 answered wrongly"),
    "page away": (instead(Act.VIEW, status=503), EVENTS, "1 answered wrongly"),
    "record unreadable": (instead(Act.READ, status=500), EVENTS, "1 answered wrongly"),
    "no answer": (instead(Act.REFUSE, status=0), EVENTS, "1 got no answer"),
}


@pytest.mark.parametrize(("answers", "events", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found(answers: Sequence[Answer], events: Sequence[Event], sentence: str) -> None:
    """The bad twins: a row lost or doubled, a choice without effect, a wrong status."""
    (mistake,) = mistakes(answers, events)

    assert mistake.startswith(sentence)


def test_what_a_fault_allows() -> None:
    """Where nothing can keep events, grants may be refused and refusals be told; records may have to wait."""
    assert mistakes(instead(Act.GRANT, status=503), without(GRANT), keeps_nothing=True) == []
    assert mistakes(ANSWERS, without(REFUSAL), keeps_nothing=True, told=1) == []
    assert mistakes(instead(Act.REFUSE, status=0), without(REFUSAL), cuts_off=True) == []
    assert mistakes(instead(Act.READ, status=503), EVENTS) == []
    assert mistakes(instead(Act.ERASE, status=503), EVENTS) == []
    assert mistakes(instead(Act.ERASE, status=503), [*EVENTS, ERASED]) == []


def test_what_no_fault_allows() -> None:
    """The bad twins: nothing goes silently, no grant at all, and refusals are never refused."""
    assert mistakes(ANSWERS, without(REFUSAL), keeps_nothing=True) != []
    assert mistakes(ANSWERS, without(GRANT), keeps_nothing=True, told=1) != []
    assert mistakes(instead(Act.REFUSE, status=503), EVENTS, keeps_nothing=True) != []
    assert mistakes(ANSWERS, without(REFUSAL), cuts_off=True) != []


def test_figures() -> None:
    """Latencies are of those who came during the fault, everything else is of all."""
    early, late = answer(Act.VIEW, came=0.0, latency=9.0), answer(Act.VIEW, came=3.0, latency=9.0)
    choices = [answer(Act.GRANT, came=2.0, latency=number / 100) for number in range(101)]
    gone = answer(Act.REFUSE, came=2.0, latency=0.0, status=0, took_effect=False)

    found = figures([early, late, *choices, gone], 1.0, 3.0)

    assert found.choices == (0.5, 0.99)
    assert found.pages == (9.0, 9.0)
    assert (found.acknowledged, found.unanswered, found.without_effect) == (101, 1, 1)
    assert figures([early], 1.0, 3.0).pages == (0.0, 0.0)


@pytest.mark.parametrize(("choices", "pages", "slow"), [(2.2, 1.4, 0), (12.0, 1.4, 1), (12.0, 11.0, 2)])
def test_fault_without_deadline_is_slow(choices: float, pages: float, slow: int) -> None:
    """The bad twins: where every worker waits for the database, a page waits as long as the fault lasts."""
    row = Figures(acknowledged=1, unanswered=0, refused=0, without_effect=0, choices=(0.1, choices), pages=(0.1, pages))

    assert len(slowness(row)) == slow


def test_keys() -> None:
    """A row is found by its receipt, or by what a refusal said; a withdrawal without a receipt is anybody's."""
    assert key_of("given", "banner", "en", False, RECEIPTS[0]) == GRANT.key
    assert key_of("changed", "preferences", "en", False, RECEIPTS[1]) == CHANGE.key
    assert key_of("withdrawn", "link", "en", False, RECEIPTS[1]) == WITHDRAWAL.key
    assert key_of("refused", "banner", "el", False, None) == REFUSAL.key
    assert key_of("withdrawn", "link", "en", False, None) is None


def test_table_has_a_cell_for_each_column() -> None:
    found = figures(ANSWERS, 0.0, 2.0)

    assert line(Row(name="hang", worker="sync", seconds=12, figures=found)).count("|") == HEAD.splitlines()[0].count(
        "|"
    )
    assert "no disk" in line(Row(name="hang", worker="sync", seconds=12, skipped="no disk"))


def test_faults_have_names_of_their_own() -> None:
    names = [fault.name for fault in FAULTS]

    assert sorted(names) == sorted(set(names))


def written(folder: Path) -> str:
    """Return what comes of writing a file."""
    try:
        (folder / "file").write_bytes(bytes(10_000))
    except OSError as error:
        return type(error).__name__
    return "written"


def tried(breaks: Callable[[Path], AbstractContextManager[None]], folder: Path) -> tuple[str, str]:
    """Return what comes of writing a file while a disk is broken, and afterwards."""
    try:
        with breaks(folder):
            broken = written(folder)
    except NotHereError as error:
        pytest.skip(str(error))
    return broken, written(folder)


def test_read_only_folder(tmp_path: Path) -> None:
    """The fault is one, for whoever may do everything too, and it ends."""
    broken, mended = tried(read_only, tmp_path)

    assert broken != "written"
    assert mended == "written"


@contextmanager
def small_and_full(folder: Path) -> Iterator[None]:
    """Make a folder a disk, and fill it."""
    with small_disk(folder, "100k"), full(folder):
        yield


def test_full_disk(tmp_path: Path) -> None:
    """The fault is one, and it ends."""
    broken, mended = tried(small_and_full, tmp_path / "disk")

    assert (broken, mended) == ("OSError", "written")


def test_waiting_has_an_end() -> None:
    with pytest.raises(TimeoutError, match="for ever"):
        wait_until(lambda: False, "it takes for ever", seconds=0)


@pytest.mark.parametrize(
    ("answers", "events", "is_alone"),
    [
        (instead(Act.GRANT, status=0), EVENTS, True),
        (instead(Act.REFUSE, status=500), EVENTS, False),
        (instead(Act.REFUSE, status=0), without(CHANGE), False),
        (ANSWERS, EVENTS, False),
    ],
)
def test_row_is_tried_again_for_a_lost_connection_alone(
    answers: Sequence[Answer], events: Sequence[Event], is_alone: bool
) -> None:
    """What was lost, doubled or answered by an error is told at once."""
    row = Row(name="killed", worker="sync", seconds=3, mistakes=tuple(mistakes(answers, events)))

    assert row.is_unanswered_alone is is_alone
