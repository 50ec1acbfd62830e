"""What a page lacks of our pieces: the head, the banner, the link, in its language and past its policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask_cookieconsent.state import State

#: What a page has by each helper, known by a class, or by a file of ours.
PARTS = {"head()": "fcc.css", "banner()": "fcc-banner", "link()": "fcc-link"}
#: The `name` of the `<meta>` element of a page that asks by itself, through the JSON interface; its `content` is the
#: address of that. Such a page has no tags and no banner of ours, and still has to lead to the cookie settings.
INTERFACE_META = "fcc-api"
#: Our own pages for people, by their endpoints, each with the class of what is on it.
OWN_PARTS = {"cookieconsent.preferences": "fcc-preferences", "cookieconsent.policy": "fcc-policy"}


@dataclass
class Document(HTMLParser):
    """Parser that collects what the audit goes by."""

    is_whole: bool = False
    names: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    #: The `lang` of the page and of the parts of ours, by element or class.
    languages: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    has_script_without_nonce: bool = False
    #: Whether it says that its scripts ask by themselves, through the JSON interface.
    asks_itself: bool = False
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_decl(self, decl: str) -> None:
        """Note a document type: what has one is a page and no fragment of one."""
        self.is_whole = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a class, a file, a language, a button and where the texts of title and heading begin."""
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        self.is_whole |= tag in ("html", "head", "body")
        self.names.update(classes, (attributes.get(name, "").rpartition("/")[2] for name in ("href", "src")))
        for name in (tag, *classes):
            self.languages.setdefault(name, attributes.get("lang", ""))
        self.asks_itself |= tag == "meta" and attributes.get("name") == INTERFACE_META
        if attributes.get("name") == "choice":
            self.answers.add(attributes.get("value", ""))
        if tag == "script" and "src" in attributes and not attributes.get("nonce"):
            self.has_script_without_nonce = True
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        """Note where a text ends."""
        self._open = ""

    def handle_data(self, data: str) -> None:
        """Note the texts of the title and of the first heading."""
        if self._open in ("title", "h1"):
            self.texts.setdefault(self._open, data.strip())


def document_of(html: str) -> Document:
    """Parse a page for what the audit goes by; an empty text is no page."""
    document = Document()
    document.feed(html)
    return document


def lacking(document: Document, policy: str, *, asks: bool) -> Iterator[str]:
    """Yield what a page lacks of the three helpers, and what keeps them from being read.

    *policy* is its Content-Security-Policy. Whoever looks at it is asked where it *asks*, so there has to be a banner.
    """
    for helper, name in PARTS.items():
        if document.asks_itself and helper != "link()":
            continue
        if name not in document.names and (asks or helper != "banner()"):
            yield f"lacks {{{{ cookieconsent.{helper} }}}}"
    page, ours = (document.languages.get(name, "").partition("-")[0] for name in ("html", "fcc-link"))
    if page and ours and page != ours:
        yield (
            f"is in {page!r}, and its cookie settings in {ours!r}; set BABEL_DEFAULT_LOCALE, or CookieConsent(locale=…)"
        )
    if document.has_script_without_nonce and _wants_nonce(policy):
        yield (
            "has scripts that its Content-Security-Policy blocks; wanted a nonce: cookieconsent.head(nonce=csp_nonce())"
        )


def lacking_in_own(state: State, part: str, status: int, document: Document, policy: str) -> Iterator[str]:
    """Yield what keeps one of our own pages, known by a class of it, from being read in the layout of the site."""
    base_template = state.settings.base_template
    if status != 200:
        yield f"answers {status}; let guards pass where consent.is_own_request() is true"
    elif part not in document.names:
        yield f"is empty; {base_template!r} needs the block `content`"
    else:
        yield from lacking(document, policy, asks=False)
        if part == "fcc-preferences" and state.registry.optional and "save" not in document.answers:
            yield "has no form that saves; wanted a button with name=choice and value=save"
        heading = document.texts.get("h1", "")
        if heading not in document.texts.get("title", ""):
            yield f"has no {heading!r} in its title; {base_template!r} needs the block `title`"


def _wants_nonce(policy: str) -> bool:
    directives = {words[0].lower(): words[1:] for part in policy.split(";") if (words := part.split())}
    sources = directives.get("script-src", directives.get("default-src", []))
    has_nonce = any(source.startswith("'nonce-") for source in sources)
    return "'strict-dynamic'" in sources or (has_nonce and "'self'" not in sources)
