"""Parameters of Google's tags: whose answers their consent types follow, and the options of `gtag("config", …)`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_cookieconsent.core.consent_types import CONSENT_TYPES
from flask_cookieconsent.core.services import Answer

_FOLLOWS_CONSENT = "follows what a visitor allows; see consent_types"
_IS_DECLARED = "is what visitors are told of this service's cookies, so that it cannot be another here"
_OF_ONE_VISITOR = "is of one visitor, not of the site; set it in a page, as docs/own-events.md shows"
_HAS_A_PARAMETER = "is a host that has to be declared; see server_container_url"
_REFUSED = {
    **dict.fromkeys(("allow_google_signals", "allow_ad_personalization_signals"), _FOLLOWS_CONSENT),
    **dict.fromkeys(("ads_data_redaction", "url_passthrough", "wait_for_update"), _FOLLOWS_CONSENT),
    **dict.fromkeys((*CONSENT_TYPES, "security_storage"), _FOLLOWS_CONSENT),
    **dict.fromkeys(("cookie_name", "cookie_prefix", "cookie_domain", "cookie_path"), _IS_DECLARED),
    **dict.fromkeys(("cookie_expires", "cookie_flags"), _IS_DECLARED),
    **dict.fromkeys(("user_id", "client_id", "session_id", "user_data", "user_properties"), _OF_ONE_VISITOR),
    **dict.fromkeys(("server_container_url", "transport_url", "first_party_collection"), _HAS_A_PARAMETER),
}


def types_of(given: Mapping[str, str | None] | None, defaults: Mapping[str, Answer | str]) -> dict[str, Answer | str]:
    """Return what each consent type follows: the *defaults*, with what is *given* in their place; None denies for good.

    :raises ValueError: if a name is none of Google's consent types.
    """
    for name in given or ():
        if name not in CONSENT_TYPES:
            from difflib import get_close_matches

            near = get_close_matches(str(name), CONSENT_TYPES, 1) or CONSENT_TYPES
            raise ValueError(f"consent_types: found {name!r}, wanted one such as {near[0]!r}")
    merged = {**defaults, **(given or {})}
    return {name: answer for name, answer in merged.items() if answer is not None}


def config_data(config: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the loader data of the options of an account, as JSON, or nothing where there are none.

    :raises ValueError: if they are not JSON, or one of them is not the owner's to set for every visitor alike.
    """
    for name in config or ():
        if reason := _REFUSED.get(name):
            raise ValueError(f"config: found {name!r}, which {reason}")
    try:
        return {"config": json.dumps(config, allow_nan=False)} if config else {}
    except (TypeError, ValueError) as error:
        raise ValueError(f"config: found {config!r}, wanted what JSON can hold: {error}") from None
