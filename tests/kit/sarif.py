"""The parts of SARIF 2.1.0 that the audit writes, as a JSON Schema of our own, written from the OASIS standard.

It knows fewer properties than the standard's schema and allows no others, so what fits it fits the standard.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def _list(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items} | more


MESSAGE = _object("text", text=TEXT)  # 3.11
BAG = {"type": "object", "properties": {"tags": _list(TEXT, uniqueItems=True)}}  # 3.8
LEVEL = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10
# 3.4: relative, an RFC 3986 reference; code hosts take no other.
URI = {"type": "string", "pattern": r"^(?!/)(?!.*(?:^|/)\.\.(?:/|$))(?:[\w.~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$"}
FILE = _object("uri", uri=URI, uriBaseId=TEXT)
PHYSICAL = _object(
    "artifactLocation region",
    artifactLocation=FILE,
    region=_object("startLine", startLine={"type": "integer", "minimum": 1}),
)
LOGICAL = _object("fullyQualifiedName kind", fullyQualifiedName=TEXT, kind=TEXT)
LOCATION = _object("", physicalLocation=PHYSICAL, logicalLocations=_list(LOGICAL, uniqueItems=True))
RULE = _object(
    "id shortDescription help",
    id=TEXT,
    name={"type": "string", "pattern": r"^\w+$"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=_object("level", level=LEVEL),
    properties=BAG,
)
RESULT = _object(
    "ruleId ruleIndex level message locations partialFingerprints",
    ruleId=TEXT,
    ruleIndex=COUNT,
    level=LEVEL,
    message=MESSAGE,
    locations=_list(LOCATION, maxItems=10),
    partialFingerprints={"type": "object", "additionalProperties": TEXT, "minProperties": 1},
    properties=BAG,
)
INVOCATION = _object(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    exitCode={"type": "integer"},
    toolExecutionNotifications=_list(_object("message", level=LEVEL, message=MESSAGE)),
)
DRIVER = _object(
    "name",
    name=TEXT,
    semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    rules=_list(RULE, uniqueItems=True),
)
RUN = _object(
    "tool results",
    tool=_object("driver", driver=DRIVER),
    invocations=_list(INVOCATION),
    results=_list(RESULT),
    properties=BAG,
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)
LOG = _object("version runs", **{"$schema": TEXT}, version={"const": "2.1.0"}, runs=_list(RUN))


def run_of(log: dict[str, Any]) -> dict[str, Any]:
    """Return the run of a log that is in the shape of the standard; what is not is raised."""
    Draft202012Validator(LOG).validate(log)
    (run,) = log["runs"]
    return dict(run)
