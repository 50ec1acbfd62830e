"""Plausible Analytics, which counts visits without cookies."""

from __future__ import annotations

from flask_cookieconsent.content import Queue, Tag
from flask_cookieconsent.declaration import Cookie, Doubt, Provider, Service

from . import purposes
from .parameters import checked, origin, place

_COMPANY = Provider(name="Plausible Insights OÜ", country="EE", privacy_policy="https://plausible.io/privacy")


def plausible(
    script_id: str = "",
    *,
    domain: str = "",
    host: str = "https://plausible.io",
    provider: Provider = _COMPANY,
    id: str = "plausible",
    category: str = "performance",
    name: str = "Plausible",
) -> Service:
    """Return Plausible for one site: `plausible("pa-…")`, or `plausible(domain="example.org")` in its older form.

    *host* is a server or a proxy of the site's own, with the *provider* that runs it.

    :raises ValueError: if a parameter is not what Plausible gives out, or none names the site.
    """
    server = origin(place("host", host, "https://plausible.io"))
    if script_id or not domain:
        checked("script_id", script_id, r"pa-[A-Za-z0-9_-]{10,40}", "pa-6_srOGVV9SLMWJ1ZpUAbG")
        queue = Queue(name="plausible", calls="q", properties={"o": {}})
        tag = Tag(src=f"{server}/js/{script_id}.js", queue=queue)
    else:
        checked("domain", domain, r"[a-z0-9.-]+(,[a-z0-9.-]+)*", "example.org")
        tag = Tag(src=f"{server}/js/script.js", attributes={"data-domain": domain})
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("performance", "tracking", "necessary"),
        justification=purposes.COUNTS_NOBODY,
        purpose="audience_measurement",
        provider=provider,
        # What it keeps is what somebody has asked for by hand: not to be counted.
        cookies=(Cookie(name="plausible_ignore", purpose=purposes.PRIVACY, storage="local"),),
        hosts={"script-src": (server,), "connect-src": (server,)},
        tag=tag,
        doubts=(Doubt(about="legal entity", sure="memory", settle="Read the imprint of plausible.io."),),
    )
