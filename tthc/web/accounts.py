"""Signing in and out, and changing one's password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import accounts
from tthc.web import context, guards, headers
from tthc.web.forms.accounts import ChangePasswordForm, SignInForm
from tthc.web.guards import SignedInPerson, requires
from tthc.web.paths import safe_target

pages = Blueprint("accounts", __name__)

#: Prefix of the fields of a form that waits for the sign-in to be sent again.
KEPT = "kept:"


@pages.route("/dang-nhap", methods=["GET", "POST"])
@guards.public
def sign_in() -> ResponseReturnValue:
    """Ask for name and password; a form that was interrupted is offered again afterwards."""
    form = SignInForm()
    if request.method in ("GET", "HEAD"):
        if current_user.is_authenticated:
            return redirect(safe_target(request.args.get("next")))
        form.next.data = request.args.get("next", "")
    elif form.validate():
        try:
            who = accounts.authenticate(
                context.session(),
                now=context.now(),
                machine_now=context.machine_now(),
                name=form.name.data,
                password=form.password.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return _enter(who, safe_target(form.next.data))
    status = 422 if form.summary() else 200
    return render_template(
        "accounts/sign_in.html", form=form, kept=_kept(), open_network=headers.over_open_network()
    ), status


def _enter(who: accounts.SignedIn, target: str) -> ResponseReturnValue:
    """Begin a fresh session, so that none that was planted before is taken over."""
    kept = _kept()
    session.clear()
    # The form's token belongs to the session that has just ended.
    g.pop("csrf_token", None)
    session.permanent = True
    session[guards.EPOCH] = who.epoch
    login_user(SignedInPerson(who.account_id, who.actor, who.must_change_password))
    if who.must_change_password:
        return redirect(url_for("accounts.change_password"))
    if kept:
        return render_template("accounts/resume.html", kept=kept, target=target)
    return redirect(target)


def _kept() -> list[tuple[str, str]]:
    return [
        (name.removeprefix(KEPT), text)
        for name, text in request.form.items(multi=True)
        if name.startswith(KEPT)
    ]


@pages.post("/dang-xuat")
@requires(Action.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    flash("Đã đăng xuất.", "info")
    return redirect(url_for("accounts.sign_in"))


@pages.route("/doi-mat-khau", methods=["GET", "POST"])
@requires(Action.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """A new password; demanded after a one-time one."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            accounts.change_password(
                context.session(),
                now=context.now(),
                machine_now=context.machine_now(),
                actor=context.actor(),
                current=form.current.data,
                new=form.new.data,
            )
        except DomainError as error:
            field = "new" if error.field == "password" else error.field
            form.refuse(DomainError(error.message, field))
        else:
            # Every other session of the account ends; this one goes on.
            session[guards.EPOCH] = accounts.session_epoch(context.session(), current_user.id)
            flash("Đã đổi mật khẩu.", "done")
            return redirect(url_for("home.index"))
    return render_template("accounts/password.html", form=form), 422 if form.summary() else 200
