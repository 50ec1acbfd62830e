"""Frozen values in which a site declares what it does: categories, services, cookies, tags and frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

#: A text for people: a message id of the extension's catalog, a text of the site, or a lazy string.
Text = Any


def N_(message: str) -> str:
    """Mark a text that is translated where it is shown, so that it reaches the catalogs."""
    return message


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The visitor's answer for a service or a category, where a vendor's own consent call has to say it."""

    name: str
    granted: Any = "granted"
    denied: Any = "denied"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What a vendor's script expects to find: a global `name` that keeps the calls made before the script has come.

    It is an array, unless `calls` names the property in which a function keeps them; `forward` names the function that
    the script puts there to take them over. An array may have `methods`, each of which keeps its name and arguments.
    `properties` are set on it where they are missing, and so is the moment of the start for those that are `timed`; a
    name with dots leads into others. `aliases` are further globals that mean the same. A function that `pushes` may be
    called by its own `push` as well.
    """

    name: str
    calls: str = ""
    forward: str = ""
    methods: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    timed: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    pushes: bool = False


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A vendor's script, started by a loader of ours that reads what it needs from `data-` attributes.

    Nothing is inline, so no policy has to be weakened. `src` is the address of the script, `attributes` are those of
    its element, `values` are globals it expects, `lists` those to which every tag adds its own, `queue` takes the
    `calls` made before it has come, and those for `withdrawn`, made at the press that takes consent away, when other
    globals get their `withdrawn_lists`. An `Answer` may stand anywhere in `values` and `calls`. A vendor that needs
    more has a `loader` of its own in the extension's static folder, which is given `data`. `consent_types` maps the
    names of Google Consent Mode to the ids of the category or service that answers them.
    """

    src: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    queue: Queue | None = None
    calls: tuple[tuple[Any, ...], ...] = ()
    withdrawn: tuple[tuple[Any, ...], ...] = ()
    withdrawn_lists: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    loader: str = "tag.js"
    data: Mapping[str, str] = field(default_factory=dict)
    consent_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What an allowed embed becomes: an iframe address rebuilt from validated ids.

    `link` is the ordinary page that shows the same content, and parsing it again gives the same frame. `kind` is a key
    of `declaration.EMBEDS`; `shape` names the space that is reserved: one of `SHAPES`.
    """

    src: str
    link: str
    kind: str
    shape: str
    allow: str = ""


@dataclass(frozen=True, kw_only=True)
class Widget:
    """What an allowed embed becomes where its provider offers no frame: an element that a script of theirs fills.

    `attributes` are those of the element. `kind` and `shape` are as in `Frame`; `link` leads to the same content where
    there is such a page. Inside a form of the site (`in_form`) what stands in its place has no form of its own.
    """

    tag: Tag
    attributes: Mapping[str, str]
    kind: str
    shape: str
    link: str = ""
    in_form: bool = False


#: The spaces that the style sheet reserves for embeds, so that nothing moves when they are loaded.
SHAPES = ("wide", "tall", "square", "post", "page", "strip", "player", "long", "check")


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """One cookie, or one storage key, of a service.

    `name` may end in `*` for "any ending". `duration` is how long the browser keeps it; None means until the browser
    is closed (or, for storage, until it is erased). `domain` is None for a cookie of the site itself, and the other
    site's domain for a cookie that only that site can read. `storage` names where it is kept: `"cookie"`, `"local"`
    or `"session"` (the two areas of Web Storage).
    """

    name: str
    purpose: Text
    duration: timedelta | None = None
    domain: str | None = None
    path: str = "/"
    storage: str = "cookie"

    @property
    def is_first_party(self) -> bool:
        """Whether the site itself keeps it and can erase it."""
        return self.domain is None

    def matches(self, name: str) -> bool:
        """Tell whether a cookie of this *name* is the declared one; case counts, as in browsers."""
        return name.startswith(self.name[:-1]) if self.name.endswith("*") else name == self.name


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The legal entity that receives what a service collects (GDPR article 13).

    `country` is the ISO 3166-1 code of its seat; `privacy_policy` and `opt_out` are https addresses.
    """

    name: str
    country: str
    privacy_policy: str
    opt_out: str | None = None


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A fact about a service that nobody has seen confirmed: what it is about, how sure it is, what would settle it.

    `sure` is `"partly"`, where sources disagree or cover a part, or `"memory"`, where none was read.
    """

    about: str
    sure: str
    settle: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """The unit of consent: one thing the site does or embeds, by one provider, for one stated purpose.

    `provider` None means the site itself. `purpose` is a key of `PURPOSES`; `description` may say more, in free words.
    `categories` are those of the default five that it may be filed in, all where it is empty. `justification` says why
    a necessary service cannot be left out. `hosts` maps directives of the Content Security Policy to the sources the
    service needs. `parse` turns what an editor pasted into a `Frame` or `Widget`, or None when it is not this
    service's; it raises `ValueError` with a hint when it is, and cannot be embedded. `doubts` are its unsure facts.
    """

    id: str
    name: Text
    category: str
    purpose: str
    description: Text = ""
    provider: Provider | None = None
    cookies: tuple[Cookie, ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    justification: Text = ""
    tag: Tag | None = None
    parse: Callable[[str], Frame | Widget | None] | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_third_party(self) -> bool:
        """Whether somebody else than the site receives data."""
        return self.provider is not None


@dataclass(frozen=True, kw_only=True)
class Category:
    """One of the groups a visitor sees.

    `summary` says what it is for, `refusal` what refusing it means. `necessary` categories are always on.
    `heeds_signal` categories are denied as a whole by Global Privacy Control; in others only third parties are.
    `tells` are the purposes that the summary speaks of; where a service has another one, the banner says that too.
    """

    id: str
    title: Text
    summary: Text
    refusal: Text
    necessary: bool = False
    heeds_signal: bool = False
    tells: tuple[str, ...] = ()
