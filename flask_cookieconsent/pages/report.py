"""The owner's report: what visitors chose, in tables and charts without a script, and the same as a file (F6, F7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, make_response, request

from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.log.spreadsheet import csv_line
from flask_cookieconsent.log.statistics import ANSWERS, SMALLEST_GROUP, Summary, Tally, share, told, total
from flask_cookieconsent.state import State, get_state

from .renderer import Renderer
from .resources import no_store

_DEFAULT, _LONGEST = timedelta(days=29), timedelta(days=3_660)

# More days than these are shown by month: nobody reads a thousand bars.
_MOST_DAYS = 62

# The space of the chart in its own units; the style sheet gives it the width of the page.
_HEIGHT, _STEP, _GAP = 160, 12, 2


@dataclass(frozen=True)
class Bar:
    """One day or month of the chart: where it stands, and for each answer its place and height."""

    label: date
    counts: dict[str, int | None]
    x: int
    width: int
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class ReportPages:
    """The view functions of the report, for whoever the site lets see it."""

    renderer: Renderer

    def show(self) -> Response:
        """Show the report of some days, the last thirty unless others are asked for."""
        state = _allowed_state()
        since, until = _days(state)
        assert state.report is not None
        found, condition = state.report(since, until)
        counters = found.total
        periods = _periods(found)
        html = self.renderer.page(
            "report.html",
            N_("Consent report"),
            get_visit().consult(),
            found=found,
            condition=condition,
            counters={heading: told(counter) for heading, counter in counters.items()},
            shares=_shares(state, counters),
            total=counters["kind"].total(),
            parts={each: share(counters["answer"][each], counters["answer"].total()) for each in ANSWERS},
            bars=_bars(periods),
            by_month=_is_by_month(found),
            highest=max((each["answer"].total() for each in periods.values()), default=0),
            chart={"width": max(1, len(periods)) * _STEP, "height": _HEIGHT},
            answers=ANSWERS,
            few=SMALLEST_GROUP,
        )
        get_visit().forbids_framing = True
        return no_store(make_response(html))

    def download(self) -> Response:
        """Return what the page shows as CSV; what it keeps back is kept back here too."""
        state = _allowed_state()
        since, until = _days(state)
        assert state.report is not None
        found, _ = state.report(since, until)
        response = Response("".join(csv_line(each) + "\r\n" for each in _lines(state, found)), mimetype="text/csv")
        name = f"consent-{since.isoformat()}-{until.isoformat()}.csv"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return no_store(response)


def _allowed_state() -> State:
    state = get_state()
    guard = state.report_guard()
    if state.report is None or guard is None:
        abort(404)
    if not guard():
        abort(403)
    return state


def _days(state: State) -> tuple[date, date]:
    until = min(_day("until") or state.today, state.today)
    since = min(_day("since") or until - min(_DEFAULT, until - date.min), state.today)
    since, until = min(since, until), max(since, until)
    return max(since, until - min(_LONGEST, until - date.min)), until


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _is_by_month(found: Summary) -> bool:
    return (found.until - found.since).days >= _MOST_DAYS


def _periods(found: Summary) -> dict[date, Tally]:
    """Return the tally of every day, or month, of a summary, also where nothing was chosen."""
    days = [found.since + timedelta(days=n) for n in range((found.until - found.since).days + 1)]
    by_month = _is_by_month(found)
    periods: dict[date, list[Tally]] = {}
    for day in days:
        tallies = periods.setdefault(day.replace(day=1) if by_month else day, [])
        if day in found.days:
            tallies.append(found.days[day])
    return {day: total(tallies) for day, tallies in periods.items()}


def _bars(periods: dict[date, Tally]) -> list[Bar]:
    highest = max((each["answer"].total() for each in periods.values()), default=0) or 1
    bars = []
    for place, (day, found) in enumerate(periods.items()):
        counts = told({answer: found["answer"][answer] for answer in ANSWERS})
        top, parts = float(_HEIGHT), []
        for answer in ANSWERS:
            count = counts[answer]
            # What is not told is drawn as half of the smallest group, whatever it is.
            height = (SMALLEST_GROUP / 2 if count is None else count) * _HEIGHT / max(highest, SMALLEST_GROUP)
            height = min(height, top)
            top -= height
            parts.append((answer, round(top, 1), round(height, 1)))
        bars.append(Bar(day, counts, place * _STEP, _STEP - _GAP, tuple(parts)))
    return bars


def _shares(state: State, counters: Tally) -> list[dict[str, Any]]:
    """Return every category and service with how often it was allowed, those that are gone last."""
    found, known = [], set()
    for category, services in state.registry.optional_by_category.items():
        # A category with one service is that service.
        rows = services if len(services) == 1 else (category, *services)
        found += [_share(state, counters, id, rows[0]) for id in rows if counters["answered"][id]]
        known |= {category, *services}
    return found + [_share(state, counters, id, "") for id in counters["answered"] if id not in known]


def _share(state: State, counters: Tally, id: str, first: str) -> dict[str, Any]:
    names = {each.id: each.title for each in state.registry.categories}
    names |= {each.id: each.name for each in state.registry.services.values() if each.id not in names}
    return {
        "name": names.get(id, id),
        "is_first": id == first,
        "answered": counters["answered"][id],
        "part": share(counters["allowed"][id], counters["answered"][id]),
    }


def _lines(state: State, found: Summary) -> Iterator[list[Any]]:
    counters = found.total
    kept_back = f"fewer than {SMALLEST_GROUP}"
    yield ["what", "name", "count", "share"]
    for day, each in _periods(found).items():
        counts = told({answer: each["answer"][answer] for answer in ANSWERS})
        for answer, count in counts.items():
            yield [day.strftime("%Y-%m") if _is_by_month(found) else day, answer, _cell(count, kept_back), ""]
    for heading in ("kind", "answer", "method", "locale", "policy_version", "signal"):
        for name, count in sorted(told(counters[heading]).items()):
            yield [heading, name, _cell(count, kept_back), ""]
    for id, answered in counters["answered"].items():
        part = share(counters["allowed"][id], answered)
        known = [answered, f"{part:.3f}"] if part is not None else [kept_back, ""]
        yield ["allowed", id, *known]


def _cell(count: int | None, kept_back: str) -> Any:
    return kept_back if count is None else count
