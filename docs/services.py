"""Generate docs/services.md and the types of the catalogue from its declarations (`make docs`)."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from flask_cookieconsent import catalogue
from flask_cookieconsent.catalogue.kit.declaration import COMMON
from flask_cookieconsent.core.defaults import CATEGORIES, PURPOSES
from flask_cookieconsent.core.services import Cookie, Frame, Service
from flask_cookieconsent.embeds.share import NETWORKS, share_link
from flask_cookieconsent.i18n import language
from tests.kit.facts import DATA
from tests.kit.samples import SAMPLES, Sample

PAGE = Path(__file__).with_name("services.md")
TYPES = Path(str(catalogue.__file__)).with_suffix(".pyi")
TITLES = {category.id: category.title for category in CATEGORIES}

#: What people look for, by purpose.
HEADINGS: Mapping[str, str] = {
    "audience_measurement": "Analytics",
    "embedded_video": "Videos",
    "embedded_post": "Posts",
    "embedded_audio": "Music and podcasts",
    "embedded_map": "Maps",
    "embedded_document": "Documents, drawings and code",
    "embedded_form": "Forms and surveys",
    "reviews": "Reviews",
    "fonts": "Fonts",
    "booking": "Appointments",
    "comments": "Comments",
    "chat": "Chat",
    "bot_protection": "Captchas",
    "payment": "Payment",
    "session_recording": "Recordings and heat maps",
    "error_monitoring": "Errors and performance",
    "page_testing": "Tests of pages",
    "campaign_measurement": "Mail and campaigns",
    "advertising": "Advertising",
    "tag_management": "Tag managers",
    "preferences": "Settings and languages",
}

HEAD = """# Ready-made services

This page is written by `make docs` from the files in `flask_cookieconsent/catalogue/vendors`; change those instead.

Import a service from `flask_cookieconsent.catalogue` and give it to `CookieConsent(services=[…])`. Each call also takes
`id=` and `name=`, for a second one of the same, and `category=`, one of those below. A service that is embedded is
shown by `cookieconsent.embed(…)` in a template; a script is in every page with `cookieconsent.head()`. Nothing of it is
there before a visitor allows it, but the functions that your own code calls always are: see
[your own events](own-events.md).

A cookie with a domain belongs to that company's site and only the visitor can remove it; every other is removed as
soon as its service is off. What is *doubtful* was not seen confirmed in a source of the provider: *partly* means that
sources differ or cover a part, *memory* that none was read. The rest was read in the sources that are named, on the day
beside them, and nothing was tried against a live provider. A category or a cookie is a statement of yours to your
visitors, so look at your own use of a service.
"""

TYPES_HEAD = '''"""Types of the factories, for editors and type checkers: `make docs` writes it from their files."""

from collections.abc import Mapping
from typing import Any

from flask_cookieconsent.core.services import Provider, Service
'''


def main() -> None:
    """Write both."""
    TYPES.write_text(types(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def types() -> str:
    """Return the stub of the catalogue as it has to be: each factory with its parameters and what it says of them."""
    names = dir(catalogue)
    listed = "\n".join(f"    {json.dumps(name)}," for name in names)
    return f"{TYPES_HEAD}\n__all__ = [\n{listed}\n]\n\n" + "\n".join(map(_typed, names))


def _typed(name: str) -> str:
    made = getattr(catalogue, name)
    parameters = inspect.signature(made).parameters.values()
    words = [f"    {each}" for each in _listed(list(parameters))]
    # An editor shows it while somebody writes the call.
    said = summary(name).replace("\\", "\\\\").replace("\n\n", "\n\n    ")
    end = "\n    " if "\n" in said else ""
    return f"def {name}(\n" + ",\n".join(words) + f',\n) -> Service:\n    """{said}{end}"""\n'


def page() -> str:
    """Return the page as it has to be."""
    samples = sorted(SAMPLES, key=lambda each: each.service.id)
    parts = [
        HEAD,
        *tables(samples),
        '\n## <a id="every-service"></a>Every service',
        *(line for each in samples for line in section(each)),
        *share_links(),
    ]
    return "\n".join(parts) + "\n"


def tables(samples: list[Sample]) -> Iterator[str]:
    """Yield an index of purposes, then a table for the services of each."""
    groups = {id: [each for each in samples if each.service.purpose == id] for id in PURPOSES}
    groups = {id: group for id, group in groups.items() if group}
    index = ", ".join(f"[{HEADINGS[id]}](#for-{id}) ({len(group)})" for id, group in groups.items())
    yield f"There are {len(samples)}, by what they are for: {index}.\n"
    yield "What is declared of each is in [every service](#every-service), in alphabetical order of what is imported."
    for id, group in groups.items():
        yield f'\n## <a id="for-{id}"></a>{HEADINGS[id]}\n\nPurpose `{id}`: “{PURPOSES[id]}”\n'
        yield "| service | import | category | provider | kind |\n| --- | --- | --- | --- | --- |"
        for each in sorted(group, key=lambda each: each.service.name.lower()):
            service, provider = each.service, each.service.provider
            assert provider is not None
            cells = (f"[{service.name}](#{service.id})", f"`{service.id}`", f"`{service.category}`")
            yield f"| {' | '.join(cells)} | {provider.name} ({provider.country}) | {kind(each)} |"


def section(sample: Sample) -> Iterator[str]:
    """Yield all that is declared of one service."""
    service, data = sample.service, DATA[sample.service.id]
    provider = service.provider
    assert provider is not None
    yield f'\n### <a id="{service.id}"></a>{service.name}\n\n```python\n{call(service.id)}\n```\n'
    yield f"{summary(service.id)}\n"
    yield f"- Category: {', or '.join(categories(service))}"
    opt_out = f", [opt-out]({provider.opt_out})" if provider.opt_out else ""
    policy = f"[privacy policy]({provider.privacy_policy})"
    yield f"- Provider: {provider.name} ({provider.country}), {policy}{opt_out}"
    yield f"- Kind: {kind(sample)}"
    for directive, sources in service.hosts.items():
        yield f"- `{directive}`: {', '.join(f'`{source}`' for source in sources)}"
    for source in data["sources"].values():
        yield f"- Source: {plain(source['at'])}, {source['seen']}"
    for doubt in data.get("doubts", ()):
        yield f"- Doubtful ({doubt['sure']}): {plain(doubt['about'])}. {plain(doubt['settle'])}"
    yield from cookies(service)


def call(name: str) -> str:
    """Return the call of a factory with its own parameters and their defaults."""
    signature = inspect.signature(getattr(catalogue, name))
    return f"{name}({', '.join(_listed([each for each in signature.parameters.values() if each.name not in COMMON]))})"


def _listed(parameters: list[inspect.Parameter]) -> list[str]:
    words = [_parameter(each) for each in parameters]
    first_keyword = next((place for place, each in enumerate(parameters) if each.kind is each.KEYWORD_ONLY), None)
    if first_keyword is not None:
        words.insert(first_keyword, "*")
    return words


def _parameter(parameter: inspect.Parameter) -> str:
    annotation = f": {parameter.annotation}"
    if parameter.default is parameter.empty:
        return parameter.name + annotation
    default = json.dumps(parameter.default) if isinstance(parameter.default, str) else repr(parameter.default)
    return f"{parameter.name}{annotation} = {default}"


def summary(name: str) -> str:
    """Return what the docstring of a factory says, but for its fields."""
    return (inspect.getdoc(getattr(catalogue, name)) or "").partition("\n\n:")[0]


def plain(text: str) -> str:
    """Return a text in which stars and underscores mean themselves."""
    return re.sub(r"([*_])", r"\\\1", text)


def categories(service: Service) -> Iterator[str]:
    """Yield the default category, then the others that it may be filed in."""
    others = [each for each in service.categories if each != service.category]
    yield from (f"`{each}` ({TITLES[each]})" for each in (service.category, *others))


def kind(sample: Sample) -> str:
    """Say in a few words how a service gets into a page."""
    service = sample.service
    if service.parse is None or sample.embed is None:
        return "script"
    found = service.parse(sample.embed)
    assert found is not None
    embed = "frame" if isinstance(found, Frame) else "widget"
    return f"script and {embed}" if service.tag is not None else embed


def cookies(service: Service) -> Iterator[str]:
    """Yield the table of a service's cookies and storage keys."""
    if not service.cookies:
        yield "- Stores nothing in the browser."
        return
    yield "\n| name | purpose | kept | where |\n| --- | --- | --- | --- |"
    for each in service.cookies:
        yield f"| `{each.name}` | {each.purpose} | {_duration(each)} | {_where(each)} |"


def _duration(cookie: Cookie) -> str:
    if cookie.duration is None and cookie.storage == "local":
        return "until it is erased"
    return language("en").duration(cookie.duration).lower()


def _where(cookie: Cookie) -> str:
    storage = {"cookie": "cookie", "local": "local storage", "session": "session storage"}[cookie.storage]
    return f"{storage} of `{cookie.domain}`" if cookie.domain else f"{storage} of the site"


def share_links() -> Iterator[str]:
    """Yield the table of networks that a page can be shared on."""
    yield "\n## Share links\n"
    yield "`cookieconsent.share(network)` is a plain link. It loads nothing, so no consent is needed.\n"
    yield "| network | name | address |\n| --- | --- | --- |"
    for network, (name, _) in NETWORKS.items():
        address = share_link(network, "https://www.example.com/", "A page")
        yield f"| `{network}` | {name} | `{address}` |"


if __name__ == "__main__":
    main()
