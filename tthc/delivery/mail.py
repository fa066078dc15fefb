"""One mail to one recipient over SMTP."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tthc.delivery import Failed, Refused, Unreachable
from tthc.domain.outbox import MailServer

#: Seconds within which the server has to answer.
PATIENCE = 30.0


@dataclass(frozen=True)
class Mail:
    """What is sent: subject, the text, and the same as HTML."""

    subject: str
    text: str
    html: str


class Mailer:
    """A connection to the mail server, opened with the first mail and kept for the next ones."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail, *, to: str, message_id: str, written_at: datetime) -> None:
        """Hand a mail over to the server; returns once the server has taken it.

        ``message_id`` is the part before the @. Raises :class:`Failed` for what may work later,
        :class:`Refused` for what will not, :class:`Unreachable` where there is no server to talk to.
        """
        message = self.compose(mail, to=to, message_id=message_id, written_at=written_at)
        connection = self._connection or self._open()
        self._connection = connection
        try:
            connection.send_message(message, self._server.sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            self.close()
            [(code, _)] = error.recipients.values()
            raise (Refused if code >= 500 else Failed)(f"Máy chủ thư không nhận địa chỉ này (mã {code}).")
        except smtplib.SMTPResponseException as error:
            self.close()
            raise Failed(f"Máy chủ thư không nhận thư này (mã {error.smtp_code}).")
        except (smtplib.SMTPException, OSError):
            self.close()
            raise Failed("Mất kết nối với máy chủ thư khi đang gửi.")

    def compose(self, mail: Mail, *, to: str, message_id: str, written_at: datetime) -> EmailMessage:
        """The mail as it goes over the wire."""
        message = EmailMessage(policy=SMTP)
        try:
            message["To"] = Address(addr_spec=to)
        except (MessageError, ValueError, IndexError):
            raise Refused("Địa chỉ thư của người nhận không đúng dạng.")
        message["From"] = self._server.sender
        message["Subject"] = mail.subject
        message["Message-ID"] = f"<{message_id}@{self._server.domain}>"
        message["Date"] = format_datetime(written_at)
        # Answering machines keep quiet (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._connection.close()
            self._connection = None

    def _open(self) -> smtplib.SMTP:
        server = self._server
        try:
            if server.security == "tls":
                context = ssl.create_default_context()
                connection: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=PATIENCE, context=context
                )
            else:
                connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
        except (smtplib.SMTPException, OSError):
            raise Unreachable("Không kết nối được máy chủ thư.")
        try:
            if server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError:
            connection.close()
            raise Unreachable("Máy chủ thư không nhận tài khoản hoặc mật khẩu đã đặt.")
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise Unreachable("Không thiết lập được kết nối an toàn với máy chủ thư.")
        return connection
