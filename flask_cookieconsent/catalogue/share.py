"""Share links: plain addresses that load nothing from a network until a visitor follows them."""

from __future__ import annotations

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


def share_link(network: str, url: str, title: str = "") -> str:
    """Return the address at which a network offers to share *url*.

    :raises ValueError: if the network is unknown, or *url* is not an absolute address of the web.
    """
    if network not in NETWORKS:
        raise ValueError(f"no share link for {network!r}; there are {', '.join(NETWORKS)}")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(each in url for each in " \"'<>\r\n\t"):
        raise ValueError(f"url: found {url!r}, wanted an absolute http or https address")
    # Networks read a plus sign as a plus sign, so a space is %20.
    return NETWORKS[network][1].format(url=quote(url, safe=""), title=quote(title, safe=""))
