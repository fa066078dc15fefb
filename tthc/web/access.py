"""The log of looks: noted with every page that shows data of applicants, written together, and shown."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import access
from tthc.services.access import APPLICANT, DOSSIER, FILING, Look, LookPage
from tthc.web import context
from tthc.web.forms.access import AccessFilterForm
from tthc.web.forms.base import options
from tthc.web.guards import requires

pages = Blueprint("access", __name__, url_prefix="/nhat-ky-truy-cap")

#: Under which part of an address stands what a blueprint shows.
_SHOWN = {
    "dossiers": (DOSSIER, "code"),
    "applicants": (APPLICANT, "applicant_id"),
    "hand_overs": (DOSSIER, "code"),
    "filings": (FILING, "filing_id"),
}
_BOOK = "tthc_looks"
#: So many are written at once even before their time.
_MANY = 200

log = logging.getLogger(__name__)


class LookBook:
    """Looks that wait to be written together: a page that is only read need not wait for the disk.

    They are written ``seconds`` after the first of them, before the log is shown, and when the process
    ends; with 0 each at once.
    """

    def __init__(self, write: Callable[[list[Look]], None], seconds: float) -> None:
        self._write = write
        self._seconds = seconds
        self._waiting: list[Look] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._at_exit = False

    def add(self, look: Look) -> None:
        """Note a look."""
        with self._lock:
            self._waiting.append(look)
            now = self._seconds <= 0 or len(self._waiting) >= _MANY
            if not now and self._timer is None:
                self._timer = threading.Timer(self._seconds, self.flush)
                self._timer.daemon = True
                self._timer.start()
            if not self._at_exit:
                # Not before there is something: a worker process is forked after the application is made.
                self._at_exit = True
                atexit.register(self.flush)
        if now:
            self.flush()

    def flush(self) -> None:
        """Write what waits; what cannot be written now waits on."""
        with self._lock:
            looks, self._waiting, self._timer = self._waiting, [], None
        if not looks:
            return
        try:
            self._write(looks)
        except Exception as error:
            log.error(
                "Chưa ghi được nhật ký truy cập (%s); sẽ ghi lại sau.",
                type(error).__name__,
                exc_info=log.isEnabledFor(logging.DEBUG),
            )
            with self._lock:
                self._waiting = looks + self._waiting


def register(app: Flask) -> None:
    """Note every look from now on."""

    def write(looks: list[Look]) -> None:
        with app.app_context():
            access.record(context.session(), looks)

    app.extensions[_BOOK] = LookBook(write, app.config["ACCESS_LOG_SECONDS"])

    @app.after_request
    def note(answer: Response) -> Response:
        blueprint = (request.blueprint or "").partition(".")[0]
        kind, name = _SHOWN.get(blueprint, ("", ""))
        key = (request.view_args or {}).get(name)
        if kind and key is not None and answer.status_code == 200 and current_user.is_authenticated:
            subject = access.subject_of(kind, key)
            book: LookBook = app.extensions[_BOOK]
            book.add(Look(context.machine_now(), current_user.id, subject))
        return answer


@pages.get("")
@requires(Action.VIEW_ACCESS_LOG)
def index() -> ResponseReturnValue:
    """Who looked at what, newest first."""
    current_app.extensions[_BOOK].flush()
    form = AccessFilterForm(request.args)
    form.account_id.choices = options(access.people(context.session(), actor=context.actor()), "Mọi người")
    form.validate()
    found = LookPage([], None)
    try:
        found = access.list_looks(
            context.session(),
            actor=context.actor(),
            subject=form.right("subject") or "",
            account_id=form.right("account_id"),
            from_on=form.right("from_on"),
            to_on=form.right("to_on"),
            before=form.right("truoc"),
        )
    except DomainError as error:
        form.refuse(error)
    same = {name: request.args[name] for name in form._fields if request.args.get(name) and name != "truoc"}
    return render_template("access/index.html", form=form, found=found, same=same), (
        422 if form.summary() else 200
    )
