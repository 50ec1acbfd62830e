"""Documentation tests: the pages in docs/ are generated from, or name, the code as it is."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from flask_cookieconsent import catalogue
from flask_cookieconsent.catalogue.kit.declaration import KEYS, factory
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Frame
from flask_cookieconsent.embeds.share import NETWORKS
from tests.catalogue.test_data import VALIDATOR
from tests.kit.facts import DATA
from tests.kit.samples import SAMPLES

DOCS = Path(__file__).parents[1] / "docs"

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the pages are in the checkout")


@pytest.fixture
def generator() -> Any:
    """What `make docs` runs."""
    return import_module("docs.services")


def test_page_of_services_is_the_code(generator: Any) -> None:
    assert generator.page() == generator.PAGE.read_text(encoding="utf-8"), "run `make docs` and commit the page"


def test_page_changes_with_the_code(generator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bad twin: a page without one service is another page."""
    monkeypatch.setattr(generator, "SAMPLES", SAMPLES[1:])

    assert generator.page() != generator.PAGE.read_text(encoding="utf-8")


def test_page_has_every_fact_of_every_service(generator: Any) -> None:
    sections = generator.page().replace("\n### ", "\n## ").split("\n## ")
    for service in (each.service for each in SAMPLES):
        (text,) = [each for each in sections if each.startswith(f'<a id="{service.id}"></a>')]
        facts = [source for sources in service.hosts.values() for source in sources]
        facts += [f"`{each}`" for each in (*service.hosts, *(cookie.name for cookie in service.cookies))]
        doubts = DATA[service.id].get("doubts", [])
        facts += [text for doubt in doubts for text in (doubt["about"], f"({doubt['sure']})", doubt["settle"])]
        assert [each for each in facts if each not in text.replace("\\", "")] == []
    assert {each for each in catalogue.__all__ if f"\n{each}(" in generator.page()} == set(catalogue.__all__)
    assert all(f"`{network}`" in sections[-1] for network in NETWORKS)


def test_each_service_is_under_its_purpose(generator: Any) -> None:
    """Whoever looks for a chat finds all of them together."""
    index, *groups = generator.page().partition('\n## <a id="every-service"')[0].split('\n## <a id="for-')
    rows = {group.partition('"')[0]: re.findall(r"^\| \[[^]]+\]\(#(\w+)\)", group, re.M) for group in groups}
    expected: dict[str, set[str]] = {}
    for service in (each.service for each in SAMPLES):
        expected.setdefault(service.purpose, set()).add(service.id)

    assert {id: set(names) for id, names in rows.items()} == expected
    assert sum(map(len, rows.values())) == len(SAMPLES)
    assert re.findall(r"\(#for-(\w+)\)", index) == list(rows)


def test_group_without_a_heading_is_the_bad_twin(generator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "HEADINGS", {"chat": "Chat"})
    with pytest.raises(KeyError):
        generator.page()


def test_guide_declares_a_service() -> None:
    """The file that the guide shows is one, and its service is sound."""
    text = (DOCS / "adding-a-service.md").read_text(encoding="utf-8")
    data = json.loads(text.split("```json\n")[1].partition("```")[0])
    service = build([factory("podium", data)()]).services["podium"]

    assert list(VALIDATOR.iter_errors(data)) == []
    assert service.parse is not None and service.parse("https://podium.example/pricing") is None
    frame = service.parse(data["sample"]["embed"] + "?t=90")
    assert isinstance(frame, Frame) and frame.src == "https://player.podium.example/12?t=90"


def test_guide_names_every_key() -> None:
    """Its table is the schema's."""
    text = (DOCS / "adding-a-service.md").read_text(encoding="utf-8")
    rows = text.partition("| key | what it says |")[2].partition("\n\n")[0]

    assert KEYS - {"$schema"} <= set(re.findall(r"`(\w+)`", rows))


def test_types_of_the_catalogue_are_its_files(generator: Any) -> None:
    assert generator.types() == generator.TYPES.read_text(encoding="utf-8"), "run `make docs` and commit the stub"


def test_guide_speaks_of_what_is_there() -> None:
    """Every file and command that the guide names exists."""
    text = (DOCS / "adding-a-service.md").read_text(encoding="utf-8")
    root = DOCS.parent
    named = [each for each in text.split("`")[1::2] if "/" in each and " " not in each and "<" not in each]

    assert len(named) >= 5
    assert [each for each in named if not (root / each).exists()] == []
