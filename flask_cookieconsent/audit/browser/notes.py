"""What is noted of one page while a browser shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from flask_cookieconsent.audit.walking.page import Contact

from .answers import host_of
from .seen import Act, Blocked

#: The directive that governs each of Playwright's resource types; all others are `connect-src`.
_DIRECTIVES = {
    "document": "frame-src",
    "script": "script-src",
    "stylesheet": "style-src",
    "image": "img-src",
    "font": "font-src",
    "media": "media-src",
    "manifest": "manifest-src",
}
#: The most that is noted of one page, whose scripts may do a thing a thousand times.
_MOST_NOTED = 2000


@dataclass
class Notes:
    """Acts of scripts, blocked contents and contacts of a page, each once.

    `base` is the site's origin, `own` are its hosts, and `files` is the path of the extension's own scripts.
    """

    base: str
    own: frozenset[str]
    files: str
    acts: dict[Act, None] = field(default_factory=dict)
    blocked: dict[Blocked, None] = field(default_factory=dict)
    _contacts: dict[Contact, None] = field(default_factory=dict)
    _initiators: dict[str, str] = field(default_factory=dict)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts, each with the script that made it as far as that is known."""
        return tuple(
            each if each.element else replace(each, element=self._initiators.get(each.url, ""))
            for each in self._contacts
        )

    def told(self, frame: str, text: str) -> None:
        """Note what the probe tells of a frame, by the frame's address."""
        told = json.loads(text)
        # What a foreign frame keeps for itself is no matter of this site.
        if len(self.acts) > _MOST_NOTED or host_of(frame) not in (*self.own, ""):
            return
        by = self._short(told["by"])
        if told["what"] == "violation":
            self.blocked[Blocked(told["directive"], told["name"], by, told["does"] == "report")] = None
        elif told["what"] == "host":
            if told["name"].lower() not in self.own:
                self._contacts[Contact(told["name"].lower(), "", "webrtc", by, ours=True)] = None
        else:
            self.acts[Act(told["what"], told["does"], told["name"], by, told.get("lasts"))] = None

    def _short(self, by: str) -> str:
        return by.removeprefix(self.base)

    def contact(self, url: str, kind: str, element: str) -> None:
        """Note a request, by Playwright's type of its resource; one of the site's own is none to note."""
        host = host_of(url)
        if host and host not in self.own and len(self._contacts) < _MOST_NOTED:
            bare = url.partition("?")[0].partition("#")[0]
            self._contacts[Contact(host, bare, _DIRECTIVES.get(kind, "connect-src"), element, ours=True)] = None

    def sent(self, event: dict[str, Any]) -> None:
        """Note by whom a request is made (`Network.requestWillBeSent` of the DevTools protocol)."""
        url = event["request"]["url"].partition("?")[0].partition("#")[0]
        self._initiators.setdefault(url, self._by(event["initiator"]))

    def socket(self, event: dict[str, Any]) -> None:
        """Note a WebSocket (`Network.webSocketCreated`)."""
        self.contact(event["url"], "websocket", self._by(event.get("initiator") or {}))

    def _by(self, initiator: dict[str, Any]) -> str:
        """Return the file and line of the first script that is not ours, or of the element."""
        lines = [*_frames(initiator.get("stack")), (initiator.get("url") or "", initiator.get("lineNumber", -1))]
        known = [(url.partition("?")[0], line) for url, line in lines if url.startswith("http")]
        for url, line in [each for each in known if self.files not in each[0]] or known:
            return self._short(f"{url.partition('#')[0]}:{int(line) + 1}")
        return ""


def _frames(stack: dict[str, Any] | None) -> Iterator[tuple[str, int]]:
    while stack:
        yield from ((frame["url"], frame["lineNumber"]) for frame in stack.get("callFrames", ()))
        stack = stack.get("parent")
