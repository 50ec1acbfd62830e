"""Write a declaration as JSON, a fact a line: whatever fits in a line stands in one."""

from __future__ import annotations

import json
from typing import Any

_WIDTH = 200


def written(value: Any, indent: int = 0, *, taken: int = 0) -> str:
    """Return JSON text whose objects and arrays of them are broken only where they are longer than a line."""
    line = json.dumps(value, ensure_ascii=False)
    is_flat = isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value)
    if not isinstance(value, (dict, list)) or is_flat or (indent and indent + taken + len(line) <= _WIDTH):
        return line
    inside = " " * (indent + 1)
    if isinstance(value, list):
        parts = [inside + written(each, indent + 1, taken=1) for each in value]
    else:
        parts = [
            f"{inside}{json.dumps(key)}: {written(each, indent + 1, taken=len(key) + 5)}" for key, each in value.items()
        ]
    first, last = "[]" if isinstance(value, list) else "{}"
    return f"{first}\n" + ",\n".join(parts) + f"\n{' ' * indent}{last}"
