"""Write CSV lines (RFC 4180) whose cells no spreadsheet runs as a formula (CSV injection)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

# OWASP, "CSV Injection": a cell that begins with one of these may be run.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Iterable[Any]) -> str:
    """Return one CSV line without its end: None is empty, a mapping is JSON, and every text is quoted where needed."""
    line = io.StringIO()
    csv.writer(line).writerow([_cell(cell) for cell in cells])
    # Not `lineterminator=""`: with it the writer leaves line breaks inside cells unquoted.
    return line.getvalue().removesuffix("\r\n")


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = json.dumps(value, sort_keys=True) if isinstance(value, Mapping) else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
