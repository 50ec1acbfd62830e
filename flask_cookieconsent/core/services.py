"""Frozen dataclasses of a declaration: services, cookies, providers, categories, script tags, frames and widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

from flask_cookieconsent.errors import EmbedError

from .kinds import KINDS, SHAPES, EmbedKind, Purpose, Shape, Storage


class LazyText(Protocol):
    """A lazy string, structurally typed: it has a length, and a `str` can be put in front of it.

    `str()` alone says nothing, because every object has that. Flask-Babel's `LazyString` and Babel's `LazyProxy` have
    both of these methods; numbers, lists and bytes lack one of them.
    """

    def __len__(self) -> int: ...
    def __radd__(self, other: Any, /) -> Any: ...


#: A text for people: a message id of the extension's catalog, a text of the site, or a lazy string of it.
Text: TypeAlias = str | LazyText


def N_(message: str) -> str:
    """Mark a message id for extraction (gettext's no-op); it is translated where it is shown."""
    return message


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Placeholder in a recipe for a consent state: `granted` or `denied` takes its place.

    `name` is the id of the service or category that is asked about. `purpose` in its stead means every service of that
    purpose by the tag's own provider, and is denied where there is none. The value is filled in on the server for each
    visitor, where a vendor's own consent call has to say it.
    """

    name: str = ""
    purpose: Purpose | None = None
    granted: Any = "granted"
    denied: Any = "denied"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Command queue (stub) of a vendor's script: a global `name` that keeps calls until the script is loaded.

    It is an array, unless `calls` names the property in which a function keeps them; `forward` names the function that
    the script puts there to take them over. An array may have `methods`, each of which keeps its name and arguments.
    `properties` are set on it where they are missing, and so is the moment of the start for those that are `timed`; a
    name with dots leads into others. `aliases` are further globals that mean the same. A function that `pushes` may be
    called by its own `push` as well. An array that `spreads` takes the arguments of a call one by one.
    """

    name: str
    calls: str = ""
    forward: str = ""
    methods: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    timed: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    pushes: bool = False
    spreads: bool = False


@dataclass(frozen=True, kw_only=True)
class Construct:
    """Object that a page makes of a vendor's script once that has come: the global `name` becomes `new of(options)`.

    What was in the global before is handed over in the option that `keeps` names.
    """

    name: str
    of: str
    options: Mapping[str, Any] = field(default_factory=dict)
    keeps: str = ""


@dataclass(frozen=True, kw_only=True)
class Tag:
    """Third-party script tag: loaded asynchronously after consent by a static loader, without inline script.

    The loader reads what it needs from `data-` attributes, so no csp has to be weakened. `src` is the address of the
    script, `attributes` are those of its element, `values` are globals it expects, `lists` those to which every tag
    adds its own. `queue` takes the `calls` made before the script has come; a global array needs only its name. Each
    call is a sequence, of a function's name and its arguments where the queue is an array. `withdrawn` are the calls
    made at the press that takes consent away, without a queue in the form of `after`; other globals then get their
    `withdrawn_lists`. An `Answer` may stand anywhere in `values` and `calls`. `globals` are functions or objects that
    the script or the loader defines itself; `silenced` are values that the vendor's own opt-out has while the service
    is off. Once the script has come, what it `constructs` is made, then each of `after` is called: the name of a
    function, with dots, and its arguments. `styles` are the addresses of style sheets. A vendor that needs more has a
    `loader` of its own, which is given `data`: a file of the extension's static folder, or a path of the site's own
    such as `/static/uet.js`.
    `consent_types` maps the names of Google Consent Mode to what answers them, an `Answer` or the id of a service or a
    category; those of advertising follow none but an advertising service of the same provider.
    """

    src: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    queue: Queue | str | None = None
    calls: Sequence[Sequence[Any]] = ()
    withdrawn: Sequence[Sequence[Any]] = ()
    withdrawn_lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    constructs: Construct | None = None
    after: Sequence[Sequence[Any]] = ()
    styles: Sequence[str] = ()
    loader: str = "tag.js"
    data: Mapping[str, str] = field(default_factory=dict)
    globals: Sequence[str] = ()
    silenced: Mapping[str, Any] = field(default_factory=dict)
    consent_types: Mapping[str, Answer | str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Iframe of an allowed embed, its address rebuilt from validated ids.

    `link` is the ordinary page that shows the same content, and parsing it again gives the same frame. `kind` says what
    is shown, one of `KINDS`; `shape` names the space that is reserved, one of `SHAPES`. `allow` is the value of the
    element's Permissions Policy attribute.

    :raises EmbedError: if the kind or the shape is none.
    """

    src: str
    link: str
    kind: EmbedKind
    shape: Shape
    allow: str = ""

    def __post_init__(self) -> None:
        _check_content(self.kind, self.shape)


@dataclass(frozen=True, kw_only=True)
class Widget:
    """JavaScript widget of an allowed embed: an element that the provider's script fills, where there is no iframe.

    `attributes` are those of the element. `kind` and `shape` are as in `Frame`; `link` leads to the same content where
    there is such a page.

    :raises EmbedError: if the kind or the shape is none.
    """

    tag: Tag
    attributes: Mapping[str, str]
    kind: EmbedKind
    shape: Shape
    link: str = ""

    def __post_init__(self) -> None:
        _check_content(self.kind, self.shape)


def _check_content(kind: str, shape: str) -> None:
    if kind not in KINDS:
        raise EmbedError(f"kind: found {kind!r}, wanted one of {', '.join(KINDS)}")
    if shape not in SHAPES:
        raise EmbedError(f"shape: found {shape!r}, wanted one of {', '.join(SHAPES)}")


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """HTTP cookie, or Web Storage key, of a service.

    `name` may end in `*` for "any ending". `duration` is how long the browser keeps it; None means until the browser
    is closed (or, for storage, until it is erased). `domain` is None for a cookie of the site itself (first party), and
    the other site's domain for a cookie that only that site can read (third party). `storage` is `"cookie"`, or
    `"local"` or `"session"`, the two areas of Web Storage.
    """

    name: str
    purpose: Text
    duration: timedelta | None = None
    domain: str | None = None
    path: str = "/"
    storage: Storage = "cookie"

    @property
    def is_first_party(self) -> bool:
        """Whether it is a first-party cookie, which the site itself keeps and can erase."""
        return self.domain is None


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Recipient of personal data: the legal entity that receives what a service collects (GDPR article 13(1)(e)).

    `country` is the ISO 3166-1 code of its seat; `privacy_policy` and `opt_out` are https addresses.
    """

    name: str
    country: str
    privacy_policy: str
    opt_out: str | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """Unit of consent: one thing the site does or embeds, by one provider, for one stated purpose (GDPR article 4(11)).

    `provider` None means the site itself. `purpose` is a key of `PURPOSES`; `description` may say more, in free words.
    `category` is the id of one of the registry's categories, the default five or the site's own. `categories` are those
    of the default five that it may be filed in, all where it is empty. `justification` says why a necessary service
    cannot be left out. `hosts` maps directives of the Content Security Policy to the sources the service needs.
    `pictures` are further hosts of the provider, of whose pictures people paste the addresses; stored content is shown
    without what comes from them. `parse` turns what an editor pasted into a `Frame` or `Widget`, or None when it is not
    this service's; it raises `ValueError` with a hint when it is, and cannot be embedded. The registry freezes a copy
    of `cookies`, `hosts` and `pictures`.
    """

    id: str
    name: Text
    category: str
    purpose: Purpose
    description: Text = ""
    provider: Provider | None = None
    cookies: Sequence[Cookie] = ()
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pictures: Sequence[str] = ()
    categories: Sequence[str] = ()
    justification: Text = ""
    tag: Tag | None = None
    parse: Callable[[str], Frame | Widget | None] | None = None

    @property
    def is_third_party(self) -> bool:
        """Whether a third party, somebody else than the site, receives data."""
        return self.provider is not None


@dataclass(frozen=True, kw_only=True)
class Category:
    """Consent category: one of the groups of services that a visitor sees.

    `summary` says what it is for, `refusal` what refusing it means. `necessary` categories are always on.
    `heeds_signal` categories are denied as a whole by an opt-out signal (Global Privacy Control, or Do Not Track where
    the site heeds it); in others only third parties are. `tells` are the purposes that the summary speaks of; where a
    service has another one, the banner says that too.
    """

    id: str
    title: Text
    summary: Text
    refusal: Text
    necessary: bool = False
    heeds_signal: bool = False
    tells: Sequence[Purpose] = ()
