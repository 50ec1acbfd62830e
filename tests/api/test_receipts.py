"""The record of a receipt's bearer as a document: the page's file, for programs and for scripts of pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kit.programs import CALLERS, Program, Script, problem_of, program, script
from tests.kit.sites import make_site

both = pytest.mark.parametrize("make", CALLERS.values(), ids=list(CALLERS))
PATH = "/choice/receipt"


@both
def test_record_proves_itself(make: Any) -> None:
    """F7: each event of the bearer, newest first, and the check of the site knows the document for its own."""
    site = make_site()
    someone: Program | Script = make(site)
    someone.choose("save", "films")
    someone.choose("save", "posts")

    answer = someone.ask("GET", PATH)

    assert [each["event_state"] for each in answer.json["events"]] == ["changed", "given"]
    assert {each["method"] for each in answer.json["events"]} == {"api"}
    assert answer.headers["Cache-Control"] == "no-store"
    with site.app.app_context():
        assert site.log.verify_receipt(answer.text)
        assert not site.log.verify_receipt(answer.text.replace("changed", "given"))


def test_record_is_the_file_of_the_page() -> None:
    someone = script(make_site())
    someone.choose("accept")
    file = someone.visitor.get("/cookies/choice/receipt.json")

    assert someone.ask("GET", PATH).json == file.json


@both
def test_nobody_has_a_record_without_a_receipt(make: Any) -> None:
    """F7: whoever has none, or one that nobody holds, reads nothing of anybody."""
    site = make_site()
    program(site).choose("accept")
    someone: Program | Script = make(site)

    assert someone.ask("GET", PATH).json["events"] == []
    assert someone.ask("GET", PATH, headers={"Consent-Receipt": "A" * 22}).json["events"] == []


def test_receipt_of_a_header_is_for_programs() -> None:
    """A browser's script names no receipt: the cookie that it cannot read counts."""
    site = make_site()
    someone = program(site)
    someone.choose("accept")

    answer = script(site).ask("GET", PATH, headers={"Consent-Receipt": someone.receipt or ""})
    assert answer.json["events"] == []


@both
def test_log_that_is_away(make: Any, tmp_path: Path) -> None:
    """F7: 503 with words and when to come back, and no error of the site."""
    site = make_site(uri=f"sqlite:///{tmp_path}/nowhere/log.db", tables=False)
    someone: Program | Script = make(site)
    getattr(someone, "visitor", site.visitor()).client.set_cookie(
        "cookieconsent_receipt", "A" * 22, path="/cookies/api/choice"
    )

    answer = someone.ask("GET", PATH, headers={"Consent-Receipt": "A" * 22})

    assert (answer.status_code, problem_of(answer)) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "10"
