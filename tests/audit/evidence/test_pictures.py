"""Pictures of notices: each part on each screen, by a browser that runs nothing and asks nobody."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from flask_cookieconsent.audit.browser import chromium
from flask_cookieconsent.audit.evidence import pictures
from flask_cookieconsent.audit.evidence.notices import page
from flask_cookieconsent.audit.evidence.pictures import FAILED, NO_BROWSER, NO_PLAYWRIGHT, Camera
from flask_cookieconsent.audit.evidence.policies import current_notices
from tests.kit.browser_processes import BROWSER, Programs
from tests.kit.sites import make_site, small_app

STYLE = (files("flask_cookieconsent") / "static/fcc.css").read_text("utf-8")


def taken(camera: Camera, file: Path) -> dict[str, bytes]:
    """Return the pictures of one page, in a thread of its own: a browser of another test may be open in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: dict(camera.pictures([("notices/x", file)]))).result()


def width(picture: bytes) -> int:
    """Return the width of a PNG in pixels (its first chunk)."""
    assert picture.startswith(b"\x89PNG")
    return int.from_bytes(picture[16:20])


@pytest.fixture
def camera() -> Camera:
    """A camera with a browser."""
    if not any(map(shutil.which, chromium.NAMES)):
        pytest.skip("no Chromium on this machine")
    return Camera()


@pytest.mark.browser
def test_each_part_on_each_screen(camera: Camera, tmp_path: Path) -> None:
    site = make_site(app=small_app())
    with site.app.app_context():
        (notice,) = current_notices(site.app)
    (tmp_path / "notice.html").write_text(page("x", "en", notice.html, STYLE), "utf-8")
    found = taken(camera, tmp_path / "notice.html")

    assert sorted(found) == [
        f"notices/x/{part}-{screen}.png" for part in ("banner", "preferences") for screen in ("desktop", "phone")
    ]
    assert (width(found["notices/x/banner-desktop.png"]), camera.missing) == (1280, "")
    assert 300 < width(found["notices/x/banner-phone.png"]) <= 390


@pytest.mark.browser
def test_template_of_the_site_is_taken_as_a_whole(camera: Camera, tmp_path: Path) -> None:
    """Nothing of ours is in it; its script does not run."""
    html = "<p id='a'>May we?</p><script>document.getElementById('a').className = 'fcc-banner'</script>"
    (tmp_path / "notice.html").write_text(html)
    found = taken(camera, tmp_path / "notice.html")

    assert sorted(found) == ["notices/x/whole-desktop.png", "notices/x/whole-phone.png"]
    assert [width(found[name]) for name in sorted(found)] == [1280, 390]


@pytest.mark.browser
def test_browser_that_cannot_go_on(camera: Camera, tmp_path: Path) -> None:
    """The folder is written without its pictures, and says so."""
    assert (taken(camera, tmp_path / "is not there.html"), camera.missing) == ({}, FAILED)


@pytest.mark.browser
def test_browser_that_never_answers(camera: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the watchdog nothing would end this: not even closing does."""
    parts, programs = pictures._parts, Programs()

    def stopped(*told: Any) -> Any:
        for browser in programs.called(BROWSER):
            browser.suspend()
        return parts(*told)

    monkeypatch.setattr(pictures, "_parts", stopped)
    (tmp_path / "notice.html").write_text("<p>May we?</p>")
    camera = Camera(seconds=3)

    assert (taken(camera, tmp_path / "notice.html"), camera.missing) == ({}, FAILED)


@pytest.mark.browser
def test_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    camera = Camera()

    assert (taken(camera, tmp_path / "notice.html"), camera.missing) == ({}, NO_BROWSER)


def test_no_playwright(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_spec("json")
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    camera = Camera()

    assert (dict(camera.pictures([("x", tmp_path)])), camera.missing) == ({}, NO_PLAYWRIGHT)
