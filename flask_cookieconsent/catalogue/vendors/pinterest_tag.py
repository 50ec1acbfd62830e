"""Pinterest Tag: conversion tracking of advertisements there."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.core.services import Cookie, Provider, Queue, Service, Tag


def pinterest_tag(
    tag_id: str, *, id: str = "pinterest_tag", category: str = "tracking", name: str = "Pinterest Tag"
) -> Service:
    """Return the tag of Pinterest for one account, for example `pinterest_tag("2612345678901")`.

    :raises ValueError: if it is no id of a tag.
    """
    tag_id = checked("tag_id", tag_id, r"[0-9]{10,16}", "2612345678901")
    own, year, domain = "https://ct.pinterest.com", timedelta(days=365), "ct.pinterest.com"
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking",),
        purpose="advertising",
        provider=Provider(
            name="Pinterest Europe Ltd.", country="IE", privacy_policy="https://policy.pinterest.com/privacy-policy"
        ),
        cookies=(
            Cookie(name="_pin_unauth", purpose=purposes.TELLS_APART, duration=year),
            Cookie(name="_derived_epik", purpose=purposes.MATCHES, duration=year),
            Cookie(name="_epik", purpose=purposes.CAMPAIGN, duration=year),
            Cookie(name="_pinterest_ct_ua", purpose=purposes.RECOGNISES, duration=year, domain=domain),
            Cookie(name="ar_debug", purpose=purposes.ADVERTISES, duration=year, domain=domain),
        ),
        hosts={
            "script-src": ("https://s.pinimg.com", own),
            "img-src": (own,),
            "connect-src": (own,),
            "frame-src": (own,),
        },
        tag=Tag(
            src="https://s.pinimg.com/ct/core.js",
            queue=Queue(name="pintrk", calls="queue", properties={"version": "3.0"}),
            calls=(("load", tag_id), ("page",)),
        ),
    )
