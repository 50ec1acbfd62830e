"""What is not installed is said in one line, with the command that installs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flask_cookieconsent.audit.browser import chromium
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


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


@pytest.mark.browser
def test_browser_that_never_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does nothing is not waited for."""
    monkeypatch.setattr(chromium, "_TO_START", 5.0)
    never = program(tmp_path / "never", "exec sleep 600")

    with pytest.raises(BrowserMissing, match="no answer in 5 seconds"), started(str(never)):
        pass


def test_driver_that_never_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a driver."""
    monkeypatch.setattr(chromium, "_TO_START", 1.0)
    # A shell that waits keeps the words that it was called with.
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(program(tmp_path / "node", "sleep 600; exit 1")))

    with pytest.raises(BrowserMissing, match="no answer in 1 seconds"), started():
        pass
