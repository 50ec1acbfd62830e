"""Parse `Cookie` and `Set-Cookie` headers (RFC 6265bis), and build `Set-Cookie` lines that expire or shorten cookies.

Browsers, servers and Werkzeug strip spaces and tabs around names and values and nothing else. So does everything here:
a name that another grammar reads differently would be another cookie to the browser, and no prefix would protect it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice, product
from urllib.parse import quote

from werkzeug.http import parse_date

from flask_cookieconsent.core.registry import CookieIndex

#: Optional whitespace of header fields (RFC 9110, section 5.6.3); `str.strip` alone takes twenty characters more.
OWS = " \t"

#: Proxies refuse answers whose headers exceed 4 to 8 KB, so one answer expires at most this much, names of fields and
#: line ends included.
MOST_LINES, MOST_BYTES = 40, 3_000

#: What stands in logs and reports for a cookie without a name, which is sent as its value alone.
NAMELESS = "(without a name)"

_OVERHEAD = len("Set-Cookie: \r\n")

_HOST_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})+")

# RFC 3986, section 3.3, but for the semicolon, which ends the attribute (RFC 6265, section 4.1.1).
_SAFE_IN_PATH = "/:@!$&'()*+,=~"

# The two forms in which servers write dates; browsers read many more, and years before 100 as another century.
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2}[ -][A-Z][a-z]{2}[ -][1-9]\d{3} \d{2}:\d{2}:\d{2} GMT", re.ASCII)
# Chromium reads a plus too; it ignores attributes of more than 1,024 characters (RFC 6265bis, section 5.6).
_AGE = re.compile(r"[+-]?\d{1,1023}", re.ASCII)

# A server's clock and a browser's need not agree, and `Expires` was written a moment before it is read.
_TOLERANCE = timedelta(minutes=1)

_FOR_EVER = timedelta(days=400)
# What lasts until the browser is closed is there after a deletion, and gone before anything that has a time.
_SESSION = timedelta.resolution


def pairs_in(header: str) -> list[tuple[str, str]]:
    """Split a `Cookie` header into names and values as they stand."""
    pairs = (part.partition("=") for part in header.split(";"))
    return [(name.strip(OWS), value.strip(OWS)) for name, _, value in pairs if name.strip(OWS)]


def values_of(cookies: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Return every value that came under a name."""
    return [value for each, value in cookies if each == name]


def without(header: str, names: Iterable[str]) -> str:
    """Return a `Cookie` header without some names; the rest is left as it was."""
    gone = set(names)
    return ";".join(part for part in header.split(";") if part.partition("=")[0].strip(OWS) not in gone).strip(OWS)


def name_of(line: str) -> str:
    """Return the name under which a `Set-Cookie` line's cookie comes back (RFC 6265bis, section 5.6).

    A cookie without a name is sent as its value alone, so that `_ga` and `=_ga=1` come back as `_ga`.
    """
    name, _, value = line.partition(";")[0].partition("=")
    return name.strip(OWS) or value.strip(OWS).partition("=")[0].strip(OWS)


def told_name(line: str) -> str:
    """Return the name of a `Set-Cookie` line's cookie for logs and reports; of one without a name that is its value."""
    name, equals, _ = line.partition(";")[0].partition("=")
    return name_of(line) if equals and name.strip(OWS) else NAMELESS


def lifetime(line: str, now: datetime) -> timedelta | None:
    """Return how long a browser keeps the cookie of a `Set-Cookie` line, None until it is closed.

    `Max-Age` counts before `Expires`, and of each the last. Whether one that is not valid counts browsers read in two
    ways, of which the longer is returned. A date in another form than servers write counts as the longest that browsers
    allow, since they may read it so.
    """
    ages: list[timedelta | None] = []
    expires: timedelta | None = None
    for attribute in line.split(";")[1:]:
        name, _, value = (part.strip(OWS) for part in attribute.partition("="))
        if name.lower() == "max-age":
            ages.append(_seconds(value) if _AGE.fullmatch(value) else None)
        elif name.lower() == "expires":
            date = parse_date(value) if _DATE.fullmatch(value) else None
            expires = date - now if date else _FOR_EVER
    # In the standard one that is not valid is not there; in Chromium it hides those before it.
    valid = [age for age in ages if age is not None]
    readings = [given[-1] if given and given[-1] is not None else expires for given in (valid, ages)]
    return max(readings, key=lambda reading: _SESSION if reading is None else reading)


def _seconds(text: str) -> timedelta:
    if text.startswith("-"):
        return timedelta()
    digits = text.lstrip("+0")
    return min(timedelta(seconds=int(digits or 0)), _FOR_EVER) if len(digits) < 10 else _FOR_EVER


def beyond(lasts: timedelta | None, declared: Iterable[timedelta | None]) -> tuple[timedelta, timedelta | None] | None:
    """Return how long a cookie lasts and the longest of what is declared, where that is shorter; else None (C2).

    None stands for "until the browser is closed". Where nothing is declared nothing is shorter.
    """
    known = list(declared)
    longest = max((each for each in known if each is not None), default=None)
    if lasts is None or not known or lasts <= (longest or timedelta()) + _TOLERANCE:
        return None
    return lasts, longest


def is_deletion(line: str, now: datetime) -> bool:
    """Tell whether a `Set-Cookie` line makes the browser forget a cookie."""
    lasts = lifetime(line, now)
    return lasts is not None and lasts <= timedelta()


def shortened(line: str, longest: timedelta | None) -> str:
    """Return a `Set-Cookie` line with another lifetime; None means until the browser is closed."""
    kept = [part for part in line.split(";") if part.partition("=")[0].strip(OWS).lower() not in ("max-age", "expires")]
    return ";".join([*kept, *([] if longest is None else [f" Max-Age={int(longest.total_seconds())}"])])


def sweep(names: Iterable[str], index: CookieIndex, *, host: str, path: str, secure: bool, spent: int = 0) -> list[str]:
    """Return `Set-Cookie` values that expire cookies, for every host, path and partition they may be kept under (E4).

    *path* is the request's own, as WSGI gives it: what came along is kept under it or above it. *spent* are the bytes
    of other `Set-Cookie` lines of the answer. One name is finished before the next begins, so that what the limit
    leaves for the next page is whole cookies; the first one gets the likeliest lines, as many as there is room for. The
    shortest comes first: a long one that no line reaches, which somebody has planted, keeps none from its turn.
    """
    lines: list[str] = []
    for name in sorted(dict.fromkeys(names), key=len):
        if index.is_spared(name) or not name.isprintable():
            continue
        variants = _variants(name, [cookie.path for _, cookie in index.declared(name)], host, path, secure)
        # One more than there is ever room for: a host has as many parents, and a path folders, as the client writes.
        more = list(islice(variants, MOST_LINES + 1))
        room = within_budget(lines + more, spent)
        if len(room) < len(lines) + len(more) and (lines or not room):
            break
        lines = room
    return lines


def weight(lines: Iterable[str]) -> int:
    """Return the bytes that some `Set-Cookie` values take in an answer, with the field's name and the line's end."""
    return sum(len(line) + _OVERHEAD for line in lines)


def within_budget(lines: list[str], spent: int = 0) -> list[str]:
    """Return those of some `Set-Cookie` values for which one answer has room; *spent* are the bytes of others in it."""
    room: list[str] = []
    for line in lines[:MOST_LINES]:
        size = weight([line])
        if spent + size <= MOST_BYTES:
            spent += size
            room.append(line)
    return room


def _variants(name: str, declared: list[str], host: str, path: str, secure: bool) -> Iterator[str]:
    """Yield the lines of one name, the likeliest first.

    A script that names no path keeps its cookie in the folder of its page, for this host alone; one that names a domain
    names the broadest.
    """
    paths, folders = list(dict.fromkeys(["/", *declared])), folders_of(path)
    domains: list[str | None] = [None, *parent_domains(host)[::-1]]
    if name.lower().startswith("__host-"):
        # Browsers take such a name for one host, the whole of it, and over HTTPS alone.
        paths, folders, domains = ["/"], [], [None] if secure else []
    seen: set[tuple[str, str | None]] = set()
    for where, domain in chain(product(paths, domains), product(folders[:1], [None]), product(folders, domains)):
        if (where, domain) not in seen:
            seen.add((where, domain))
            yield expired(name, path=where, domain=domain, secure=secure)
    # A cookie in a partition (CHIPS) is another one than its twin outside, and wants a line of its own.
    for where, domain in product(paths, domains if secure else []):
        yield expired(name, path=where, domain=domain, secure=True) + "; Partitioned"


def expired(name: str, *, path: str, domain: str | None, secure: bool) -> str:
    """Return the `Set-Cookie` value that makes a browser forget one cookie."""
    where = f"; Domain={domain}" if domain else ""
    how = "; Secure" if secure else ""
    # Every browser that runs our script knows Max-Age; Expires would double the length of each line.
    return f"{name}=; Max-Age=0{where}; Path={path}{how}"


def expired_in(
    places: Iterable[tuple[str, str | None]], name: str, *, secure: bool, is_double: bool = True
) -> list[str]:
    """Return the `Set-Cookie` values that expire one cookie under some pairs of path and domain.

    One that *is_double* may have a twin in a partition (CHIPS), which is another cookie and wants a line of its own.
    """
    lines = [expired(name, path=path, domain=domain, secure=secure) for path, domain in places]
    return lines + ([f"{line}; Partitioned" for line in lines] if secure and is_double else [])


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
    """Return the folders that a request's path lies in, the nearest first, at most `MOST_LINES`.

    Scripts of its page put cookies there (RFC 6265, section 5.1.4).
    """
    steps = quote(path.encode("latin-1", "replace"), safe=_SAFE_IN_PATH).split("/")[1:-1]
    ends = range(len(steps), max(0, len(steps) - MOST_LINES), -1)
    return ["/" + "/".join(steps[:end]) for end in ends if steps[end - 1]]
