"""The rules of the audit: an id for machines, a title, how bad a breach is, and what the law or the browser says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: An error is told to visitors wrongly, or happens without their consent; a warning may be meant.
Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One rule of the audit; `law` names the rules of docs/rules.md that it stands for."""

    id: str
    title: str
    level: Level
    why: str
    law: str = ""


def _rules(*rules: Rule) -> Mapping[str, Rule]:
    return MappingProxyType({rule.id: rule for rule in rules})


#: By id, in the order in which findings are told.
RULES: Mapping[str, Rule] = _rules(
    Rule(
        "contact-before-choice",
        "A declared third party is contacted before it is allowed",
        "error",
        "The browser tells its address and the page to a third party that the visitor has not allowed.",
        "A1, A2",
    ),
    Rule(
        "undeclared-host",
        "A page contacts a host that no service declares",
        "error",
        "Whoever is contacted receives the visitor's address, and has to be named.",
        "C3",
    ),
    Rule(
        "embed-past-helper",
        "Content of a declared service stands in a page without a placeholder",
        "error",
        "It loads before anybody has allowed it; the helper shows a placeholder first.",
        "A1",
    ),
    Rule(
        "inline-loader",
        "A script in a page loads a third party by itself",
        "error",
        "No consent stops a script that the page starts by itself.",
        "A1",
    ),
    Rule(
        "cookie-before-choice",
        "A cookie of an optional service is set before it is allowed",
        "error",
        "Storage on a visitor's device needs consent first (ePrivacy Directive, article 5(3)).",
        "A1, A3",
    ),
    Rule(
        "undeclared-cookie",
        "A cookie is set that no service declares",
        "error",
        "Visitors are told of every cookie, its purpose and its life.",
        "C2",
    ),
    Rule(
        "cookie-too-long",
        "A cookie is set for longer than is declared",
        "error",
        "How long a cookie lasts is part of what visitors agree to.",
        "C2",
    ),
    Rule(
        "storage-before-choice",
        "A key of an optional service is stored before it is allowed",
        "error",
        "Storage on a visitor's device needs consent first, whatever it is called (ePrivacy Directive, article 5(3)).",
        "A1, A3",
    ),
    Rule(
        "undeclared-storage",
        "A script stores something that no service declares",
        "error",
        "Visitors are told of everything that is stored with them, its purpose and its life.",
        "C2",
    ),
    Rule(
        "forbidden-read",
        "A script reads what belongs to a service that is not allowed",
        "error",
        "To gain access to what is stored needs consent as much as to store it (ePrivacy Directive, article 5(3)).",
        "A1, A10",
    ),
    Rule(
        "survives-withdrawal",
        "What an optional service has stored is still there after a withdrawal",
        "error",
        "Consent is as easy to withdraw as to give, and what rested on it goes with it (GDPR, article 7(3)).",
        "E3",
    ),
    Rule(
        "shared-page",
        "An answer that depends on the visitor may be kept by shared caches",
        "error",
        "A cache would give one visitor's page to the next.",
        "A8",
    ),
    Rule(
        "unfair-template",
        "A template makes refusing harder than accepting",
        "error",
        "Refusing has to be as easy as accepting.",
        "B1, B2, B3",
    ),
    Rule(
        "page-without-pieces",
        "A page lacks the banner, the link to the settings, or our head",
        "error",
        "Without them nobody can choose, or change their mind, on this page.",
        "B4, E1",
    ),
    Rule(
        "nothing-read",
        "No page of the site was shown to a visitor",
        "error",
        "An audit that has read no page says nothing, and a site that shows none to who refuses leaves no choice.",
        "B5",
    ),
    Rule(
        "unreadable-page",
        "A page raises, or answers with an error of the server",
        "error",
        "What cannot be read cannot be judged.",
    ),
    Rule(
        "unfair-look",
        "In a page, refusing looks less easy than accepting",
        "error",
        "Both answers are equally easy to see and to press, on every screen.",
        "B1, B2",
    ),
    Rule(
        "inaccessible-piece",
        "A piece of ours cannot be used by everybody on a page of the site",
        "error",
        "Who cannot read or reach the answers has given none (WCAG 2.2).",
        "H4, H5, H6",
    ),
    Rule(
        "csp-violation",
        "A page breaks its Content-Security-Policy",
        "warning",
        "The browser blocks it, or would; either the page or the policy says something wrong.",
    ),
    Rule(
        "undeclared-content",
        "Stored content shows something that no service declares",
        "warning",
        "Visitors read that something is missing; declare its service, and they can allow it.",
    ),
    Rule(
        "reported-host",
        "Pages load a host that no service declares, browsers report",
        "warning",
        "Whoever is contacted receives the visitor's address. An extension of a visitor may have loaded it as well: "
        "declare what you find in your pages.",
        "C3",
    ),
    Rule(
        "reported-inline",
        "Pages run code that stands in them, browsers report",
        "warning",
        "A policy that is enforced blocks it, and one that allows it stops no vendor's either.",
    ),
    Rule(
        "seen-cookie",
        "Browsers bring a cookie that no service declares",
        "warning",
        "A script of the site or of a vendor has set it, another site of your domain, or an older release.",
        "C2",
    ),
    Rule(
        "stale-cookie",
        "A declared cookie was never seen",
        "warning",
        "A declaration that says too much is not true either.",
        "C2",
    ),
    Rule(
        "unused-service",
        "A service with an embed or a tag is declared, and no page shows it",
        "warning",
        "Visitors are asked about something that the site does not do.",
        "C2",
    ),
)

#: The rules about what visitors' browsers have told; all others are about a walk.
OF_VISITORS = frozenset(("reported-host", "reported-inline", "seen-cookie"))
#: Rules about what scripts do and how pages look, which nobody judges without a browser.
IN_BROWSER = frozenset(
    {
        "storage-before-choice",
        "undeclared-storage",
        "forbidden-read",
        "survives-withdrawal",
        "unfair-look",
        "inaccessible-piece",
        "csp-violation",
    }
)
