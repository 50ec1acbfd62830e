"""What the owner accepts: one line for one finding, until a day."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from flask_cookieconsent.audit.accepted import Accepted, acceptance, sort_out
from flask_cookieconsent.audit.options import parse_options
from tests.kit.reports import DAY, FOREIGN, WILD, finding_of


def line_of(**more: Any) -> Accepted:
    given: dict[str, Any] = {"rule": "undeclared-host", "subject": FOREIGN, "until": DAY, "reason": "our own CDN"}
    return Accepted(**(given | more))


@pytest.mark.parametrize("subject", [FOREIGN, "", WILD, "é\u00a0\U0001f36a\u2028", "\U000e0001", '"""', "C:\\new"])
def test_proposed_line_accepts_its_finding(subject: str) -> None:
    """Whatever is in a subject, the line is one line of TOML and accepts that very finding, and no other."""
    finding, other = finding_of(subject), finding_of("other.example")
    line = acceptance(finding, DAY).line
    options = parse_options(tomllib.loads(f"accepted = [\n{line}\n]"), DAY)
    after = sort_out([finding, other], options.accepted, DAY)

    assert len(line.splitlines()) == 1 and line.isprintable()
    assert after.counting == (other,) and [each for each, _ in after.accepted] == [finding]
    assert options.accepted[0].line == line


def test_other_rule_or_subject_is_not_accepted() -> None:
    finding = finding_of()
    lines = (line_of(rule="inline-loader"), line_of(subject=f"a.{FOREIGN}"), line_of(subject=FOREIGN.upper()))

    assert sort_out([finding], lines, DAY).counting == (finding,)
    assert sort_out([finding], lines, DAY).unused == lines


@pytest.mark.parametrize(("until", "counts"), [(DAY, False), (DAY - timedelta(days=1), True)])
def test_date_runs_out(until: date, counts: bool) -> None:
    """The last day is accepted, the one after it counts and says so."""
    finding = finding_of()
    after = sort_out([finding], [line_of(until=until)], DAY)

    assert bool(after.counting) == counts == bool(after.expired)
    assert bool(after.accepted) != counts
    assert after.unused == ()


def test_line_for_one_route() -> None:
    """What is seen elsewhere still counts, with the places where it is."""
    finding = finding_of(routes=2)
    after = sort_out([finding], [line_of(route="/1")], DAY)

    assert [each.routes for each in after.counting] == [("/2",)]
    assert [each.routes for each, _ in after.accepted] == [("/1",)]
    assert sort_out([finding], [line_of(route="/1"), line_of(route="/2")], DAY).counting == ()
    assert sort_out([finding], [line_of(route="/3")], DAY).unused == (line_of(route="/3"),)


def test_line_for_a_route_and_a_finding_without_places() -> None:
    finding = finding_of(places=())

    assert sort_out([finding], [line_of(route="/1")], DAY).counting == (finding,)
    assert sort_out([finding], [line_of()], DAY).counting == ()


def test_line_that_reaches_furthest_decides() -> None:
    """A new line beside the old one is enough; the old one may go."""
    old, new = line_of(until=DAY - timedelta(days=9)), line_of(until=DAY + timedelta(days=9))
    after = sort_out([finding_of()], [old, new], DAY)

    assert after.counting == () and after.unused == (old,)
