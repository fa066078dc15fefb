"""Messages that wait to be sent: what kinds there are, when the next attempt is made, when none is left."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from tthc.domain.calendar import WorkingCalendar, office_time
from tthc.domain.text import is_email
from tthc.domain.vocabulary import DomainError, LabelledEnum

#: After so many failed attempts a message is put aside until somebody sends it again.
ATTEMPTS = 10
#: So long a message may wait although it could go out: longer, and somebody has to look.
LONGEST_LAG = timedelta(minutes=15)
#: A shorter secret can be guessed.
SECRET_LENGTH = 16
_FIRST_WAIT = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=6)


class Way(LabelledEnum):
    """By what a message goes out."""

    MAIL = "mail", "Thư điện tử"
    WEBHOOK = "webhook", "Webhook"


class MessageKind(LabelledEnum):
    """What a message is about."""

    TRIAL = "trial", "Thư thử"
    DIGEST = "digest", "Thư nhắc việc hằng ngày"
    ESCALATION = "escalation", "Hồ sơ quá hạn kéo dài"
    RECEIVED = "received", "Báo đã tiếp nhận hồ sơ"
    SUPPLEMENT = "supplement", "Báo cần bổ sung hồ sơ"
    DATE_MOVED = "date_moved", "Báo ngày hẹn trả mới"
    NOTICE = "notice", "Thông báo cho người quản lý hệ thống"
    READY = "ready", "Báo đã có kết quả"
    COLLECT = "collect", "Nhắc nhận kết quả"


@dataclass(frozen=True)
class MailServer:
    """The server that takes outgoing mail; ``security`` is none, starttls or tls."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @ of the sender, and of every Message-ID."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class Webhook:
    """Where messages for another system go, and the secret under which they are signed."""

    url: str
    secret: str


def webhook(url: str, secret: str) -> Webhook | None:
    """The webhook of the settings; ``None`` where none is set."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise DomainError("TTHC_WEBHOOK_URL phải có dạng https://máy_chủ/đường_dẫn.", "TTHC_WEBHOOK_URL")
    if len(secret) < SECRET_LENGTH:
        raise DomainError(
            f"TTHC_WEBHOOK_SECRET phải có ít nhất {SECRET_LENGTH} ký tự khi đã đặt TTHC_WEBHOOK_URL.",
            "TTHC_WEBHOOK_SECRET",
        )
    return Webhook(url, secret)


#: Scheme -> (security, port).
_SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}


def mail_server(url: str, sender: str) -> MailServer | None:
    """The server of ``smtp+starttls://user:password@host:587``; ``None`` where nothing is set.

    ``smtps://`` speaks TLS from the first byte, ``smtp://`` none at all.
    """
    if not url:
        return None
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _SCHEMES or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise DomainError(
            "TTHC_SMTP_URL phải có dạng smtp+starttls://tài_khoản:mật_khẩu@máy_chủ:587, smtps://… hoặc "
            "smtp://….",
            "TTHC_SMTP_URL",
        )
    if not is_email(sender):
        raise DomainError(
            "TTHC_MAIL_FROM phải là địa chỉ gửi thư, ví dụ motcua@bqlkkt.gov.vn, khi đã đặt TTHC_SMTP_URL.",
            "TTHC_MAIL_FROM",
        )
    security, usual = _SCHEMES[parts.scheme]
    return MailServer(
        parts.hostname,
        port or usual,
        security,
        sender,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def message_id(key: str) -> str:
    """The first part of a message's Message-ID: the same for the same key, whenever it is sent."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; ``None`` when there is no further one.

    2, 4, 8, … minutes, at most 6 hours: the ninth failure waits 6 hours, the tenth is the last.
    """
    if attempts >= ATTEMPTS:
        return None
    return min(_FIRST_WAIT * (1 << (attempts - 1)), _LONGEST_WAIT)


def lag(calendar: WorkingCalendar, now: datetime, ready_since: datetime | None) -> timedelta:
    """For how long the message that has waited longest could have gone out; nothing where none waits.

    What became ready overnight counts from the moment at which the office opened.
    """
    if ready_since is None:
        return timedelta()
    local = office_time(now)
    opened = [start for start, end in calendar.hours.on(local.date()) if start <= local < end]
    return max(timedelta(), now - max([ready_since, *opened]))


def is_working_time(calendar: WorkingCalendar, moment: datetime) -> bool:
    """Whether the office works at a moment: messages that are not urgent go out then only."""
    return opens_at(calendar, moment) == office_time(moment)


def opens_at(calendar: WorkingCalendar, moment: datetime) -> datetime:
    """When what is written at a moment and is not urgent goes out: nobody is called to work on a Sunday.

    At once where the office works; so it does in a year without a calendar, in which nobody can say.
    """
    try:
        return calendar.first_working_moment(moment)
    except DomainError:
        return office_time(moment)
