"""Cookies and hosts that are known to track or count visitors, so that nobody calls them strictly necessary (C5).

The list, `trackers.json`, catches mistakes and is never complete: a name that is missing there is not cleared by it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """What one vendor tracks with, as its own document, named by `source`, or this package's catalogue says.

    `names` are cookies and storage keys that track wherever they are kept; a star stands for anything, `[0-9]` for a
    digit. `domains` are those that serve nothing else: every cookie and host below them tracks. `common` are names that
    others use as well, so they count only for a service that has to do with one of the `domains`, or with one of the
    vendor's `sites`. `loaders` are scripts of ours that start the vendor's.
    """

    vendor: str
    source: str
    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()


@cache
def known_trackers() -> tuple[Tracker, ...]:
    """Return the list, which is read when it is first asked for: many sites declare nothing as necessary."""
    text = (files("flask_cookieconsent.core") / "trackers.json").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = json.loads(text)
    for line in lines:
        line.update({part: tuple(said) for part, said in line.items() if isinstance(said, list)})
    return tuple(Tracker(**line) for line in lines)


def tracker_at(host: str) -> Tracker | None:
    """Return whose domain a host is, or is below, or which a wildcard (`*.example.com`) covers; None if nobody's."""
    of_domain = _by_domain()
    if host.startswith("*."):
        covered = (tracker for domain, tracker in of_domain.items() if domain.endswith(host[1:].lower()))
        return next(covered, None) or tracker_at(host[2:])
    return next((of_domain[parent] for parent in _parents(host) if parent in of_domain), None)


def tracker_named(name: str, hosts: Collection[str]) -> Tracker | None:
    """Return whose cookie or storage key a declared name is, or covers with its star; None if nobody's.

    :param hosts: what the service that declares it has to do with.
    """
    concerned = {parent for host in hosts for parent in _parents(host)}
    for tracker in known_trackers():
        if any(_covers(name, known) for known in tracker.names):
            return tracker
        if not concerned.isdisjoint(tracker.domains + tracker.sites) and any(
            _covers(name, known) for known in tracker.common
        ):
            return tracker
    return None


@cache
def _by_domain() -> Mapping[str, Tracker]:
    return {domain: tracker for tracker in known_trackers() for domain in tracker.domains}


def _parents(host: str) -> Iterator[str]:
    """Yield a host and every domain above it."""
    host = host.lower().strip(".")
    while host:
        yield host
        host = host.partition(".")[2]


def _covers(declared: str, known: str) -> bool:
    """Tell whether a declared name, which may end in a star, can be the name of a cookie that `known` stands for."""
    of_known, star, _ = known.partition("*")
    if declared.endswith("*"):
        beginning = declared[:-1]
        return of_known.startswith(beginning) or (bool(star) and beginning.startswith(of_known))
    # Most names fail here; to match one by its pattern costs a compiled expression each.
    return declared.startswith(of_known.partition("[")[0]) and fnmatchcase(declared, known)
