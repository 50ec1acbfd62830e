"""Segments of stored content: what a page is made of once its third-party content was found.

They stand apart from the parser, which is an extra: whoever shows them need not have it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .lookup import Embed


@dataclass(frozen=True)
class TitledEmbed:
    """An embed, resolved, with the title its author gave it, at most 200 characters, or an empty string."""

    embed: Embed
    title: str = ""


@dataclass(frozen=True)
class NotShown:
    """A frame or plug-in that no service can embed: its URL and host, both empty where it has none of the web.

    `is_declared` says that the host is one of a declared third party, which cannot show this content of it.
    """

    address: str = ""
    host: str = ""
    is_declared: bool = False


#: HTML as it is, an embed, or what cannot be one.
Segment = str | TitledEmbed | NotShown
