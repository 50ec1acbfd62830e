"""Which hosts a script loads from, read without running it: what is surely data, a link or a comment is left alone.

A browser tells what a script does (`audit --browser`); here its words are read, so what cannot be told is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from flask_cookieconsent.core.trackers import tracker_at
from flask_cookieconsent.embeds.targets import read_target

from .loading import path_of

# An address at the start of a text in quotes, its slashes escaped or not, up to the next quote.
_ADDRESS = re.compile(r"\\?([\"'`])((?:https?:|wss?:)?(?:\\?/){2}[a-z0-9\[][^\"'`\s<>]*)", re.I)
# How snippets from before HTTPS write it: `('https:' == … ? 'https://ssl' : 'http://www') + '.host/file.js'`.
_BARE = re.compile(r"[\"']\.?((?:[a-z0-9-]+\.)+[a-z]{2,}/[^\"'\s<>]*\.js)[\"'?]", re.I)
# A host in parts: `"https://" + "www.google-analytics.com" + path`.
_HOST = re.compile(r"([\"'`])((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})/?\1", re.I)
# How far back the words before an address are read.
_BEFORE = 60

#: The script asks this extension, and loads after that.
_ASKS = re.compile(r"cookieconsent\s*\.\s*allows\s*\(|cookieconsent:change")
# What stands before an address that is followed, compared or said, and loads nothing.
_NO_LOAD = re.compile(
    r"(?:(?:window\.|\b)open\(|location(?:\.href)?\s*=|\.href\s*=|\.(?:assign|replace|navigate)\(|href=\\?|action=\\?|"
    r"\bhref[\"']?\s*[:,]|(?:startsWith|endsWith|includes|indexOf|match|test|search|split|RegExp|log|warn|error|info|"
    r"debug|Error)\(|[=!]==?|\*\s.*|//\s.*)\s*\Z",
    re.I,
)
# What stands before an address that is loaded.
_LOAD = re.compile(
    r"(?:\bfetch\(|sendBeacon\(|\bimport\(|\bfrom|\bimport|importScripts\(|getScript\(|\.src\s*=|<[a-z]+\s[^<>]*\bsrc=\\?|"
    r"new\s+(?:Worker|SharedWorker|WebSocket|EventSource)\(|\.open\(\s*[\"']\w+[\"']\s*,|"
    r"setAttribute\(\s*[\"']src[\"']\s*,|\$\.(?:get|post|getJSON)\(|\b(?:load|inject|append)\w*script\w*\()\s*\Z",
    re.I,
)
# What a script has that loads something.
_LOADER = re.compile(
    r"createElement|new\s+Image|\.src\s*=|\bfetch\(|XMLHttpRequest|sendBeacon|import\(|importScripts|new\s+WebSocket|"
    r"EventSource|document\.write|<script|<iframe|<img|getScript",
    re.I,
)
# A snippet keeps the beginning of its addresses in a short variable: `var u="//host/";`.
_SHORT_NAME = re.compile(r"(?:\bvar|\blet|\bconst|[,;{(\n])\s*_?[a-z]{1,3}\s*=\s*\Z", re.I)
_FILE = re.compile(r"\.(?:js|mjs|php|gif)\Z|/(?:js|collect|pixel|tr|beacon)/?\Z", re.I)


# How a module names another one, statically or when it is needed; a bare name is resolved by an import map.
_MODULE = re.compile(r"(?:\bfrom|\bimport)\s*(?:\(\s*)?([\"'`])((?:\.{0,2}/)[^\"'`\s<>]+)\1")


def modules_of(code: str) -> tuple[str, ...]:
    """Return the addresses of this site's modules that a module imports, as they stand."""
    return tuple(dict.fromkeys(found for _, found in _MODULE.findall(code)))


def loaded_by(code: str) -> tuple[str, ...]:
    """Return the absolute addresses that a script loads from, as far as its words tell.

    A script that asks this extension what is allowed, `cookieconsent.allows(…)`, is taken at its word.
    """
    return tuple(dict.fromkeys(url for url, _ in _all_of(code)))


def surely_loaded_by(code: str) -> frozenset[str]:
    """Return those of the addresses that stand right behind a word that loads: `fetch('https://…')`."""
    return frozenset(url for url, is_sure in _all_of(code) if is_sure)


@lru_cache(maxsize=1024)
def _all_of(code: str) -> tuple[tuple[str, bool], ...]:
    if "//" not in code and "\\/" not in code and ".js" not in code:
        return ()
    return () if _ASKS.search(code) else tuple(_loaded(code))


def _loaded(code: str) -> Iterator[tuple[str, bool]]:
    has_loader = bool(_LOADER.search(code))
    for match in _ADDRESS.finditer(code):
        before, url = code[max(0, match.start() - _BEFORE) : match.start()], match[2].replace("\\/", "/").rstrip("\\")
        if _NO_LOAD.search(before):
            continue
        is_sure = bool(_LOAD.search(before))
        if is_sure or (has_loader and _is_resource(before, url)):
            # To the reader of addresses a socket is none of the web.
            yield re.sub(r"\Aws(s?):", r"http\1:", url, flags=re.I), is_sure
    for match in _BARE.finditer(code):
        url = f"https://{match[1]}"
        if has_loader and _tracks(url):
            yield url, False
    for match in _HOST.finditer(code) if has_loader else ():
        before, url = code[max(0, match.start() - _BEFORE) : match.start()], f"https://{match[2]}/"
        if _tracks(url) and not _NO_LOAD.search(before):
            yield url, False


def _is_resource(before: str, url: str) -> bool:
    path = path_of(url)
    return bool(_FILE.search(path)) or (path in ("", "/") and bool(_SHORT_NAME.search(before))) or _tracks(url)


def _tracks(url: str) -> bool:
    target = read_target(url, ())
    return target is not None and bool(target.host) and tracker_at(target.host) is not None
