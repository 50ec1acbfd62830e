"""Which addresses may do something although they are only asked for (against RFC 9110, section 9.2.1)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from .routes import Address

# What ends a session or destroys, whatever the words after it: `/delete-account`.
_STRONG = frozenset(
    (
        *("logout", "logoff", "signout", "signoff", "delete", "remove", "destroy", "purge", "wipe", "truncate"),
        *("unsubscribe", "shutdown", "reboot", "restart", "uninstall", "deactivate", "revoke"),
    )
)
# What changes something where it is said of one thing: `/post/7/like`, and no page called `/follow`.
_OF_ONE_THING = frozenset(
    (
        *("like", "unlike", "vote", "upvote", "downvote", "follow", "unfollow", "cancel", "confirm", "activate"),
        *("approve", "reject", "accept", "decline", "archive", "restore", "reset", "toggle", "block", "ban"),
    )
)
_WORDS = re.compile(r"[^a-z]+")
# Two words for one.
_PAIRS = {("log", "out"), ("log", "off"), ("sign", "out"), ("sign", "off")}


def may_act(address: Address) -> bool:
    """Tell whether an address may change something: by the whole words of its path, its query and its endpoint."""
    path, _, query = unquote(address.path).lower().partition("?")
    has_variables = "<" in address.route or bool(query)
    segments = [_words(segment) for segment in path.split("/")]
    of_view = _words(address.endpoint.rpartition(".")[2].lower())
    if any(map(_is_strong, segments)) or (has_variables and _is_strong(of_view)):
        return True
    if any(word in _STRONG | _OF_ONE_THING for word in _WORDS.split(query)):
        return True
    return has_variables and any(len(words) == 1 and words[0] in _OF_ONE_THING for words in segments)


def _words(text: str) -> list[str]:
    return [word for word in _WORDS.split(text) if word]


def _is_strong(words: list[str]) -> bool:
    return bool(words) and (words[0] in _STRONG or tuple(words[:2]) in _PAIRS)
