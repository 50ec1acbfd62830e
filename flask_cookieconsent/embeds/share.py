"""Share links: plain URLs of social networks' share pages, without a script, that load nothing until followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlsplit

#: The name and the address of each network; `{url}`, `{title}` and `{both}`, the one after the other, are filled in
#: percent-encoded. That of Mastodon keeps them behind the `#`, which is never sent.
NETWORKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "facebook": ("Facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
        "x": ("X", "https://x.com/intent/tweet?text={title}&url={url}"),
        "linkedin": ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url={url}"),
        "whatsapp": ("WhatsApp", "https://wa.me/?text={both}"),
        "mastodon": ("Mastodon", "https://share.joinmastodon.org/#text={both}"),
        "bluesky": ("Bluesky", "https://bsky.app/intent/compose?text={both}"),
        "threads": ("Threads", "https://www.threads.net/intent/post?text={both}"),
        "telegram": ("Telegram", "https://t.me/share/url?url={url}&text={title}"),
        "reddit": ("Reddit", "https://www.reddit.com/submit?url={url}&title={title}"),
        "pinterest": ("Pinterest", "https://www.pinterest.com/pin/create/button/?url={url}&description={title}"),
        "xing": ("XING", "https://www.xing.com/spi/shares/new?url={url}"),
        "email": ("email", "mailto:?subject={title}&body={url}"),
    }
)

# An apostrophe is an ordinary character of a path (RFC 3986, section 3.3), and addresses of real pages have them.
_PLAIN = re.compile(r"https?://[^\s\"<>\\\x00-\x1f\x7f]+", re.I)


def share_link(network: str, url: str, title: str = "") -> str:
    """Build the URL of a network's share page for *url*, percent-encoded (RFC 3986, section 2.1).

    :raises ValueError: if the network is unknown, or *url* is not an absolute address of the web.
    """
    if not is_address(url):
        raise ValueError(f"url: found {url!r}, wanted an absolute http or https address without spaces and quotes")
    return share_address(network, url, title)


def share_address(network: str, url: str, title: str = "") -> str:
    """Build the URL of a network's share page for an address that is known to be one.

    :raises ValueError: if the network is unknown.
    """
    if network not in NETWORKS:
        raise ValueError(f"network: found {network!r}, wanted one of {', '.join(NETWORKS)}")
    # A subject is one line (RFC 6068, section 5), and nobody misses a line break in a title elsewhere.
    line = " ".join(title.split())
    values = {"url": url, "title": line, "both": f"{line} {url}".lstrip()}
    # Networks read a plus sign as a plus sign, so a space is %20.
    return NETWORKS[network][1].format_map({name: quote(value, safe="") for name, value in values.items()})


def is_address(text: str) -> bool:
    """Tell whether a text is an absolute address of the web, without spaces and quotes, that browsers can read."""
    try:
        return bool(_PLAIN.fullmatch(text) and urlsplit(text).hostname)
    except ValueError:
        return False
