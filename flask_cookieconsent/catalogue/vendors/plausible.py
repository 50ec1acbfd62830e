"""Plausible Analytics: web analytics without cookies."""

from __future__ import annotations

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked, origin, receiver, server_address
from flask_cookieconsent.core.services import Cookie, Provider, Queue, Service, Tag

_HOST = "https://plausible.io"
_COMPANY = Provider(name="Plausible Insights OÜ", country="EE", privacy_policy="https://plausible.io/privacy")


def plausible(
    script_id: str = "",
    *,
    domain: str = "",
    host: str = _HOST,
    provider: Provider | None = None,
    id: str = "plausible",
    category: str = "performance",
    name: str = "Plausible",
) -> Service:
    """Return Plausible for one site: `plausible("pa-…")`, or `plausible(domain="example.org")` in its older form.

    *host* is a server or a proxy of the site's own, and *provider* then says who runs it, the site's own company if it
    does.

    :raises ValueError: if a parameter is not what Plausible gives out, if not one of two names the site, or if nobody
        is named who runs the server.
    """
    server = origin(server_address("host", host, _HOST))
    if server != host:
        raise ValueError(f"host: found {host!r}, wanted one without a path, such as {_HOST!r}")
    if script_id and domain:
        raise ValueError(f"domain: found {domain!r} beside a script_id, wanted one of them")
    if script_id or not domain:
        checked("script_id", script_id, r"pa-[A-Za-z0-9_-]{10,40}", "pa-6_srOGVV9SLMWJ1ZpUAbG")
        queue = Queue(name="plausible", calls="q", properties={"o": {}})
        tag = Tag(src=f"{server}/js/{script_id}.js", queue=queue)
    else:
        checked("domain", domain, r"[a-z0-9.-]+(,[a-z0-9.-]+)*", "example.org")
        queue = Queue(name="plausible", calls="q")
        tag = Tag(src=f"{server}/js/script.js", attributes={"data-domain": domain}, queue=queue)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("performance", "tracking"),
        purpose="audience_measurement",
        provider=receiver(provider, _COMPANY, is_vendors=server == _HOST),
        # What it keeps is what somebody has asked for by hand: not to be counted.
        cookies=(Cookie(name="plausible_ignore", purpose=purposes.PRIVACY, storage="local"),),
        hosts={"script-src": (server,), "connect-src": (server,)},
        tag=tag,
    )
