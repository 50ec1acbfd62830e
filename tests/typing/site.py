"""A site that uses the public names and types alone; mypy --strict reads it, nobody runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from babel.support import LazyProxy
from flask import Flask, Response, session
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import (
    Category,
    Cookie,
    CookieConsent,
    CookieConsentError,
    Decision,
    Frame,
    Provider,
    Reason,
    Service,
    SettingsError,
    Tag,
    consent_given,
    current_consent,
)
from flask_cookieconsent.catalogue import google_analytics, youtube
from flask_cookieconsent.testing import ConsentAudit, consenting, deciding, refusing, undecided


class Lazy:
    """A lazy string, as Flask-Babel and others have them."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __len__(self) -> int:
        return len(self.text)

    def __radd__(self, other: str) -> str:
        return other + self.text


def parse(pasted: str) -> Frame | None:
    return Frame(src="https://films.example/player/1", link=pasted, kind="video", shape="wide") if pasted else None


layout = Service(
    id="layout",
    name=Lazy("Remembered layout"),
    category="functionality",
    purpose="preferences",
    cookies=[Cookie(name="layout", purpose=Lazy("Remembers it."), duration=timedelta(days=180), storage="local")],
)
films = Service(
    id="films",
    name=Lazy("Films"),
    description=LazyProxy(str, "They move."),
    category="third_party",
    purpose="embedded_video",
    provider=Provider(name="Films SA", country="BE", privacy_policy="https://films.example/privacy"),
    hosts={"frame-src": ["https://films.example"]},
    tag=Tag(src="https://films.example/tag.js", attributes={"data-site": "1"}, queue="films", calls=[("start", 1)]),
    parse=parse,
)
extra = Category(id="extra", title="Extra", summary=Lazy("More."), refusal="Without it there is less.")

db = SQLAlchemy()
consent = CookieConsent(
    db=db,
    services=[layout, films, google_analytics("G-ABC1234567"), youtube()],
    clock=lambda: datetime.now(UTC),
)
alone = CookieConsent(Flask("alone"), services=(layout,), categories=[extra], locale=lambda: "de")


@consent.report_guard
def may_see_report() -> bool:
    return bool(session.get("role") == "owner")


@alone.report_guard
async def may_see_it_later() -> bool:
    return may_see_report()


@consent.requires("films")
def film(number: int) -> str:
    return f"Film {number}"


def remember(response: Response) -> Response:
    if current_consent.allows("layout"):
        response.set_cookie("layout", "compact")
    return response


def granted(sender: Flask, choices: Mapping[str, bool], **more: Any) -> None:
    print(sender.name, sorted(choices))


def create_app(services: Iterable[Service] = ()) -> Flask:
    app = Flask(__name__)
    db.init_app(app)
    try:
        consent.init_app(app, services=services)
    except SettingsError as error:
        print(error.mistakes)
    except CookieConsentError as error:
        print(error)
    consent_given.connect(granted, app)
    text: str = film(1)
    print(text, consent.is_own_request(), consent.is_same_origin())
    decision: Decision = current_consent.decision
    reason: Reason = decision.reasons["films"]
    print(reason.value)
    consent.create_tables()
    return app


def tests(consent_audit: ConsentAudit, page: object) -> None:
    app = create_app()
    client: FlaskClient = consenting(app.test_client(), "films", base_url="https://shop.example", gpc=True)
    print(refusing(client, expired=True).get("/").status_code, undecided(client, app=app).get("/").text)
    deciding(page, app, "all", base_url="https://shop.example")
    print(consent_audit(app, paths=["/shop/7"], sign_in=lambda each: each.post("/in"), browser=True).errors)
