"""What messages say: each kind from its payload, as plain text and the same as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tthc.delivery.mail import Mail
from tthc.domain.outbox import MessageKind

Payload = Mapping[str, Any]
#: Under every mail: it is written by a program, and nobody reads answers.
_FOOT = "Thư này do hệ thống theo dõi hồ sơ thủ tục hành chính gửi tự động; không trả lời thư này."


@dataclass(frozen=True)
class _Table:
    """Lines under a heading, each a row of cells."""

    caption: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Words:
    """A mail before it becomes text and HTML: paragraphs and tables in their order."""

    subject: str
    parts: Sequence[str | _Table]


def compose(kind: MessageKind, payload: Payload) -> Mail:
    """The mail of a kind with this payload."""
    words = _KINDS[kind](payload)
    parts = [*words.parts, _FOOT]
    text = "\n\n".join(_text(part) for part in parts) + "\n"
    body = "\n".join(_html(part) for part in parts)
    html = (
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">'
        f"<title>{escape(words.subject)}</title></head>\n<body>\n{body}\n</body></html>\n"
    )
    return Mail(words.subject, text, html)


def _text(part: str | _Table) -> str:
    if isinstance(part, str):
        return part
    lines = [f"- {' · '.join(cell for cell in row if cell)}" for row in part.rows]
    return "\n".join([f"{part.caption}:", *lines])


def _html(part: str | _Table) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in part.rows
    )
    return (
        f'<table border="1" cellpadding="6" cellspacing="0">\n<caption>{escape(part.caption)}</caption>\n'
        f"{rows}\n</table>"
    )


def _trial(payload: Payload) -> _Words:
    return _Words("Thư thử", ["Nhận được thư này nghĩa là hệ thống gửi được thư điện tử."])


_KINDS: Mapping[MessageKind, Callable[[Payload], _Words]] = {MessageKind.TRIAL: _trial}
