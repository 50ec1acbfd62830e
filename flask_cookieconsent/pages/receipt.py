"""View functions for the consent receipt: as a page, as a signed JSON file, and the verification of such files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, request, url_for

from flask_cookieconsent.choice.response import sent_receipt
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.body import limit_body
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.log.events import Event
from flask_cookieconsent.state import get_state

from .renderer import Renderer
from .resources import no_store

#: Bytes of a posted receipt: one of many services and many years is shorter.
LONGEST_RECEIPT = 262_144


@dataclass(frozen=True)
class ReceiptPages:
    """The view functions for the bearer of a receipt; nobody else can name one (F7)."""

    renderer: Renderer

    def show(self) -> Response:
        """Show what the log holds of the bearer, newest first."""
        return self._page("receipt.html", N_("Your receipt"), events=self._events())

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

    def _events(self) -> tuple[Event, ...]:
        receipt = sent_receipt()
        return get_state().log.receipt(receipt) if receipt else ()

    def _page(self, template: str, title: str, **context: Any) -> Response:
        next_ = url_for("cookieconsent.preferences")
        visit = get_visit()
        html = self.renderer.page(template, title, visit.consult(), next=next_, **context)
        visit.forbids_framing = True
        return no_store(make_response(html))
