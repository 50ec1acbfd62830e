"""Find in the catalogue what was seen of a site: whose a host is, and the line with the ids that the pages have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.catalogue.kit.declaration import factory

from .known import WORDS, Call, Declarations, call, catalogue, examples, named_alike, shows
from .likeness import (
    cookies_of,
    globals_of,
    has_server,
    instances_of,
    nearness,
    values_in,
    values_of_url,
    wanted,
)
from .snippet import read as read_snippet


def by_host(host: str, url: str, directive: str, declared: Declarations) -> list[tuple[str, int]]:
    """Return the services that a host may be of, likeliest first, each with how near it is.

    5 is content that they embed, 4 the address of a script or of an embed of theirs, 3 a host that they contact by this
    directive of a policy, 2 a host that they contact by another one or in some case, 1 one below a domain of theirs. An
    address or a directive that is not known is empty.
    """
    found = {id: nearness(host, url, directive, declared[id]) for id in _speaking_of(host, declared)}
    if url and directive == "frame-src":
        found |= {id: 5 for id, near in found.items() if near and shows(id, declared[id], url)}
        if not any(found.values()):
            found = {id: 5 for id, data in declared.items() if _is_instance(id, data, host, url)}
    return sorted(((id, near) for id, near in found.items() if near), key=lambda each: -each[1])


def _speaking_of(host: str, declared: Declarations) -> Iterator[str]:
    """Yield the ids of the declarations that may have a host: of the catalogue only those that hold its domain."""
    labels = host.split(".")
    domain = next((label for label in labels[-2::-1] if len(label) > 3), "")
    texts = _texts() if declared is catalogue() else {}
    yield from (id for id in declared if domain in texts.get(id, domain))


@cache
def _texts() -> Mapping[str, str]:
    return {id: json.dumps(data) for id, data in catalogue().items()}


def _is_instance(id: str, data: Mapping[str, Any], host: str, url: str) -> bool:
    """Tell whether a service that runs on servers of many people embeds what is at an address of one of them."""
    holes = instances_of(data)
    if not holes:
        return False
    try:
        service = factory(id, data)(**examples(data) | dict.fromkeys(holes, host))
        return service.parse is not None and service.parse(url) is not None
    except ValueError:
        return False


def call_on_page(
    id: str, declared: Declarations, fragments: Sequence[str], *, cookies: Sequence[str] = (), hosts: Sequence[str] = ()
) -> Call:
    """Return the line for a service, with the ids in those parts of a page that are its own, or in names of cookies.

    Of one that runs on servers of many people *hosts* may be the one that is meant.
    """
    data = declared[id]
    own = "\n".join(each for each in fragments if is_of(data, each))
    snippet = read_snippet(own)
    named = named_alike(data, snippet)
    read = [values_in(name, each, data) for name in cookies for each in cookies_of(data)]
    for values in [*read, *(values_of_url(url, data) for _, url in snippet.addresses)]:
        for parameter, value in values.items():
            named.setdefault(parameter, []).append(value)
    for parameter in instances_of(data):
        named.setdefault(parameter, []).extend(hosts)
    return call(id, data, snippet.data, snippet.texts, named=named, wanted=wanted(data, cookies, hosts))


def has_ids(id: str, declared: Declarations, fragments: Sequence[str]) -> bool:
    """Tell whether parts of a page have the ids that a service has to be given; an address alone is none."""
    rules = declared[id].get("parameters", {}).values()
    needs = any("default" not in rule and "is" not in rule for rule in rules)
    return needs and not call_on_page(id, declared, fragments).gaps


def by_parts(host: str, declared: Declarations, parts: Sequence[str]) -> list[str]:
    """Return the services that run on a server of the site's own, where parts of a page say that it is this host."""
    near = [each for each in parts if host in each]
    own = [id for id, data in declared.items() if near and has_server(data) and any(is_of(data, each) for each in near)]
    return [id for id in own if host in call_on_page(id, declared, near).code]


def is_of(data: Mapping[str, Any], fragment: str) -> bool:
    """Tell whether a part of a page contacts a host of a service, or uses a global of its script."""
    snippet = _read(fragment)
    if set(WORDS.findall(snippet.code)) & globals_of(data):
        return True
    return any(nearness(urlsplit(url).netloc.lower(), url, directive, data) for directive, url in snippet.addresses)


_read = lru_cache(maxsize=256)(read_snippet)
