"""The first page of a folder of evidence: `index.html`, for people who have neither the site nor us."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from flask_cookieconsent.i18n import language

#: What each file is; a folder stands for all that is in it.
FILES = {
    "declaration.json": "What the site declares: every category, service, provider and cookie.",
    "settings.json": "The settings of the consent tool that matter to visitors. Keys, passwords and places on the "
    "server are not among them.",
    "notices.json": "The list of all notices: identifier, language, policy version and first day of use.",
    "notices/": "A folder for each notice: its text (notice.json), how it was shown (notice.html), and pictures of it "
    "where they could be taken.",
    "policy/": "The cookie policy as the site shows it today, in each of its languages.",
    "records.jsonl": "The consent records, one a line: what was chosen when, on which notice. They hold no name, no "
    "address and no account.",
    "record.schema.json": "What each field of such a record means (JSON Schema).",
    "processes.jsonld": "What the records refer to: the controller, the notices, and the services with their purposes, "
    "recipients and cookies.",
    "statistics.json": "How many chose what, by week, rounded.",
    "seals.jsonl": "The seals of all finished days: how much was recorded, and what was taken out since.",
    "verification.txt": "The outcome of the verification of the whole log, made together with this folder.",
    "health.json": "The condition of the log.",
    "audit.json": "The outcome of an audit of the site, made together with this folder: what its pages do, compared "
    "with what it declares.",
    "MANIFEST.sha256": "The SHA-256 of every other file.",
}


def listed_files(names: Collection[str]) -> list[tuple[str, str, int]]:
    """Return each file, or folder with how many files it has, and what it is; 0 stands for a file."""
    found = []
    for name, about in FILES.items():
        count = sum(each.startswith(name) for each in names) if name.endswith("/") else 0
        if count or name in names or name == "MANIFEST.sha256":
            found.append((name, about, count))
    return found


def first_page(told: Mapping[str, Any], names: Collection[str]) -> str:
    """Return the page; whatever stands in it is escaped: names come from declarations, and from the log."""
    here, words = files(__package__), language("en")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"day": _day, "percent": _percent, "value": _value, "coded": _coded}
    template = environment.from_string((here / "first_page.html").read_text("utf-8"))
    style = Markup((here / "first_page.css").read_text("utf-8"))  # ours, whole
    return template.render(told, style=style, files=listed_files(names), language=_language, words=words) + "\n"


def _day(day: date | str | None) -> str:
    """Write a day so that nobody takes the month for it: 23 November 2026."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return "" if found is None else f"{found.day} {found:%B} {found.year}"


def _percent(share: float | None) -> str:
    return "too few to tell" if share is None else f"{share:.0%}"


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ", ".join(map(str, value)) or "none"


def _coded(sentence: str) -> Markup:
    """Escape a sentence, and set what stands between backticks as code."""
    parts = enumerate(sentence.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if odd % 2 else part for odd, part in parts)


def _language(locale: str) -> str:
    """Return the English name of the language of a locale, or the locale where it has none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(locale).get_display_name("en") or locale
    except (ValueError, UnknownLocaleError):
        return locale
