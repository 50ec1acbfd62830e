"""What is not installed is said in one line, with the command that installs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flask_cookieconsent.audit.browser.chromium import BrowserMissing, started


def test_without_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)

    with pytest.raises(BrowserMissing, match=r'pip install "Flask-CookieConsent\[audit\]"'), started():
        pass


@pytest.mark.browser
def test_without_the_program(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing, match="playwright install chromium") as caught, started(str(tmp_path / "none")):
        pass

    assert "\n" not in str(caught.value) and "--chromium PATH" in str(caught.value)
