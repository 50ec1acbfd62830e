"""View functions of the owner's report: consent statistics as tables, SVG charts without a script, and CSV (F6, F7)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, request

from flask_cookieconsent.core.services import N_, Text
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.log.spreadsheet import csv_line
from flask_cookieconsent.log.statistics import (
    ANSWERS,
    BASE,
    Report,
    Summary,
    Tally,
    ratio,
    total,
)
from flask_cookieconsent.signals import call
from flask_cookieconsent.state import State, get_state

from .renderer import Renderer
from .resources import html_response, no_store

logger = logging.getLogger("flask_cookieconsent")

_DEFAULT, _LONGEST = timedelta(days=29), timedelta(days=3_660)

# More days than these, half a year, are shown by month: nobody reads a thousand bars.
_MOST_DAYS = 183

# The space of the chart in its own units; the style sheet gives it the width of the page.
_HEIGHT, _STEP, _GAP = 160, 12, 2


@dataclass(frozen=True)
class Bar:
    """Stacked bar of one week or month, in user units of the SVG; `parts` are (answer, y, height), lowest first."""

    label: date
    counts: dict[str, int]
    x: int
    width: int
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class ReportPages:
    """View functions of the report, behind the site's `report_guard`: 404 without one, 403 where it says no."""

    renderer: Renderer

    def show(self) -> Response:
        """Show the report of the weeks of some days, of the last thirty unless others are asked for."""
        state = _allowed_state()
        since, until = _days(state)
        scope = _scope(state)
        report = _report(state, since, until, scope)
        summary, counters = report.summary, report.summary.total
        periods = _periods(summary)
        html = self.renderer.page(
            "report.html",
            N_("Consent report"),
            get_visit().consult(),
            summary=summary,
            condition=report.condition,
            counters=counters,
            shares=_shares(state, counters),
            total=counters["kind"].total(),
            parts={answer: ratio(counters["answer"][answer], counters["answer"].total()) for answer in ANSWERS},
            bars=_bars(periods),
            by_month=_is_by_month(summary),
            highest=_highest(periods),
            chart={"width": max(1, len(periods)) * _STEP, "height": _HEIGHT},
            answers=ANSWERS,
            base=BASE,
            scope=scope,
        )
        get_visit().forbids_framing = True
        return no_store(html_response(html))

    def download(self) -> Response:
        """Return what the page shows as CSV."""
        state = _allowed_state()
        since, until = _days(state)
        summary = _report(state, since, until, _scope(state)).summary
        response = Response("".join(csv_line(cells) + "\r\n" for cells in _lines(summary)), mimetype="text/csv")
        name = f"consent-{summary.since.isoformat()}-{summary.until.isoformat()}.csv"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return no_store(response)


def _allowed_state() -> State:
    state = get_state()
    guard = state.report_guard()
    if guard is None:
        abort(404)
    answer = call(guard)
    if answer is not True:
        if answer:
            logger.warning("report_guard: found %r, wanted True or False; the report stays closed", answer)
        abort(403)
    return state


def _report(state: State, since: date, until: date, scope: str | None) -> Report:
    # Without a database there is no such page.
    return state.log.report(since, until, scope) or abort(404)


def _scope(state: State) -> str | None:
    """Return the scope that is asked for, None for all of the site together."""
    wanted = request.args.get("scope", "")
    return wanted if wanted in state.log_scopes else None


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


def _is_by_month(summary: Summary) -> bool:
    return (summary.until - summary.since).days >= _MOST_DAYS


def _periods(summary: Summary) -> dict[date, Tally]:
    """Return the tally of every week, or month, of a summary, also where nothing was chosen.

    A week is of the month of its Monday: a month is the sum of weeks, so that it tells no more than they do.
    """
    mondays = [summary.since + timedelta(days=n) for n in range(0, (summary.until - summary.since).days + 1, 7)]
    by_month = _is_by_month(summary)
    periods: dict[date, list[Tally]] = {}
    for monday in mondays:
        tallies = periods.setdefault(monday.replace(day=1) if by_month else monday, [])
        if monday in summary.days:
            tallies.append(summary.days[monday])
    return {day: total(tallies) for day, tallies in periods.items()}


def _highest(periods: dict[date, Tally]) -> int:
    return max((tally["answer"].total() for tally in periods.values()), default=0)


def _answers(tally: Tally) -> dict[str, int]:
    return {answer: tally["answer"][answer] for answer in ANSWERS}


def _bars(periods: dict[date, Tally]) -> list[Bar]:
    scale = _HEIGHT / max(_highest(periods), BASE)
    bars = []
    for number, (day, tally) in enumerate(periods.items()):
        counts = _answers(tally)
        top, parts = float(_HEIGHT), []
        for answer in ANSWERS:
            height = min(counts[answer] * scale, top)
            top -= height
            parts.append((answer, round(top, 1), round(height, 1)))
        bars.append(Bar(day, counts, number * _STEP, _STEP - _GAP, tuple(parts)))
    return bars


def _shares(state: State, counters: Tally) -> list[dict[str, Any]]:
    """Return every category and service with how often it was allowed, those that are gone last."""
    names = {service.id: service.name for service in state.registry.services.values()}
    names |= {category.id: category.title for category in state.registry.categories}
    shares, declared = [], set()
    for category, services in state.registry.optional_by_category.items():
        # A category with one service is that service.
        rows = services if len(services) == 1 else (category, *services)
        shares += [_share(names, counters, id, rows[0]) for id in rows if counters["answered"][id]]
        declared |= {category, *services}
    return shares + [_share(names, counters, id, "") for id in counters["answered"] if id not in declared]


def _share(names: Mapping[str, Text], counters: Tally, id: str, first: str) -> dict[str, Any]:
    return {
        "name": names.get(id, id),
        "is_first": id == first,
        "answered": counters["answered"][id],
        "part": ratio(counters["allowed"][id], counters["answered"][id]),
    }


def _lines(summary: Summary) -> Iterator[list[Any]]:
    counters = summary.total
    yield ["what", "name", "count", "share"]
    for day, tally in _periods(summary).items():
        for answer, count in _answers(tally).items():
            yield [day.strftime("%Y-%m") if _is_by_month(summary) else day, answer, count, ""]
    for heading in ("scope", "kind", "answer", "method", "locale", "policy_version", "signal"):
        for name, count in sorted(counters.get(heading, {}).items()):
            yield [heading, name, count, ""]
    for id, answered in counters["answered"].items():
        part = ratio(counters["allowed"][id], answered)
        yield ["allowed", id, answered, "" if part is None else f"{part:.3f}"]
