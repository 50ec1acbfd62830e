"""View function of the JSON interface for a receipt: the signed document of all that the log holds of its bearer."""

from __future__ import annotations

import json

from flask import Response

from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.pages.resources import no_store
from flask_cookieconsent.state import get_state

from .callers import caller


def show() -> Response:
    """Return the document of the receipt that the caller holds, as the receipt page's file; without one it is empty.

    Its members stand in the order in which they were signed.
    """
    state = get_state()
    document = state.log.receipt_document(caller(state).receipt, page_language().text)
    return no_store(Response(json.dumps(document, ensure_ascii=False) + "\n", mimetype="application/json"))
