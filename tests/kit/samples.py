"""Sample services: one of each in the catalogue, one of a site's own, and sites that show them.

Every contract of the catalogue is kept by all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Response, render_template_string

from flask_cookieconsent import Cookie, Provider, Service, Tag, Widget, catalogue
from flask_cookieconsent.audit.visitors import choices_text
from flask_cookieconsent.state import get_state

from .facts import DATA
from .sites import Site, make_app, make_site


@dataclass(frozen=True)
class Sample:
    """A service, and what is embedded of it: an address, a reference, "" for a widget without one, or None."""

    service: Service
    embed: str | None = None


def parameters_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a declaration's factory is given for its sample: examples, or what the sample says instead."""
    rules = data.get("parameters", {})
    needed = {key: rule["example"] for key, rule in rules.items() if "default" not in rule and "example" in rule}
    return needed | {key: value for key, value in data.get("sample", {}).items() if key != "embed"}


def sample_of(name: str, data: Mapping[str, Any]) -> Sample:
    """Return the sample that a declaration gives of itself."""
    return Sample(getattr(catalogue, name)(**parameters_of(data)), data.get("sample", {}).get("embed"))


SAMPLES = tuple(sample_of(name, data) for name, data in DATA.items())


def refusal(make: Callable[..., Service], *parameters: Any, **options: Any) -> str:
    """Return the message with which a factory refuses its parameters, or nothing where it takes them."""
    try:
        make(*parameters, **options)
    except ValueError as error:
        return str(error)
    return ""


# -- a service of a site's own -----------------------------------------------------------------------------------------

_BANDSTAND = "https://cdn.bandstand.example"


def bandstand(id: str = "bandstand") -> Service:
    """Return a service that is not in the catalogue: a script on every page, and a player that it fills."""
    tag = Tag(src=f"{_BANDSTAND}/stand.js", queue="bandstand", calls=(("start", "B-77"),))

    def parse(text: str) -> Widget | None:
        song = text.removeprefix("https://bandstand.example/songs/")
        if not (song.isascii() and song.isdecimal()):
            return None
        link = f"https://bandstand.example/songs/{song}"
        return Widget(tag=tag, attributes={"data-song": song}, kind="audio", shape="strip", link=link)

    return Service(
        id=id,
        name="Bandstand",
        category="third_party",
        purpose="embedded_audio",
        provider=Provider(name="Bandstand SA", country="BE", privacy_policy="https://bandstand.example/privacy"),
        cookies=(
            Cookie(name="stand_*", purpose="Keeps the song.", duration=timedelta(days=30)),
            Cookie(name="stand.volume", purpose="Keeps the volume.", storage="local"),
        ),
        hosts={
            "script-src": (_BANDSTAND,),
            "style-src": (_BANDSTAND,),
            "img-src": ("https://*.bandstand.example",),
            "font-src": (_BANDSTAND,),
            "media-src": ("https://music.bandstand.example",),
            "connect-src": (_BANDSTAND, "wss://live.bandstand.example"),
            "frame-src": ("https://player.bandstand.example",),
            "form-action": ("https://bandstand.example",),
        },
        tag=tag,
        parse=parse,
    )


#: The one sample that is not in the catalogue.
OWN = Sample(bandstand(), "https://bandstand.example/songs/12")
#: What its invented provider does, as tests/data/facts says it of real ones.
OWN_FACTS: dict[str, Any] = {
    "hosts": {
        **{name: [_BANDSTAND] for name in ("script-src", "style-src", "font-src")},
        "img-src": [_BANDSTAND, "https://*.bandstand.example"],
        "media-src": ["https://music.bandstand.example"],
        "connect-src": [_BANDSTAND, "wss://live.bandstand.example"],
        "frame-src": ["https://player.bandstand.example"],
        "form-action": ["https://bandstand.example/buy"],
    },
    "cookies": ["stand_*"],
    "doubts": [],
}

# -- a site of samples -------------------------------------------------------------------------------------------------

_PAGE = """<!doctype html><html lang="en"><head><title>A page</title>{{ cookieconsent.head() }}</head><body>
{{ cookieconsent.banner() }}{% for each in samples if each.embed is not none %}
{{ cookieconsent.embed(each.service.id, each.embed, title="A sample") }}{% endfor %}
<footer>{{ cookieconsent.link() }}</footer></body></html>"""


def refusable(sample: Sample) -> Sample:
    """Return a sample filed where a visitor can refuse it, unless it has to be necessary."""
    service = sample.service
    optional = [each for each in service.categories if each != "necessary"]
    if service.category != "necessary" or not optional:
        return sample
    return replace(sample, service=replace(service, category=optional[0]))


def sample_site(samples: Iterable[Sample], **config: Any) -> Site:
    """Return a site with a page for each sample at `/of/<id>`, and one at `/all` for those that can be refused.

    Its own Referrer-Policy tells nobody anything, as those of many sites.
    """
    filed = {each.service.id: refusable(each) for each in samples}
    app = make_app(**config)
    pages = {f"/of/{name}": [each] for name, each in filed.items()}
    pages["/all"] = [each for each in filed.values() if each.service.category != "necessary"]
    for path, shown in pages.items():
        app.add_url_rule(path, path, lambda shown=shown: render_template_string(_PAGE, samples=shown))

    @app.after_request
    def say_nothing(response: Response) -> Response:
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return make_site(app=app, services=[each.service for each in filed.values()])


def consent_to(site: Site, *services: str) -> str:
    """Return the text of the choices cookie of somebody who allowed some *services* and refused the others."""
    return choices_text(get_state(site.app), services)
