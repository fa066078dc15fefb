"""Who may open a page: every view names the action that it needs, or says that it is public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from tthc.domain.permissions import Action, Actor
from tthc.services import accounts
from tthc.web import context

View = TypeVar("View", bound=Callable[..., Any])

#: Marks a view that needs no account.
PUBLIC = "public"

#: Under which name a session keeps the count of the account's passwords.
EPOCH = "epoch"

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = "Đăng nhập để tiếp tục."


class SignedInPerson(UserMixin):
    """The account behind a session, with the roles that it holds today."""

    def __init__(self, account_id: int, actor: Actor, must_change_password: bool) -> None:
        self.id = account_id
        self.actor = actor
        self.must_change_password = must_change_password


@login_manager.user_loader
def load_person(account_id: str) -> SignedInPerson | None:
    """The account of a session; ``None`` once it is closed, has no role or got another password."""
    if not (account_id.isascii() and account_id.isdecimal() and len(account_id) < 10):
        return None
    number = int(account_id)
    person = accounts.signed_in(context.session(), number, on=context.today())
    if person is None or session.get(EPOCH) != person.epoch:
        return None
    return SignedInPerson(number, person.actor, person.must_change_password)


def requires(*actions: Action) -> Callable[[View], View]:
    """Let only those in who may do one of ``actions``; the service checks it again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                answer: ResponseReturnValue = login_manager.unauthorized()
                return answer
            if current_user.must_change_password and Action.OWN_ACCOUNT not in actions:
                return redirect(url_for("accounts.change_password"))
            if not any(current_user.actor.may(action) for action in actions):
                abort(403)
            return current_app.ensure_sync(view)(*args, **kwargs)

        guarded.guard = actions  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Let everybody in."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def guard_of(app: Flask, endpoint: str) -> tuple[Action, ...] | str | None:
    """What the view of an endpoint asks for; ``None`` if it names nothing."""
    return getattr(app.view_functions.get(endpoint), "guard", None)


def refuse_unguarded(app: Flask) -> None:
    """A view that was given no guard by mistake opens for nobody."""

    @app.before_request
    def check() -> None:
        endpoint = request.endpoint
        if endpoint is not None and endpoint != "static" and guard_of(app, endpoint) is None:
            abort(403)
