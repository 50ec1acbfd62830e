"""Audit overridden templates for dark patterns: refusing has to be as easy as accepting, judged by the markup.

Source: European Data Protection Board, guidelines 03/2022 on deceptive design patterns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Attributes in which the two buttons may differ: which answer they are.
_THEIR_OWN = {"value"}

#: Attributes that take a button out of sight, out of reach, or out of its turn.
_DEMOTES = ("hidden", "disabled", "style", "tabindex", "accesskey", "autofocus", "inert", "aria-hidden")


@dataclass
class _Control:
    tag: str
    attributes: Mapping[str, str]
    form: Mapping[str, str] | None
    text: str = ""


@dataclass
class _Reader(HTMLParser):
    """Parser that collects form controls and links in document order, which is that of the Tab key."""

    controls: list[_Control] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._form: Mapping[str, str] | None = None
        self._open: _Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form or a control."""
        attributes = {name: value or "" for name, value in attrs}
        self.classes.update(attributes.get("class", "").split())
        if tag == "form":
            self._form = attributes
        elif tag in ("button", "a", "select", "textarea") or (tag == "input" and attributes.get("type") != "hidden"):
            self._open = _Control(tag, attributes, self._form)
            self.controls.append(self._open)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a form or a control."""
        if tag == "form":
            self._form = None
        elif self._open is not None and tag == self._open.tag:
            self._open = None

    def handle_data(self, data: str) -> None:
        """Note the words on a control."""
        if self._open is not None:
            self._open.text += data.strip()


def unfair(banner: str, preferences: str) -> Iterator[str]:
    """Yield one sentence for each dark pattern in two pages, rendered for somebody who has not chosen (B1-B3).

    The answers are known by `name="choice"` and their values; what a style sheet does to them is not seen here.
    """
    first_page = _read(banner)
    if "fcc-banner" not in first_page.classes:
        yield "banner.html: no element has the class fcc-banner, by which tools that refuse for people find it"
    yield from _unequal("banner.html", first_page.controls)
    controls = _read(preferences).controls
    yield from _unequal("preferences.html", controls)
    for control in controls:
        if control.attributes.get("type") in ("checkbox", "radio") and "checked" in control.attributes:
            value = control.attributes.get("value", "")
            yield f"preferences.html: the switch {value!r} is on before anybody has chosen; leave out `checked`"
    if not any(_is_answer(control, "save") for control in controls):
        yield "preferences.html: there is no button that saves single choices; wanted name=choice with value=save"


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def _is_answer(control: _Control, value: str) -> bool:
    return control.attributes.get("name") == "choice" and control.attributes.get("value") == value


def _unequal(template: str, controls: list[_Control]) -> Iterator[str]:
    accept = next((control for control in controls if _is_answer(control, "accept")), None)
    reject = next((control for control in controls if _is_answer(control, "reject")), None)
    if accept is None or reject is None:
        lacking = "accept" if accept is None else "reject"
        yield f"{template}: there is no button for {lacking!r}; wanted name=choice with value={lacking}"
        return
    if (accept.tag, accept.form) != (reject.tag, reject.form):
        yield f"{template}: accept and reject are not the same element in the same form"
    differ = [
        name
        for name in sorted(set(accept.attributes) | set(reject.attributes))
        if name not in _THEIR_OWN and accept.attributes.get(name) != reject.attributes.get(name)
    ]
    for name in differ:
        values = f"{accept.attributes.get(name)!r} and {reject.attributes.get(name)!r}"
        yield f"{template}: {name} of accept and reject is {values}; wanted the same on both"
    for name in _DEMOTES:
        if name in reject.attributes and name not in differ:
            demotion = f"{name}={reject.attributes[name]!r}"
            yield f"{template}: reject has {demotion}; wanted a button that is seen and reached like every other"
    if abs(controls.index(accept) - controls.index(reject)) != 1:
        yield f"{template}: something stands between accept and reject; wanted one press of Tab from one to the other"
    if not reject.text or reject.text == accept.text:
        yield f"{template}: reject is called {reject.text!r} and accept {accept.text!r}; wanted two clear names"
