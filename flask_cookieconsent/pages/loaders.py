"""Template data derived from a decision alone: script loaders, removed cookies, Web Storage keys to clear."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_cookieconsent.core.consent_types import answering
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.registry import CookieIndex
from flask_cookieconsent.core.services import Answer, Queue, Service, Tag


@dataclass(frozen=True)
class Removal:
    """Cookies of one service that is off: first-party names `removed`, third-party names `beyond` reach by domain."""

    service: Service
    removed: tuple[str, ...]
    beyond: Mapping[str, tuple[str, ...]]


def removals(decision: Decision) -> list[Removal]:
    """Return the cookies of all services that are off, for the page that tells a visitor what is removed (E4)."""
    all_removals = []
    for service in decision.registry.services.values():
        if service.id in decision.allowed:
            continue
        cookies = service.cookies
        removed = tuple(cookie.name for cookie in cookies if cookie.is_first_party)
        domains = dict.fromkeys(cookie.domain for cookie in cookies if cookie.domain)
        beyond = {domain: tuple(cookie.name for cookie in cookies if cookie.domain == domain) for domain in domains}
        if removed or beyond:
            all_removals.append(Removal(service, removed, beyond))
    return all_removals


def leftovers(decision: Decision, index: CookieIndex, sent: Iterable[str]) -> frozenset[str]:
    """Return the services that are off and have a cookie among those *sent*, so that something of them is removed."""
    services = {service for name in sent for service, _ in index.declared(name)}
    return frozenset(services - decision.allowed)


def forgotten(decision: Decision, index: CookieIndex | None = None) -> dict[str, list[str]]:
    """Return the first-party Web Storage keys of services that are off, by storage area; a script clears them (E4).

    With an *index* come the names of cookies: of what a page that caches share cannot expire itself, a script removes
    what it can read.
    """
    keys: dict[str, list[str]] = {}
    if index is not None:
        names = (cookie.name for _, cookie in decision.registry.first_party())
        denied = [name for name in names if index.is_denied(name, decision.allowed) and not index.is_spared(name)]
        keys |= {"cookie": denied} if denied else {}
    for service in decision.registry.services.values():
        for cookie in service.cookies:
            if cookie.is_first_party and cookie.storage != "cookie" and service.id not in decision.allowed:
                keys.setdefault(cookie.storage, []).append(cookie.name)
    return keys


def tags(decision: Decision) -> list[Mapping[str, Any]]:
    """Return the loader data of every allowed service with a tag."""
    return [
        loader_data(service, service.tag, decision)
        for service in decision.registry.services.values()
        if service.tag is not None and decision.allows(service.id)
    ]


def loader_data(service: Service, tag: Tag, decision: Decision) -> Mapping[str, Any]:
    """Return the loader of a tag and its `data-` attributes.

    Among them are its JSON recipe, and the states of its consent types with the services that each follows (G5).
    """
    data = {"service": service.id} | dict(tag.data)
    if tag.src or tag.styles:
        data |= {"src": tag.src, "recipe": json.dumps(_recipe(service, tag, decision))}
    if service.purpose == "tag_management":
        data["holds"] = "others"
    if tag.consent_types:
        states = {name: _state(answer, service, decision) for name, answer in tag.consent_types.items()}
        data["consent"] = " ".join(f"{name}={'granted' if state else 'denied'}" for name, state in states.items())
        data["follows"] = json.dumps(
            {name: _members(answer, service, decision) for name, answer in tag.consent_types.items()}
        )
    return {"loader": tag.loader, "data": data}


def absent(decision: Decision) -> Mapping[str, str]:
    """Return the globals of services that are off and of none that is on, for the script that stands in for them.

    The keys are `functions` and `lists`, the values names with spaces between them; `values` is a JSON object of what
    opts out of them besides.
    """
    names: dict[str, dict[str, None]] = {"functions": {}, "lists": {}}
    values: dict[str, Any] = {}
    present: set[str] = set()
    for service in decision.registry.services.values():
        if service.tag is not None:
            kinds = _globals(service.tag)
            if service.id in decision.allowed:
                present.update(*kinds.values())
            else:
                values |= service.tag.silenced
                for kind, each in kinds.items():
                    names[kind] |= dict.fromkeys(each)
    found = {kind: " ".join(name for name in each if name not in present) for kind, each in names.items()}
    return found | {"values": json.dumps(values) if values else ""}


def _globals(tag: Tag) -> dict[str, tuple[str, ...]]:
    """Return the names that a tag defines and the code of a site calls, by what they are."""
    queue = _queue(tag)
    is_list = queue is not None and not queue.calls and not queue.methods
    own = (queue.name, *queue.aliases) if queue else ()
    return {
        "functions": (*tag.globals, *(() if is_list else own)),
        "lists": (*tag.lists, *(own if is_list else ())),
    }


def _queue(tag: Tag) -> Queue | None:
    return Queue(name=tag.queue) if isinstance(tag.queue, str) else tag.queue


def _recipe(service: Service, tag: Tag, decision: Decision) -> dict[str, Any]:
    names = ("attributes", "values", "lists", "calls", "globals", "withdrawn", "withdrawn_lists", "after", "styles")
    parts = {"queue": _queue(tag), "constructs": tag.constructs}

    def answered(value: Any) -> Any:
        """Return a JSON-serialisable copy of a value, each `Answer` replaced by the visitor's."""
        if isinstance(value, Answer):
            return value.granted if _state(value, service, decision) else value.denied
        if isinstance(value, Mapping):
            return {name: answered(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [answered(item) for item in value]
        return value

    dataclasses = {name: part and answered(vars(part)) for name, part in parts.items()}
    return {name: answered(getattr(tag, name)) for name in names} | dataclasses


def _state(answer: Answer | str, service: Service, decision: Decision) -> bool:
    """Tell whether what an answer follows is allowed: all of it, and something at all."""
    return decision.allows_all(answering(answer, service, decision.registry.services.values()))


def _members(answer: Answer | str, service: Service, decision: Decision) -> list[str]:
    """Return the services that an answer follows, those of a category one by one."""
    registry = decision.registry
    ids = answering(answer, service, registry.services.values())
    return [member for id in ids for member in registry.optional_by_category.get(id, (id,))]
