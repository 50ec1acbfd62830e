"""What has to hold of visitors' answers and the log after a fault, and the figures of one row; pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .visitors import GRANTED, Act, Answer, Event

#: Status of a grant that neither database nor disk could keep.
REFUSED = 503
#: The mistake that visitors get no answer at all.
UNANSWERED = "got no answer"
#: What no visitor chooses by.
READS = (Act.VIEW, Act.READ)
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
    return answer.act not in READS and answer.status == 303


def mistakes(
    answers: Collection[Answer],
    events: Collection[Event],
    *,
    told: int = 0,
    keeps_nothing: bool = False,
    cuts_off: bool = False,
) -> list[str]:
    """Return what is wrong: lost and doubled events, events of nobody, wrong statuses, choices without effect.

    *told* counts what the app was told of as failed. Where *keeps_nothing*, grants may be refused
    and other choices be told; where a fault *cuts_off* requests, some get no answer.
    """
    found, linked = Counter(event.key for event in events), dict(events)
    gone = {receipt for answer in answers if _is_erased(answer) for receipt in answer.record}
    # Whose record was not erased in time does not know what is left of it.
    unsure = {receipt for answer in answers if not _is_erased(answer) for receipt in answer.record}
    acknowledged = [answer for answer in answers if is_acknowledged(answer)]
    wanted = {answer.key: answer.before for answer in acknowledged if answer.key is not None}
    kept = {key for key in wanted if key[1] not in gone | unsure}
    lost = sorted(kept - found.keys())
    uncertain = sum(answer.act not in READS and not is_acknowledged(answer) for answer in answers)
    # The app is told of what is refused, too.
    told -= sum(answer.status == REFUSED for answer in answers if answer.act not in READS)
    sentences: dict[str, Sequence[object]] = {
        "acknowledged and not in the log": lost if any(key[0] == GRANTED for key in lost) or not keeps_nothing else [],
        f"lost, of which {told} were told": lost if keeps_nothing and len(lost) > told else [],
        "more than once in the log": [key for key, count in found.items() if count > 1],
        "in the log and nobody's": sorted(found.keys() - wanted.keys())[uncertain:],
        "in the log and erased": [key for key in found if key[1] in gone],
        "not linked to the event before": [key for key in kept & found.keys() if linked[key] != wanted[key]],
        "without effect": [answer for answer in acknowledged if not answer.took_effect],
        # A visitor who was told that something is granted has the receipt of it.
        "granted without a receipt": [each for each in acknowledged if each.act is Act.GRANT and each.key is None],
        "answered wrongly": [_told(answer) for answer in answers if not _is_right(answer, keeps_nothing)],
        UNANSWERED: [] if cuts_off else [_told(answer) for answer in answers if answer.status == 0],
    }
    return [f"{len(cases)} {what}: {cases[:3]}" for what, cases in sentences.items() if cases]


def _is_erased(answer: Answer) -> bool:
    return answer.act is Act.ERASE and answer.status == 303


def _told(answer: Answer) -> str:
    return f"{answer.act} {answer.status} after {answer.latency:.1f} s"


def _is_right(answer: Answer, keeps_nothing: bool) -> bool:
    if answer.status == 0:
        return True
    if answer.status == REFUSED:
        return answer.act in (Act.ERASE, Act.READ) or (keeps_nothing and answer.act in (Act.GRANT, Act.CHANGE))
    return answer.status == (200 if answer.act in READS else 303)


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
        choices=_quantiles([answer.latency for answer in during if answer.act not in READS]),
        pages=_quantiles([answer.latency for answer in during if answer.act is Act.VIEW]),
    )


def _quantiles(latencies: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, 0 of nothing."""
    ordered = sorted(latencies) or [0.0]
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
