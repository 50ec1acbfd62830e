"""The site's layout around our pages: what its templates are given, and our own layout where it cannot hold them.

A page on which consent is withdrawn has to be there whatever a template of the site does (GDPR, article 7(3)).
"""

from __future__ import annotations

from typing import Any

from flask import Flask, has_request_context, request
from jinja2 import TemplateError, nodes
from markupsafe import Markup

from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.signals import call, complain

from .resources import Templates

#: The layout of our own.
OWN_LAYOUT = "cookieconsent/layout.html"


def add_site_values(app: Flask, values: dict[str, Any]) -> None:
    """Add what the context processors of an app give to templates; values that are there already stay.

    Flask's own `update_template_context` has other parameters from version 3.2 on. What a processor raises is logged,
    outside of debugging and testing.
    """
    names = (None, *reversed(request.blueprints)) if has_request_context() else (None,)
    added: dict[str, Any] = {}
    for processor in (each for name in names for each in app.template_context_processors.get(name, ())):
        try:
            added |= call(processor)
        except Exception as error:
            if app.debug or app.testing:
                raise
            complain(
                "context processor %r failed, so a consent page is shown without its values", processor, error=error
            )
    values |= added | values


def lay_out(app: Flask, templates: Templates, base: str, page: dict[str, Any]) -> str:
    """Return a page inside the template *base*, or inside our own layout where that fails or leaves the page out.

    The failure is logged; it is raised instead while an app is debugged or tested.
    """
    try:
        return _inside(app, templates, base, page)
    except Exception as error:
        if app.debug or app.testing or base == OWN_LAYOUT:
            raise
        complain(
            "COOKIECONSENT_BASE_TEMPLATE %r does not show a consent page, which has our layout now", base, error=error
        )
        visit = get_visit()
        # The layout that failed may have had them.
        visit.has_form = visit.has_link = False
        visit.load_forms.clear()
        return _inside(app, templates, OWN_LAYOUT, page)


def _inside(app: Flask, templates: Templates, base: str, page: dict[str, Any]) -> str:
    # The layout gets one name from us, so that every other means there what it means on the site's own pages.
    values: dict[str, Any] = {"fcc_page": page | {"base_template": base}}
    add_site_values(app, values)
    html = templates.get("page.html").render(values)
    content: Markup = page["content"]
    if content not in html:
        raise SetupError(_without_block(base))
    return html


def refuse_layout(templates: Templates, base: str) -> None:
    """Refuse a base template whose source shows that it has no block for our pages.

    :raises SetupError: if neither it nor a template that it extends has the block `content`.
    """
    if templates.is_own_file("cookieconsent/page.html") and _lacks_block(templates, base, "content"):
        raise SetupError(_without_block(base))


def _without_block(base: str) -> str:
    return (
        f"COOKIECONSENT_BASE_TEMPLATE: found {base!r}, which has no block `content`; wanted a template in which the "
        "block `content` holds the page, or a cookieconsent/page.html of the site's own that fills another block"
    )


def _lacks_block(templates: Templates, base: str, block: str) -> bool:
    """Tell whether a template surely lacks a block; not where its source, or its parent, is only known later."""
    names, parent = set[str](), base
    while True:
        try:
            tree = templates.tree(parent)
        except (TemplateError, RuntimeError):  # loaders may need a request
            return False
        names |= {each.name for each in tree.find_all(nodes.Block)}
        extends = tree.find(nodes.Extends)
        if block in names or extends is None:
            return block not in names
        if not isinstance(extends.template, nodes.Const):
            return False
        parent = extends.template.value
