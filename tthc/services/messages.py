"""What messages say: each kind from its payload, as plain text and the same as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from tthc.delivery.mail import Mail
from tthc.domain.notices import NoticeKind, sentence
from tthc.domain.outbox import MessageKind
from tthc.domain.vocabulary import AlertStage

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


def _digest(payload: Payload) -> _Words:
    day = _day(payload["on"])
    return _Words(
        f"Nhắc việc ngày {day}: {_counted(payload)}",
        [f"Hồ sơ, phản ánh, kiến nghị cần chú ý, tính đến sáng {day}.", *_stages(payload)],
    )


def _escalation(payload: Payload) -> _Words:
    return _Words(
        f"Quá hạn kéo dài: {_counted(payload)}",
        [
            "Các hồ sơ sau vẫn quá hạn và cần được giải quyết hoặc trả lời cảnh báo.",
            *_unanswered(payload),
            *_stages(payload),
        ],
    )


def _unanswered(payload: Payload) -> list[str]:
    """How many alerts went up because nobody answered."""
    count = payload.get("unanswered", 0)
    return [f"Trong đó {count} cảnh báo chưa được trả lời, nay chuyển lên cấp trên."] if count else []


def _received(payload: Payload) -> _Words:
    return _Words(
        f"Hồ sơ {payload['code']} đã được tiếp nhận",
        [
            f"Hồ sơ {_named(payload)} đã được tiếp nhận ngày {_day(payload['on'])}.",
            f"Ngày hẹn trả kết quả: {_day(payload['due_on'])}.",
        ],
    )


def _supplement(payload: Payload) -> _Words:
    return _Words(
        f"Hồ sơ {payload['code']} cần bổ sung",
        [
            f"Hồ sơ {_named(payload)} cần bổ sung theo phiếu yêu cầu ngày {_day(payload['on'])}.",
            "Liên hệ nơi tiếp nhận hồ sơ để nhận phiếu và biết giấy tờ cần bổ sung.",
        ],
    )


def _date_moved(payload: Payload) -> _Words:
    return _Words(
        f"Hồ sơ {payload['code']} có ngày hẹn trả mới",
        [f"Ngày hẹn trả kết quả của hồ sơ {_named(payload)} nay là {_day(payload['due_on'])}."],
    )


def _ready(payload: Payload) -> _Words:
    return _Words(
        f"Hồ sơ {payload['code']} đã có kết quả",
        [
            f"Hồ sơ {_named(payload)} đã được giải quyết ngày {_day(payload['on'])}.",
            "Mang theo giấy tiếp nhận và hẹn trả khi đến nhận kết quả.",
        ],
    )


def _collect(payload: Payload) -> _Words:
    return _Words(
        f"Hồ sơ {payload['code']}: kết quả chưa được nhận",
        [
            f"Hồ sơ {_named(payload)} đã có kết quả từ ngày {_day(payload['on'])} và chưa được nhận.",
            "Khi đến nhận, mang theo giấy tiếp nhận và hẹn trả, giấy tờ tùy thân.",
            "Người nhận thay mang theo giấy ủy quyền hoặc giấy giới thiệu.",
        ],
    )


def _notice(payload: Payload) -> _Words:
    kind = NoticeKind(payload["kind"])
    return _Words(kind.label, [sentence(kind, payload["about"])])


def _named(payload: Payload) -> str:
    """The dossier by its code and procedure."""
    return f"{payload['code']} ({payload['procedure']})"


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def _counted(payload: Payload) -> str:
    """The numbers of the subject, the worst first: "2 quá hạn, 1 sắp đến hạn"."""
    return ", ".join(
        f"{section['count']} {AlertStage(stage).label.lower()}"
        for stage, section in reversed(payload["stages"].items())
    )


def _stages(payload: Payload) -> list[str | _Table]:
    parts: list[str | _Table] = []
    for stage, section in reversed(payload["stages"].items()):
        rows = [(code, procedure, f"hạn {_day(due_on)}") for code, procedure, due_on in section["named"]]
        parts.append(_Table(f"{AlertStage(stage).label} ({section['count']})", rows))
        more = section["count"] - len(rows)
        if more:
            parts.append(f"Và {more} việc khác, xem ở trang Cảnh báo.")
    return parts


_KINDS: Mapping[MessageKind, Callable[[Payload], _Words]] = {
    MessageKind.TRIAL: _trial,
    MessageKind.DIGEST: _digest,
    MessageKind.ESCALATION: _escalation,
    MessageKind.RECEIVED: _received,
    MessageKind.SUPPLEMENT: _supplement,
    MessageKind.DATE_MOVED: _date_moved,
    MessageKind.READY: _ready,
    MessageKind.COLLECT: _collect,
    MessageKind.NOTICE: _notice,
}
