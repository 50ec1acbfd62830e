"""Lines about a finding: where it was seen, and by whom."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from flask_cookieconsent.audit.findings import Place, Source
from flask_cookieconsent.audit.formats.lines import printable, sightings
from tests.kit.reports import FOREIGN, WILD, finding_of


def test_visitors_of_one_place_are_one_line() -> None:
    seen, others = sightings(finding_of(routes=7))

    assert [str(each) for each in seen] == [f"/{number} (undecided, gpc)" for number in range(1, 6)]
    assert {each.element for each in seen} == {f"<img src={FOREIGN}>"} and others == 2


def test_path_and_source_are_told() -> None:
    place = Place("/film/<id>", "/film/7", "gpc", source=Source("a.html", 3))

    assert [str(each) for each in sightings(finding_of(places=(place,)))[0]] == [
        "/film/<id> as /film/7, a.html:3 (gpc)"
    ]
    assert sightings(finding_of(places=())) == ([], 0)


@pytest.mark.parametrize("text", [WILD, "".join(map(chr, range(0x100))), "\ufffe\U0010ffff\u2028"])
def test_text_is_safe(text: str) -> None:
    """For a terminal, for a line, and as XML."""
    element = ET.Element("a")
    element.text = printable(text)

    assert printable(text).isprintable()
    assert ET.fromstring(ET.tostring(element)).text == printable(text)
