"""The public look-up ``/tra-cuu``: no sign-in, one small page that a cheap telephone shows."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.vocabulary import DomainError
from tthc.services import lookup
from tthc.services.lookup import FiledView, PublicView, TooOften
from tthc.web import context
from tthc.web.forms.base import clean_line
from tthc.web.forms.lookup import LookupForm
from tthc.web.guards import public

pages = Blueprint("lookup", __name__, url_prefix="/tra-cuu")


@pages.get("")
@public
def index() -> ResponseReturnValue:
    """The empty form; the QR code of form 02 or 03 of a filing brings its code along."""
    form = LookupForm(formdata=None)
    form.code.data = clean_line(request.args.get("code"))[:64]
    return _page(form)


@pages.post("")
@public
def ask() -> ResponseReturnValue:
    """What is told about a code, if the digits are right."""
    form = LookupForm()
    if form.validate():
        try:
            view = lookup.by_code(
                context.session(),
                now=context.machine_now(),
                address=_address(),
                code=form.code.data,
                digits=form.digits.data,
            )
        except DomainError as error:
            form.refuse(error)
            return _page(form, status=429 if isinstance(error, TooOften) else 422)
        return _page(form, view)
    return _page(form, status=422)


@pages.get("/<code:token>")
@public
def show(token: str) -> ResponseReturnValue:
    """What is told to whoever scans the receipt."""
    form = LookupForm(formdata=None)
    try:
        view = lookup.by_token(context.session(), now=context.machine_now(), address=_address(), token=token)
    except TooOften as error:
        form.refuse(error)
        return _page(form, status=429)
    if view is None:
        form.refuse(DomainError("Đường dẫn này không dẫn tới hồ sơ nào. Nhập mã hồ sơ để tra cứu."))
        return _page(form, status=404)
    return _page(form, view)


def _address() -> str:
    """Where the question comes from, as a hash that nobody can turn back without the key."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, (request.remote_addr or "").encode(), hashlib.sha256).hexdigest()


def _page(
    form: LookupForm, view: PublicView | FiledView | None = None, status: int = 200
) -> ResponseReturnValue:
    filed, found = (view, view.dossier) if isinstance(view, FiledView) else (None, view)
    return render_template("lookup/index.html", form=form, filed=filed, view=found), status
