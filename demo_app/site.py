"""The public Website: the home page with its newsletter, the stories and the imprint."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import get_locale
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from flask_cookieconsent import current_consent

from .consents import NEWSLETTER_COOKIE, remember, require_own_page
from .forms import NewsletterForm
from .models import Subscriber, db

blueprint = Blueprint("site", __name__)

YOUTUBE = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
FACEBOOK = "https://www.facebook.com/20531316728/posts/10154009990506729/"
X = "https://x.com/Interior/status/463440424141459456"
LINKEDIN = "https://www.linkedin.com/feed/update/urn:li:share:6922167380462698496"


@blueprint.get("/")
def home() -> str:
    """Show what Ecom does."""
    return _home(NewsletterForm(formdata=None))


@blueprint.post("/newsletter")
def subscribe() -> Response | tuple[str, int]:
    """Put an address on the list, once; the answer is the same for one that was there before."""
    require_own_page()
    form = NewsletterForm()
    if not form.validate():
        return _home(form), 422
    db.session.add(Subscriber(email=(form.email.data or "").lower(), language=str(get_locale())))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
    response = redirect(url_for(".home", newsletter="thanks", _anchor="newsletter"), 303)
    if current_consent.allows("newsletter"):
        remember(response, NEWSLETTER_COOKIE, "yes")
    return response


def _home(form: NewsletterForm) -> str:
    is_subscribed = NEWSLETTER_COOKIE in request.cookies and current_consent.allows("newsletter")
    return render_template(
        "home.html", form=form, is_subscribed=is_subscribed, is_thanked=request.args.get("newsletter") == "thanks"
    )


@blueprint.get("/stories")
def stories() -> str:
    """Show four things from other websites, each where the visitor allows it."""
    return render_template("stories.html", youtube=YOUTUBE, facebook=FACEBOOK, x=X, linkedin=LINKEDIN)


@blueprint.get("/about")
def about() -> str:
    """Say who Ecom is, and what to try in this demo."""
    return render_template("about.html")
