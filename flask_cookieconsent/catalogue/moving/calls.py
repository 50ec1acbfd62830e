"""Read the globals of a snippet's code: the queue that keeps calls, the calls themselves, and plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_NAME = r"[A-Za-z_$][A-Za-z0-9_$]{0,40}"
#: `x = window.x || []`, and `x = w[x] || []`.
_LIST = re.compile(rf"\b({_NAME})['\"]?\]?\s*+=\s*+(?:[A-Za-z]{{1,10}}(?:\.|\[['\"]))?\1['\"]?\]?\s*+\|\|\s*+\[\s*+\]")
#: `(x.q = x.q || []).push(arguments)`, in a function under the name x.
_KEEPS = re.compile(
    rf"(?:\b[A-Za-z]{{1,10}}\.)?\b({_NAME})\.({_NAME})\s*+=\s*+[\w.]{{1,90}}\s*+\|\|\s*+\[\s*+\]\s*+\)\.push\("
)
_VALUES = re.compile(rf"\bwindow\.({_NAME})\s*+=\s*+\{{([^{{}}]{{0,1000}})\}}")
_PAIR = re.compile(rf"""\s*['"]?({_NAME})['"]?\s*:\s*('[^'\\\n]*'|"[^"\\\n]*"|[0-9]{{1,15}}|true|false)\s*(?:,|\Z)""")
_LITERAL = r"""(?:'[^'\\\n]{0,200}'|"[^"\\\n]{0,200}"|[0-9]{1,15}|true|false)"""
_LITERALS = rf"{_LITERAL}(?:\s*+,\s*+{_LITERAL}){{0,8}}"
_MOST = 20


def queue_of(code: str) -> tuple[str | dict[str, Any], list[str]]:
    """Return the queue of a snippet as a recipe has it, or an empty text, and the further globals of that kind."""
    lists = list(dict.fromkeys(match[1] for match in _LIST.finditer(code)))
    lists = [name for name in lists if f"{name}.push" in code]
    for match in _KEEPS.finditer(code):
        if re.search(rf"\b{re.escape(match[1])}\s*\(", code):
            return {"name": match[1], "calls": match[2]}, lists
    return (lists[0], lists[1:]) if lists else ("", [])


def calls_of(code: str, name: str, *, is_list: bool) -> tuple[list[list[Any]], bool]:
    """Return the calls of plain values that a snippet makes of its queue, and whether there are others."""
    if not name:
        return [], False
    before = rf"(?<![\w$.]){re.escape(name)}"
    start = rf"{before}\.push\(\s*+" if is_list else rf"{before}\(\s*+"
    opening = rf"{start}\[\s*+" if is_list else start
    closing = r"\s*+\]" if is_list else r"\s*+\)"
    found = [_literals(match[1]) for match in re.finditer(rf"{opening}({_LITERALS}){closing}", code)]
    calls = [each for each in found if not any(isinstance(value, str) and re.search("[{}]", value) for value in each)]
    return calls[:_MOST], len(re.findall(start, code)) > len(calls[:_MOST])


def values_of(code: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the globals to which a snippet assigns an object of plain values."""
    values: dict[str, Mapping[str, Any]] = {}
    for match in list(_VALUES.finditer(code))[:_MOST]:
        pairs = {pair[1]: _literals(pair[2])[0] for pair in _PAIR.finditer(match[2])}
        is_plain = not any(isinstance(value, str) and re.search("[{}]", value) for value in pairs.values())
        if pairs and is_plain and not _PAIR.sub("", match[2]).strip():
            values[match[1]] = pairs
    return values


def _literals(text: str) -> list[Any]:
    return [
        each[1:-1] if each[0] in "'\"" else json.loads(each.lstrip("0") or "0") for each in re.findall(_LITERAL, text)
    ]
