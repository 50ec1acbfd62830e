"""Google Tag Manager: a tag manager; what it loads is decided outside the site, and may change any day.

Every other tag of the catalogue is a script that is known beforehand. A container loads what somebody puts into it:
some of that needs inline code, which a strict csp lets through only with the page's nonce (give it to
`head(nonce=…)`) or with `'strict-dynamic'`, and all of it needs hosts and sets cookies that this service cannot name.
So declare every service of the container too, without its tag: `replace(hotjar("1234567"), tag=None)`. Inside the
container, let each tag ask for the consent types, which the loader sets before anything else: each of them follows the
services that visitors were asked about, and is denied where the site declares none.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.google import BY_ADVERTISING, types_of
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.catalogue.kit.providers import GOOGLE
from flask_cookieconsent.core.services import Answer, Cookie, Service, Tag

_FOLLOWED: Mapping[str, Answer | str] = {
    **BY_ADVERTISING,
    "analytics_storage": Answer(purpose="audience_measurement"),
    "functionality_storage": "functionality",
    "personalization_storage": "functionality",
}


def google_tag_manager(
    container_id: str,
    *,
    data_layer: str = "dataLayer",
    environment: str = "",
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_tag_manager",
    category: str = "tracking",
    name: str = "Google Tag Manager",
) -> Service:
    """Return Google Tag Manager for one container, for example `google_tag_manager("GTM-ABC1234")`.

    *category* must be the strictest of what the container holds. The consent types of advertising follow the services
    of Google whose purpose is advertising, `analytics_storage` those that measure, and the two others the category
    `functionality`. *consent_types* names another service, for example `{"analytics_storage": "hotjar"}`, or None for
    what stays denied.

    :raises ValueError: if a parameter is not what Google gives out.
    """
    checked("container_id", container_id, r"GTM-[A-Z0-9]{4,12}", "GTM-ABC1234")
    checked("data_layer", data_layer, r"[A-Za-z_$][A-Za-z0-9_$]{0,40}", "dataLayer")
    if environment:
        checked("environment", environment, r"gtm_auth=[\w-]+&gtm_preview=env-[0-9]+", "gtm_auth=a&gtm_preview=env-3")
    origin = "https://www.googletagmanager.com"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking", "performance"),
        purpose="tag_management",
        provider=GOOGLE,
        cookies=(Cookie(name="td", purpose=purposes.COUNTS, domain="www.googletagmanager.com"),),
        hosts={
            "script-src": (origin,),
            "img-src": (origin,),
            "connect-src": (origin, "https://www.google.com"),
        },
        tag=Tag(
            loader="google.js",
            data={"id": container_id, "layer": data_layer, "environment": environment},
            lists={data_layer: ()},
            globals=("gtag",) if data_layer == "dataLayer" else (),
            consent_types=types_of(consent_types, _FOLLOWED),
        ),
    )
