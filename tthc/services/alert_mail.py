"""Mail about alerts: one digest a day for each person, and at once what has stayed overdue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Alert, JobRun
from tthc.db.queries import alerts as alert_queries
from tthc.db.queries import own_alerts as queries
from tthc.domain.alerts import ANSWERED_FOR, LATE, SWEEP, Level, stage_on
from tthc.domain.calendar import WorkingCalendar, office_time
from tthc.domain.outbox import MessageKind, Way, is_working_time, opens_at
from tthc.domain.settings import ALERT_ANSWER_DAYS, DIGEST_AT, ESCALATIONS_ANYTIME, TELL_WEBHOOK, YES
from tthc.domain.timeliness import remaining_label
from tthc.domain.vocabulary import OFFICE_ZONE, AlertStage, Role, SubjectKind
from tthc.services import accounts, calendar, messages, outbox, settings, units
from tthc.services.outbox import Message
from tthc.services.transaction import transaction

DIGESTS = "digests"
#: So many alerts of a unit are looked through for the mails of a day, the longest overdue ones.
MOST = 5000
#: What comes up so shortly before a digest has no mail of its own.
SOON = timedelta(hours=1)
#: So many are named in a mail; of the others it gives the number.
NAMED = 30


def write_digests(session: Session, *, now: datetime, unit_id: int) -> int:
    """Write the digests of the day once its hour has come; gives how many were written.

    An officer is told of the dossiers in his hands, a supervisor of all that is overdue and of what nobody
    has in hand. Nobody is told that there is nothing. Nothing is written before the sweep of the day, which
    catches up after days off, nor outside working hours, when it would not go out.
    """
    local = office_time(now)
    today = local.date()
    at = settings.get(session, unit_id, DIGEST_AT, today)
    if not at or local.time() < time.fromisoformat(at) or queries.was_run(session, DIGESTS, today):
        return 0
    working = calendar.load_rules(session, unit_id, today).calendar
    if not is_working_time(working, now) or not queries.was_run(session, SWEEP, today):
        return 0
    with transaction(session):
        rows = queries.to_tell(session, unit_id, today, MOST)
        told = _payloads(session, now, unit_id, working, rows)
        day_end = datetime.combine(today, time.max, OFFICE_ZONE)
        found = [
            Message(
                MessageKind.DIGEST,
                f"digest:{today.isoformat()}:{person}",
                f"account:{person}",
                payload,
                not_after=day_end,
            )
            for person, payload in told.items()
        ]
        outbox.write(session, now=now, unit_id=unit_id, found=found)
        session.add(
            JobRun(
                name=DIGESTS,
                for_on=today,
                started_at=now,
                ended_at=now,
                state="done",
                counts_json={"written": len(found)},
            )
        )
    return len(found)


def write_escalations(session: Session, *, now: datetime, unit_id: int) -> None:
    """Tell at once of what stays overdue and of what nobody answered, in the transaction of the sweep.

    Each alert is told of once for each level that it reaches. Those above hear of what has come up to them.
    A mail of its own is written where it goes out before the next digest, which says all that stands.
    """
    today = office_time(now).date()
    rows = queries.untold(session, unit_id, today, MOST)
    alert_queries.count_as_told(session, unit_id)
    if not rows:
        return
    anytime = settings.get(session, unit_id, ESCALATIONS_ANYTIME, today) == YES
    working = calendar.load_rules(session, unit_id, today).calendar
    apart = anytime or not _digest_is_next(session, now, unit_id, working)
    key = f"{today.isoformat()}:{max(row[0].id for row in rows)}:{max(row[0].level for row in rows)}"
    told = _payloads(session, now, unit_id, working, rows) if apart else {}
    found = [
        Message(
            MessageKind.ESCALATION,
            f"escalation:{key}:{person}",
            f"account:{person}",
            payload,
            urgent=anytime,
        )
        for person, payload in told.items()
    ]
    answered_for = [row for row in rows if row[0].subject_kind in ANSWERED_FOR]
    if answered_for and settings.get(session, unit_id, TELL_WEBHOOK, today) == YES:
        payload = {"on": today.isoformat(), **_for_programs(answered_for)}
        found.append(
            Message(
                MessageKind.ESCALATION,
                f"webhook:escalation:{key}",
                "webhook:",
                payload,
                urgent=anytime,
                way=Way.WEBHOOK,
            )
        )
    outbox.write(session, now=now, unit_id=unit_id, found=found)


def _digest_is_next(session: Session, now: datetime, unit_id: int, working: WorkingCalendar) -> bool:
    """Whether a digest is written before a mail written now could go out, or soon after."""
    today, opens = office_time(now).date(), opens_at(working, now)
    at = settings.get(session, unit_id, DIGEST_AT, today)
    if not at or (opens.date() == today and queries.was_run(session, DIGESTS, today)):
        return False
    digest = datetime.combine(opens.date(), time.fromisoformat(at), OFFICE_ZONE)
    return digest - opens <= SOON


def _by_person(
    session: Session, unit_id: int, today: date, rows: Iterable[Any]
) -> dict[int, list[Sequence[Any]]]:
    """What each of those who have an address is told, the longest overdue first.

    To whom it was given, and of a late dossier whoever has its open step; supervisors of what somebody
    answers for when it is late, and of what nobody was given.
    """
    reachable = queries.with_email(session)
    heads = _supervisors(session, unit_id, today)
    above = units.above(session, unit_id)
    higher = heads | _supervisors(session, above, today) if above is not None else heads
    told: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        alert, *_, assigned, holder = row
        people = heads if assigned is None else {assigned}
        if alert.stage in LATE and alert.subject_kind in ANSWERED_FOR:
            people = people | {holder} - {None} | (higher if alert.level >= Level.ABOVE else heads)
        for person in people & reachable:
            told[person].append(row)
    return told


def _supervisors(session: Session, unit_id: int, today: date) -> set[int]:
    return {int(one.value) for one in accounts.people_of(session, unit_id, today, Role.SUPERVISOR)}


def _payloads(
    session: Session, now: datetime, unit_id: int, working: WorkingCalendar, rows: Iterable[Any]
) -> dict[int, dict[str, Any]]:
    """What the mail of each person says."""
    today = office_time(now).date()
    days = settings.get(session, unit_id, ALERT_ANSWER_DAYS, today)
    goes_up = units.above(session, unit_id) is not None

    def line(row: Sequence[Any], person: int) -> list[Any]:
        alert, code, due_on, *_, holder = row
        nobody = 0 if alert.subject_kind is not SubjectKind.PETITION else None
        who = nobody if holder is None else holder if holder != person else None
        mark = _mark(alert, days, goes_up=goes_up)
        return [code, _subject(row), due_on.isoformat(), remaining_label(due_on, today, working), who, mark]

    found = {}
    for person, own in _by_person(session, unit_id, today, rows).items():
        sections: dict[str, list[Sequence[Any]]] = defaultdict(list)
        for row in own:
            sections[_section(row, today)].append(row)
        found[person] = {
            "on": today.isoformat(),
            "at": f"{office_time(now):%H:%M}",
            "answer_days": days,
            "unanswered": sum(_is_unanswered(row[0]) for row in own),
            "stages": {
                name: {
                    "count": len(listed),
                    "kinds": dict(Counter(row[0].subject_kind.value for row in listed)),
                    "named": [line(row, person) for row in listed[:NAMED]],
                }
                for name, listed in sections.items()
            },
        }
    return found


def _section(row: Sequence[Any], today: date) -> str:
    """Under what an alert is listed in a mail."""
    alert, holder, stage = row[0], row[-1], stage_on(row[0].stage, row[0].threshold, row[2], today)
    if stage not in LATE:
        return str(stage.value)
    if alert.subject_kind in ANSWERED_FOR:
        return AlertStage.OVERDUE.value
    return messages.UNHELD if holder is None else messages.IN_HAND


def _is_unanswered(alert: Alert) -> bool:
    """Whether nobody has answered in time: what was promised and has not come true was answered."""
    return alert.level > Level.HOLDER and alert.acknowledged_at is None


def _mark(alert: Alert, days: int, *, goes_up: bool) -> str:
    """That nobody has answered in time, and whose it is by now, or that a promise was not kept."""
    if alert.promised_on is not None:
        return f"đã quá ngày hẹn xong {alert.promised_on:%d/%m/%Y}"
    if not _is_unanswered(alert):
        return ""
    after = f" sau {days * alert.level:02d} ngày làm việc" if days else ""
    higher = ", đã chuyển lên lãnh đạo cấp trên" if goes_up and alert.level >= Level.ABOVE else ""
    return f"chưa được trả lời{after}{higher}"


def _for_programs(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """What the webhook passes on: by stage what is named, and how many there are; nothing about people."""
    sections = {}
    for stage in AlertStage:
        of_stage = [row for row in rows if row[0].stage is stage]
        if of_stage:
            named = [[row[1], _subject(row), row[2].isoformat()] for row in of_stage[:NAMED]]
            sections[stage.value] = {"count": len(of_stage), "named": named}
    unanswered = sum(_is_unanswered(row[0]) for row in rows)
    return {"stages": sections, **({"unanswered": unanswered} if unanswered else {})}


def _subject(row: Sequence[Any]) -> str:
    """What an alert is about, where it is not the dossier or petition itself: first what is waited for."""
    alert, _, _, name, agency, _, step, *_ = row
    before = {
        SubjectKind.STEP: f"bước {step}; ",
        SubjectKind.SUPPLEMENT: "chờ người nộp bổ sung; ",
        SubjectKind.CONSULTATION: f"chờ ý kiến {agency}; ",
    }
    return f"{before.get(alert.subject_kind, '')}{name}"
