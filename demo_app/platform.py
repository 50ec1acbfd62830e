"""The Platform: customers and invoices, for the demo users."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from flask_cookieconsent import current_consent

from .consents import LAYOUT_COOKIE, remember, require_own_page
from .forms import LAYOUTS, LayoutForm, SignOutForm
from .people import PEOPLE
from .records import COLUMNS, STATUSES, customers_by, invoices_with, months, totals

blueprint = Blueprint("platform", __name__, url_prefix="/platform")

OPEN_TO_ALL = {"platform.sign_in", "platform.enter"}


@blueprint.before_request
def require_person() -> BaseResponse | None:
    """Send everybody who is not signed in to the page where one signs in."""
    g.person = PEOPLE.get(session.get("person", ""))
    if g.person is None and request.endpoint not in OPEN_TO_ALL:
        return redirect(url_for(".sign_in"), 303)
    return None


@blueprint.after_request
def keep_to_oneself(response: Response) -> Response:
    """Let no cache keep what a signed-in person sees."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.url_defaults
def carry_layout(endpoint: str, values: dict[str, Any]) -> None:
    """Keep `?layout=` in the links of the Platform for as long as it is not remembered otherwise."""
    asked = request.args.get("layout")
    if asked in LAYOUTS and asked != remembered_layout():
        values.setdefault("layout", asked)


def remembered_layout() -> str | None:
    """Return the layout of the cookie, if there is one and the visitor lets us read it."""
    remembered = request.cookies.get(LAYOUT_COOKIE)
    return remembered if remembered in LAYOUTS and current_consent.allows("layout") else None


def present_layout() -> str:
    """Return the layout that was asked for, else the remembered one, else the first."""
    asked = request.args.get("layout")
    return asked if asked in LAYOUTS else remembered_layout() or LAYOUTS[0]


@blueprint.get("/")
def start() -> BaseResponse:
    """Open the page that the signed-in person works with most."""
    return redirect(url_for(f".{g.person.page}"), 303)


@blueprint.get("/sign-in")
def sign_in() -> BaseResponse | str:
    """List the demo users."""
    return redirect(url_for(".start"), 303) if g.person else render_template("platform/sign_in.html", people=PEOPLE)


@blueprint.post("/sign-in")
def enter() -> BaseResponse:
    """Sign a demo user in; only here does a session begin."""
    require_own_page()
    person = request.form.get("person", "")
    if person not in PEOPLE:
        abort(400)
    session.clear()
    session["person"] = person
    return redirect(url_for(".start"), 303)


@blueprint.post("/sign-out")
def sign_out() -> BaseResponse:
    """End the session, and with it the cookie."""
    if not SignOutForm().validate():
        abort(400)
    session.clear()
    return redirect(url_for(".sign_in"), 303)


@blueprint.get("/customers")
def customers() -> str:
    """List the customers in the order that was asked for."""
    sort = request.args.get("sort", "")
    sort = sort if sort.removeprefix("-") in COLUMNS else "company"
    return _page("customers", sort, customers=customers_by(sort), columns=COLUMNS)


@blueprint.get("/invoices")
def invoices() -> str:
    """List the invoices, all or those of one status."""
    status = request.args.get("status", "")
    status = status if status in STATUSES else ""
    return _page("invoices", status, invoices=invoices_with(status), totals=totals(), months=months())


@blueprint.post("/layout")
def set_layout() -> BaseResponse:
    """Change the layout of the tables: for good where the visitor allows it, otherwise from link to link."""
    form = LayoutForm()
    if not form.validate():
        abort(400)
    page, view = f".{form.page.data}", form.view.data or None
    values: dict[str, Any] = {"sort" if page == ".customers" else "status": view}
    if not current_consent.allows("layout"):
        return redirect(url_for(page, **values, layout=form.layout.data), 303)
    response = redirect(url_for(page, **values), 303)
    remember(response, LAYOUT_COOKIE, form.layout.data)
    return response


def _page(page: str, view: str, **content: Any) -> str:
    return render_template(
        f"platform/{page}.html",
        page=page,
        view=view,
        layout=present_layout(),
        layouts=LAYOUTS,
        layout_form=LayoutForm(formdata=None),
        sign_out_form=SignOutForm(formdata=None),
        **content,
    )
