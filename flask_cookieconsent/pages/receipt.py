"""View functions for the consent receipt: as a page, as a signed JSON file, and the verification of such files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_time
from flask import Response, request, url_for

from flask_cookieconsent.choice.response import sent_receipt
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.body import limit_body
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import Language, page_language
from flask_cookieconsent.log.events import Event
from flask_cookieconsent.state import get_state

from .renderer import Renderer
from .resources import html_response, no_store

#: Bytes of a posted receipt: one of many services and many years is shorter.
LONGEST_RECEIPT = 262_144


@dataclass(frozen=True)
class Entry:
    """One event of a receipt with its values formatted in the locale of the page; times are in UTC."""

    event: Event
    words: Language
    #: Whether the log holds the notice that was answered, so that there is a page of it.
    is_notice_kept: bool

    def ids(self, answer: str) -> list[str]:
        """Return the services with one answer: `granted`, `refused` or `undecided`."""
        return [service for service, given in self.event.choices.items() if given == answer]

    @property
    def moment(self) -> str:
        """The day and time; the day alone of a refusal, whose time is not recorded."""
        day = self.words.day(self.event.time)
        if self.event.kind is Kind.REFUSED:
            return day
        return f"{day}, {format_time(self.event.time, 'short', locale=self.words.babel)} UTC"

    @property
    def language(self) -> str:
        """The display name of the language that the notice was in."""
        try:
            name = Locale.parse(self.event.locale).get_display_name(self.words.babel)
        except (ValueError, UnknownLocaleError):
            name = None
        return name or self.event.locale or "–"

    @property
    def validity(self) -> str:
        """How long the choice holds."""
        return self.words.duration(timedelta(days=self.event.validity))


@dataclass(frozen=True)
class ReceiptPages:
    """The view functions for the bearer of a receipt; nobody else can name one (F7)."""

    renderer: Renderer

    def show(self) -> Response:
        """Show what the log holds of the bearer, newest first."""
        words, receipt, log = page_language(), sent_receipt(), get_state().log
        events = log.receipt(receipt) if receipt else ()
        kept = {version.digest for version in log.notices()} if events else set()
        entries = [Entry(event, words, event.notice in kept) for event in events]
        # The number of the newest grant; who has withdrawn since may be shown an event without one.
        fingerprint = next((event.receipt for event in events if event.receipt), "–")
        return self._page("receipt.html", N_("Your receipt"), entries=entries, fingerprint=fingerprint)

    def download(self) -> Response:
        """Send the same as a signed JSON document, which can be verified later."""
        words = page_language()
        document = get_state().log.receipt_document(sent_receipt(), words.text)
        get_visit().consult()
        response = Response(json.dumps(document, indent=2, ensure_ascii=False) + "\n", mimetype="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="cookie-receipt.json"'
        return no_store(response)

    def check(self) -> Response:
        """Verify the signature of a posted receipt; nothing is kept."""
        limit_body(LONGEST_RECEIPT)
        text = request.form.get("receipt", "") if request.method == "POST" else ""
        proved = get_state().log.verify_receipt(text.strip()) if text else None
        return self._page("receipt_check.html", N_("Check a receipt"), proved=proved)

    def _page(self, template: str, title: str, **context: Any) -> Response:
        next_ = url_for("cookieconsent.preferences")
        visit = get_visit()
        html = self.renderer.page(template, title, visit.consult(), next=next_, **context)
        visit.forbids_framing = True
        return no_store(html_response(html))
