"""Fold what may identify somebody in the name of a cookie to a star, so that names can be counted and kept."""

from __future__ import annotations

import re

#: Longer names are not counted, in characters: those of vendors are far below.
LONGEST_NAME = 120

# RFC 6265, section 4.1.1: a token (RFC 2616, section 2.2). What holds an `@` is none, so no address of mail passes.
_TOKEN = re.compile(rf"[!#$%&'*+\-.^_`|~0-9A-Za-z]{{1,{LONGEST_NAME}}}")
_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])", re.I)
# What is percent-encoded and no mark of punctuation: the sign in an address of mail, a name in any alphabet.
_ENCODED = re.compile(r"%(?:40|[0189A-F]|[4-7][0-9]|[46][A-F]|3[0-9])", re.I)
_WORD = re.compile(r"[0-9A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
# Words of people and programs before a number: `user12345`, `hjSessionUser12345`.
_NUMBERED = re.compile(r"([A-Za-z]*[a-z]{3})[0-9]+")
_VERSIONED = re.compile(r"(?![0-9a-f]{4,}$)(?:[0-9][A-Za-z]+|[A-Za-z]+[0-9])", re.I)
_HEX = re.compile(r"[0-9a-f]{8,}", re.I)
_CONSONANTS = re.compile(r"[^aeiouy]{7}", re.I)
_HUMP = re.compile(r"[a-z](?=[A-Z])")
# What stands between two stars is most likely a piece of the same random text (base64url has `-` and `_` in it).
_STARS = re.compile(r"\*.*\*")


def folded(name: str) -> str | None:
    """Return a cookie's name with a star for every word that may be a number or random text; None for no name at all.

    `mp_0123456789abcdef0123456789abcdef_mixpanel` becomes `mp_*_mixpanel`, `_ga_ABC123` becomes `_ga_*`. What is not
    the token of RFC 6265, or longer than `LONGEST_NAME`, is no name. Words that a person chose, such as a nickname,
    look like any other, and some letters of random text may too: whoever counts names keeps those of several clients.
    """
    if not _TOKEN.fullmatch(name):
        return None
    if _ENCODED.search(name):
        return "*"
    return _STARS.sub("*", _WORD.sub(_word, _UUID.sub("*", name)))


def _word(match: re.Match[str]) -> str:
    word = match[0]
    # One digit before or after letters is a version, as in `ar_v4`; alone it may be the number of a member.
    if _DIGIT.search(word) and not _VERSIONED.fullmatch(word):
        numbered = _NUMBERED.fullmatch(word)
        return f"{numbered[1]}*" if numbered and not _is_random(numbered[1]) else "*"
    return "*" if _is_random(word) else word


def _is_random(word: str) -> bool:
    """Tell whether letters are in no order of a language: hexadecimal, capitals anywhere, or hardly a vowel."""
    humps = len(_HUMP.findall(word))
    return bool(_HEX.fullmatch(word) or _CONSONANTS.search(word)) or (humps > 1 and humps * 5 > len(word))
