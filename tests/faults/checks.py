"""What has to hold of visitors' answers and the log after a fault, and the figures of one row; pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .visitors import GRANTED, Act, Answer, Key

#: Status of a grant that neither database nor disk could keep.
REFUSED = 503
#: Seconds within which nearly all are answered where a deadline of two holds; without one it is the fault's length.
SLOW = 6.0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one row of the table says; latencies are seconds, those of visitors who came during the fault."""

    acknowledged: int
    unanswered: int
    refused: int
    without_effect: int
    choices: tuple[float, float]
    pages: tuple[float, float]


def is_acknowledged(answer: Answer) -> bool:
    """Tell whether a visitor was told that a choice is made."""
    return answer.act is not Act.VIEW and answer.status == 303


def mistakes(
    answers: Collection[Answer],
    events: Sequence[Key | None],
    *,
    told: int = 0,
    keeps_nothing: bool = False,
    cuts_off: bool = False,
) -> list[str]:
    """Return what is wrong: lost and doubled events, events of nobody, wrong statuses, choices without effect.

    *told* counts events of which the app was told that nothing keeps them. Where *keeps_nothing*, grants may be refused
    and other choices be told; where a fault *cuts_off* requests, some get no answer.
    """
    found = Counter(event for event in events if event is not None)
    acknowledged = [answer for answer in answers if is_acknowledged(answer)]
    wanted = {answer.key for answer in acknowledged if answer.key is not None}
    lost = [key for key in wanted if key not in found]
    doubled = [key for key, count in found.items() if count > 1]
    uncertain = sum(answer.act is not Act.VIEW and not is_acknowledged(answer) for answer in answers)
    strange = [key for key in found if key not in wanted]
    wrong = Counter(answer.status for answer in answers if not _is_right(answer, keeps_nothing, cuts_off))
    idle = [answer for answer in acknowledged if not answer.took_effect]
    untold = len(lost) - (told if keeps_nothing else 0)
    # A grant without a receipt is none that was acknowledged.
    bare = sum(answer.act is Act.GRANT and answer.key is None for answer in acknowledged)
    grants = [key for key in lost if key[0] == GRANTED]
    return [
        sentence
        for is_wrong, sentence in (
            (
                untold > 0 or grants,
                f"{len(lost)} acknowledged events are not in the log ({told} were told): {lost[:3]}",
            ),
            (doubled, f"{len(doubled)} events are in the log more than once: {doubled[:3]}"),
            (
                len(strange) > uncertain,
                f"{len(strange)} events are nobody's, {uncertain} choices uncertain: {strange[:3]}",
            ),
            (wrong, f"statuses (0 is no answer): {dict(wrong)}"),
            (idle, f"{len(idle)} choices were acknowledged and have no effect: {idle[:3]}"),
            (bare, f"{bare} grants were acknowledged without a receipt"),
        )
        if is_wrong
    ]


def _is_right(answer: Answer, keeps_nothing: bool, cuts_off: bool) -> bool:
    if answer.status == 0:
        return cuts_off
    if answer.status == REFUSED:
        return keeps_nothing and answer.act in (Act.GRANT, Act.CHANGE)
    return answer.status == (200 if answer.act is Act.VIEW else 303)


def slowness(figures: Figures) -> list[str]:
    """Return what is as slow as a fault lasts, and not as a deadline."""
    named = {"choices": figures.choices, "pages": figures.pages}
    return [f"p99 of {name}: {p99:.1f} s" for name, (_, p99) in named.items() if p99 > SLOW]


def figures(answers: Collection[Answer], start: float, end: float) -> Figures:
    """Return the figures of a row whose fault lasted from *start* to *end*."""
    during = [answer for answer in answers if start <= answer.came <= end]
    refusals = [answer for answer in answers if answer.act in (Act.REFUSE, Act.WITHDRAW)]
    return Figures(
        acknowledged=sum(map(is_acknowledged, answers)),
        unanswered=sum(answer.status == 0 for answer in answers),
        refused=sum(answer.status == REFUSED for answer in answers),
        without_effect=sum(not answer.took_effect for answer in refusals),
        choices=_quantiles([answer.latency for answer in during if answer.act is not Act.VIEW]),
        pages=_quantiles([answer.latency for answer in during if answer.act is Act.VIEW]),
    )


def _quantiles(latencies: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, 0 of nothing."""
    ordered = sorted(latencies) or [0.0]
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
