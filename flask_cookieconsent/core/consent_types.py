"""Consent types, which tags pass on to their vendors (Google Consent Mode): whose answer each of them follows.

A vendor may be told that advertising is allowed only where a visitor was asked about advertising by that vendor. A
category also holds services of others, and of the site itself, so its switch says nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from .defaults import DEFAULT_IDS
from .services import Answer, Queue, Service, Tag

#: Those of Google's consent types that are about advertising.
ADVERTISING = ("ad_storage", "ad_user_data", "ad_personalization")

#: Google's consent types that a visitor answers; `security_storage` is always granted, and so nobody's to give.
CONSENT_TYPES = (*ADVERTISING, "analytics_storage", "functionality_storage", "personalization_storage")

# What a site keeps for its visitors' convenience is asked about as a whole; all else is asked about by name.
_OF_A_SERVICE = CONSENT_TYPES[:4]


def answering(answer: Answer | str, service: Service, services: Iterable[Service]) -> tuple[str, ...]:
    """Return the ids that an answer in the tag of *service* follows: it is granted where all of them are allowed."""
    if isinstance(answer, str):
        return (answer,)
    if answer.name:
        return (answer.name,)
    return tuple(each.id for each in services if each.purpose == answer.purpose and _have_one_provider(each, service))


def followed(service: Service, services: Collection[Service]) -> dict[str, tuple[str, ...]]:
    """Return the ids that each consent type of a service's tag follows; with no id it is denied for good."""
    return {name: answering(answer, service, services) for name, answer in _answers(service.tag)}


def mistakes_in(
    service: Service, services: Collection[Service], categories: Collection[str], necessary: Collection[str]
) -> Iterator[str]:
    """Yield an error message for every consent type that could tell a vendor something untrue, with its remedy.

    *categories* and *necessary* are ids of categories.
    """
    by_id = {each.id: each for each in services}
    for name, answer in _answers(service.tag):
        where = f"service {service.id!r}: {name!r} in its tag"
        for id in answering(answer, service, services):
            if id not in by_id and id not in categories and id not in DEFAULT_IDS:
                near = get_close_matches(id, [*by_id, *categories], 1)
                hint = f"did you mean {near[0]!r}?" if near else "declare it, or name one that is"
                yield f"{where} follows {id!r}, which is no service or category; {hint}"
            elif id in necessary or (id in by_id and by_id[id].category in necessary):
                yield f"{where} follows {id!r}, which nobody is asked about; name a service that needs a choice"
            elif name.lower() in _OF_A_SERVICE and id not in by_id:
                yield f"{where} follows the category {id!r}, which is about others too; name one service"
            elif name.lower() in ADVERTISING and not _advertises(by_id[id], service):
                provider = service.provider.name if service.provider else "the same provider"
                yield (
                    f"{where} follows {id!r}, which is not advertising by {provider}; "
                    "name a service with that provider and the purpose 'advertising'"
                )
    for name in service.tag.consent_types if service.tag else ():
        if name not in CONSENT_TYPES:
            yield f"service {service.id!r}: unknown consent type {name!r}; wanted one of {', '.join(CONSENT_TYPES)}"


def _advertises(answering: Service, service: Service) -> bool:
    return answering.purpose == "advertising" and _have_one_provider(answering, service)


def _have_one_provider(one: Service, other: Service) -> bool:
    return one.provider is not None and other.provider is not None and one.provider.name == other.provider.name


def _answers(tag: Tag | None) -> Iterator[tuple[str, Answer | str]]:
    """Yield each answer that a tag passes on, with the vendor's own name for it."""
    if tag is None:
        return
    yield from tag.consent_types.items()
    yield from _answers_in("", [tag.values, tag.calls, tag.queue.properties if isinstance(tag.queue, Queue) else ()])


def _answers_in(name: str, value: Any) -> Iterator[tuple[str, Answer]]:
    if isinstance(value, Answer):
        yield name, value
    elif isinstance(value, Mapping):
        for each, item in value.items():
            yield from _answers_in(str(each), item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _answers_in(name, item)
