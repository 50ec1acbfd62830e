"""Crisp: a live chat widget in a corner of every page."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag


def crisp(website_id: str, *, id: str = "crisp", category: str = "functionality", name: str = "Crisp") -> Service:
    """Return Crisp for one website, for example `crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d")`.

    It puts a button into a corner of every page. Where it is not allowed, show another way to write to you:
    `{% if not cookieconsent.allows("crisp") %}<a href="mailto:…">…</a>{% endif %}`.

    :raises ValueError: if it is no id of a website.
    """
    website_id = checked(
        "website_id",
        website_id,
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "7598bf86-9ebb-46bc-8c61-be8929bbf93d",
    )
    client, storage = "https://client.crisp.chat", "https://storage.crisp.chat"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("functionality", "third_party", "tracking"),
        purpose="chat",
        provider=Provider(name="Crisp IM SAS", country="FR", privacy_policy="https://crisp.chat/en/privacy/"),
        cookies=(
            # Its names hold slashes, encoded or not, so the beginning has to do.
            Cookie(name="crisp-client*", purpose=purposes.CONVERSATION, duration=timedelta(days=183)),
            Cookie(name="crisp-client/*", purpose=purposes.CONVERSATION, storage="local"),
        ),
        hosts={
            "script-src": (client,),
            "style-src": (client,),
            "img-src": (client, "https://image.crisp.chat", storage),
            "font-src": (client,),
            "connect-src": (client, storage, "wss://client.relay.crisp.chat"),
            "media-src": (client,),
        },
        tag=Tag(
            src=f"{client}/l.js",
            values={"CRISP_WEBSITE_ID": website_id},
            # It warns on the console where a page has changed what browsers offer; visitors need not read that.
            queue="$crisp",
            calls=(("safe", True),),
            withdrawn=(("do", "session:reset"),),
        ),
    )
