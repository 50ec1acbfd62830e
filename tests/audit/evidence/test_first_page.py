"""The first page: every file is on it, it fetches nothing, and a day reads as one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flask_cookieconsent.audit.evidence import first_page
from flask_cookieconsent.audit.evidence.first_page import FILES, listed_files
from flask_cookieconsent.audit.evidence.pictures import Camera
from flask_cookieconsent.audit.evidence.write import Period, write_evidence
from tests.kit.sites import make_site, remote_references, small_app, soup_of


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a site with one choice, without pictures."""
    monkeypatch.setattr(Camera, "__init__", lambda self: setattr(self, "missing", "nobody has a browser here"))
    site = make_site(app=small_app())
    site.visitor().choose("accept")
    with site.app.app_context():
        write_evidence(site.app, tmp_path / "evidence", Period())
    return tmp_path / "evidence"


def test_page_reads_without_anything_else(out: Path) -> None:
    """Every link leads to a file of the folder or a place of the page; nothing is fetched and nothing runs."""
    html = (out / "index.html").read_text("utf-8")
    soup = soup_of(html)
    links = {link["href"] for link in soup.find_all("a")}

    assert [each for each in links if not each.startswith("#") and not (out / each).is_file()] == []
    assert [each for each in links if each.startswith("#") and soup.find(id=each[1:]) is None] == []
    assert set(remote_references(html)) == {"<style> in the page", "<meta http-equiv='Content-Security-Policy'>"}
    assert soup.find("script") is None


def test_every_file_is_said(out: Path) -> None:
    """Each file is in the table or linked from where it belongs, and the table has no other."""
    soup = soup_of((out / "index.html").read_text("utf-8"))
    links = {link["href"] for link in soup.find_all("a")}
    files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()} - {"index.html"}

    assert files - links == set()
    assert {name for name in FILES if not name.endswith("/")} == {name for name in files if "/" not in name}


def test_page_says_who_when_and_what(out: Path) -> None:
    text = soup_of((out / "index.html").read_text("utf-8")).text

    for said in ("Example NV", "23 November 2026", "sha256sum -c MANIFEST.sha256", "no claim that the records conform"):
        assert said in " ".join(text.split())
    assert "nobody has a browser here" in text


def test_files_that_are_not_there_are_not_listed() -> None:
    assert [name for name, _, _ in listed_files({"declaration.json"})] == ["declaration.json", "MANIFEST.sha256"]
    assert [count for name, _, count in listed_files({"notices/a/x", "notices/b/y"}) if name == "notices/"] == [2]


def test_days_shares_and_values_are_for_people() -> None:
    assert first_page._day(date(2026, 3, 4)) == first_page._day("2026-03-04") == "4 March 2026"
    assert (first_page._day(None), first_page._percent(None), first_page._percent(0.254)) == (
        "",
        "too few to tell",
        "25%",
    )
    values = (None, True, "bar", ["_ga", "_gid"], [])
    assert [first_page._value(each) for each in values] == ["not set", "yes", "bar", "_ga, _gid", "none"]
    assert (first_page._language("nl"), first_page._language("not a locale")) == ("Dutch", "not a locale")


def test_code_in_a_sentence_is_escaped_too() -> None:
    assert first_page._coded("run `<b>` & wait") == "run <code>&lt;b&gt;</code> &amp; wait"
