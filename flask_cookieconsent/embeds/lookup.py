"""Resolve URLs and references to embeds: which declared service knows an address, and its frame or widget."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

from flask_cookieconsent.core.services import Frame, Service, Widget
from flask_cookieconsent.core.trackers import tracker_at
from flask_cookieconsent.errors import EmbedError

from .pasted_text import address_in
from .targets import TRIMMED, Target, canonical, host_of_source, is_below, read_target, without_port

# Longer texts, in characters, are resolved anew each time: together with the number it bounds the memo's size.
_LONGEST_REMEMBERED = 2_000
_MOST_REMEMBERED = 512

# Browsers drop these, or read them as slashes, and would look for the picture elsewhere; surrogates cannot be sent.
_DECEPTIVE = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")

# Of a text that is refused, in characters, as a message quotes it.
_LONGEST_QUOTED = 300

# What a vendor's own frame says in its query about the content: an address of it, or its number; and what frames of
# others say, which show the content of many vendors.
_ABOUT = ("href", "url", "id")
_ABOUT_OTHERS = ("url", "src", "href")


@dataclass(frozen=True)
class Embed:
    """Third-party content, resolved: its service, its frame or widget, and the reference that was parsed for it."""

    service: Service
    content: Frame | Widget
    reference: str

    @property
    def identity(self) -> str:
        """A hashable key, the same for two embeds that show the same, whatever they were parsed from, in any shape."""
        # A widget holds mappings, so it has no hash.
        return repr((self.service.id, self.content.src if isinstance(self.content, Frame) else self.content))

    @cached_property
    def digest(self) -> str:
        """The first 8 hexadecimal digits of the SHA-256 of its identity, for ids that are the same in every page."""
        return hashlib.sha256(self.identity.encode()).hexdigest()[:8]


class EmbedIndex:
    """Look-up of embeds among declared services, with an LRU memo for what templates ask on every render.

    `resolve` and `recognise` are pure and remember nothing: they are for what comes with a request or with content.
    `find` alone reads what people paste (`pasted_text`); addresses of a request are those that we wrote ourselves.
    *necessary* are the ids of services that nobody is asked about.
    """

    def __init__(self, services: Mapping[str, Service], necessary: Collection[str] = ()) -> None:
        self._services = services
        self._necessary = frozenset(necessary)
        self._remembered = lru_cache(maxsize=_MOST_REMEMBERED)(self._find)

    def find(self, service_or_url: str, reference: str | None = None) -> Embed:
        """Resolve what a template is given, in whatever form it was pasted, or the address of a vendor's own frame.

        It is memoised; errors are not remembered.

        :raises EmbedError: if there is no such embed.
        """
        is_short = len(service_or_url) + len(reference or "") <= _LONGEST_REMEMBERED
        return (self._remembered if is_short else self._find)(service_or_url, reference)

    def _find(self, service_or_url: str, reference: str | None) -> Embed:
        text = self.pasted(service_or_url, reference)
        address = address_in(text)
        # An id of a service's own may look like an address without its scheme.
        readings = (text,) if address is None else (address,) if "://" in text else (text, address)
        is_address = reference is None and service_or_url not in self._services
        for reading in readings:
            try:
                return self.resolve(reading) if is_address else self.resolve(service_or_url, reading)
            except EmbedError as error:
                refusal = error
        named = self._services.get(service_or_url)
        candidates = self._services.values() if is_address else [named] if named else ()
        embed = self._find_in_frame(address, candidates) if address else None
        if embed is None:
            raise refusal
        return embed

    def pasted(self, service_or_url: str, reference: str | None = None) -> str:
        """Return which of the two says what is shown: the reference, or the address where no service is named."""
        return service_or_url if reference is None and service_or_url not in self._services else reference or ""

    def resolve(self, service_or_url: str, reference: str | None = None) -> Embed:
        """Resolve the URL of a page, or a service's id and a reference, by the services' parsers in their order.

        A service whose widget is the same everywhere needs no reference.

        :raises EmbedError: if there is no such embed; the message says what to write instead.
        """
        candidates: Iterable[Service]
        if service_or_url.strip().startswith(("https://", "http://")) and reference is None:
            candidates, text = self._services.values(), service_or_url
        elif service_or_url in self._services:
            candidates, text = (self._services[service_or_url],), reference or ""
        elif reference is None:
            raise EmbedError(
                f"{_quoted(service_or_url)} is no address; name its service first: embed(service, id, title=…)"
            )
        else:
            raise EmbedError(f"no service {_quoted(service_or_url)}; this site declares {', '.join(self._services)}")
        for service in candidates:
            try:
                content = service.parse(text) if service.parse else None
            except ValueError as error:
                raise EmbedError(str(error)) from error
            if content is not None:
                self._check_necessity(service, content)
                return Embed(service, content, text)
        named = self._services.get(service_or_url)
        if named is not None and named.parse:
            raise EmbedError(
                f"service {named.id!r} cannot embed {_quoted(text)}; wanted the address or the id of its content"
            )
        able = ", ".join(service.id for service in self._services.values() if service.parse) or "none"
        # A host that no service has may be one of a vendor that is ready-made.
        target = read_target(text, ()) if "://" in text else None
        is_unknown = target is not None and bool(target.address) and not self.is_vendor(target.host)
        more = "; `flask cookieconsent new-service` says whether a ready-made one can" if is_unknown else ""
        raise EmbedError(f"no declared service can embed {_quoted(text)}; services that embed: {able}{more}")

    def _check_necessity(self, service: Service, content: Frame | Widget) -> None:
        """Check that what nobody is asked about comes from no tracker; a declaration does not say it, so a page does.

        :raises EmbedError: if it does.
        """
        if service.id not in self._necessary:
            return
        sources = (content.src,) if isinstance(content, Frame) else (content.tag.src, *content.tag.styles)
        for target in (read_target(each, ()) for each in sources):
            if target and (tracker := tracker_at(target.host)):
                raise EmbedError(
                    f"service {service.id!r} is strictly necessary, and {target.host!r} is a tracker of "
                    f"{tracker.vendor}; move the service to another category, where visitors are asked"
                )

    def recognise(self, address: str) -> Embed | None:
        """Resolve the address of a page, or of a frame that its vendor gives out to copy; None if nobody knows it."""
        try:
            return self.resolve(address)
        except EmbedError:
            return self._find_in_frame(address, self._services.values())

    def _find_in_frame(self, address: str, candidates: Iterable[Service]) -> Embed | None:
        try:
            parts = urlsplit(address)
            query = dict(reversed(parse_qsl(parts.query, max_num_fields=50)))
        except ValueError:
            return None
        if not parts.netloc.isascii():  # the Kelvin sign is a k in lower case
            return None
        for service in candidates:
            if f"https://{parts.netloc.lower()}" in service.hosts.get("frame-src", ()):
                for text in (query[name] for name in _ABOUT if name in query):
                    try:
                        return self.resolve(service.id, text)
                    except EmbedError:
                        continue
        return None

    def recognise_frame(self, address: str, own: Collection[str]) -> Embed | None:
        """Recognise what a frame shows, also one of others or of this site that names the content in its query."""
        target = read_target(address, own)
        if target is None:
            # A page of this site may have many reasons for an address in its query.
            names_content = "embed" in address.partition("?")[0].lower()
        else:
            names_content = bool(target.address)
            if names_content and (embed := self.recognise(target.address)):
                return embed
        if not names_content:
            return None
        named = (read_target(value, own) for value in _named_in(address))
        found = (self.recognise(each.address) for each in named if each is not None and each.address)
        return next((embed for embed in found if embed), None)

    def is_vendor(self, host: str) -> bool:
        """Tell whether a host belongs to what a declared third party loads from or keeps cookies for."""
        return bool(self.vendors(host))

    def is_asked_about(self, host: str) -> bool:
        """Tell whether a host belongs to a declared third party that visitors are asked about."""
        return bool(self.vendors(host) - self._necessary)

    def is_declared(self, target: Target) -> bool:
        """Tell whether an address is of a declared third party: on a host of it, or known to its parser and refused."""
        if not target.address or self.is_vendor(target.host):
            return self.is_vendor(target.host)
        try:
            self.resolve(target.address)
        except EmbedError as error:
            return isinstance(error.__cause__, ValueError)
        return True

    def is_of_provider(self, host: str, ids: Collection[str]) -> bool:
        """Tell whether a host belongs to a provider of some services."""
        providers = {self._services[id].provider for id in ids}
        return any(self._services[id].provider in providers for id in self.vendors(host))

    def can_embed(self, host: str) -> bool:
        """Tell whether a declared service to which a host belongs has content that can be embedded."""
        return any(self._services[id].parse for id in self.vendors(host))

    def vendors(self, host: str) -> frozenset[str]:
        """Return the ids of the declared third parties that a host belongs to."""
        name = without_port(canonical(host))
        found = (ids for known, ids in self._vendor_hosts.items() if is_below(name, known))
        return frozenset().union(*found)

    @cached_property
    def _vendor_hosts(self) -> Mapping[str, frozenset[str]]:
        ids: dict[str, set[str]] = {}
        for service in self._services.values():
            if service.is_third_party:
                sources = [source for sources in service.hosts.values() for source in sources]
                names = {host_of_source(source) for source in sources}
                names |= {cookie.domain for cookie in service.cookies if cookie.domain} | set(service.pictures)
                for name in names - {""}:
                    ids.setdefault(name, set()).add(service.id)
        return MappingProxyType({name: frozenset(each) for name, each in ids.items()})


def _named_in(address: str) -> list[str]:
    """Return the addresses that an address names in its query as what it shows."""
    try:
        query = dict(reversed(parse_qsl(urlsplit(address.strip(TRIMMED)).query, max_num_fields=50)))
    except ValueError:
        return []
    return [query[name] for name in _ABOUT_OTHERS if name in query]


def _quoted(given: str) -> str:
    return repr(given if len(given) <= _LONGEST_QUOTED else given[:_LONGEST_QUOTED] + "…")


def local_poster(poster: str, own: Collection[str]) -> str:
    """Return the path and query of an image of the site, which is given by them or by its URL on one of its hosts.

    :raises EmbedError: if it is a picture from elsewhere.
    """
    try:
        parts = urlsplit(poster)
    except ValueError:
        parts = urlsplit("")
    is_here = parts.scheme in ("http", "https") and parts.netloc.lower() in own
    # What begins with two slashes is a host to browsers.
    is_path = bool(re.match(r"/(?!/)", parts.path)) and (is_here or bool(re.match(r"/(?!/)", poster)))
    if not is_path or _DECEPTIVE.search(poster):
        raise EmbedError(
            f"poster {_quoted(poster)} is no picture of this site; another host would hear of visitors before they "
            "choose; wanted a path such as '/static/film.jpg'"
        )
    return parts.path + (f"?{parts.query}" if parts.query else "")
