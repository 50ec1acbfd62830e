"""Validation of a declaration: one error message for each mistake, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from .consent_types import mistakes_in
from .csp import is_origin
from .defaults import DEFAULT_IDS, NECESSARY_PURPOSES, PURPOSES
from .kinds import STORAGES
from .regimes import REST
from .services import Category, Cookie, Service
from .trackers import Tracker, known_trackers, tracker_at, tracker_named
from .validity import LONGEST_LIFE

#: The scripts of the extension that start those of others.
LOADERS = ("tag.js", "google.js", "disqus.js")

#: What a proposal of the audit, or of the catalogue, has in the place of what a person has to look up.
GAP = "?"

#: The one purpose that a law exempts from consent, under conditions (CNIL 2020-091, article 5; for the United Kingdom
#: PECR 2003, schedule A1, as of the Data (Use and Access) Act 2025).
EXEMPTIBLE = "audience_measurement"

_NECESSARY = ", ".join(purpose for purpose in PURPOSES if purpose in NECESSARY_PURPOSES)
_NEVER_NECESSARY = "is never strictly necessary; move the service to another category, where visitors are asked"

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")

# RFC 6265 section 4.1.1 calls this a token; a star at the end stands for any ending.
_COOKIE_NAME = re.compile(r"[A-Za-z0-9!#$%&'+.^_`|~-]+\*?")

# What every reader of an address takes for the same host: no user, no other spelling of a name, nothing left out.
_LOADED = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::[0-9]{1,5})?(?:[/?][^\s\\]*)?|/(?!/)[^\s\\]*")

#: The directives of a policy under which a service may declare hosts.
DIRECTIVES = (
    *("script-src", "style-src", "img-src", "connect-src", "frame-src", "font-src", "media-src", "worker-src"),
    "form-action",
)


def mistakes_of(services: tuple[Service, ...], categories: tuple[Category, ...]) -> Iterator[str]:
    """Yield an error message for every mistake of a declaration."""
    yield from _category_mistakes(categories)
    yield from _service_mistakes(services, categories)
    yield from _cookie_mistakes(services, categories)


def _category_mistakes(categories: tuple[Category, ...]) -> Iterator[str]:
    ids = [category.id for category in categories]
    for category in categories:
        if not _ID.fullmatch(category.id):
            yield f"category {category.id!r}: an id is lower-case letters, digits and _, at most 32, letter first"
        for attribute in ("title", "summary", "refusal"):
            if not getattr(category, attribute):
                yield f"category {category.id!r}: {attribute} is empty; visitors must be told before they choose"
    if not any(category.necessary for category in categories):
        yield "categories: none is necessary; the cookie that remembers a refusal needs one"
    for duplicate in sorted({id for id in ids if ids.count(id) > 1}):
        yield f"category {duplicate!r}: declared twice; keep one"


def _service_mistakes(services: tuple[Service, ...], categories: tuple[Category, ...]) -> Iterator[str]:
    by_id = {category.id: category for category in categories}
    necessary = {category.id for category in categories if category.necessary}
    seen: set[str] = set()
    for service in services:
        where = f"service {service.id!r}"
        if not _ID.fullmatch(service.id):
            yield f"{where}: an id is lower-case letters, digits and _, at most 32, letter first"
        if service.id in seen:
            yield f"{where}: declared twice; keep one or give the second another id"
        if service.id == REST:
            yield f"{where}: the id stands in choices for whatever comes later; choose another"
        seen.add(service.id)
        if service.id in by_id and service.category != service.id:
            yield f"{where}: has the id of a category; choose another"
        if service.category not in by_id:
            yield f"{where}: unknown category {service.category!r}; wanted one of {', '.join(by_id)}"
        else:
            yield from _filing_mistakes(service, by_id[service.category], where)
        if not service.name:
            yield f"{where}: name is empty"
        for attribute in ("name", "description", "justification"):
            # A lazy text has no language yet, and is nobody's gap.
            if isinstance(text := getattr(service, attribute), str) and text == GAP:
                yield f"{where}: {attribute} is still {GAP!r}; fill in what visitors are to read"
        if service.purpose not in PURPOSES:
            yield f"{where}: unknown purpose {service.purpose!r}; wanted one of {', '.join(PURPOSES)}"
        yield from _provider_mistakes(service, where)
        yield from _tag_mistakes(service, where)
        yield from mistakes_in(service, services, by_id, necessary)


def _filing_mistakes(service: Service, category: Category, where: str) -> Iterator[str]:
    # A category of the site's own may mean whatever it says, but never that no choice is needed.
    judged = category.necessary or category.id in DEFAULT_IDS
    if service.categories and judged and service.category not in service.categories:
        fitting = ", ".join(service.categories)
        yield f"{where}: category {service.category!r} does not fit what it does; wanted one of {fitting}"
    elif category.necessary and not service.justification:
        yield f"{where}: strictly necessary without a justification; say why the site cannot work without it"
    if category.necessary:
        yield from _necessity_mistakes(service, where)


def _necessity_mistakes(service: Service, where: str) -> Iterator[str]:
    if service.purpose in PURPOSES and service.purpose not in NECESSARY_PURPOSES:
        yield f"{where}: purpose {service.purpose!r} {_NEVER_NECESSARY}; these purposes can be: {_NECESSARY}"
    for source in _sources_of(service):
        if tracker := tracker_at(_host_of(source)):
            yield f"{where}: {source!r} is a tracker of {tracker.vendor}, which {_NEVER_NECESSARY}"
    loader = "" if service.tag is None else service.tag.loader
    for tracker in known_trackers():
        if loader in tracker.loaders:
            yield f"{where}: loader {loader!r} starts a tracker of {tracker.vendor}, which {_NEVER_NECESSARY}"


def exemption_mistakes(
    services: tuple[Service, ...], categories: tuple[Category, ...], exempt: Iterable[str]
) -> Iterator[str]:
    """Yield an error message for every service that is called exempt and cannot be: only what counts visits may."""
    necessary = {category.id for category in categories if category.necessary}
    by_id = {service.id: service for service in services}
    counting = [each.id for each in services if each.purpose == EXEMPTIBLE and each.category not in necessary]
    for id in sorted(set(exempt) - set(counting)):
        what = f"purpose {by_id[id].purpose!r} in {by_id[id].category!r}" if id in by_id else "no such service"
        yield (
            f"service {id!r} in COOKIECONSENT_EXEMPT: found {what}, wanted an optional service of purpose "
            f"{EXEMPTIBLE!r}: {', '.join(counting) or 'there is none'}; take it out of the setting"
        )


def _provider_mistakes(service: Service, where: str) -> Iterator[str]:
    provider = service.provider
    if provider is None:
        if service.hosts or service.pictures or any(not cookie.is_first_party for cookie in service.cookies):
            yield f"{where}: uses other hosts but names no provider; say who receives the data"
    else:
        if not provider.name or provider.name == GAP:
            yield f"{where}: provider without a name; give the legal entity"
        if not re.fullmatch(r"[A-Z]{2}", provider.country):
            yield f"{where}: provider country {provider.country!r}; wanted an ISO 3166-1 code such as 'BE'"
        if not provider.privacy_policy.startswith("https://"):
            yield f"{where}: provider without a privacy policy; found {provider.privacy_policy!r}, wanted https://"
    for directive, sources in service.hosts.items():
        if directive not in DIRECTIVES:
            yield f"{where}: unknown directive {directive!r}; wanted one of {', '.join(DIRECTIVES)}"
        # A text is a sequence of its letters, so no type keeps it out.
        if isinstance(sources, str):
            yield f"{where}: {directive} found the text {sources!r}; wanted a list such as [{sources!r}]"
            continue
        for source in sources:
            if not is_origin(source):
                yield f"{where}: host {source!r} in {directive}; wanted an origin such as 'https://www.example.com'"
    if isinstance(service.pictures, str):
        yield f"{where}: pictures found the text {service.pictures!r}; wanted a list such as [{service.pictures!r}]"
        return
    for host in service.pictures:
        if not is_origin(f"https://{host}") or host.startswith("*") or ":" in host:
            yield f"{where}: host {host!r} in pictures; wanted a host such as 'img.example.com'"


def _tag_mistakes(service: Service, where: str) -> Iterator[str]:
    tag = service.tag
    if tag is None:
        return
    # Another name would start nothing: the browser would be told that there is no such file.
    if tag.loader not in LOADERS and not re.fullmatch(r"/(?!/)[^\s\\]*", tag.loader):
        yield f"{where}: loader {tag.loader!r}; wanted a path of this site such as '/static/{tag.loader or 'mine.js'}'"
    for name, address in (("src", tag.src), *(("styles", each) for each in tag.styles)):
        if address and not _LOADED.fullmatch(address):
            yield f"{where}: {name} {address!r}; wanted 'https://' with a lower-case host, or a path of this site"
    if not tag.src and not tag.styles and tag.loader == "tag.js":
        yield f"{where}: a tag without src or styles loads nothing; give the address of the script"


def _cookie_mistakes(services: tuple[Service, ...], categories: tuple[Category, ...]) -> Iterator[str]:
    necessary = {category.id for category in categories if category.necessary}
    owners: dict[str, str] = {}
    for service in services:
        for cookie in service.cookies:
            where = f"cookie {cookie.name!r} of service {service.id!r}"
            # Web Storage takes any key; only cookies have a grammar.
            if not cookie.name or (cookie.storage == "cookie" and not is_declarable_name(cookie.name)):
                yield f"{where}: not a cookie name; wanted letters, digits and !#$%&'+.^_`|~-, with * only at the end"
            if cookie.storage not in STORAGES:
                yield f"{where}: storage {cookie.storage!r}; wanted one of {', '.join(STORAGES)}"
            if not cookie.path.startswith("/"):
                yield f"{where}: path {cookie.path!r}; wanted one that begins with '/'"
            if not cookie.purpose or (isinstance(cookie.purpose, str) and cookie.purpose == GAP):
                yield f"{where}: without a purpose; say in a sentence what it is for"
            yield from _life_mistakes(cookie.duration, where)
            if service.category in necessary and (tracker := _tracker_of_cookie(cookie, service)):
                yield f"{where}: a tracker of {tracker.vendor}, which {_NEVER_NECESSARY}"
            if not cookie.is_first_party:
                continue  # nothing of ours stops or removes it, and several services of a provider may share it
            owner = owners.setdefault(cookie.name, service.category)
            if owner != service.category:
                yield f"{where}: also declared in category {owner!r}; a cookie belongs to one category"


def is_declarable_name(text: str) -> bool:
    """Tell whether a text can be declared as the name of a cookie, which may end in a star."""
    return _COOKIE_NAME.fullmatch(text) is not None


def _life_mistakes(duration: Any, where: str) -> Iterator[str]:
    if duration is not None and not isinstance(duration, timedelta):
        yield f"{where}: duration {duration!r}; wanted a timedelta, or None until the browser is closed"
    elif duration is not None and not timedelta() < duration <= LONGEST_LIFE:
        yield f"{where}: lasts {duration}; wanted more than nothing and at most {LONGEST_LIFE.days} days"


def _tracker_of_cookie(cookie: Cookie, service: Service) -> Tracker | None:
    """Return whose tracking cookie or storage key a declared one is, or covers with its star; None if nobody's."""
    at_home = tracker_at(cookie.domain) if cookie.domain is not None else None
    return at_home or tracker_named(cookie.name, _domains_of(service))


def _sources_of(service: Service) -> list[str]:
    """Return every host and address that a service is declared to load from."""
    # A text in place of a list of sources is a mistake of its own.
    hosts = [source for sources in service.hosts.values() if not isinstance(sources, str) for source in sources]
    return [*hosts, service.tag.src, *service.tag.styles] if service.tag is not None else hosts


def _domains_of(service: Service) -> set[str]:
    """Return the domains that a service has to do with: of its cookies, its hosts and its provider's policy."""
    sources = _sources_of(service) + ([service.provider.privacy_policy] if service.provider is not None else [])
    return {cookie.domain for cookie in service.cookies if cookie.domain is not None} | set(map(_host_of, sources))


def _host_of(source: str) -> str:
    """Return the host of a source of a Content-Security-Policy, with its wildcard, or of an address."""
    return re.split("[:/?#]", re.sub("^([a-zA-Z]+:)?//", "", source), maxsplit=1)[0]
