"""The words in which a site declares what it does: categories, services, cookies and hosts, as frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from .content import Frame, Tag, Widget

#: A text for people: a message id of the extension's catalog, a text of the site, or a lazy string.
Text = Any


def N_(message: str) -> str:
    """Mark a text that is translated where it is shown, so that it reaches the catalogs."""
    return message


#: Why a service is used, in words that are translated once. A change of purpose asks again.
PURPOSES: Mapping[str, Text] = MappingProxyType(
    {
        "consent": N_("Remembers your cookie choices."),
        "security": N_("Keeps your visit secure and keeps you signed in."),
        "preferences": N_("Remembers how you like to use this site."),
        "attribution": N_("Remembers how you first found this site."),
        "audience_measurement": N_("Counts visits and shows which pages are read."),
        "embedded_video": N_("Shows videos inside our pages."),
        "embedded_post": N_("Shows social media posts inside our pages."),
        "embedded_audio": N_("Plays music and recordings inside our pages."),
        "embedded_map": N_("Shows maps inside our pages."),
        "booking": N_("Lets you book an appointment inside our pages."),
        "comments": N_("Shows comments under our pages and lets you write one."),
        "chat": N_("Lets you write to us from every page."),
        "bot_protection": N_("Keeps robots out of our forms."),
        "payment": N_("Handles your payment."),
        "session_recording": N_("Records how our pages are used, to find what is difficult."),
        "campaign_measurement": N_("Recognises people who write to us, and measures our campaigns."),
        "advertising": N_("Measures what our advertisements lead to, and shows you others elsewhere."),
        "tag_management": N_("Loads further services that we choose outside this site."),
    }
)

#: What a visitor does without who refuses a service of such a purpose, where it is more than the category says.
REFUSALS: Mapping[str, Text] = MappingProxyType(
    {
        "bot_protection": N_("Without it you cannot send the form that it protects; write to us another way."),
        "chat": N_("Without it, write to us another way."),
        "booking": N_("Without it, a link leads you to the calendar."),
        "comments": N_("Without it you see no comments."),
        "payment": N_("Without it you cannot pay on our pages."),
    }
)

#: What an embed shows, and the sentence that says who shows it.
EMBEDS: Mapping[str, Text] = MappingProxyType(
    {
        "video": N_("This video is shown by %(provider)s."),
        "post": N_("This post is shown by %(provider)s."),
        "page": N_("This page is shown by %(provider)s."),
        "audio": N_("This recording is played by %(provider)s."),
        "map": N_("This map is shown by %(provider)s."),
        "calendar": N_("This calendar is kept by %(provider)s."),
        "comments": N_("These comments are kept by %(provider)s."),
        "check": N_("This form is protected by %(provider)s."),
        "payment": N_("This payment is handled by %(provider)s."),
    }
)


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """One cookie, or one storage key, of a service.

    `name` may end in `*` for "any ending". `duration` is how long the browser keeps it; None means until the browser
    is closed (or, for storage, until it is erased). `domain` is None for a cookie of the site itself, and the other
    site's domain for a cookie that only that site can read. `storage` names where it is kept: `"cookie"`, `"local"`
    or `"session"` (the two areas of Web Storage).
    """

    name: str
    purpose: Text
    duration: timedelta | None = None
    domain: str | None = None
    path: str = "/"
    storage: str = "cookie"

    @property
    def is_first_party(self) -> bool:
        """Whether the site itself keeps it and can erase it."""
        return self.domain is None

    def matches(self, name: str) -> bool:
        """Tell whether a cookie of this *name* is the declared one; case counts, as in browsers."""
        return name.startswith(self.name[:-1]) if self.name.endswith("*") else name == self.name


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The legal entity that receives what a service collects (GDPR article 13).

    `country` is the ISO 3166-1 code of its seat; `privacy_policy` and `opt_out` are https addresses.
    """

    name: str
    country: str
    privacy_policy: str
    opt_out: str | None = None


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A fact about a service that nobody has seen confirmed: what it is about, how sure it is, what would settle it.

    `sure` is `"partly"`, where sources disagree or cover a part, or `"memory"`, where none was read.
    """

    about: str
    sure: str
    settle: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """The unit of consent: one thing the site does or embeds, by one provider, for one stated purpose.

    `provider` None means the site itself. `purpose` is a key of `PURPOSES`; `description` may say more, in free words.
    `categories` are those of the default five that it may be filed in, all where it is empty. `justification` says why
    a necessary service cannot be left out. `hosts` maps directives of the Content Security Policy to the sources the
    service needs. `parse` turns what an editor pasted into a `Frame` or `Widget`, or None when it is not this
    service's; it raises `ValueError` with a hint when it is, and cannot be embedded. `doubts` are its unsure facts.
    """

    id: str
    name: Text
    category: str
    purpose: str
    description: Text = ""
    provider: Provider | None = None
    cookies: tuple[Cookie, ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    justification: Text = ""
    tag: Tag | None = None
    parse: Callable[[str], Frame | Widget | None] | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_third_party(self) -> bool:
        """Whether somebody else than the site receives data."""
        return self.provider is not None


@dataclass(frozen=True, kw_only=True)
class Category:
    """One of the groups a visitor sees.

    `summary` says what it is for, `refusal` what refusing it means. `necessary` categories are always on.
    `heeds_signal` categories are denied as a whole by Global Privacy Control; in others only third parties are.
    `tells` are the purposes that the summary speaks of; where a service has another one, the banner says that too.
    """

    id: str
    title: Text
    summary: Text
    refusal: Text
    necessary: bool = False
    heeds_signal: bool = False
    tells: tuple[str, ...] = ()


CATEGORIES: tuple[Category, ...] = (
    Category(
        id="necessary",
        title=N_("Strictly necessary cookies"),
        summary=N_("They let you move around this site and use what you ask for, such as signing in."),
        refusal=N_("They are always on, because the site cannot work without them. They are used for nothing else."),
        necessary=True,
        tells=("consent", "security"),
    ),
    Category(
        id="functionality",
        title=N_("Functionality cookies"),
        summary=N_("They store your preferences: your language, the layout you like, whether you want our newsletter."),
        refusal=N_("If you refuse, this site forgets your preferences."),
        tells=("preferences",),
    ),
    Category(
        id="tracking",
        title=N_("Tracking cookies"),
        summary=N_("They stay for up to a year, to remember how you first arrived and that you came back."),
        refusal=N_("If you refuse, every visit looks to us like a first one. Nothing changes for you."),
        tells=("attribution",),
        heeds_signal=True,
    ),
    Category(
        id="performance",
        title=N_("Performance cookies"),
        summary=N_("They count visitors, the length of visits and the pages read, so that we can improve this site."),
        refusal=N_("If you refuse, your visit is not counted. Nothing changes for you."),
        tells=("audience_measurement",),
    ),
    Category(
        id="third_party",
        title=N_("Third party cookies"),
        summary=N_("They belong to videos and posts of other companies inside our pages. We do not control them."),
        refusal=N_("If you refuse, you see a link instead, and can still load a single video or post."),
        tells=("embedded_video", "embedded_post"),
        heeds_signal=True,
    ),
)
