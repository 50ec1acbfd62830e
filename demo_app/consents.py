"""What the demo declares about its cookies and about the companies that it embeds."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, request
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from flask_cookieconsent import Cookie, CookieConsent, Service
from flask_cookieconsent.catalogue import facebook, google_analytics, linkedin, x, youtube

from .models import db

YEAR = timedelta(days=365)

APP_CHOICES_KEY = "ecom_app_choices"
APP_SCREENS_KEY = "ecom_app_screens"
LANGUAGE_COOKIE = "ecom_lang"
LAYOUT_COOKIE = "ecom_layout"
NEWSLETTER_COOKIE = "ecom_newsletter"
SOURCE_COOKIE = "ecom_source"

SERVICES = (
    Service(
        id="session",
        name=_("Signing in to the Platform"),
        category="necessary",
        purpose="security",
        description=_(
            "The cookie is set when you sign in to the Platform, and ends when you sign out or close the browser."
        ),
        justification=_("The Platform must know on every page who is signed in; you ask for this by signing in."),
        cookies=(Cookie(name="session", purpose=_("Keeps you signed in and protects the forms of the Platform.")),),
    ),
    Service(
        id="app",
        name=_("The App"),
        category="necessary",
        purpose="user_input",
        description=_("It keeps the App on the device of whoever opens it, and what was answered there."),
        justification=_("The App has to open without a connection, and must not ask again what you answered."),
        cookies=(
            Cookie(
                name="ecom-app-*",
                purpose=_("Holds the App’s own files, its last lists and the text of its question."),
                storage="local",
            ),
            Cookie(name="/app/worker.js", purpose=_("Opens the App without a connection."), storage="local"),
            Cookie(
                name=APP_CHOICES_KEY,
                purpose=_("Holds what you answered in the App, and the number of its receipt."),
                storage="local",
            ),
        ),
    ),
    Service(
        id="language",
        name=_("Your language"),
        category="functionality",
        purpose="preferences",
        description=_("It keeps the language you chose at the top of the page."),
        cookies=(Cookie(name=LANGUAGE_COOKIE, purpose=_("Holds the language you chose."), duration=YEAR),),
    ),
    Service(
        id="layout",
        name=_("Your layout"),
        category="functionality",
        purpose="preferences",
        description=_("It keeps whether you like the tables of the Platform compact or comfortable."),
        cookies=(Cookie(name=LAYOUT_COOKIE, purpose=_("Holds the layout you chose."), duration=YEAR),),
    ),
    Service(
        id="newsletter",
        name=_("Your newsletter choice"),
        category="functionality",
        purpose="preferences",
        description=_("It notes that you subscribed, so that the home page does not ask you again."),
        cookies=(
            Cookie(name=NEWSLETTER_COOKIE, purpose=_("Notes that you subscribed; not your address."), duration=YEAR),
        ),
    ),
    Service(
        id="first_visit",
        name=_("How you found us"),
        category="tracking",
        purpose="attribution",
        description=_("It keeps the name of the website or campaign that first brought you here."),
        cookies=(Cookie(name=SOURCE_COOKIE, purpose=_("Holds the name of that website or campaign."), duration=YEAR),),
    ),
    Service(
        id="app_screens",
        name=_("Counting screens"),
        category="performance",
        purpose="audience_measurement",
        description=_("The App counts how often each of its screens is opened. The sums stay on your device."),
        cookies=(
            Cookie(
                name=APP_SCREENS_KEY, purpose=_("Holds how often each screen of the App was opened."), storage="local"
            ),
        ),
    ),
    google_analytics("G-ECOMDEMO01"),
    youtube(),
    facebook(),
    x(),
    linkedin(),
)

consent = CookieConsent(db=db, services=SERVICES)


@consent.report_guard
def may_see_report() -> bool:
    """The numbers of a demonstration are nobody's secret; a real site asks who is signed in."""
    return True


def remember(response: Response, name: str, value: str) -> None:
    """Set a first-party cookie for a year; whether the visitor allows it is for the caller to ask."""
    response.set_cookie(name, value, max_age=YEAR, secure=request.is_secure, httponly=True, samesite="Lax")


def require_own_page() -> None:
    """Answer 403 to a form that was not sent from a page of this site; a token would need a session cookie."""
    if not consent.is_same_origin():
        abort(403)
