"""The pages below the receipt's path: what its bearer agreed to, as a page and as a file, and a check of such files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, request, url_for

from flask_cookieconsent.choice.step import RECEIPT_COOKIE
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.body import limit_body
from flask_cookieconsent.http.request import get_current, get_edge
from flask_cookieconsent.i18n import language, page_locale
from flask_cookieconsent.log.receipts import document, is_proved
from flask_cookieconsent.state import get_state

from .template_api import CookieConsentHelper

#: A receipt of many services and many years; more is none of ours.
LONGEST_RECEIPT = 262_144


@dataclass(frozen=True)
class ReceiptPages:
    """The view functions for the bearer of a receipt; nobody else can name one (F7)."""

    helper: CookieConsentHelper

    def show(self) -> Response:
        """Show what the log holds of the bearer, newest first."""
        return self._page("receipt.html", N_("Your receipt"), events=self._history())

    def download(self) -> Response:
        """Give the same as a file that can be checked later."""
        state, words = get_state(), language(page_locale())
        found = document(self._history(), state.registry, state.settings, translate=words.text, key=state.log_keys[0])
        get_current()
        response = Response(json.dumps(found, indent=2, ensure_ascii=False) + "\n", mimetype="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="cookie-receipt.json"'
        response.headers["Cache-Control"] = "no-store"
        return response

    def check(self) -> Response:
        """Tell whether a receipt that somebody holds was written here and is unchanged; nothing is kept."""
        limit_body(LONGEST_RECEIPT)
        request.max_form_memory_size = LONGEST_RECEIPT
        text = request.form.get("receipt", "") if request.method == "POST" else ""
        proved = is_proved(text.strip(), get_state().log_keys) if text else None
        return self._page("receipt_check.html", N_("Check a receipt"), proved=proved)

    def _history(self) -> list[dict[str, Any]]:
        receipt = request.cookies.get(RECEIPT_COOKIE)
        return get_state().history(receipt) if receipt else []

    def _page(self, template: str, title: str, **context: Any) -> Response:
        next_ = url_for("cookieconsent.preferences")
        html = self.helper.page(template, title, get_current(), next=next_, **context)
        get_edge(get_state()).forbids_framing = True
        response = make_response(html)
        response.headers["Cache-Control"] = "no-store"
        return response
