"""Our static files: small, from nowhere else, and kept by browsers for as long as they stay the same."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from flask_cookieconsent.pages import resources
from tests.kit.sites import make_site, static

pytestmark = pytest.mark.smoke

STATIC = Path(str(files("flask_cookieconsent").joinpath("static")))
#: The most that a file may weigh as it is served with gzip, in octets.
MOST = {"fcc.css": 4736, "fcc.js": 3072, "live.js": 3072, "google.js": 2560} | dict.fromkeys(
    ("typing.js", "stores.js", "switches.js", "tag.js", "absent.js", "disqus.js", "shared.js", "early.js"), 2048
)
ELSEWHERE = re.compile(r"url\(|@import|@font-face|https?:|//[a-z]", re.IGNORECASE)


def is_light(content: bytes, most: int) -> None:
    """Check what a browser has to fetch once."""
    assert len(gzip.compress(content, 9)) <= most


@pytest.mark.parametrize("name", MOST)
def test_stylesheet_and_scripts_are_small(name: str) -> None:
    is_light((STATIC / name).read_bytes(), MOST[name])


def test_a_heavy_twin_is_caught() -> None:
    with pytest.raises(AssertionError):
        is_light((STATIC / "fcc.css").read_bytes() + os.urandom(2_000), MOST["fcc.css"])


@pytest.mark.parametrize("name", ["fcc.css", "report.css", "panel.css"])
def test_stylesheets_fetch_nothing(name: str) -> None:
    """A2: no font, no picture and no other sheet, from here or elsewhere."""
    assert ELSEWHERE.search((STATIC / name).read_text("utf-8")) is None
    assert ELSEWHERE.search("a { background: url(x.png) }") is not None


def test_every_file_is_kept_for_a_year_under_its_digest() -> None:
    site = make_site()

    for path in STATIC.iterdir():
        with site.visitor().get(static(path.name)) as response:
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_pages_name_files_by_their_digest() -> None:
    page = make_site().visitor().get("/").text

    assert static("fcc.css") in page and static("fcc.js") in page
    assert "/cookies/static/fcc" not in page


@pytest.mark.parametrize("address", ["/cookies/static/fcc.css", "/cookies/static/0123456789ab/fcc.css"])
def test_addresses_of_another_day_are_asked_for_again(address: str) -> None:
    """A page kept from before an update still finds its stylesheet, and nobody keeps the new under the old name."""
    with make_site().visitor().get(address) as response:
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("address", ["/cookies/static/0123456789ab/nothing.css", "/cookies/static/..%2fviews.py"])
def test_nothing_else_is_served(address: str) -> None:
    assert make_site().visitor().get(address).status_code == 404


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(resources, "_STATIC", tmp_path)
    yield tmp_path


def test_digest_follows_the_content(folder: Path) -> None:
    """Who edits the stylesheet sees it without starting the app anew."""
    path = folder / "fcc.css"
    path.write_text("a {}")
    before = resources.digest_of("fcc.css")
    path.write_text("b {}")
    os.utime(path, ns=(1, 1))

    assert resources.digest_of("fcc.css") != before
    assert resources.digest_of("absent.css") == "-"


def members(text: str, start: str) -> set[str]:
    """Return the names of the members between a start and the next closing brace."""
    found = text.split(start, 1)[1].split("\n}", 1)[0].split("\n  });", 1)[0]
    return set(re.findall(r"^ +(?:readonly )?(\w+)(?=[(:])", found, re.MULTILINE))


def test_types_are_those_of_the_script() -> None:
    """What is declared for TypeScript is what the script offers and tells, no more and no less."""
    types, script = ((STATIC / name).read_text("utf-8") for name in ("cookieconsent.d.ts", "fcc.js"))
    (told,) = re.findall(r"const detail = { (.*) };", script)

    offered = members(script, "window.cookieconsent = Object.freeze({")
    assert members(types, "interface CookieConsent {") == offered == {"allows", "fill", "openPreferences"}
    assert members(types, "interface CookieConsentChange {") == set(re.findall(r"(\w+)(?::|,|$)", told))
    assert '"cookieconsent:change": CustomEvent<CookieConsentChange>' in types
