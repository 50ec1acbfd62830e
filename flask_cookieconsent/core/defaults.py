"""Default consent categories and the message ids of purposes, refusals and embeds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .kinds import EmbedKind, Purpose
from .services import N_, Category, Service

#: Purposes of processing (GDPR article 5(1)(b)), in words that are translated once. A change of purpose asks again.
PURPOSES: Mapping[Purpose, str] = MappingProxyType(
    {
        "consent": N_("Remembers your cookie choices."),
        "authentication": N_("Keeps you signed in."),
        "security": N_("Keeps your visit secure and keeps you signed in."),
        "user_input": N_("Keeps what you enter, such as a basket or a form, until you are done."),
        "preferences": N_("Remembers how you like to use this site."),
        "attribution": N_("Remembers how you first found this site."),
        "audience_measurement": N_("Counts visits and shows which pages are read."),
        "embedded_video": N_("Shows videos inside our pages."),
        "embedded_post": N_("Shows social media posts inside our pages."),
        "embedded_audio": N_("Plays music and recordings inside our pages."),
        "embedded_map": N_("Shows maps inside our pages."),
        "embedded_document": N_("Shows documents, drawings and code inside our pages."),
        "embedded_form": N_("Shows forms and surveys inside our pages."),
        "reviews": N_("Shows reviews by our customers inside our pages."),
        "fonts": N_("Loads the typefaces of our pages."),
        "booking": N_("Lets you book an appointment inside our pages."),
        "comments": N_("Shows comments under our pages and lets you write one."),
        "chat": N_("Lets you write to us from every page."),
        "bot_protection": N_("Keeps robots out of our forms."),
        "payment": N_("Handles your payment."),
        "session_recording": N_("Records how our pages are used, to find what is difficult."),
        "error_monitoring": N_("Reports what goes wrong in our pages, so that we can mend it."),
        "page_testing": N_("Compares versions of our pages, to find the better one."),
        "campaign_measurement": N_("Recognises people who write to us, and measures our campaigns."),
        "advertising": N_("Measures what our advertisements lead to, and shows you others elsewhere."),
        "tag_management": N_("Loads further services that we choose outside this site."),
    }
)

#: Purposes that can be strictly necessary for what a visitor asks for (ePrivacy Directive, article 5(3); Article 29
#: Working Party, opinion 04/2012, section 3; CNIL 2020-091): never measuring or advertising, and no content of others.
#: Whether one is necessary on a site, the service's own `justification` has to say.
NECESSARY_PURPOSES: frozenset[Purpose] = frozenset(
    {"consent", "authentication", "security", "user_input", "preferences", "bot_protection", "payment", "booking"}
)

#: What a visitor does without who refuses a service of such a purpose, where it is more than the category says.
REFUSALS: Mapping[Purpose, str] = MappingProxyType(
    {
        "bot_protection": N_("Without it you cannot send the form that it protects; write to us another way."),
        "chat": N_("Without it, write to us another way."),
        "booking": N_("Without it, a link leads you to the calendar."),
        "comments": N_("Without it you see no comments."),
        "embedded_form": N_("Without it, write to us another way."),
        "payment": N_("Without it you cannot pay on our pages."),
    }
)

#: What an embed shows, and the sentence that says who shows it.
EMBEDS: Mapping[EmbedKind, str] = MappingProxyType(
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
        "form": N_("This form is kept by %(provider)s."),
        "document": N_("This document is shown by %(provider)s."),
        "reviews": N_("These reviews are shown by %(provider)s."),
    }
)

CATEGORIES: tuple[Category, ...] = (
    Category(
        id="necessary",
        title=N_("Strictly necessary cookies"),
        summary=N_("They let you move around this site and use what you ask for, such as signing in."),
        refusal=N_("They are always on, because the site cannot work without them. They are used for nothing else."),
        necessary=True,
        tells=("consent", "authentication", "security", "user_input"),
    ),
    Category(
        id="functionality",
        title=N_("Functionality cookies"),
        summary=N_("They remember your settings."),
        refusal=N_("If you refuse, this site forgets your preferences."),
        tells=("preferences",),
    ),
    Category(
        id="tracking",
        title=N_("Tracking cookies"),
        summary=N_("They remember how you first found this site."),
        refusal=N_("If you refuse, every visit looks to us like a first one. Nothing changes for you."),
        tells=("attribution",),
        heeds_signal=True,
    ),
    Category(
        id="performance",
        title=N_("Performance cookies"),
        summary=N_("They count visits and the pages read."),
        refusal=N_("If you refuse, your visit is not counted. Nothing changes for you."),
        tells=("audience_measurement",),
    ),
    Category(
        id="third_party",
        title=N_("Third party cookies"),
        summary=N_("They come with content of other companies, such as videos."),
        refusal=N_("If you refuse, you see a link instead, and can still load a single video or post."),
        tells=("embedded_video", "embedded_post"),
        heeds_signal=True,
    ),
)

#: The ids of the default categories, which mean the same on every site.
DEFAULT_IDS = frozenset(category.id for category in CATEGORIES)

#: The service under which the cookies of Flask and its extensions are shown. Its id has a hyphen, which no declared id
#: can have, so that it is never in the way of one.
FRAMEWORK = Service(
    id="app-cookies",
    name=N_("Signing in and forms"),
    category="necessary",
    purpose="security",
    justification=N_("Without them you could not sign in, and forms would not be safe."),
)
