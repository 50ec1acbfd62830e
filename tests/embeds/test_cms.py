"""HTML as editors, plug-ins, components and consent tools store it: what of it is shown, and that nobody is called."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kit.contents import STILL, named, read, rest, shown

#: Each with what it is from, the links of what is shown, and the HTML that is left; `lost` says why nothing is shown.
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "data" / "cms.json").read_text("utf-8"))
#: The part of them that a site may rely on.
LEAST_RATE = 0.9


#: Whom the declared services have, however their names are written.
VENDORS = re.compile(r"youtube(-nocookie)?\.com/(?!watch)|ytimg|facebook\.(com|net)/(tr|x)|assets\.calendly|evil", re.I)


def called(html: str) -> list[str]:
    return [each for each in named(html) if VENDORS.search(each)]


def outcome(case: Mapping[str, Any]) -> tuple[list[str], str]:
    segments = read(case["html"])
    return shown(segments), rest(segments)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['from']}: {case['html'][:60]}")
def test_stored_by_others(case: dict[str, Any]) -> None:
    """A9: what a declared service has is shown, once; all else stays; and nobody is called on."""
    assert outcome(case) == (case["shows"], case["rest"])
    assert called(case["rest"]) == []


def test_stored_by_others_twin() -> None:
    """The check sees what was lost, what is shown twice, and who is called on."""
    case = CASES[0]
    assert outcome({"html": case["html"] * 2}) != (case["shows"], case["rest"])
    assert outcome({"html": "<p>Text</p>"})[0] != case["shows"]
    assert called(case["html"])
    assert called(f'<p style="background: url({STILL})">') and called(f"<style>@import '{STILL}'</style>")


def rate(cases: list[dict[str, Any]]) -> tuple[float, list[str]]:
    """Return the part of the cases that come out as they should with nothing lost, and the others."""
    wrong = [each["html"] for each in cases if "lost" in each or outcome(each) != (each["shows"], each["rest"])]
    return 1 - len(wrong) / len(cases), wrong


def test_rate() -> None:
    found, wrong = rate(CASES)

    assert len(CASES) >= 200
    assert found >= LEAST_RATE, f"{found:.1%} of {len(CASES)} come out right; not: " + "\n".join(wrong)


def test_rate_twin() -> None:
    lost = [each for each in CASES if "lost" in each]
    assert 0 < len(lost) == len(rate(lost)[1])
