"""Disqus: a comment widget; it has no iframe meant for others, and its script asks for a function of the page's own."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag, Widget

_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:/-]{1,200}")


def disqus(shortname: str, *, id: str = "disqus", category: str = "third_party") -> Service:
    """Return Disqus for `embed("disqus", "article-42", title=…)`, with the identifier of the page's thread.

    The address of the thread is the page's canonical one. Disqus' advertisements need many hosts more, which stay
    blocked under a strict Content-Security-Policy. A page can hold one thread.

    :raises ValueError: if it is no shortname of a forum.
    """
    if not re.fullmatch(r"[a-z0-9-]{2,64}", str(shortname)):
        raise ValueError(f"shortname: found {shortname!r}, wanted one such as 'example'")
    domain, forum = "disqus.com", f"https://{shortname}.disqus.com"
    return Service(
        id=id,
        name="Disqus",
        category=category,
        categories=("third_party", "tracking"),
        purpose="comments",
        provider=Provider(
            name="Disqus, Inc.",
            country="US",
            privacy_policy="https://help.disqus.com/en/articles/1717103-disqus-privacy-policy",
        ),
        cookies=(
            Cookie(name="disqus_unique", purpose=purposes.RECOGNISES, duration=timedelta(days=365), domain=domain),
            Cookie(name="__jid", purpose=purposes.SESSION, duration=timedelta(minutes=30), domain=domain),
            Cookie(name="vglnk.Agent.p", purpose=purposes.ADVERTISES, duration=timedelta(days=365), domain=domain),
            Cookie(name="disqus.*", purpose=purposes.SETTINGS, domain=domain, storage="local"),
        ),
        hosts={
            "script-src": (forum, "https://c.disquscdn.com", "https://disqus.com"),
            "frame-src": ("https://disqus.com", "https://*.disqus.com"),
            "img-src": ("https://referrer.disqus.com", "https://*.disquscdn.com", "https://c.disquscdn.com"),
            "connect-src": (forum, "https://links.services.disqus.com", "https://disqus.com"),
            "style-src": ("https://c.disquscdn.com",),
        },
        parse=partial(_parse, forum, shortname),
    )


def _parse(forum: str, shortname: str, text: str) -> Widget | None:
    if "//" in text or not _IDENTIFIER.fullmatch(text):
        return None
    return Widget(
        tag=Tag(loader="disqus.js", src=f"{forum}/embed.js", data={"identifier": text}),
        attributes={"id": "disqus_thread"},
        kind="comments",
        shape="post",
        link=f"https://disqus.com/home/forum/{shortname}/",
    )
