"""Share links: plain addresses that load nothing from a network until a visitor follows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlsplit

#: The name and the address of each network; `{url}` and `{title}` are filled in percent-encoded.
NETWORKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "facebook": ("Facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
        "x": ("X", "https://x.com/intent/tweet?text={title}&url={url}"),
        "linkedin": ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url={url}"),
    }
)

# An apostrophe is an ordinary character of a path (RFC 3986, section 3.3), and addresses of real pages have them.
_PLAIN = re.compile(r"https?://[^\s\"<>\\\x00-\x1f\x7f]+", re.I)


def share_link(network: str, url: str, title: str = "") -> str:
    """Return the address at which a network offers to share *url*.

    :raises ValueError: if the network is unknown, or *url* is not an absolute address of the web.
    """
    if network not in NETWORKS:
        raise ValueError(f"network: found {network!r}, wanted one of {', '.join(NETWORKS)}")
    if not _is_address(url):
        raise ValueError(f"url: found {url!r}, wanted an absolute http or https address without spaces and quotes")
    # Networks read a plus sign as a plus sign, so a space is %20.
    return NETWORKS[network][1].format(url=quote(url, safe=""), title=quote(title, safe=""))


def _is_address(text: str) -> bool:
    try:
        return bool(_PLAIN.fullmatch(text) and urlsplit(text).hostname)
    except ValueError:
        return False
