"""A change of the calendar over many open dossiers, and over random changes one after the other."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import and_, func, insert, select, text
from sqlalchemy.orm import Session

from tests.services.calendar_desk import NOBODY, change_calendar, look
from tests.services.conftest import Office
from tthc.db.models import Dossier, DossierSpan, DueDateRow, EventRow
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange, ChangeRefused
from tthc.domain.vocabulary import DayKind, EventKind, SubjectKind
from tthc.services import history, receipts
from tthc.services.calendar import load_rows
from tthc.services.calendar_changes import ALL, Choice, Intent, Recalculation, Undo
from tthc.services.history import Happening
from tthc.services.transaction import transaction

LONG = bool(os.environ.get("TTHC_TEST_LONG"))
#: Two days off that nearly everything counts over.
TWO_DAYS = CalendarChange(
    days=tuple(
        CalendarDay(date(2026, 11, number), DayKind.HOLIDAY, "Nghỉ đột xuất", "1/TB-BNV")
        for number in (23, 25)
    )
)


def variety(office: Office) -> list[str]:
    """Dossiers of different limits, days, pauses and supplements, all open on 20/11/2026."""
    codes = []
    for number in range(18):
        office.stand(f"{13 + number // 3:02d}/11/2026 {8 + number % 9:02d}:40")
        codes.append(office.receive((37, 41, 38, 41, 2)[number % 5]))
    office.stand("20/11/2026 08:00")
    for code in codes[3::5]:
        office.act("pause", code)
    for code in codes[4::5]:
        office.act("request_supplement", code)
    office.stand("20/11/2026 09:00")
    for code in [*codes[3::10], *codes[4::10]]:
        verb = "resume" if "pause" in office.kinds(code) else "receive_supplement"
        office.act(verb, code)
    office.stand("20/11/2026 09:30")
    return codes


def multiply(session: Session, times: int) -> int:
    """Copy every dossier with its events, promises and spans; gives how many there are in the end."""
    session.rollback()
    originals = session.scalars(select(Dossier).order_by(Dossier.id)).all()

    def columns(row: Any) -> dict[str, Any]:
        return {one.key: getattr(row, one.key) for one in type(row).__mapper__.column_attrs}

    events = {
        one.id: session.scalars(select(EventRow).filter_by(dossier_id=one.id).order_by(EventRow.seq)).all()
        for one in originals
    }
    dues = {
        one.id: session.scalars(
            select(DueDateRow)
            .filter_by(subject_kind=SubjectKind.DOSSIER, subject_id=one.id)
            .order_by(DueDateRow.no)
        ).all()
        for one in originals
    }
    spans = {
        one.id: session.scalars(select(DossierSpan).filter_by(dossier_id=one.id)).all() for one in originals
    }
    ids = {
        model: session.scalar(select(func.max(model.id))) or 0
        for model in (Dossier, EventRow, DueDateRow, DossierSpan)
    }
    made: dict[Any, list[dict[str, Any]]] = {model: [] for model in ids}

    def copy(row: Any, **changed: Any) -> int:
        ids[type(row)] += 1
        made[type(row)].append({**columns(row), "id": ids[type(row)], **changed})
        return int(ids[type(row)])

    for _ in range(times):
        for one in originals:
            number = ids[Dossier] + 1
            new_event = {row.id: copy(row, dossier_id=number) for row in events[one.id]}
            new_due = {
                row.id: copy(row, subject_id=number, event_id=new_event[row.event_id]) for row in dues[one.id]
            }
            for row in spans[one.id]:
                copy(
                    row,
                    dossier_id=number,
                    due_date_id=new_due[row.due_date_id],
                    opened_by=new_event[row.opened_by],
                    closed_by=new_event[row.closed_by] if row.closed_by else None,
                )
            copy(
                one,
                code=f"{one.code[:-4]}{number:05d}",
                register_no=number,
                lookup_token=f"token-{number}",
                due_date_id=new_due[one.due_date_id],
            )
    for model in (Dossier, EventRow, DueDateRow, DossierSpan):
        for start in range(0, len(made[model]), 1000):
            session.execute(insert(model), made[model][start : start + 1000])
        if session.get_bind().dialect.name == "postgresql":
            table = model.__tablename__
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {ids[model]})"))
    session.commit()
    return session.scalar(select(func.count()).select_from(Dossier)) or 0


def dates(session: Session) -> dict[int, tuple[Any, ...]]:
    """Everything of a dossier that a change of the calendar moves."""
    session.rollback()
    rows = session.execute(
        select(
            Dossier.id,
            Dossier.due_at,
            Dossier.due_on,
            Dossier.first_due_on,
            Dossier.appointment_on,
            Dossier.clock_start_on,
            Dossier.provisional,
            Dossier.state,
            Dossier.waiting,
        )
    )
    return {row[0]: tuple(row[1:]) for row in rows}


@pytest.mark.long
def test_ten_thousand_are_looked_at_in_one_go_and_put_back(
    office: Office, counting: Callable[[Session], Any]
) -> None:
    """About 1,000 without TTHC_TEST_LONG=1."""
    codes = variety(office)
    wanted = 10_000 if LONG else 1_000
    total = multiply(office.session, -(-wanted // len(codes)))
    assert total >= wanted
    before = dates(office.session)
    began = time.perf_counter()
    with counting(office.session) as statements:
        preview = look(office, TWO_DAYS)
    looked = time.perf_counter() - began
    assert len(statements) <= 10
    assert preview.what.examined == total
    assert len(preview.what.moves) > wanted / 2
    assert looked < 30
    began = time.perf_counter()
    made = change_calendar(office, TWO_DAYS)
    applied = time.perf_counter() - began
    assert made.moved == len(preview.what.moves)
    after = dates(office.session)
    assert {key for key in after if after[key] != before[key]} == {
        move.dossier_id for move in preview.what.moves
    }
    began = time.perf_counter()
    undone = change_calendar(office, Undo(made.version_id))
    undone_in = time.perf_counter() - began
    print(f"{total} dossiers, {made.moved} moved: {looked:.1f} s, {applied:.1f} s, {undone_in:.1f} s")
    assert undone.restored == undone.moved == made.moved
    assert dates(office.session) == before


def test_many_at_once_leave_the_rows_that_one_event_leaves(office: Office) -> None:
    """The same change recorded for one dossier by history.record(), for its copy together with others."""
    codes = variety(office)
    multiply(office.session, 1)
    originals = office.session.scalars(
        select(Dossier).where(Dossier.code.in_(codes)).order_by(Dossier.id)
    ).all()
    made = change_calendar(office, TWO_DAYS, choice=NOBODY)
    moving = {move.dossier_id for move in look(office, Recalculation()).what.moves}
    pairs = [(one.id, one.id + len(codes)) for one in originals if one.id in moving]
    assert len(pairs) > 5
    for one, _ in pairs:
        with transaction(office.session):
            history.record(
                office.session,
                now=office.now,
                actor=office.person("supervisor"),
                dossier=office.session.get_one(Dossier, one),
                what=Happening(
                    EventKind.RECALCULATE,
                    office.now,
                    {"calendar_version_id": made.version_id},
                    reason="Thử",
                ),
            )
    change_calendar(office, Recalculation(), reason="Thử")
    office.session.rollback()
    for one, copy in pairs:
        assert everything_of(office.session, one) == everything_of(office.session, copy)


def everything_of(session: Session, dossier_id: int) -> list[tuple[Any, ...]]:
    """Every row of a dossier without what numbers it and its action."""
    own = {"id", "dossier_id", "subject_id", "code", "register_no", "lookup_token", "action_id"}
    links = {"due_date_id", "event_id", "opened_by", "closed_by"}
    tables: tuple[tuple[Any, Any], ...] = (
        (Dossier, Dossier.id == dossier_id),
        (EventRow, EventRow.dossier_id == dossier_id),
        (
            DueDateRow,
            and_(DueDateRow.subject_kind == SubjectKind.DOSSIER, DueDateRow.subject_id == dossier_id),
        ),
        (DossierSpan, DossierSpan.dossier_id == dossier_id),
    )
    found: list[tuple[Any, ...]] = []
    for model, condition in tables:
        names = [one.key for one in model.__mapper__.column_attrs if one.key not in own]
        found += [
            (
                model,
                *(
                    (name, getattr(row, name) is None if name in links else getattr(row, name))
                    for name in names
                ),
            )
            for row in session.scalars(select(model).where(condition))
        ]
    return sorted(found, key=repr)


@pytest.mark.parametrize("seed", range(200 if LONG else 6))
def test_random_changes_move_nothing_earlier_but_by_undoing(sqlite_office: Office, seed: int) -> None:
    office = sqlite_office
    variety(office)
    chance = random.Random(seed)
    expected = dates(office.session)
    versions: list[int] = []
    for _ in range(12 if LONG else 8):
        change = random_change(chance, load_rows(office.session).days)
        undo = bool(versions) and chance.random() < 0.3
        intent: Intent = Undo(chance.choice(versions)) if undo else change
        try:
            preview = look(office, intent)
        except ChangeRefused:
            continue
        choice = ALL
        if not undo and chance.random() < 0.5:
            some = [move.dossier_id for move in preview.what.moves if chance.random() < 0.5]
            choice = Choice(everyone=False, chosen=some)
        printed = print_some(office, chance)
        result = change_calendar(office, intent, choice=choice)
        versions.append(result.version_id)
        now = dates(office.session)
        for number, (due_at, *_) in now.items():
            if not undo:
                assert due_at >= expected[number][0]
            elif number in printed:
                # Printed since the newest change that could be undone, so its date stands.
                assert due_at >= expected[number][0]
        consistent(office)
        expected = now


def random_change(chance: random.Random, days: Any) -> CalendarChange:
    """One to three dates of November and December 2026, off, worked or taken out."""
    present = [day.date for day in days if date(2026, 11, 13) <= day.date <= date(2026, 12, 31)]
    rows: dict[date, CalendarDay] = {}
    for _ in range(chance.randint(1, 3)):
        on = date(2026, 11, 13) + timedelta(days=chance.randrange(45))
        if on.weekday() == 5:
            rows[on] = CalendarDay(on, DayKind.WORKED_SATURDAY, "Làm bù", "1/TB", chance.random() < 0.5)
        elif on.weekday() < 5:
            rows[on] = CalendarDay(on, DayKind.HOLIDAY, "Nghỉ", "1/TB", chance.random() < 0.5)
    gone = tuple(on for on in present if on not in rows and chance.random() < 0.4)
    return CalendarChange(days=tuple(rows.values()), removed=gone)


def print_some(office: Office, chance: random.Random) -> set[int]:
    """Print the receipts of a few dossiers; their numbers."""
    found = office.session.execute(select(Dossier.id, Dossier.code).order_by(Dossier.id)).all()
    office.session.rollback()
    chosen = [(number, code) for number, code in found if chance.random() < 0.1]
    for _, code in chosen:
        receipts.print_receipt(office.session, now=office.now, actor=office.person("clerk"), code=code)
    return {number for number, _ in chosen}


def consistent(office: Office) -> None:
    """State, promise, span and events of every dossier say the same; the spans do not overlap."""
    office.session.rollback()
    for dossier in office.session.scalars(select(Dossier)):
        events = office.session.scalars(
            select(EventRow).where(EventRow.dossier_id == dossier.id).order_by(EventRow.seq)
        ).all()
        life = history.life_of(events)
        promise = office.session.get_one(DueDateRow, dossier.due_date_id)
        [span] = office.session.scalars(
            select(DossierSpan).where(
                DossierSpan.dossier_id == dossier.id,
                DossierSpan.valid_to.is_(None),
                DossierSpan.known_to.is_(None),
            )
        ).all()
        facts = (dossier.due_on, dossier.first_due_on)
        assert facts == (life.due_on, life.first_due_on) == (span.due_on, span.first_due_on)
        assert (promise.due_on, promise.due_at) == (dossier.due_on, dossier.due_at)
        assert promise.provisional is dossier.provisional
        assert (promise.subject_kind, span.due_date_id) == (SubjectKind.DOSSIER, promise.id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
