"""One's own account: where mail about one's work goes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import own_account
from tthc.web import context
from tthc.web.forms.own_account import EmailForm
from tthc.web.guards import requires

pages = Blueprint("own_account", __name__, url_prefix="/tai-khoan")


@pages.get("")
@requires(Action.OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    """Name, address, and the way to a new password."""
    view = own_account.get_own_account(context.session(), actor=context.actor())
    form = EmailForm(formdata=None)
    form.email.data = view.email
    return render_template("own_account/show.html", view=view, form=form)


@pages.post("/thu-dien-tu")
@requires(Action.OWN_ACCOUNT)
def set_email() -> ResponseReturnValue:
    """The address entered."""
    form = EmailForm()
    if form.validate():
        try:
            own_account.set_own_email(
                context.session(), now=context.now(), actor=context.actor(), email=form.email.data or ""
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã lưu địa chỉ thư điện tử.", "done")
            return redirect(url_for("own_account.show"))
    view = own_account.get_own_account(context.session(), actor=context.actor())
    return render_template("own_account/show.html", view=view, form=form), 422
