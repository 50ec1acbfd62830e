"""One worker of the fault test: visitors choose until the input ends; every answer is told on a line of its own."""

from __future__ import annotations

import logging
import sys
import threading

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.log.events import receipt_digest

from .sites import SAME_ORIGIN, services


def main(uri: str, folder: str) -> None:
    """Choose and choose again, as fast as answers come."""
    logging.disable(logging.CRITICAL)
    app = Flask("fault", instance_path=folder)
    app.config.update(
        SECRET_KEY="a key for tests only",
        SQLALCHEMY_DATABASE_URI=uri,
        COOKIECONSENT_CONTROLLER="Example NV",
        COOKIECONSENT_SPOOL_FOLDER=folder,
        COOKIECONSENT_LOG_SCOPE="shop",
        COOKIECONSENT_GRANT_RATE="9999999 per second",
        PROPAGATE_EXCEPTIONS=False,
    )
    db = SQLAlchemy(app)
    CookieConsent(app, db=db, services=services())
    with app.test_request_context():
        digest = app.extensions["cookieconsent.renderer"].notice_digest("en")
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    number = 0
    while not ended.is_set():
        number += 1
        visitor = app.test_client()
        choice = "accept" if number % 3 else "reject"
        form = {"choice": choice, "locale": "en", "notice": digest, "surface": "banner"}
        answer = visitor.post("/cookies/choice", data=form, headers=SAME_ORIGIN)
        receipt = visitor.get_cookie("cookieconsent_receipt", path="/cookies/choice")
        print(choice, answer.status_code, receipt_digest(receipt.value) if receipt else "-", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
