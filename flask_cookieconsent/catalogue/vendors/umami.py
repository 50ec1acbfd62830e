"""Umami: web analytics without cookies, in its cloud or on a server of the site's own."""

from __future__ import annotations

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked, origin, receiver, script_address, server_address
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag

_COMPANY = Provider(name="Umami Software, Inc.", country="US", privacy_policy="https://umami.is/privacy")
_CLOUD = "https://cloud.umami.is/script.js"


def umami(
    website_id: str,
    *,
    script_url: str = _CLOUD,
    host_url: str = "",
    provider: Provider | None = None,
    id: str = "umami",
    category: str = "performance",
    name: str = "Umami",
) -> Service:
    """Return Umami for one site, for example `umami("94db1cb1-74f4-4a40-ad6c-962362670409")`.

    *script_url* is that of a server of the site's own, *host_url* where it sends to, if elsewhere. With either,
    *provider* has to say who runs it, the site's own company if it does.

    :raises ValueError: if a parameter is not what Umami gives out, or nobody is named who runs the server.
    """
    checked(
        "website_id",
        website_id,
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "94db1cb1-74f4-4a40-ad6c-962362670409",
    )
    server = origin(script_address("script_url", script_url, _CLOUD))
    target = origin(server_address("host_url", host_url, "https://stats.example.org")) if host_url else server
    gateway = ("https://api-gateway.umami.dev",) if target == origin(_CLOUD) else ()
    attributes = {"data-website-id": website_id, "data-do-not-track": "true"}
    attributes |= {"data-host-url": host_url} if host_url else {}
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("performance", "tracking"),
        purpose="audience_measurement",
        provider=receiver(provider, _COMPANY, is_vendors=server == target == origin(_CLOUD)),
        cookies=(
            Cookie(name="umami.disabled", purpose=purposes.PRIVACY, storage="local"),
            Cookie(name="umami.cache", purpose=purposes.KEEPS_VISIT, storage="session"),
        ),
        hosts={"script-src": (server,), "connect-src": (target, *gateway)},
        tag=Tag(src=script_url, attributes=attributes, globals=("umami",)),
    )
