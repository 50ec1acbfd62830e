"""Which domain a host belongs to, and whether the names below one are of many, without a list of public suffixes."""

from __future__ import annotations

#: Second labels under which countries register names.
_SECOND = frozenset(("co", "com", "org", "net", "ac", "gov", "edu", "gouv", "or", "ne"))
#: Domains below which every name is somebody else's.
_RENTED = (
    *("amazonaws.com", "cloudfront.net", "azureedge.net", "windows.net", "googleapis.com", "digitaloceanspaces.com"),
    *("github.io", "gitlab.io", "netlify.app", "vercel.app", "herokuapp.com", "pages.dev", "workers.dev", "r2.dev"),
    *("b-cdn.net", "fastly.net", "akamaihd.net", "akamaized.net", "imgix.net", "appspot.com", "web.app", "fly.dev"),
)


def site_of(host: str) -> str:
    """Return the domain that somebody registered or rents, as far as a host says it."""
    name = host.partition(":")[0]
    labels = name.split(".")
    if any(name.endswith(f".{each}") for each in _RENTED) or len(labels) < 3 or name.replace(".", "").isdigit():
        return name
    return ".".join(labels[-3:] if len(labels[-1]) == 2 and labels[-2] in _SECOND else labels[-2:])


def is_everybodys(domain: str) -> bool:
    """Tell whether the names below a domain belong to many: `com`, `co.uk`, `github.io`."""
    labels = domain.lower().split(".")
    return (
        len(labels) == 1
        or domain.lower() in _RENTED
        or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SECOND)
    )


def is_own(host: str, site: str) -> bool:
    """Tell whether a host has the domain of the site itself."""
    return "." in site and site_of(host) == site_of(site)
