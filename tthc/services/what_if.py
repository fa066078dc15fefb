"""What another calendar would make of every open promise, before anything is saved.

A change of the calendar moves no promise earlier. Only undoing one puts back the dates which it had moved and
for which no new receipt was printed since (domain.md 4.4). What ended never moves; an appointment that came
with an import or was extended by a letter stays as it was given.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import DuePolicyRow
from tthc.db.queries import what_if as queries
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.due_dates import DueDate, compute_due_date
from tthc.domain.lifecycle import Event, LifeState, fold
from tthc.domain.time_limits import TimeLimit
from tthc.domain.timeliness import standing
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, DueCause, Standing
from tthc.services import catalogue
from tthc.services.calendar import CalendarRows, OfficeRules, rules_of
from tthc.services.history import Reckoning

#: Appointments that were given, not counted, and so do not follow the calendar; only a letter's date that
#: becomes a day off moves with the count.
_GIVEN = {
    DueCause.IMPORT: "Ngày hẹn theo tệp nhập, được giữ nguyên.",
    DueCause.EXTENSION: "Ngày hẹn theo văn bản gia hạn, được giữ nguyên.",
}


@dataclass(frozen=True)
class Move:
    """A promise that would move; ``restored``: back to where it stood before the change that is undone.

    ``receipt_on`` is the date on the receipt that the applicant holds, if there is one.
    """

    dossier_id: int
    code: str
    procedure: str
    officer: str | None
    old_at: datetime
    new_at: datetime
    old_standing: Standing
    new_standing: Standing
    receipt_on: date | None
    restored: bool

    @property
    def old_on(self) -> date:
        """The date promised now."""
        return self.old_at.astimezone(OFFICE_ZONE).date()

    @property
    def new_on(self) -> date:
        """The date that it would be."""
        return self.new_at.astimezone(OFFICE_ZONE).date()

    @property
    def same_day(self) -> bool:
        """Whether only the time of day differs, as it may for limits in hours."""
        return self.old_on == self.new_on

    @property
    def turn(self) -> str:
        """What becomes of its standing, in words; empty if nothing does."""
        if self.old_standing is self.new_standing:
            return ""
        return f"{self.old_standing.label} → {self.new_standing.label}"


@dataclass(frozen=True)
class Stay:
    """A promise that stays although it would be counted otherwise, and why."""

    code: str
    procedure: str
    officer: str | None
    due_on: date
    computed_on: date | None
    reason: str


@dataclass(frozen=True)
class Verdict:
    """How one dossier's promise is to be recorded: the moment that comes into force, and its cause.

    ``promise_no`` numbers the newest promise, ``counted_after`` is the counted date of the last event.
    """

    dossier_id: int
    promise_no: int
    life: LifeState
    counted_after: date
    due_at: datetime
    cause: DueCause
    reckoned: Reckoning


@dataclass(frozen=True)
class WhatIf:
    """The outcome over all open dossiers.

    ``marks`` counts those whose date stays and whose "tạm tính" comes or goes. ``verdicts`` holds one entry
    for every dossier that moves or changes its mark.
    """

    examined: int
    moves: Sequence[Move]
    left_behind: Sequence[Move]
    kept: Sequence[Stay]
    given: Sequence[Stay]
    marks: Sequence[int]
    verdicts: Mapping[int, Verdict]

    @property
    def receipts(self) -> int:
        """How many applicants of moved dossiers hold a receipt with the old date."""
        return sum(move.receipt_on is not None for move in self.moves)


@dataclass(frozen=True)
class _Promise:
    """A due date that was once computed, as the what-if reads it."""

    no: int
    due_at: datetime
    cause: DueCause
    version_id: int | None


def examine(
    session: Session,
    *,
    unit_id: int,
    today: date,
    before: CalendarRows,
    after: CalendarRows,
    undone: int | None = None,
) -> WhatIf:
    """Compare the promise of every open dossier with what the calendar ``after`` gives.

    ``undone`` is the version of the calendar that is taken back, if that is what ``after`` does.
    """
    rows = queries.open_dossiers(session, unit_id)
    office = _Office(
        before=before,
        after=after,
        policies=queries.policies(session, unit_id),
        limits=catalogue.limits_of(session, sorted({row.case_id for row in rows})),
    )
    events = dict(_by_dossier(queries.open_events(session, unit_id)))
    promises = dict(_by_dossier(queries.open_promises(session, unit_id)))
    receipts = {dossier_id: (no, on) for dossier_id, no, on in queries.open_receipts(session, unit_id)}
    outcome = _Outcome(today, office, undone)
    for row in rows:
        outcome.judge(row, events[row.id], promises[row.id], receipts.get(row.id))
    return outcome.result(len(rows))


class _Office:
    """The two calendars under every policy, and where they differ."""

    def __init__(
        self,
        *,
        before: CalendarRows,
        after: CalendarRows,
        policies: Sequence[DuePolicyRow],
        limits: Mapping[int, TimeLimit],
    ) -> None:
        self._rows = (before, after)
        self._policies = policies
        self._by_id = {policy.id: policy for policy in policies}
        self._rules: dict[tuple[int, int], OfficeRules] = {}
        self._limits = limits
        self._differing = sorted(_differing_dates(before, after))

    def reckon(self, row: Any, life: LifeState, *, after: bool) -> Reckoning:
        """The due date by one of the calendars; raises :class:`CalendarNotCovered`."""
        rules = self._rules_for(row, after=after)
        limit = self._limits.get(row.case_id)
        if limit is None:
            raise DomainError(f"Hồ sơ {row.code}: trường hợp chưa khai thời hạn giải quyết.")
        due = compute_due_date(
            life.clock_base_at, limit, rules.calendar, rules.policy, life.pauses, extension=life.extension
        )
        return Reckoning(due, rules, limit)

    def differs(self, first: date, due: DueDate) -> bool:
        """Whether a count from ``first`` to a due date reads a day on which the calendars differ.

        A count reads no day beyond the date that it ends with.
        """
        place = bisect_left(self._differing, first)
        return place < len(self._differing) and self._differing[place] <= due.due_on

    def same(self, row: Any, due: DueDate) -> Reckoning:
        """A due date that both calendars give alike, as counted by the one after the change."""
        return Reckoning(due, self._rules_for(row, after=True), self._limits[row.case_id])

    def _rules_for(self, row: Any, *, after: bool) -> OfficeRules:
        """The rules under which the promise was made, whatever was entered for its date since."""
        policy = self._by_id.get(row.policy_id) or policy_in_force(self._policies, row.received_on)
        key = (policy.id, int(after))
        if key not in self._rules:
            self._rules[key] = rules_of(self._rows[after], policy)
        return self._rules[key]


def policy_in_force(policies: Iterable[DuePolicyRow], on: date) -> DuePolicyRow:
    """The counting rules for what was received on a date, of rows in the order of precedence."""
    for row in policies:
        if row.valid_from is None or row.valid_from <= on:
            return row
    raise DomainError(f"Chưa khai quy tắc tính thời hạn áp dụng cho ngày {on:%d/%m/%Y}.")


def _differing_dates(before: CalendarRows, after: CalendarRows) -> Iterator[date]:
    """Every date whose row differs, and every date of a year whose state differs."""
    old, new = ({day.date: day for day in rows.days} for rows in (before, after))
    yield from (on for on in old.keys() | new.keys() if old.get(on) != new.get(on))
    old_years, new_years = dict(before.years), dict(after.years)
    for year in old_years.keys() | new_years.keys():
        if old_years.get(year) != new_years.get(year):
            first = date(year, 1, 1).toordinal()
            last = date(year, 12, 31).toordinal()
            yield from (date.fromordinal(number) for number in range(first, last + 1))


class _Outcome:
    """Sorts the dossiers as they are judged one by one."""

    def __init__(self, today: date, office: _Office, undone: int | None) -> None:
        self.today = today
        self.office = office
        self.undone = undone
        self.moves: list[Move] = []
        self.left_behind: list[Move] = []
        self.kept: list[Stay] = []
        self.given: list[Stay] = []
        self.marks: list[int] = []
        self.verdicts: dict[int, Verdict] = {}

    def result(self, examined: int) -> WhatIf:
        """Everything together."""
        return WhatIf(
            examined, self.moves, self.left_behind, self.kept, self.given, self.marks, self.verdicts
        )

    def judge(
        self, row: Any, events: Sequence[Any], computed: Sequence[Any], receipt: tuple[int, date] | None
    ) -> None:
        """Sort one dossier in."""
        promises = _in_force_once(computed)
        life = fold([Event(e.seq, e.kind, e.occurred_at, e.payload_json) for e in events])
        now = self._reckon_now(row, life)
        if now is not None and not self.office.differs(_first_day(row, life), now.due):
            after, caused = self.office.same(row, now.due), False
        else:
            try:
                after = self.office.reckon(row, life, after=True)
            except CalendarNotCovered as refusal:
                if now is not None:
                    self.kept.append(_stay(row, None, refusal.message))
                return
            caused = now is None or after.due.due_at != now.due.due_at
        cause = promises[-1].cause
        off = not after.rules.calendar.is_working_day(row.due_on)
        if cause in _GIVEN and not (cause is DueCause.EXTENSION and off):
            if caused:
                self.given.append(_stay(row, after.due, _GIVEN[cause]))
            due_at = row.due_at
        else:
            cause = DueCause.CALENDAR
            due_at = max(after.due.due_at, self._floor(row, promises, receipt))
            if caused and after.due.due_at < due_at == row.due_at:
                self.kept.append(_stay(row, after.due, _kept_reason(self.undone, receipt)))
        if due_at != row.due_at:
            self._move(row, due_at, receipt, caused=caused)
        elif after.due.provisional != row.provisional:
            self.marks.append(row.id)
        else:
            return
        self.verdicts[row.id] = Verdict(
            row.id, computed[-1].no, life, events[-1].counted_on, due_at, cause, after
        )

    def _reckon_now(self, row: Any, life: LifeState) -> Reckoning | None:
        try:
            return self.office.reckon(row, life, after=False)
        except CalendarNotCovered:
            return None

    def _floor(self, row: Any, promises: Sequence[_Promise], receipt: tuple[int, date] | None) -> datetime:
        """The earliest moment to which the promise may go: where it is, or where the undone change found it.

        It goes back only while nothing but changes of the calendar has set it since, and the applicant was
        given no receipt with the moved date.
        """
        in_force: datetime = row.due_at
        if self.undone is None:
            return in_force
        for place in range(1, len(promises)):
            one, earlier = promises[place], promises[place - 1]
            if (
                one.cause is DueCause.CALENDAR
                and one.version_id == self.undone
                and earlier.due_at < one.due_at
            ):
                since = promises[place:]
                told = receipt is not None and receipt[0] >= one.no
                if told or any(later.cause is not DueCause.CALENDAR for later in since):
                    return in_force
                return min(in_force, earlier.due_at)
        return in_force

    def _move(self, row: Any, due_at: datetime, receipt: tuple[int, date] | None, *, caused: bool) -> None:
        new_on = due_at.astimezone(OFFICE_ZONE).date()
        move = Move(
            dossier_id=row.id,
            code=row.code,
            procedure=row.procedure,
            officer=row.officer,
            old_at=row.due_at,
            new_at=due_at,
            old_standing=standing(row.due_on, self.today, waiting=row.waiting),
            new_standing=standing(new_on, self.today, waiting=row.waiting),
            receipt_on=receipt[1] if receipt else None,
            restored=due_at < row.due_at,
        )
        (self.moves if caused or move.restored else self.left_behind).append(move)


def _first_day(row: Any, life: LifeState) -> date:
    """The first date that the count of a dossier reads."""
    received_on: date = row.received_on
    return min(received_on, life.clock_base_at.astimezone(OFFICE_ZONE).date())


def _kept_reason(undone: int | None, receipt: tuple[int, date] | None) -> str:
    if undone is not None and receipt is not None:
        return f"Giấy tiếp nhận hẹn ngày {receipt[1]:%d/%m/%Y} đã được in; ngày đã hẹn được giữ nguyên."
    return "Tính lại sẽ sớm hơn ngày đã hẹn; thay đổi lịch không đưa ngày đã hẹn lên sớm hơn."


def _stay(row: Any, computed: DueDate | None, reason: str) -> Stay:
    return Stay(
        row.code, row.procedure, row.officer, row.due_on, computed.due_on if computed else None, reason
    )


def _by_dossier(rows: Sequence[Any]) -> Iterator[tuple[int, list[Any]]]:
    """Rows that come in the order of their dossier, whose id is their first column."""
    for dossier_id, group in groupby(rows, key=lambda row: row[0]):
        yield dossier_id, list(group)


def _in_force_once(rows: Sequence[Any]) -> list[_Promise]:
    """The promises of a dossier that came into force, in order.

    A letter that came late brings none; reopening repeats the one in force, which says nothing new.
    """
    found: list[_Promise] = []
    for row in rows:
        if row.late:
            continue
        if found and row.cause is DueCause.CORRECTION and row.due_at == found[-1].due_at:
            continue
        found.append(_Promise(row.no, row.due_at, row.cause, row.calendar_version_id))
    return found
