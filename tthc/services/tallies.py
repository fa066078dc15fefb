"""The periodic tally: numbers, the dossiers behind each, and the official form as a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import PeriodClose
from tthc.db.queries import closes as close_queries
from tthc.db.queries import take_over as take_over_queries
from tthc.db.queries import tallies as queries
from tthc.db.session import kept_for
from tthc.domain import closing
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import TALLY_CUTOFF
from tthc.domain.tallies import CELLS, CellName, Tally, TallyRow, add_up, check
from tthc.domain.vocabulary import OFFICE_ZONE, Channel, DomainError, PeriodCutoff, TimeUnit
from tthc.services import settings, tally_cells
from tthc.services.recent import Recent
from tthc.services.transaction import begin_snapshot, is_writing
from tthc.services.views import PAGE_SIZE, CellRow, Page

#: What the rows of a tally may be.
GROUPS = ("sector", "procedure", "channel", "officer")
#: Rows between which a dossier only moves by an adjustment that is printed; a channel is corrected, and an
#: officer changes, without one.
_CHAINED = ("sector", "procedure")
#: The name of the row of dossiers that nobody has.
UNASSIGNED = "Chưa phân công"
#: More lines are no table that anybody reads.
MOST_PARTS = 36


#: Under which name a process keeps tallies of closed periods, and how many.
_CLOSED = "closed tallies"
_MOST_CLOSED = 30


@dataclass(frozen=True)
class Asked:
    """Which tally: a period, what its rows are, and as known at the end of which date (``None``: now)."""

    from_on: date
    to_on: date
    by: str = "sector"
    known_on: date | None = None
    title: str = ""


@dataclass(frozen=True)
class PartedTally:
    """A tally of each part (a month, say) of a period that has begun, in order, and one of the whole."""

    unit: TimeUnit
    parts: Sequence[Tally]
    whole: Tally


@dataclass(frozen=True)
class _Reading:
    """From where the numbers of a tally are read, and of which day pending is judged."""

    period: ReportPeriod
    at_on: date
    known_at: datetime | None
    source: queries.Source
    closes: Sequence[PeriodClose]


def build_tally(session: Session, *, actor: Actor, today: date, asked: Asked) -> Tally:
    """The tally of a period, with its identities; pending is judged on the earlier of its end and today.

    A period that is closed, or a union of closed months, is read from what was kept at its closing.
    """
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    return tally_of(session, actor, today, asked)


def build_parts(session: Session, *, actor: Actor, today: date, asked: Asked, unit: TimeUnit) -> PartedTally:
    """The tally of a period and of each of its parts that has begun, all from one state of the database."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    whole = tally_of(session, actor, today, asked)
    parts = [
        tally_of(session, actor, today, replace(asked, from_on=one.from_on, to_on=one.to_on, title=one.title))
        for one in parts_of(session, actor.unit_id, whole.period, whole.at_on, unit)
    ]
    return PartedTally(unit, parts, whole)


def tally_of(session: Session, actor: Actor, today: date, asked: Asked) -> Tally:
    """The tally of a period within what the caller has begun to read."""
    reading = _read(session, actor, today, asked)
    if len(reading.closes) == 1 and asked.by in _CHAINED:
        return _closed_once(session, reading.closes[0], asked)
    return _count(session, actor, asked, reading)


def parts_of(
    session: Session, unit_id: int, period: ReportPeriod, until: date, unit: TimeUnit
) -> list[ReportPeriod]:
    """The parts of a period begun by a date, months cut as the period is, or else as the office cuts."""
    found = list[ReportPeriod]()
    of_period = closing.cutoff_of(period)
    start = period.from_on
    while start <= until:
        if len(found) == MOST_PARTS:
            raise DomainError(
                f"Chọn kỳ không quá {MOST_PARTS} {unit.label.lower()} khi xem theo {unit.label.lower()}.",
                "to_on",
            )
        cutoff = of_period or PeriodCutoff(settings.get(session, unit_id, TALLY_CUTOFF, start))
        end = min(closing.unit_end(start, unit, cutoff), period.to_on)
        found.append(ReportPeriod(start, end, closing.title(start, end)))
        start = end + timedelta(days=1)
    return found


def closed_tally(close: PeriodClose, *, by: str, title: str = "") -> Tally:
    """The tally of a closed period, as it was kept; nothing more is read."""
    period = ReportPeriod(close.from_on, close.to_on, title)
    return kept_tally(close.figures_json[by], period=period, by=by, closed_at=close.at)


def _closed_once(session: Session, close: PeriodClose, asked: Asked) -> Tally:
    """The same, laid out once by a process: figures that are closed do not change."""
    recent: Recent[Tally] = kept_for(session).setdefault(_CLOSED, Recent(_MOST_CLOSED))
    key = (close.id, close.checksum, asked.by)
    tally = recent.get(key)
    if tally is None:
        tally = closed_tally(close, by=asked.by)
        if not is_writing(session):
            recent.keep(key, tally)
    return replace(tally, period=ReportPeriod(close.from_on, close.to_on, asked.title))


def kept_tally(
    kept: Mapping[str, Any], *, period: ReportPeriod, by: str, closed_at: datetime | None = None
) -> Tally:
    """Figures of :func:`figures_of` as a tally again."""
    rows = [
        TallyRow(row["key"], row["label"], {name: row["cells"][name.value] for name in CELLS}, row["code"])
        for row in kept["rows"]
    ]
    before = {row["key"]: row["pending_before"] for row in kept["rows"]}
    adjusted = {row["key"]: row["adjustments"] for row in kept["rows"]}
    opening = {row["key"]: row["opening"] for row in kept["rows"] if "opening" in row}
    total = add_up(rows)
    return Tally(
        period,
        period.to_on,
        by,
        rows,
        total,
        check(
            total,
            pending_before=kept["pending_before"],
            adjustments=kept["adjustments"],
            opening=kept.get("opening"),
        ),
        _faulty(rows, before, adjusted, opening),
        closed_at=closed_at,
        adjusted=_by_label(rows, adjusted),
    )


def figures_of(
    session: Session,
    *,
    actor: Actor,
    period: ReportPeriod,
    groups: Sequence[str],
    closes: Sequence[PeriodClose] = (),
) -> dict[str, Any]:
    """The tallies of a period as a closing or a report keeps them, by what their rows are.

    Inside the caller's transaction. Every row has what it had pending before and what was adjusted. They are
    read from the spans as they are, or from the ``closes`` that make up the period, all in one pass.
    """
    known = closes[0].figures_json if len(closes) == 1 else {}
    unknown = [by for by in groups if by not in known]
    lines = _lines(session, actor, unknown, _ended(actor, period, closes)) if unknown else {}
    return {by: known[by] if by in known else _kept(lines[by], by) for by in groups}


def _kept(lines: _Lines, by: str) -> dict[str, Any]:
    by_sector = lines.opening_by_sector(by)
    kept: dict[str, Any] = {
        "rows": [
            {
                "key": row.key,
                "label": row.label,
                "code": row.code,
                "cells": {name.value: number for name, number in row.cells.items()},
                "pending_before": lines.before.get(row.key, 0),
                "adjustments": lines.adjusted.get(row.key, 0),
                **({"opening": by_sector.get(row.key, 0)} if by_sector is not None else {}),
            }
            for row in lines.rows
        ],
        "pending_before": sum(lines.before.values()),
        "adjustments": sum(lines.adjusted.values()),
    }
    if lines.opening is not None:
        kept["opening"] = lines.opened
    return kept


def list_cell(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    row_key: int | str | None,
    cell: CellName,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> Page[CellRow]:
    """The dossiers that make up one number; ``row_key`` ``None`` is the total row, ``size`` ``None`` all."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    reading = _read(session, actor, today, asked)
    wanted = tally_cells.number_of(
        reading.source,
        from_on=asked.from_on,
        at_on=reading.at_on,
        by=asked.by,
        row_key=row_key,
        cell=cell,
    )
    return tally_cells.page_of(session, wanted, page=page, size=size)


def closes_of(session: Session, unit_id: int, from_on: date, to_on: date) -> Sequence[PeriodClose]:
    """The closed months that together are a period, in order; empty if they do not make it up."""
    found = close_queries.closed_between(session, unit_id, from_on, to_on)
    if not found or found[0].from_on != from_on or found[-1].to_on != to_on:
        return ()
    return found


def _read(session: Session, actor: Actor, today: date, asked: Asked) -> _Reading:
    if asked.by not in GROUPS:
        raise DomainError("Chỉ lập theo lĩnh vực, thủ tục, kênh tiếp nhận hoặc người xử lý.", "by")
    period = ReportPeriod(asked.from_on, asked.to_on, asked.title)
    at_on = period.judged_on(today)
    if asked.known_on is not None:
        if asked.known_on > today:
            raise DomainError("Ngày ghi nhận số liệu không được sau hôm nay.", "known_on")
        known_at = end_of(asked.known_on)
        return _Reading(period, at_on, known_at, queries.living(actor.unit_id, at_on, known_at), ())
    closes = closes_of(session, actor.unit_id, asked.from_on, asked.to_on)
    if closes:
        return _Reading(period, at_on, None, queries.closed([close.id for close in closes]), closes)
    return _Reading(period, at_on, None, queries.living(actor.unit_id, at_on), ())


def _ended(actor: Actor, period: ReportPeriod, closes: Sequence[PeriodClose]) -> _Reading:
    """A period that has ended is read from its closings, or else from the spans as they are."""
    source = (
        queries.closed([one.id for one in closes]) if closes else queries.living(actor.unit_id, period.to_on)
    )
    return _Reading(period, period.to_on, None, source, closes)


@dataclass(frozen=True)
class _Lines:
    """The rows of a tally with what each had pending the day before, and what was adjusted since.

    ``opening``: where the numbers here begin with the period, what was taken over from paper, by sector.
    """

    rows: Sequence[TallyRow]
    before: Mapping[queries.RowKey, int]
    adjusted: Mapping[queries.RowKey, int]
    opening: Mapping[int, int] | None = None

    @property
    def opened(self) -> int | None:
        """All that was taken over."""
        return None if self.opening is None else sum(self.opening.values())

    def opening_by_sector(self, by: str) -> Mapping[Any, int] | None:
        """What was taken over in each row, where the rows are sectors."""
        return self.opening if by == "sector" else None


def _lines(session: Session, actor: Actor, groups: Sequence[str], reading: _Reading) -> dict[str, _Lines]:
    """The rows of several tables of one period, by what they are; the dossiers are gone through once."""
    period, at_on = reading.period, reading.at_on
    counted = queries.count_groups(
        session, reading.source, from_on=period.from_on, at_on=at_on, groups=groups
    )
    eve = queries.living(actor.unit_id, period.from_on - timedelta(days=1), reading.known_at)
    before = queries.count_pending(session, eve, groups=groups)
    opening = None
    if reading.known_at is None:
        opening = take_over_queries.opening(session, actor.unit_id, period.from_on)
    return {
        by: _Lines(
            _rows(session, by, counted[by], at_on),
            before[by],
            _adjusted(session, actor.unit_id, by, reading),
            opening,
        )
        for by in groups
    }


def _count(session: Session, actor: Actor, asked: Asked, reading: _Reading) -> Tally:
    lines = _lines(session, actor, (asked.by,), reading)[asked.by]
    total = add_up(lines.rows)
    return Tally(
        reading.period,
        reading.at_on,
        asked.by,
        lines.rows,
        total,
        check(
            total,
            pending_before=sum(lines.before.values()),
            adjustments=sum(lines.adjusted.values()),
            opening=lines.opened,
        ),
        _faulty(lines.rows, lines.before, lines.adjusted, lines.opening_by_sector(asked.by) or {})
        if asked.by in _CHAINED
        else _faulty_within(lines.rows),
        known_on=asked.known_on,
        closed_at=reading.closes[-1].at if reading.closes else None,
        adjusted=_by_label(lines.rows, lines.adjusted) if asked.by in _CHAINED else {},
    )


def _by_label(rows: Sequence[TallyRow], adjusted: Mapping[Any, int]) -> dict[str, int]:
    return {row.label: adjusted[row.key] for row in rows if adjusted.get(row.key)}


def _adjusted(session: Session, unit_id: int, by: str, reading: _Reading) -> Counter[queries.RowKey]:
    """What was adjusted of each row between the end of the day before and the period."""
    adjusted: Counter[queries.RowKey] = Counter()
    for _, lost, gained in queries.adjustments(
        session,
        unit_id=unit_id,
        from_on=reading.period.from_on,
        at_on=reading.at_on,
        by=by,
        known_at=reading.known_at,
    ):
        if lost is not None:
            adjusted[lost] -= 1
        if gained is not None:
            adjusted[gained] += 1
    return adjusted


def end_of(on: date) -> datetime:
    """The last instant of a local date: what was recorded by then was known."""
    return datetime.combine(on + timedelta(days=1), time(), OFFICE_ZONE) - timedelta(microseconds=1)


def _faulty(
    rows: Sequence[TallyRow],
    before: Mapping[queries.RowKey, int],
    adjusted: Mapping[queries.RowKey, int],
    opening: Mapping[Any, int],
) -> list[str]:
    """The rows in which an identity does not hold."""
    return [
        row.label
        for row in rows
        if not all(
            one.holds
            for one in check(
                row,
                pending_before=before.get(row.key, 0),
                adjustments=adjusted.get(row.key, 0),
                opening=opening.get(row.key, 0) if opening else None,
            )
        )
    ]


def _faulty_within(rows: Sequence[TallyRow]) -> list[str]:
    """The same where dossiers change rows freely: only what concerns the period itself."""
    carried = CellName.CARRIED_OVER
    return _faulty(rows, {row.key: row.cells[carried] for row in rows}, {}, {})


def _rows(
    session: Session, by: str, counted: Mapping[queries.RowKey, Mapping[CellName, int]], at_on: date
) -> list[TallyRow]:
    nothing = dict.fromkeys(CELLS, 0)
    if by == "sector":
        return [TallyRow(key, name, counted.get(key, nothing)) for key, name in queries.sector_names(session)]
    if by == "channel":
        return [TallyRow(one.value, one.label, counted.get(one, nothing)) for one in Channel]
    ids = [key for key in counted if isinstance(key, int)]
    if by == "procedure":
        rows = [
            TallyRow(key, name, counted[key], code)
            for key, code, name in queries.procedure_names(session, ids, at_on)
        ]
    else:
        rows = [TallyRow(key, name, counted[key]) for key, name in queries.officer_names(session, ids)]
        if None in counted:
            rows.append(TallyRow(tally_cells.NOBODY, UNASSIGNED, counted[None]))
    return [row for row in rows if row.cells[CellName.RECEIVED_TOTAL]]
