"""Stripe.js: payment fields, loaded only where a payment form stands, though Stripe would have it on every page."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import the_same_everywhere
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag, Widget


def stripe(
    publishable_key: str,
    *,
    version: str = "v3",
    fraud_signals: bool = False,
    payment_link: str = "",
    id: str = "stripe",
    category: str = "necessary",
) -> Service:
    """Return Stripe for `embed("stripe", title=…)` in a payment form.

    The embed is an empty element of the class `fcc-stripe` with the key in `data-key`; the site's own script mounts
    Stripe's elements there. *fraud_signals* lets Stripe watch how the page is used. *payment_link* is where people pay
    who have not allowed it.

    :raises ValueError: if a parameter is not what Stripe gives out.
    """
    if not re.fullmatch(r"pk_(test|live)_[A-Za-z0-9]{10,240}", str(publishable_key)):
        raise ValueError(f"publishable_key: found {publishable_key!r}, wanted one such as 'pk_test_TYooMQauvdEDq54Ni'")
    if not re.fullmatch(r"v3|[a-z]{3,20}", str(version)):
        raise ValueError(f"version: found {version!r}, wanted 'v3' or the name of a release such as 'basil'")
    if payment_link and not re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]{2,}/[A-Za-z0-9/_-]{1,200}", str(payment_link)):
        raise ValueError(f"payment_link: found {payment_link!r}, wanted one such as 'https://buy.stripe.com/abc'")
    path = "v3/" if version == "v3" else f"{version}/stripe.js"
    widget = Widget(
        tag=Tag(src=f"https://js.stripe.com/{path}" + ("" if fraud_signals else "?advancedFraudSignals=false")),
        attributes={"class": "fcc-stripe", "data-key": publishable_key},
        kind="payment",
        shape="check",
        link=payment_link,
    )
    scripts = ("https://js.stripe.com", "https://*.js.stripe.com")
    return Service(
        id=id,
        name="Stripe",
        category=category,
        categories=("necessary", "functionality"),
        justification=purposes.NEEDED_TO_PAY,
        purpose="payment",
        provider=Provider(
            name="Stripe Payments Europe, Limited", country="IE", privacy_policy="https://stripe.com/privacy"
        ),
        cookies=(
            Cookie(name="__stripe_mid", purpose=purposes.FRAUD, duration=timedelta(days=365)),
            Cookie(name="__stripe_sid", purpose=purposes.FRAUD, duration=timedelta(minutes=30)),
            Cookie(name="m", purpose=purposes.FRAUD, duration=timedelta(days=400), domain="m.stripe.com"),
        ),
        hosts={
            "script-src": scripts,
            "frame-src": (*scripts, "https://hooks.stripe.com"),
            "connect-src": ("https://api.stripe.com",),
            "img-src": ("https://*.stripe.com",),
        },
        parse=partial(the_same_everywhere, widget),
    )
