"""LinkedIn Insight Tag: conversion tracking of advertisements there."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.catalogue.kit.providers import LINKEDIN
from flask_cookieconsent.core.services import Cookie, Queue, Service, Tag


def linkedin_insight(
    partner_id: str, *, id: str = "linkedin_insight", category: str = "tracking", name: str = "LinkedIn Insight Tag"
) -> Service:
    """Return the Insight Tag of LinkedIn for one account, for example `linkedin_insight("123456")`.

    :raises ValueError: if it is no id of a partner.
    """
    partner_id = checked("partner_id", partner_id, r"[0-9]{4,10}", "123456")
    pixels = ("https://px.ads.linkedin.com", "https://px4.ads.linkedin.com")
    domain, month, day = "linkedin.com", timedelta(days=30), timedelta(days=1)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking",),
        purpose="advertising",
        provider=LINKEDIN,
        cookies=(
            Cookie(name="li_fat_id", purpose=purposes.MATCHES, duration=month),
            Cookie(name="li_giant", purpose=purposes.MATCHES, duration=timedelta(days=7)),
            Cookie(name="ln_or", purpose=purposes.COUNTS, duration=day),
            Cookie(name="li_adsId", purpose=purposes.MATCHES, storage="local"),
            Cookie(name="bcookie", purpose=purposes.RECOGNISES, duration=timedelta(days=365), domain=domain),
            Cookie(name="lidc", purpose=purposes.DATA_CENTRE, duration=day, domain=domain),
            Cookie(name="li_gc", purpose=purposes.PRIVACY, duration=timedelta(days=180), domain=domain),
            Cookie(name="UserMatchHistory", purpose=purposes.MATCHES, duration=month, domain=domain),
            Cookie(name="AnalyticsSyncHistory", purpose=purposes.MATCHES, duration=month, domain=domain),
            Cookie(name="li_sugr", purpose=purposes.MATCHES, duration=timedelta(days=90), domain=domain),
        ),
        hosts={
            "script-src": ("https://snap.licdn.com",),
            "img-src": (*pixels, "https://www.linkedin.com"),
            "connect-src": pixels,
        },
        tag=Tag(
            src="https://snap.licdn.com/li.lms-analytics/insight.min.js",
            values={"_linkedin_partner_id": partner_id},
            # The list of accounts belongs to the page, and a second tag adds its own.
            lists={"_linkedin_data_partner_ids": (partner_id,)},
            queue=Queue(name="lintrk", calls="q"),
        ),
    )
