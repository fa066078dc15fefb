"""A real mail server for the tests: it keeps what it takes, and fails when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

#: What becomes of a mail: an answer of SMTP, or None for a connection that breaks.
Fate = Callable[["Taken", EmailMessage], str | None]


class Taken:
    """The mails that the server has taken, in order, and who it refuses."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0
        #: Asked before a mail is taken; an answer that does not begin with 2 refuses it.
        self.before: Fate = lambda _, __: "250 OK"
        #: Told after a mail was taken, before the sender hears of it.
        self.after: Callable[[Taken], None] = lambda _: None
        self.refused: set[str] = set()

    @property
    def url(self) -> str:
        """The address of the server, as TTHC_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[str]:
        """The Message-IDs in the order of arrival."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take an address, or refuse it for good."""
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, or do to it what the test wants."""
        mail: Any = message_from_bytes(envelope.content, policy=policy.SMTP)
        answer = self.before(self, mail)
        if answer is None:
            server.transport.abort()
            return "421 gone"
        if answer.startswith("2"):
            self.mails.append(mail)
            self.after(self)
        return answer


class FreePort(Controller):
    """A controller that takes any free port; its own greeting to itself needs to know which."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving() -> Iterator[Taken]:
    """A mail server on a free port."""
    taken = Taken()
    controller = FreePort(taken, hostname="127.0.0.1", port=0, ready_timeout=30)
    controller.start()
    taken.port = controller.port
    try:
        yield taken
    finally:
        controller.stop()
