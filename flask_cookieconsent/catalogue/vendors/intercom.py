"""Intercom Messenger: a live chat widget in a corner of every page."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.core.services import Cookie, Provider, Queue, Service, Tag

# What differs from one region of Intercom's servers to the next.
_REGIONS = {
    "us": ("", "nexus-websocket-a", ("uploads.intercomcdn.com", "static.intercomassets.com")),
    "eu": (".eu", "nexus-europe-websocket", ("uploads.intercomcdn.eu", "static.intercomassets.eu")),
    "au": (".au", "nexus-australia-websocket", ("uploads.au.intercomcdn.com", "static.intercomassets.com")),
}


def intercom(
    app_id: str, *, region: str, id: str = "intercom", category: str = "functionality", name: str = "Intercom"
) -> Service:
    """Return Intercom for one workspace, for example `intercom("abc12345", region="eu")`.

    Regions are `eu`, `us` and `au`: the one that the workspace was made in.

    It puts a button into a corner of every page. Where it is not allowed, show another way to write to you:
    `{% if not cookieconsent.allows("intercom") %}<a href="mailto:…">…</a>{% endif %}`.

    :raises ValueError: if a parameter is not what Intercom gives out.
    """
    app_id = checked("app_id", app_id, r"[a-z0-9]{6,12}", "abc12345")
    if region not in _REGIONS:
        raise ValueError(f"region: found {region!r}, wanted one of {', '.join(_REGIONS)}")
    infix, socket, (uploads, assets) = _REGIONS[region]
    api = f"https://api-iam{infix}.intercom.io"
    sockets = [socket] + (["nexus-websocket-b"] if region == "us" else [])
    nine_months = timedelta(days=271)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("functionality", "third_party", "tracking"),
        purpose="chat",
        provider=Provider(
            name="Intercom R&D Unlimited Company", country="IE", privacy_policy="https://www.intercom.com/legal/privacy"
        ),
        cookies=(
            Cookie(name="intercom-id-*", purpose=purposes.RECOGNISES, duration=nine_months),
            Cookie(name="intercom-session-*", purpose=purposes.CONVERSATION, duration=timedelta(days=7)),
            Cookie(name="intercom-device-id-*", purpose=purposes.RECOGNISES, duration=nine_months),
            Cookie(name="intercom.intercom-state-*", purpose=purposes.CONVERSATION, storage="local"),
            Cookie(name="intercom-state", purpose=purposes.CONVERSATION, storage="local"),
        ),
        hosts={
            "script-src": (
                "https://app.intercom.io",
                "https://widget.intercom.io",
                "https://js.intercomcdn.com",
            ),
            "connect-src": (
                "https://via.intercom.io",
                "https://api.intercom.io",
                *((f"https://api{infix}.intercom.io",) if infix else ()),
                api,
                "https://api-ping.intercom.io",
                "https://*.intercom-messenger.com",
                "wss://*.intercom-messenger.com",
                *(f"{scheme}://{socket}.intercom.io" for socket in sockets for scheme in ("https", "wss")),
                f"https://{uploads}",
            ),
            "img-src": (
                "https://js.intercomcdn.com",
                f"https://{assets}",
                f"https://downloads.intercomcdn.{'eu' if region == 'eu' else 'com'}",
                "https://uploads.intercomusercontent.com",
                "https://gifs.intercomcdn.com",
            ),
            "font-src": ("https://js.intercomcdn.com", "https://fonts.intercomcdn.com"),
            "media-src": ("https://js.intercomcdn.com",),
            "frame-src": ("https://intercom-sheets.com", "https://www.intercom-reporting.com"),
            "form-action": ("https://intercom.help", api),
        },
        tag=Tag(
            src=f"https://widget.intercom.io/widget/{app_id}",
            values={"intercomSettings": {"app_id": app_id, "api_base": api}},
            queue=Queue(name="Intercom", calls="q"),
            withdrawn=(("shutdown",),),
        ),
    )
