"""Fathom Analytics: web analytics without cookies."""

from __future__ import annotations

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked, origin, script_address
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag

_CDN = "https://cdn.usefathom.com/script.js"


def fathom(
    site_id: str,
    *,
    script_url: str = _CDN,
    id: str = "fathom",
    category: str = "performance",
    name: str = "Fathom",
) -> Service:
    """Return Fathom for one site, for example `fathom("ABCDEFGH")`; *script_url* is that of a custom domain.

    :raises ValueError: if a parameter is not what Fathom gives out.
    """
    checked("site_id", site_id, r"[A-Z0-9]{4,16}", "ABCDEFGH")
    server = origin(script_address("script_url", script_url, _CDN))
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("performance", "tracking"),
        purpose="audience_measurement",
        provider=Provider(
            name="Conva Ventures Inc.", country="CA", privacy_policy="https://usefathom.com/legal/privacy"
        ),
        cookies=(Cookie(name="blockFathomTracking", purpose=purposes.PRIVACY, storage="local"),),
        hosts=dict.fromkeys(("script-src", "connect-src", "img-src"), (server,)),
        tag=Tag(src=script_url, attributes={"data-site": site_id, "data-honor-dnt": "true"}, globals=("fathom",)),
    )
