"""What a browser saw of one page: acts of scripts, requests, and what is stored; names only, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_cookieconsent.audit.walking.page import Contact
from flask_cookieconsent.audit.walking.walk import Answer

#: A cookie, a key of `localStorage` or `sessionStorage`, an IndexedDB database, a cache of Cache Storage, the script of
#: a service worker.
Kind = Literal["cookie", "local", "session", "database", "cache", "worker"]

#: What each of them is called in a sentence.
KINDS: dict[Kind, str] = {
    "cookie": "cookie",
    "local": "key of localStorage",
    "session": "key of sessionStorage",
    "database": "IndexedDB database",
    "cache": "cache of Cache Storage",
    "worker": "service worker",
}


@dataclass(frozen=True)
class Act:
    """A script wrote or read something on the device.

    `by` is the file and line of the first script on the stack that is not the extension's. `lasts` are the seconds for
    which it was asked to be kept, None until the browser is closed.
    """

    kind: Kind
    does: Literal["write", "read"]
    name: str
    by: str
    lasts: float | None = None


@dataclass(frozen=True)
class Blocked:
    """The browser found the Content-Security-Policy broken, and blocked it or only reports it."""

    directive: str
    #: A host, or a word such as `inline`.
    name: str
    by: str
    is_report: bool


@dataclass(frozen=True)
class Stored:
    """What a device keeps: a name, and for a cookie its domain, its path and the seconds that it has still to last."""

    kind: Kind
    name: str
    domain: str = ""
    path: str = ""
    lasts: float | None = None
    #: What has set it, where that is known.
    by: str = ""


@dataclass(frozen=True)
class Look:
    """What was seen of a page, by the visitor of the *answer* that the walk got for it.

    `stored` is what has come since the look before, and after a withdrawal all that is there. A page that is `broken`
    stopped answering, and the text says how.
    """

    answer: Answer
    acts: tuple[Act, ...] = ()
    contacts: tuple[Contact, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    stored: tuple[Stored, ...] = ()
    broken: str = ""
    #: Whether consent was withdrawn just before.
    is_withdrawn: bool = False
