"""The table of faults as text, in the form that Markdown has for tables."""

from __future__ import annotations

from .rows import Row

_COLUMNS = (
    ("fault", 32),
    ("worker", 7),
    ("s", 4),
    ("made", 5),
    ("waited", 6),
    ("left", 5),
    ("told", 4),
    ("503", 4),
    ("none", 4),
    ("idle", 4),
    ("choices p50/p99 ms", 18),
    ("pages p50/p99 ms", 18),
    ("exactly once", 12),
)
_NAMES = " | ".join(f"{name:<{width}}" for name, width in _COLUMNS)
#: The first two lines. `made` counts acknowledged choices, `waited` and `left` events in the spool at the end of the
#: fault and soon after, `told` what the app was told of as failed, `503` and `none` requests that were refused and that
#: got no answer, `idle` refusals and withdrawals without effect.
HEAD = f"| {_NAMES} |\n|{'|'.join('-' * (width + 2) for _, width in _COLUMNS)}|"


def line(row: Row) -> str:
    """Return the line of a row."""
    cells: list[object] = [row.name, row.worker, f"{row.seconds:g}"]
    if row.figures is None:
        return f"| {row.name:<32} | {'skipped: ' + row.skipped if row.skipped else 'failed'}"
    found = row.figures
    cells += [found.acknowledged, row.waited, row.left, row.told, found.refused, found.unanswered, found.without_effect]
    cells += [_milliseconds(found.choices), _milliseconds(found.pages), "no" if row.mistakes else "yes"]
    return f"| {' | '.join(f'{cell!s:<{width}}' for cell, (_, width) in zip(cells, _COLUMNS, strict=True))} |"


def _milliseconds(quantiles: tuple[float, float]) -> str:
    return " / ".join(f"{seconds * 1_000:,.0f}" for seconds in quantiles)
