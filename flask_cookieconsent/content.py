"""What a service puts into a page: a vendor's script, the frame of an embed, or an element that a script fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
