"""The notices of a site, kept or shown now: what visitors were shown, word for word, as files that open anywhere."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import escape

from flask_cookieconsent.core.notices import Notice, canonical, changes
from flask_cookieconsent.i18n import language

_DIGEST = re.compile(r"[0-9a-f]{64}")

# Nothing runs and nothing is fetched, whatever a template of the site's own has in it; nothing can be pressed.
_PAGE = """<!doctype html>
<html lang="{tag}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
a, button, input, summary {{ pointer-events: none; }}
</style>
</head>
<body class="fcc-page">
<main>
{html}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Shown:
    """A notice that is genuine: kept in the log since a day, or shown now and not answered yet (`first_used` None)."""

    notice: Notice
    first_used: date | None
    is_current: bool

    @property
    def folder(self) -> str:
        """The folder of its files."""
        return f"notices/{self.notice.digest}"

    @property
    def snapshot(self) -> Mapping[str, Any]:
        """What it says, as JSON values."""
        found = json.loads(self.notice.snapshot)
        return found if isinstance(found, dict) else {}

    def has_style_of(self, style_digest: str) -> bool:
        """Tell whether the style sheet of a digest is the one that it was shown with."""
        return bool(self.snapshot.get("templates", {}).get("fcc.css") == style_digest)

    def files(self, style: str) -> Iterator[tuple[str, str]]:
        """Yield name and text of each of its files: its text as JSON, whose SHA-256 is its digest, and a page."""
        yield f"{self.folder}/notice.json", self.notice.snapshot
        title = f"Notice {self.notice.digest[:12]} ({self.notice.locale})"
        yield f"{self.folder}/notice.html", page(title, self.notice.locale, self.notice.html, style)


def page(title: str, locale: str, html: str, style: str) -> str:
    """Return a page of its own with some HTML of ours in it, in which nothing runs, is fetched or can be pressed."""
    words = language(locale)
    return _PAGE.format(tag=words.tag, direction=words.direction, title=escape(title), style=style, html=html)


def all_shown(
    rows: Iterable[tuple[str, Mapping[Any, Any] | None]],
    is_genuine: Callable[[Mapping[Any, Any]], bool],
    current: Iterable[Notice],
) -> tuple[list[Shown], list[str]]:
    """Return the genuine notices, oldest first, and what is told of those that are not.

    *rows* are those of the log, by their digests, None for one that cannot be read; *current* are the notices of today.
    A notice that somebody has changed may hold anything, so nothing of it becomes a file.
    """
    now = {notice.digest: notice for notice in current}
    kept: list[tuple[Any, Shown]] = []
    changed = []
    for key, row in rows:
        if row is None or not (is_genuine(row) and _DIGEST.fullmatch(key) and _is_digest_of(key, row["snapshot"])):
            changed.append(key)
            continue
        notice = Notice(**{name: row[name] for name in Notice.__dataclass_fields__})
        kept.append(((row["first_used"], row["sequence"], key), Shown(notice, row["first_used"], key in now)))
    found = [shown for _, shown in sorted(kept, key=lambda each: each[0])]
    known = {shown.notice.digest for shown in found} | set(changed)
    return found + [Shown(notice, None, True) for key, notice in now.items() if key not in known], changed


def _is_digest_of(digest: str, snapshot: str) -> bool:
    return hashlib.sha256(snapshot.encode()).hexdigest() == digest


def listed(shown: Iterable[Shown]) -> list[dict[str, Any]]:
    """Return what a list says of each notice, in JSON types."""
    return [
        {
            "digest": each.notice.digest,
            "language": each.notice.locale,
            "policy_version": each.notice.policy_version,
            "first_used": each.first_used and each.first_used.isoformat(),
            "is_current": each.is_current,
        }
        for each in shown
    ]


@dataclass(frozen=True)
class Step:
    """How the policy of one language has changed with one notice: its version, its first day, and sentences."""

    locale: str
    policy_version: str
    first_used: date | None
    changes: tuple[str, ...]


def history(shown: Iterable[Shown]) -> list[Step]:
    """Return the versions of the policy, by language and oldest first, each with what is new in it."""
    steps: dict[str, list[Step]] = {}
    before: dict[str, Mapping[str, Any]] = {}
    for each in shown:
        snapshot, locale = each.snapshot, each.notice.locale
        if "categories" not in snapshot:  # nothing that a visitor was ever shown
            continue
        told = tuple(map(str, changes(before[locale], snapshot))) if locale in before else ()
        if locale in before and canonical(before[locale]) == canonical(snapshot):
            continue
        before[locale] = snapshot
        steps.setdefault(locale, []).append(Step(locale, each.notice.policy_version, each.first_used, told))
    return [step for locale in sorted(steps) for step in steps[locale]]
