"""Results that nobody has come for (kết quả chưa nhận): the list, and reminders to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, CollectionReminder, Dossier, ProcedureVersion
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import uncollected as queries
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time
from tthc.domain.hand_overs import ReminderWay, stage_ends, stage_of
from tthc.domain.outbox import MessageKind
from tthc.domain.permissions import Action, Actor, system_actor
from tthc.domain.settings import COLLECT_DAYS, TELL_APPLICANTS, YES
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, DossierState
from tthc.services import calendar, outbox, settings, units
from tthc.services.outbox import Message
from tthc.services.transaction import NotFound, StaleVersion, transaction
from tthc.services.views import PAGE_SIZE, Page

#: The job that writes them.
JOB = "collection"
#: So many are reminded by mail in one run at most; the next day goes on.
MOST_MAILS = 500
#: The longest list that is exported.
_MOST_ROWS = 20_000
_LONGEST_NOTE = 500

_COLUMNS = (
    Column("no", "STT", "number", 6),
    Column("code", "Mã hồ sơ", width=26),
    Column("applicant", "Chủ hồ sơ", width=36),
    Column("phone", "Điện thoại", width=16),
    Column("procedure", "Thủ tục", width=50),
    Column("ended_on", "Có kết quả ngày", "date", 12),
    Column("came_back_on", "Bưu gửi chuyển hoàn ngày", "date", 12),
    Column("waited", "Đã chờ (ngày làm việc)", "number", 12),
    Column("reminders", "Số lần nhắc", "number", 10),
    Column("reminded_on", "Nhắc gần nhất", "date", 12),
    Column("reminded", "Cách nhắc, ghi chú", width=40),
)


@dataclass(frozen=True)
class ReminderView:
    """A reminder as lists show it."""

    id: int
    way: ReminderWay
    at: datetime
    by: str
    note: str


@dataclass(frozen=True)
class UncollectedRow:
    """A result that waits; ``waited`` in working days (``None``: longer than the calendar reaches back).

    It waits since it was ready, or since the post brought it back (``came_back_on``): until then it was on
    its way and nobody could come for it. So the reminders begin anew as well.
    ``stage``: how often the applicant should have been reminded by now; ``due``: that is still to be done.
    ``seen`` is the newest reminder (0: none) that whoever looks has before them.
    """

    dossier_id: int
    code: str
    version: int
    procedure: str
    applicant: str
    phone: str
    email: str
    ended_on: date
    came_back_on: date | None
    waited: int | None
    stage: int
    due: bool
    reminders: Sequence[ReminderView]

    @property
    def seen(self) -> int:
        """The newest reminder."""
        return self.reminders[-1].id if self.reminders else 0


@dataclass(frozen=True)
class UncollectedList:
    """One page; ``days``: the set number (0: nobody is reminded), ``due``: how many are to be reminded."""

    page: Page[UncollectedRow]
    days: int
    due: int
    mail: bool


@dataclass(frozen=True)
class _Rules:
    today: date
    working: WorkingCalendar
    days: int
    ends: Sequence[date]
    mail: bool


def list_uncollected(
    session: Session, *, actor: Actor, now: datetime, q: str = "", only_due: bool = False, page: int = 1
) -> UncollectedList:
    """One page of the results that wait, the longest waiting first; ``only_due``: of whom to remind."""
    actor.require(Action.VIEW_DOSSIERS)
    rules = _rules(session, actor.unit_id, now)
    where = queries.conditions(actor.unit_id, q=q, stage_ends=rules.ends if only_due else None)
    number = max(1, page)
    found = queries.rows(session, where, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    due = queries.count(session, queries.conditions(actor.unit_id, stage_ends=rules.ends))
    return UncollectedList(
        page=Page(_rows(session, found, rules), queries.count(session, where), number),
        days=rules.days,
        due=due,
        mail=rules.mail,
    )


def get_uncollected(session: Session, *, actor: Actor, now: datetime, code: str) -> UncollectedRow:
    """One result that waits."""
    actor.require(Action.VIEW_DOSSIERS)
    rules = _rules(session, actor.unit_id, now)
    where = [*queries.conditions(actor.unit_id), Dossier.code == code]
    found = queries.rows(session, where, limit=1)
    if not found:
        raise NotFound(f"Hồ sơ {code} không có kết quả chờ trả.")
    return _rows(session, found, rules)[0]


def count_due(session: Session, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many results wait, and of how many the applicant is to be reminded."""
    actor.require(Action.VIEW_DOSSIERS)
    rules = _rules(session, actor.unit_id, now)
    return (
        queries.count(session, queries.conditions(actor.unit_id)),
        queries.count(session, queries.conditions(actor.unit_id, stage_ends=rules.ends)),
    )


def export_uncollected(
    session: Session, *, actor: Actor, now: datetime, q: str = "", only_due: bool = False
) -> bytes:
    """The whole list as a spreadsheet."""
    actor.require(Action.VIEW_DOSSIERS)
    rules = _rules(session, actor.unit_id, now)
    where = queries.conditions(actor.unit_id, q=q, stage_ends=rules.ends if only_due else None)
    rows = _rows(session, queries.rows(session, where, limit=_MOST_ROWS), rules)
    cells: list[list[object]] = []
    for number, row in enumerate(rows, 1):
        last = row.reminders[-1] if row.reminders else None
        cells.append(
            [
                number,
                row.code,
                row.applicant,
                row.phone,
                row.procedure,
                row.ended_on,
                row.came_back_on,
                row.waited,
                len(row.reminders),
                office_time(last.at).date() if last else None,
                ": ".join(part for part in (last.way.label, last.note) if part) if last else "",
            ]
        )
    unit = units.header(session, rules.today, actor.unit_id)
    told = f"Đến ngày {rules.today:%d/%m/%Y}"
    if only_due:
        told += ", cần nhắc nhận kết quả"
    return spreadsheet.write_table(
        ReportTable(
            title="Kết quả chưa nhận",
            subtitle=told + (f", tìm “{squeeze(q)}”" if squeeze(q) else ""),
            columns=_COLUMNS,
            rows=cells,
            notes=[f"Chỉ gồm {_MOST_ROWS} kết quả chờ lâu nhất."] if len(rows) == _MOST_ROWS else [],
            header_left=(unit.superior, unit.name),
        )
    )


def remind(
    session: Session, *, now: datetime, actor: Actor, code: str, way: ReminderWay, note: str, seen: int
) -> None:
    """Put on record that the applicant was reminded; by mail, the mail is written with it.

    Of one stage there is one mail at most. ``seen`` is the newest reminder that was shown.
    """
    actor.require(Action.HAND_OVER_DOSSIER)
    text = squeeze(note)
    if len(text) > _LONGEST_NOTE:
        raise DomainError(f"Viết ngắn hơn: tối đa {_LONGEST_NOTE} ký tự.", "note")
    with transaction(session):
        dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=True)
        if dossier is None:
            raise NotFound(f"Không tìm thấy hồ sơ {code}.")
        if dossier.state is not DossierState.RESOLVED or dossier.ended_on is None:
            raise DomainError(f"Hồ sơ {code} không còn kết quả chờ trả.")
        since = dossier.came_back_on or dossier.ended_on
        # Those of an earlier waiting were not shown and do not count.
        earlier = [row for row in queries.reminders_of(session, [dossier.id]) if row.ended_on == since]
        if (earlier[-1].id if earlier else 0) != seen:
            raise StaleVersion("Việc nhắc nhận kết quả")
        rules = _rules(session, actor.unit_id, now)
        stage = stage_of(since, rules.ends)
        if way is ReminderWay.MAIL:
            email = session.get_one(Applicant, dossier.applicant_id).email
            if not rules.mail:
                raise DomainError("Đơn vị không gửi thư cho chủ hồ sơ; chọn cách nhắc khác.", "way")
            if not email:
                raise DomainError("Chủ hồ sơ không có địa chỉ thư điện tử; chọn cách nhắc khác.", "way")
            mails = [row for row in earlier if row.way is ReminderWay.MAIL]
            if any(row.stage == stage for row in mails):
                raise DomainError("Thư nhắc của đợt này đã gửi; chọn cách nhắc khác.", "way")
            procedure = session.get_one(ProcedureVersion, dossier.version_id).name
            facts = (code, procedure, dossier.ended_on)
            mail = _mail(rules, dossier.applicant_id, dossier.id, facts, since, stage)
            outbox.write(session, now=now, unit_id=actor.unit_id, found=[mail])
        session.add(
            CollectionReminder(
                unit_id=actor.unit_id,
                dossier_id=dossier.id,
                ended_on=since,
                stage=stage,
                way=way,
                at=now,
                recorded_by=actor.account_id,
                note=text,
            )
        )
        session.flush()


def remind_by_mail(session: Session, *, now: datetime, unit_id: int) -> int:
    """Write to every applicant who is to be reminded and has an address, once for each stage; how many.

    Only where the office writes to applicants at all, on working days, and never about a dossier that was
    imported: that one is handed over elsewhere.
    """
    rules = _rules(session, unit_id, now)
    if not (rules.mail and rules.ends and rules.working.is_working_day(rules.today)):
        return 0
    with transaction(session):
        found = queries.to_mail(session, unit_id, rules.ends, limit=MOST_MAILS)
        actor = system_actor(unit_id)
        reminders, mails = [], []
        for row in found:
            stage = stage_of(row.since, rules.ends)
            reminders.append(
                {
                    "unit_id": unit_id,
                    "dossier_id": row.id,
                    "ended_on": row.since,
                    "stage": stage,
                    "way": ReminderWay.MAIL,
                    "at": now,
                    "recorded_by": actor.account_id,
                    "note": "",
                }
            )
            facts = (row.code, row.procedure, row.ended_on)
            mails.append(_mail(rules, row.applicant_id, row.id, facts, row.since, stage))
        done = queries.add_mails(session, reminders)
        outbox.write(session, now=now, unit_id=unit_id, found=mails)
    return done


def reminders_of(session: Session, dossier_id: int) -> list[ReminderView]:
    """Every reminder about a dossier, oldest first."""
    return [_reminder(row) for row in queries.reminders_of(session, [dossier_id])]


def _rules(session: Session, unit_id: int, now: datetime) -> _Rules:
    today = office_time(now).date()
    working = calendar.load_rules(session, unit_id, today).calendar
    days = settings.get(session, unit_id, COLLECT_DAYS, today)
    mail = settings.get(session, unit_id, TELL_APPLICANTS, today) == YES
    return _Rules(today, working, days, stage_ends(today, working, days), mail)


def _rows(session: Session, raws: Sequence[Any], rules: _Rules) -> list[UncollectedRow]:
    reminders: dict[int, list[Any]] = {}
    for row in queries.reminders_of(session, [raw.id for raw in raws]):
        reminders.setdefault(row.dossier_id, []).append(row)
    rows = []
    for raw in raws:
        own = [row for row in reminders.get(raw.id, []) if row.ended_on == raw.since]
        waited = _waited(rules, raw.since)
        stage = stage_of(raw.since, rules.ends)
        rows.append(
            UncollectedRow(
                dossier_id=raw.id,
                code=raw.code,
                version=raw.version,
                procedure=raw.procedure,
                applicant=raw.applicant,
                phone=raw.phone,
                email=raw.email,
                ended_on=raw.ended_on,
                came_back_on=raw.came_back_on,
                waited=waited,
                stage=stage,
                due=stage > max((row.stage for row in own), default=0),
                reminders=[_reminder(row) for row in own],
            )
        )
    return rows


def _waited(rules: _Rules, since: date) -> int | None:
    try:
        return rules.working.working_days_between(since, rules.today)
    except CalendarNotCovered:
        return None


def _mail(
    rules: _Rules,
    applicant_id: int,
    dossier_id: int,
    facts: tuple[str, str, date],
    since: date,
    stage: int,
) -> Message:
    """The mail of a stage, of no use for long: the result may be handed over any day."""
    code, procedure, ended_on = facts
    last = rules.working.add_working_days(rules.today, 1)
    return Message(
        MessageKind.COLLECT,
        f"collect:{dossier_id}:{since.isoformat()}:{stage}",
        f"applicant:{applicant_id}",
        {"code": code, "procedure": procedure, "on": ended_on.isoformat()},
        not_after=datetime.combine(last, time.max, OFFICE_ZONE),
    )


def _reminder(row: Any) -> ReminderView:
    return ReminderView(row.id, row.way, row.at, row.by or "Hệ thống", row.note)
