"""Notices as files: what was shown, word for word; nothing runs in them, and what was changed is not shown."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import date
from typing import Any

from flask_cookieconsent.audit.evidence.notices import Step, all_shown, history, listed, page
from flask_cookieconsent.core.notices import Notice, canonical, digest, snapshot
from flask_cookieconsent.core.registry import build
from tests.kit.sites import own, services, soup_of

DAY = date(2026, 11, 23)


def notice(locale: str = "en", version: str = "1", *more: Any, html: str = "<p>We use cookies</p>") -> Notice:
    registry = build([*services(), *more], policy_version=version)
    text = canonical(snapshot(registry, locale=locale, texts="", templates={"fcc.css": "abc"}, translate=str))
    return Notice(digest=digest(text), locale=locale, policy_version=version, snapshot=text, html=html)


def row(shown: Notice, sequence: int, day: date = DAY) -> tuple[str, dict[str, Any]]:
    return shown.digest, asdict(shown) | {"first_used": day, "sequence": sequence, "mac": "ours"}


def is_genuine(found: Any) -> bool:
    return bool(found["mac"] == "ours")


FIRST, SECOND = notice(), notice("en", "2", own("theme", "functionality"))


def test_kept_ones_come_in_their_order_then_what_nobody_has_answered() -> None:
    dutch = notice("nl")
    shown, changed = all_shown([row(SECOND, 2), row(FIRST, 1)], is_genuine, [SECOND, dutch])

    assert changed == []
    assert [(each.notice, each.first_used, each.is_current) for each in shown] == [
        (FIRST, DAY, False),
        (SECOND, DAY, True),
        (dutch, None, True),
    ]
    assert [each["first_used"] for each in listed(shown)] == ["2026-11-23", "2026-11-23", None]


def test_file_of_a_notice_has_its_digest() -> None:
    """F2: whoever has the folder can recompute what a record names."""
    (shown,), _ = all_shown([row(FIRST, 1)], is_genuine, [])
    files = dict(shown.files("p {}"))

    assert list(files) == [f"notices/{FIRST.digest}/notice.json", f"notices/{FIRST.digest}/notice.html"]
    assert hashlib.sha256(files[f"{shown.folder}/notice.json"].encode()).hexdigest() == FIRST.digest
    assert "<p>We use cookies</p>" in files[f"{shown.folder}/notice.html"]
    assert shown.has_style_of("abc") and not shown.has_style_of("another")


def test_changed_notices_are_not_shown() -> None:
    """The bad twins: another signature, another text, a name that leads out of the folder, a row of nobody."""
    forged = row(FIRST, 1)[1] | {"html": "<script>", "mac": "theirs"}
    other = row(SECOND, 2)[1] | {"snapshot": "{}"}
    rows = [(FIRST.digest, forged), (SECOND.digest, other), ("../../x", row(FIRST, 1)[1]), ("unreadable", None)]

    shown, changed = all_shown(rows, is_genuine, [FIRST])

    assert (shown, changed) == ([], [FIRST.digest, SECOND.digest, "../../x", "unreadable"])


def test_page_is_in_its_language_and_runs_nothing() -> None:
    soup = soup_of(page("A <b>title", "ar", "<p>text</p>", "p {}"))

    assert (soup.html["lang"], soup.html["dir"], soup.title.text) == ("ar", "rtl", "A <b>title")
    policy = soup.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert soup.head.find_all(["meta", "title"])[1]["http-equiv"] == "Content-Security-Policy"


def test_history_tells_what_changed_in_each_language() -> None:
    empty = Notice(digest=digest("{}"), locale="", policy_version="1", snapshot="{}", html="")
    rows = [row(FIRST, 1), row(notice("nl"), 2), row(SECOND, 3, date(2026, 11, 25)), row(empty, 4)]
    shown, _ = all_shown(rows, is_genuine, [])

    assert history(shown) == [
        Step("en", "1", DAY, ()),
        Step(
            "en",
            "2",
            date(2026, 11, 25),
            (
                "a new version of the policy: whoever granted something is asked again about all of it",
                "Theme: new, everybody is asked about it",
            ),
        ),
        Step("nl", "1", DAY, ()),
    ]
