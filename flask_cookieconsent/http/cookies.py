"""Parse `Cookie` and `Set-Cookie` headers (RFC 6265bis), and build `Set-Cookie` lines that expire cookies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import quote

from werkzeug.http import parse_date

from flask_cookieconsent.core.registry import CookieIndex

#: Proxies refuse answers whose headers exceed 4 to 8 KB, so one answer sweeps at most this much.
MOST_LINES, MOST_BYTES = 30, 3_000

_HOST_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})+")

# RFC 3986, section 3.3, but for the semicolon, which ends the attribute (RFC 6265, section 4.1.1).
_SAFE_IN_PATH = "/:@!$&'()*+,=~"


def pairs_in(header: str) -> list[tuple[str, str]]:
    """Split a `Cookie` header into names and values as they stand."""
    pairs = (part.partition("=") for part in header.split(";"))
    return [(name.strip(), value.strip()) for name, _, value in pairs if name.strip()]


def without(header: str, names: Iterable[str]) -> str:
    """Return a `Cookie` header without some names; the rest is left as it was."""
    gone = set(names)
    return ";".join(part for part in header.split(";") if part.partition("=")[0].strip() not in gone).strip()


def name_of(line: str) -> str:
    """Return the name that a `Set-Cookie` line sets, as browsers read it (RFC 6265bis, section 5.6)."""
    name, equals, _ = line.partition(";")[0].partition("=")
    return name.strip(" \t") if equals else ""


def is_deletion(line: str, now: datetime) -> bool:
    """Tell whether a `Set-Cookie` line makes the browser forget a cookie; `Max-Age` counts before `Expires`."""
    attributes = {}
    for attribute in line.split(";")[1:]:
        name, _, value = attribute.partition("=")
        attributes[name.strip(" \t").lower()] = value.strip(" \t")
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isascii() and age.removeprefix("-").isdigit():
        return int(age[:20]) <= 0
    expires = parse_date(attributes.get("expires"))
    return expires is not None and expires <= now


def sweep(names: Iterable[str], index: CookieIndex, *, host: str, path: str, secure: bool) -> list[str]:
    """Return `Set-Cookie` values that expire cookies, for every host, path and partition they may be kept under (E4).

    *path* is the request's own, as WSGI gives it: what came along is kept under it or above it. One name is finished
    before the next begins, so that what the limit leaves for the next page is whole cookies.
    """
    lines: list[str] = []
    for name in dict.fromkeys(names):
        if index.is_spared(name) or not name.isprintable():
            continue
        more = list(_variants(name, [cookie.path for _, cookie in index.declared(name)], host, path, secure))
        if lines and (len(lines) + len(more) > MOST_LINES or sum(map(len, lines + more)) > MOST_BYTES):
            break
        lines += more
    return lines[:MOST_LINES]


def _variants(name: str, declared: list[str], host: str, path: str, secure: bool) -> Iterator[str]:
    paths, folders = ["/", *declared], folders_of(path)
    domains: list[str | None] = [None, *parent_domains(host)]
    if name.lower().startswith("__host-"):
        # Browsers take such a name for one host, the whole of it, and over HTTPS alone.
        paths, folders, domains = ["/"], [], [None] if secure else []
    for cookie_path in dict.fromkeys([*paths, *folders]):
        for domain in domains:
            yield expired(name, path=cookie_path, domain=domain, secure=secure)
    for cookie_path in dict.fromkeys(paths) if secure else ():
        for domain in domains:
            # A cookie in a partition (CHIPS) is another one than its twin outside, and wants a line of its own.
            yield expired(name, path=cookie_path, domain=domain, secure=True) + "; Partitioned"


def expired(name: str, *, path: str, domain: str | None, secure: bool) -> str:
    """Return the `Set-Cookie` value that makes a browser forget one cookie."""
    where = f"; Domain={domain}" if domain else ""
    how = "; Secure" if secure else ""
    return f"{name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0{where}; Path={path}{how}"


def parent_domains(host: str) -> list[str]:
    """Return a host and its parents with two labels or more: the domains its cookies may have been set for.

    An address of numbers, a single label such as `localhost` and what is no host name at all have none. Browsers
    ignore those that are public suffixes.
    """
    name = host.rpartition(":")[0] if re.search(r":\d*$", host) else host
    if not _HOST_NAME.fullmatch(name) or name.rpartition(".")[2].isdigit():
        return []
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def folders_of(path: str) -> list[str]:
    """Return the folders that a request's path lies in, where scripts of its page put cookies (RFC 6265, 5.1.4)."""
    steps = quote(path.encode("latin-1", "replace"), safe=_SAFE_IN_PATH).split("/")[1:-1][:3]
    return ["/" + "/".join(steps[:end]) for end in range(1, len(steps) + 1) if steps[end - 1]]
