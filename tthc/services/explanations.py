"""How the due date of a dossier was counted: as a strip of days, and as a paper for whoever filed it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.documents import printing
from tthc.documents.day_strip import DayStrip, StripFacts
from tthc.domain.calendar import office_time, weekday_name
from tthc.domain.due_dates import DueDate
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import written_date
from tthc.domain.vocabulary import DueCause, EventKind
from tthc.services import dossier_page, units, worklists
from tthc.services.documents import DEMO_NOTE
from tthc.services.dossier_views import DossierView
from tthc.services.legal_bases import extension_rule, supplement_rule

#: What makes the clock stand until something else happens.
_STOPS = frozenset({EventKind.REQUEST_SUPPLEMENT, EventKind.REQUEST_PAYMENT, EventKind.PAUSE})


def strip_of(view: DossierView, today: date, *, today_words: str = "Hôm nay") -> StripFacts:
    """The days of a dossier from its receipt on, with the day that it ended or today's."""
    ended_on = office_time(view.ended_at).date() if view.ended_at else None
    stops = [entry.occurred_at for entry in view.timeline if entry.kind in _STOPS]
    return StripFacts(
        tuple(view.explanation),
        received_on=view.row.received_on,
        due_on=view.row.due_on,
        first_due_on=view.first_due_on,
        now_on=ended_on or today,
        now_words="Kết thúc" if ended_on else today_words,
        stopped_since=office_time(stops[-1]).date() if view.row.waiting and stops else None,
    )


def strip_of_due(due: DueDate) -> StripFacts:
    """The days of a due date that nobody was promised yet."""
    return StripFacts(tuple(due.days), received_on=due.days[0].date, due_on=due.due_on)


def explanation_paper(
    session: Session, *, now: datetime, actor: Actor, code: str, demo: bool = False
) -> bytes:
    """The explanation of the due date in force as an A4 PDF; nothing is recorded, nothing promised anew."""
    actor.require(Action.VIEW_DOSSIERS)
    view = dossier_page.get_dossier(session, actor=actor, now=now, code=code)
    issued_on = office_time(now).date()
    unit = units.header(session, issued_on, actor.unit_id)
    return printing.render_pdf(
        "explanation",
        {
            **_content(view),
            "strip": _drawn(strip_of(view, issued_on, today_words="Ngày lập").laid_out()),
            "superior": unit.superior,
            "unit": unit.name,
            "place": unit.place,
            "issued_on": written_date(issued_on),
            "qr_svg": printing.qr_svg(view.row.code),
            "demo_note": DEMO_NOTE if demo else "",
        },
    )


def _content(view: DossierView) -> dict[str, Any]:
    # Only a limit in hours has amounts above one: minutes.
    in_hours = any(day.amount > 1 for day in view.explanation)
    total = sum(day.amount for day in view.explanation if day.counted)
    return {
        "code": view.row.code,
        "applicant": view.row.applicant,
        "procedure": view.row.procedure,
        "case_name": view.case_name,
        "limit_label": view.limit_label,
        "limit_note": "" if view.limit_confirmed else "chưa xác minh",
        "received_line": _moment(view.received_at),
        "start_line": f"{weekday_name(view.clock_start_on)}, {view.clock_start_on:%d/%m/%Y}",
        "due_line": _moment(view.due_at),
        "provisional_note": (
            "Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận."
            if view.provisional
            else ""
        ),
        # Not what is only proposed: the paper is handed to whoever filed the dossier.
        "appointment_notes": [
            _sentence(text)
            for text in worklists.appointments(view.row.due_on, view.first_due_on, view.appointment_on)
        ],
        "note": view.explanation_note,
        "amount_head": "Phút" if in_hours else "Tính",
        "days": [
            {
                "date": f"{day.date:%d/%m/%Y}",
                "weekday": weekday_name(day.date),
                "amount": f"{day.amount}" if day.counted else "",
                "reason": day.reason,
            }
            for day in view.explanation
        ],
        "total": _hours(total) if in_hours else f"{total:02d} ngày",
        "promises": [
            {
                "no": str(promise.no),
                "due": _moment(promise.due_at),
                "cause": promise.cause.label,
                "standing": promise.standing,
            }
            for promise in view.promises
        ],
        "segments": [
            {
                "no": str(segment.no),
                "agency": segment.agency,
                "limit": segment.label,
                "last": f"{weekday_name(segment.last_on)}, {segment.last_on:%d/%m/%Y}",
                "standing": "đang chạy" if segment.running else "",
            }
            for segment in view.segments
        ],
        "articles": _articles(view, in_hours=in_hours),
    }


def _drawn(strip: DayStrip | None) -> dict[str, Any] | None:
    """The strip as the paper draws it, every place worked out."""
    if strip is None:
        return None
    return {
        "height": strip.height,
        "top": strip.top,
        "bottom": strip.bottom,
        "cells": [
            {
                "x": cell.x,
                "width": cell.width,
                "y": strip.bar_y(cell),
                "height": strip.bar_height(cell),
                "kind": cell.kind,
            }
            for cell in strip.cells
        ],
        "above": [
            {"x": label.x, "anchor": label.anchor, "words": label.words, "y": strip.lane_y(label)}
            for label in strip.above
        ],
        "dates": [{"x": label.x, "anchor": label.anchor, "words": label.words} for label in strip.dates],
        "now": [
            {"x": label.x, "anchor": label.anchor, "words": label.words} for label in (strip.now,) if label
        ],
        "legend": [{"kind": kind, "words": words} for kind, words in strip.legend],
        "description": strip.description,
    }


def _articles(view: DossierView, *, in_hours: bool) -> list[str]:
    """The law behind the counting, by the rules that held on the day of receipt."""
    articles = []
    if in_hours:
        articles.append("Thời hạn tính bằng giờ được tính theo giờ làm việc của đơn vị.")
    else:
        articles.append(
            "Ngày đầu tiên của thời hạn không được tính (khoản 1 Điều 147 Bộ luật Dân sự 2015); ngày cuối "
            "cùng là ngày nghỉ thì thời hạn kết thúc vào ngày làm việc tiếp theo (khoản 5 Điều 148 Bộ luật "
            "Dân sự 2015)."
        )
    asked = any(promise.cause is DueCause.SUPPLEMENT for promise in view.promises)
    # Only a limit that began anew is counted from a later day than that of the receipt.
    if asked and view.explanation and view.explanation[0].date > view.row.received_on:
        articles.append(
            "Thời hạn được tính lại từ đầu sau khi nhận đủ hồ sơ bổ sung "
            f"({supplement_rule(view.row.received_on)})."
        )
    if view.extended:
        articles.append(
            "Văn bản xin lỗi, hẹn lại ngày trả kết quả được ban hành chậm nhất 01 ngày trước ngày hết hạn và "
            f"không quá một lần ({extension_rule(view.row.received_on)})."
        )
    return articles


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _moment(at: datetime) -> str:
    local = office_time(at)
    return f"{local:%H} giờ {local:%M} phút, {weekday_name(local.date())}, ngày {local:%d/%m/%Y}"


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours:02d} giờ" + (f" {rest:02d} phút" if rest else " làm việc")
