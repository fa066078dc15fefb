"""One's own account: where mail about one's work goes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import feeds, own_account
from tthc.web import context
from tthc.web.forms.own_account import EmailForm
from tthc.web.guards import requires

pages = Blueprint("own_account", __name__, url_prefix="/tai-khoan")


@pages.get("")
@requires(Action.OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    """Name, address, and the way to a new password."""
    return _page()


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
    return _page(form)


@pages.post("/lich")
@requires(Action.OWN_ACCOUNT)
def renew_feed() -> ResponseReturnValue:
    """A new address of one's calendar, shown this once."""
    secret = feeds.renew_feed(context.session(), now=context.now(), actor=context.actor())
    return _page(address=url_for("feeds.calendar", token=secret, _external=True))


@pages.post("/lich/thoi-dung")
@requires(Action.OWN_ACCOUNT)
def end_feed() -> ResponseReturnValue:
    """No calendar any more."""
    feeds.end_feed(context.session(), now=context.now(), actor=context.actor())
    flash("Đã thôi dùng lịch; địa chỉ cũ không còn mở được.", "done")
    return redirect(url_for("own_account.show"))


def _page(sent: EmailForm | None = None, address: str = "") -> ResponseReturnValue:
    view = own_account.get_own_account(context.session(), actor=context.actor())
    form = sent
    if form is None:
        form = EmailForm(formdata=None)
        form.email.data = view.email
    page = render_template("own_account/show.html", view=view, form=form, address=address)
    return page, 422 if sent else 200
