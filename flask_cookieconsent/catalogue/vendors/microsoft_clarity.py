"""Microsoft Clarity: session recordings and heat maps; it is told what was allowed (its consent API, version 2)."""

from __future__ import annotations

from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.parameters import checked
from flask_cookieconsent.core.services import Answer, Cookie, Provider, Queue, Service, Tag


def microsoft_clarity(
    project_id: str, *, id: str = "microsoft_clarity", category: str = "tracking", name: str = "Microsoft Clarity"
) -> Service:
    """Return Microsoft Clarity for one project, for example `microsoft_clarity("abcdef1234")`.

    It learns that recording is allowed, and that advertising is only where a visitor also allows a service whose
    purpose is advertising by Microsoft.

    :raises ValueError: if it is no id of a project.
    """
    checked("project_id", project_id, r"[a-z0-9]{8,14}", "abcdef1234")
    own, bing = "https://*.clarity.ms", "https://c.bing.com"
    year = timedelta(days=365)
    return Service(
        id=id,
        name=name,
        category=category,
        categories=("tracking", "performance"),
        purpose="session_recording",
        provider=Provider(
            name="Microsoft Ireland Operations Limited",
            country="IE",
            privacy_policy="https://privacy.microsoft.com/privacystatement",
        ),
        cookies=(
            Cookie(name="_clck", purpose=purposes.TELLS_APART, duration=year),
            Cookie(name="_clsk", purpose=purposes.RECORDS, duration=timedelta(days=1)),
            Cookie(name="_cltk", purpose=purposes.KEEPS_VISIT, storage="session"),
            Cookie(name="CLID", purpose=purposes.RECOGNISES, duration=year, domain="www.clarity.ms"),
            Cookie(name="ANONCHK", purpose=purposes.ADVERTISES, duration=timedelta(minutes=10), domain="c.clarity.ms"),
            Cookie(name="MR", purpose=purposes.ADVERTISES, duration=timedelta(days=7), domain="c.bing.com"),
            Cookie(name="MR", purpose=purposes.ADVERTISES, duration=timedelta(days=7), domain="c.clarity.ms"),
            Cookie(name="MUID", purpose=purposes.ADVERTISES, duration=year, domain="bing.com"),
            Cookie(name="MUID", purpose=purposes.ADVERTISES, duration=year, domain="clarity.ms"),
            Cookie(name="SM", purpose=purposes.MATCHES, domain="c.clarity.ms"),
        ),
        hosts={"script-src": (own,), "connect-src": (own, bing), "img-src": (own, bing)},
        tag=Tag(
            src=f"https://www.clarity.ms/tag/{project_id}",
            queue=Queue(name="clarity", calls="q"),
            calls=(("consentv2", {"ad_Storage": Answer(purpose="advertising"), "analytics_Storage": "granted"}),),
            withdrawn=(("consentv2", {"ad_Storage": "denied", "analytics_Storage": "denied"}),),
        ),
    )
