"""What messages say: each kind from its payload, as plain text and the same as HTML.

A mail about alerts lists them in sections (:data:`_SECTIONS`); ``people`` in its payload are the names of
those who have in hand what is listed, looked up when it is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from tthc.delivery.mail import Mail
from tthc.domain.notices import NoticeKind, sentence
from tthc.domain.outbox import MessageKind
from tthc.domain.vocabulary import AlertStage, SubjectKind

Payload = Mapping[str, Any]
#: Under every mail: it is written by a program, and nobody reads answers.
_FOOT = "Thư này do hệ thống theo dõi hồ sơ thủ tục hành chính gửi tự động; không trả lời thư này."
#: What is late, and is a step or a request to supplement, so that nobody answers for it.
IN_HAND, UNHELD = "in_hand", "unheld"
#: The sections of a mail about alerts, the worst first: caption, and how the subject counts it.
_SECTIONS: Mapping[str, tuple[str, str]] = {
    AlertStage.ESCALATED.value: ("Quá hạn", "quá hạn"),
    AlertStage.OVERDUE.value: ("Quá hạn", "quá hạn"),
    IN_HAND: ("Bước xử lý, yêu cầu bổ sung quá hạn bạn đang giữ", "quá hạn"),
    UNHELD: ("Bước xử lý, yêu cầu bổ sung quá hạn chưa có người xử lý", "quá hạn"),
    AlertStage.DUE_TODAY.value: ("Đến hạn hôm nay", "đến hạn hôm nay"),
    AlertStage.DUE_SOON.value: ("Sắp đến hạn", "sắp đến hạn"),
}
_COUNTED: Mapping[str, str] = {
    SubjectKind.CONSULTATION.value: "văn bản lấy ý kiến",
    **{
        kind.value: kind.label.lower()
        for kind in (SubjectKind.DOSSIER, SubjectKind.STEP, SubjectKind.SUPPLEMENT, SubjectKind.PETITION)
    },
}


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
    counts: Counter[str] = Counter()
    for name, section in _sections(payload):
        counts[_SECTIONS[name][1]] += section["count"]
    counted = ", ".join(f"{count} {words}" for words, count in counts.items())
    at = f"{payload['at']} ngày" if "at" in payload else "ngày"
    what = "Hồ sơ, bước xử lý, yêu cầu bổ sung, văn bản lấy ý kiến, phản ánh, kiến nghị cần chú ý"
    return _Words(
        f"Nhắc việc ngày {day}: {counted}",
        [f"{what}, tính đến {at} {day}.", *_unanswered(payload), *_tables(payload)],
    )


def _escalation(payload: Payload) -> _Words:
    counts: Counter[str] = Counter()
    for _, section in _sections(payload):
        counts.update(section.get("kinds", {"": section["count"]}))
    counted = ", ".join(f"{count} {_COUNTED.get(kind, 'việc')}" for kind, count in counts.items())
    asked = any(name not in {IN_HAND, UNHELD} for name, _ in _sections(payload))
    return _Words(
        f"Quá hạn: {counted}",
        [
            *(["Những việc quá hạn sau cần được giải quyết hoặc trả lời cảnh báo."] if asked else []),
            *_unanswered(payload),
            *_tables(payload),
        ],
    )


def _unanswered(payload: Payload) -> list[str]:
    """How many alerts nobody has answered in time."""
    count, days = payload.get("unanswered", 0), payload.get("answer_days", 0)
    after = f" sau {days:02d} ngày làm việc" if days else ""
    return [f"Trong đó {count} cảnh báo chưa được trả lời{after}."] if count else []


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


def _sections(payload: Payload) -> list[tuple[str, Any]]:
    return [(name, payload["stages"][name]) for name in _SECTIONS if name in payload["stages"]]


def _tables(payload: Payload) -> list[str | _Table]:
    parts: list[str | _Table] = []
    people = payload.get("people", {})
    for name, section in _sections(payload):
        rows = [_line(people, *line) for line in section["named"]]
        kept = [any(cells) for cells in zip(*rows, strict=True)]
        shown = [[cell for cell, keep in zip(row, kept, strict=True) if keep] for row in rows]
        parts.append(_Table(f"{_SECTIONS[name][0]} ({section['count']})", shown))
        more = section["count"] - len(rows)
        if more:
            parts.append(f"Và {more} việc khác, xem ở trang Cảnh báo.")
    return parts


def _line(
    people: Mapping[str, str],
    code: str,
    subject: str,
    due_on: str,
    remaining: str = "",
    holder: int | None = None,
    mark: str = "",
) -> tuple[str, ...]:
    """``holder``: ``None`` where nobody has to be named, 0 where nobody has it in hand."""
    when = f"hạn {_day(due_on)}" + (f", {remaining}" if remaining else "")
    who = "chưa có người xử lý" if holder == 0 else people.get(str(holder), "")
    return code, subject, when, who, mark


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
