"""Names that a declaration may use: purposes of services, places of storage, kinds and shapes of embeds."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: Why a service is used: the keys of `PURPOSES` in `defaults`.
Purpose: TypeAlias = Literal[
    "consent",
    "authentication",
    "security",
    "user_input",
    "preferences",
    "attribution",
    "audience_measurement",
    "embedded_video",
    "embedded_post",
    "embedded_audio",
    "embedded_map",
    "embedded_document",
    "embedded_form",
    "reviews",
    "fonts",
    "booking",
    "comments",
    "chat",
    "bot_protection",
    "payment",
    "session_recording",
    "error_monitoring",
    "page_testing",
    "campaign_measurement",
    "advertising",
    "tag_management",
]

#: Where a name is kept: in the cookie jar, or in one of the two areas of Web Storage.
Storage: TypeAlias = Literal["cookie", "local", "session"]

#: What an embed shows: the keys of `EMBEDS` in `defaults`.
EmbedKind: TypeAlias = Literal[
    "video",
    "post",
    "page",
    "audio",
    "map",
    "calendar",
    "comments",
    "check",
    "payment",
    "form",
    "document",
    "reviews",
]

#: The spaces that the style sheet reserves for embeds, so that the layout does not shift when they are loaded.
Shape: TypeAlias = Literal["wide", "tall", "square", "post", "page", "strip", "player", "long", "check"]

KINDS: tuple[EmbedKind, ...] = get_args(EmbedKind)
SHAPES: tuple[Shape, ...] = get_args(Shape)
STORAGES: tuple[Storage, ...] = get_args(Storage)
