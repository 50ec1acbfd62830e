"""The catalogue's files: their form, their sources and the age of those, and what reading them costs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from flask_cookieconsent import catalogue
from flask_cookieconsent.catalogue.kit.declaration import KEYS
from flask_cookieconsent.catalogue.kit.fitting import misfits, sourceless, unfit_examples, unknown_variables
from flask_cookieconsent.catalogue.kit.layout import written
from flask_cookieconsent.core.registry import build
from tests.kit.facts import DATA, FACTS, VENDORS
from tests.kit.samples import SAMPLES, Sample, sample_of

SCHEMA = json.loads((VENDORS.parent / "service.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
#: A provider changes its hosts and cookies without telling anybody.
OLDEST = timedelta(days=400)
MOST_LINES = 40
#: Vendors that have regions, kinds of accounts or addresses by the dozen, and so more facts; none of these grows.
LONGER = {
    "facebook": 51,
    "google_ads": 49,
    "google_analytics": 63,
    "google_tag_manager": 51,
    "hotjar": 63,
    "hubspot": 52,
    "intercom": 80,
    "linkedin_insight": 43,
    "matomo": 46,
    "soundcloud": 45,
    "spotify": 47,
    "stripe": 46,
    "tiktok_pixel": 49,
    "vimeo": 44,
    "youtube": 57,
}

each_file = pytest.mark.parametrize("name", DATA)


def example(**more: Any) -> dict[str, Any]:
    """Return a sound declaration with some keys more."""
    provider = {"name": "Podium SA", "country": "BE", "privacy_policy": "https://podium.example/privacy"}
    sources = {"podium": {"at": "https://podium.example/cookies", "seen": "2026-11-27"}}
    least = {"name": "Podium", "provider": provider, "purpose": "embedded_audio", "categories": ["third_party"]}
    return least | {"sources": sources} | more


def test_there_are_a_hundred() -> None:
    assert len(DATA) >= 100
    assert dir(catalogue) == sorted(DATA)


@each_file
def test_form(name: str) -> None:
    """Each file is what the schema says, as the layout writes it, and short enough to be read at a glance."""
    text = (VENDORS / f"{name}.json").read_text("utf-8")

    assert [error.message for error in VALIDATOR.iter_errors(DATA[name])] == []
    assert text == written(DATA[name]) + "\n"
    assert len(text.splitlines()) <= LONGER.get(name, MOST_LINES)


@pytest.mark.parametrize(
    "broken",
    [
        {"cokies": []},
        {"cookies": [{"name": "a"}]},
        {"cookies": [{"name": "a", "purpose": "Keeps.", "kept": "3 weeks"}]},
        {"cookies": [{"name": "a", "purpose": "Keeps.", "domain": ".podium.example"}]},
        {"hosts": {"https://a.example": {"for": ["default-src"]}}},
        {"sources": {}},
        {"sources": {"podium": {"at": "https://podium.example", "seen": "yesterday"}}},
        {"sources": {"podium": {"at": "https://podium.example", "seen": "2026-13-01"}}},
        {"categories": ["marketing"]},
        {"parameters": {"key": {"match": "[", "example": "a"}}},
        {"embed": {"kind": "audio", "shape": "strip", "addresses": [{"paths": "/a"}]}},
        {"embed": {"kind": "audio", "shape": "strip", "src": "http://podium.example"}},
        {"doubts": [{"about": "all", "sure": "guess", "settle": "Look."}]},
        {"variants": [{"cookies": []}]},
    ],
)
def test_form_twin(broken: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(example())) == []
    assert list(VALIDATOR.iter_errors(example(**broken))) != []


def test_layout_twin() -> None:
    """A file as another program writes it, and one with too many facts, are neither in the layout nor short."""
    many = example(cookies=[{"name": f"a{number}", "purpose": "Keeps."} for number in range(MOST_LINES)])

    assert json.dumps(example(), indent=2) != written(example())
    assert len(written(example()).splitlines()) <= MOST_LINES < len(written(many).splitlines())


def test_schema_is_the_loader() -> None:
    """What one of them knows, the other does."""
    assert set(SCHEMA["properties"]) == KEYS


@each_file
def test_each_fact_has_a_source(name: str) -> None:
    assert sourceless(DATA[name]) == []


def test_source_twin() -> None:
    assert sourceless(example(cookies=[{"name": "a", "purpose": "Keeps.", "source": "hearsay"}])) == ["hearsay"]


def aged(sources: Iterable[Mapping[str, str]], today: date) -> list[str]:
    """Return the sources that nobody has looked at for too long, or that say they were on a day to come."""
    looks = [(each["at"], today - date.fromisoformat(each["seen"])) for each in sources]
    return [at for at, age in looks if not timedelta(days=-1) <= age <= OLDEST]


def test_sources_are_looked_at_again() -> None:
    """A fact that nobody has looked at for 400 days fails: read its source again, and write the day."""
    for name, data in DATA.items():
        assert aged(data["sources"].values(), date.today()) == [], name
    for name, facts in FACTS.items():
        assert facts["source"]["at"], name
        assert aged([facts["source"]], date.today()) == [], name


def test_age_twin() -> None:
    source = {"at": "https://podium.example/cookies", "seen": "2026-11-27"}

    assert aged([source], date(2026, 11, 27)) == aged([source], date(2028, 1, 1)) == []
    assert aged([source], date(2028, 1, 2)) == ["https://podium.example/cookies"]
    assert aged([source], date(2026, 11, 1)) == ["https://podium.example/cookies"]


@each_file
def test_addresses_have_values(name: str) -> None:
    assert unknown_variables(DATA[name]) == set()


def test_address_twin() -> None:
    patterns = [{"text": "(?P<episode>[0-9]+)"}]
    embed = {"src": "https://podium.example/{episode}{?tome}", "link": "{episode}", "addresses": patterns}
    assert unknown_variables(example(embed=embed)) == {"tome"}


#: A repetition in a repetition, on which a text that nearly matches may cost as many steps as two to its length.
_NESTED = re.compile(r"\([^()]*[+*][^()]*\)[+*]|\([^()]*\{\d+,\}[^()]*\)[+*]")


def costly(data: Mapping[str, Any]) -> list[str]:
    """Return the patterns of a file with a repetition in a repetition."""
    return [text for text in _texts(data) if _NESTED.search(text)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))
    elif isinstance(value, str):
        yield value


@each_file
def test_patterns_are_cheap(name: str) -> None:
    assert costly(DATA[name].get("embed", {})) == []


def test_pattern_twin() -> None:
    assert costly({"addresses": [{"path": "/(a+)+b"}]}) == ["/(a+)+b"]


@pytest.mark.parametrize(
    "sample", [each for each in SAMPLES if each.service.id in DATA], ids=lambda each: each.service.id
)
def test_parts_fit_together(sample: Sample) -> None:
    data = DATA[sample.service.id]

    assert [str(each) for each in (*unfit_examples(data), *misfits(data, sample.service))] == []


def test_one_company_has_one_name() -> None:
    """The same entity is told the same way wherever it appears."""
    told: dict[str, set[str]] = {}
    for data in DATA.values():
        told.setdefault(data["provider"]["name"], set()).add(data["provider"]["country"])

    assert {name: countries for name, countries in told.items() if len(countries) > 1} == {}


def test_all_of_them_make_one_registry() -> None:
    """A site may have every service: no cookie of two is in two categories, no id twice."""
    assert len(build(each.service for each in SAMPLES).services) >= len(SAMPLES)


def test_sample_twin() -> None:
    """A sample that its own parameters refuse is no sample."""
    data = DATA["meta_pixel"] | {"parameters": {"pixel_id": {"match": "[0-9]{10,20}", "example": "x"}}}
    with pytest.raises(ValueError, match="pixel_id: found 'x'"):
        sample_of("meta_pixel", data)


#: What one import reads, as a program of its own.
READS = """
import json, sys
from pathlib import Path
read, before = [], Path.read_text
Path.read_text = lambda self, *rest, **more: (read.append(self.name), before(self, *rest, **more))[1]
{do}
print(json.dumps([read, sorted(name for name in sys.modules if ".catalogue." in name or name == "uritemplate")]))
"""


def reads(do: str) -> tuple[list[str], list[str]]:
    """Return the files of the catalogue that a program reads, and the modules it imports."""
    done = subprocess.run([sys.executable, "-c", READS.format(do=do)], capture_output=True, text=True, check=True)
    files, modules = json.loads(done.stdout)
    return files, modules


def test_services_that_are_not_used_cost_nothing() -> None:
    """Nothing is read for an import, and one file for one service; the library for addresses waits for an address."""
    assert reads("import flask_cookieconsent.catalogue")[0] == []
    files, modules = reads(
        "from flask_cookieconsent.catalogue import youtube, meta_pixel\nyoutube(), meta_pixel('1234567890')"
    )
    assert files == ["youtube.json", "meta_pixel.json"]
    assert "uritemplate" not in modules


def test_cost_twin() -> None:
    files, modules = reads(
        "from flask_cookieconsent import catalogue\n"
        "[getattr(catalogue, name) for name in catalogue.__all__]\n"
        "catalogue.youtube().parse('https://youtu.be/aqz-KE-bpKQ')"
    )
    assert len(files) == len(DATA)
    assert "uritemplate" in modules
