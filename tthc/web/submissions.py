"""A form that is sent twice, by a double click or by going back, is carried out once."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Event, Lock

from flask import current_app, session

#: How many forms are remembered; an older one sent again is a new one.
_REMEMBERED = 2000
_IN_SESSION = 5
_PATIENCE = 30.0


def new_token() -> str:
    """A name for one rendering of a form."""
    return secrets.token_urlsafe(12)


class _Form:
    """One form that was sent: its result once there is one."""

    def __init__(self) -> None:
        self.settled = Event()
        self.result: str | None = None


class Submissions:
    """The forms that this process has carried out or is carrying out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forms: OrderedDict[str, _Form] = OrderedDict()

    def once(self, token: str, act: Callable[[], str]) -> str:
        """The result of ``act``; for a token seen before the result that it had then."""
        while True:
            with self._lock:
                form = self._forms.get(token)
                mine = form is None
                if form is None:
                    form = self._forms[token] = _Form()
                    while len(self._forms) > _REMEMBERED:
                        self._forms.popitem(last=False)
            if mine:
                return self._carry_out(token, form, act)
            form.settled.wait(_PATIENCE)
            if form.result is not None:
                return form.result
            with self._lock:
                if self._forms.get(token) is form:
                    del self._forms[token]

    def carried_out(self, token: str) -> bool:
        """Whether a form is carried out or being carried out."""
        with self._lock:
            return token in self._forms

    def _carry_out(self, token: str, form: _Form, act: Callable[[], str]) -> str:
        """A refusal settles nothing: the corrected form carries the same token."""
        try:
            form.result = act()
        except BaseException:
            with self._lock:
                if self._forms.get(token) is form:
                    del self._forms[token]
            raise
        finally:
            form.settled.set()
        return form.result


def once(token: str, act: Callable[[], str]) -> str:
    """Carry out ``act`` once per token, in this process and, through the session, after a restart."""
    if not token:
        return act()
    done: list[list[str]] = session.get("sent", [])
    for known, result in done:
        if known == token:
            return result
    submissions: Submissions = current_app.extensions.setdefault("tthc_submissions", Submissions())
    result = submissions.once(token, act)
    session["sent"] = [*done[-(_IN_SESSION - 1) :], [token, result]]
    return result


def carried_out(token: str) -> bool:
    """Whether the form of a token has been carried out already."""
    submissions: Submissions | None = current_app.extensions.get("tthc_submissions")
    return any(known == token for known, _ in session.get("sent", [])) or (
        submissions is not None and submissions.carried_out(token)
    )
