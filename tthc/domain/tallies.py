"""The tally of Biểu II.06a/VPCP/KSTT: its cells as data, its rows and the identities that they satisfy.

Circular 01/2020/TT-VPCP. A cell is a predicate over the facts of one dossier at the end of a period; see
:mod:`tthc.domain.predicates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tthc.domain.periods import ReportPeriod
from tthc.domain.predicates import Comparison, Condition, FactRef, Parameter, Predicate, both, when
from tthc.domain.vocabulary import Channel, EndKind


@dataclass(frozen=True)
class DossierFacts:
    """What a tally may know of one dossier at the end of a period.

    ``*_counted_on`` are the dates under which an event is counted (later than the true date when that
    lies in a closed period); classes are judged by the true dates.
    """

    received_on: date
    received_counted_on: date
    ended_on: date | None
    ended_counted_on: date | None
    end_kind: EndKind | None
    due_on: date
    waiting: bool
    channel: Channel
    returned: bool = False


class CellName(StrEnum):
    """The cells of the tally, by the names that exports and the command line use."""

    RECEIVED_TOTAL = "received_total"
    RECEIVED_ONLINE = "received_online"
    RECEIVED_COUNTER_POST = "received_counter_post"
    CARRIED_OVER = "carried_over"
    RESOLVED_TOTAL = "resolved_total"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    PENDING_TOTAL = "pending_total"
    WITHIN = "within"
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    ENDED_TOTAL = "ended_total"
    ENDED_EARLY = "ended_early"
    ENDED_ON_TIME = "ended_on_time"
    ENDED_LATE = "ended_late"
    RETURNED = "returned"


@dataclass(frozen=True)
class Cell:
    """One number of the tally: its name, the words for it, where its definition comes from."""

    name: CellName
    label: str
    source: str
    predicate: Predicate


_C = Condition
_OP = Comparison


_IN_PERIOD = when(_C("received_counted_on", _OP.GE, Parameter.FROM))
_BEFORE = when(_C("received_counted_on", _OP.LT, Parameter.FROM))
_NOT_ENDED = when(_C("ended_counted_on", _OP.IS_NULL))
_ENDED = when(_C("ended_counted_on", _OP.GE, Parameter.FROM))
_CARRIED = both(_BEFORE, _NOT_ENDED + _ENDED)
_RESOLVED = both(_ENDED, when(_C("end_kind", _OP.EQ, EndKind.RESOLVED.value)))
_ONLINE = when(_C("channel", _OP.EQ, Channel.ONLINE.value))
_OFFLINE = when(_C("channel", _OP.NE, Channel.ONLINE.value))
_EARLY = when(_C("ended_on", _OP.LT, FactRef("due_on")))
_ON_TIME = when(_C("ended_on", _OP.EQ, FactRef("due_on")))
_LATE = when(_C("ended_on", _OP.GT, FactRef("due_on")))
_WITHIN = when(_C("due_on", _OP.GE, Parameter.AT)) + when(_C("waiting", _OP.EQ, True))
_OVERDUE = when(_C("due_on", _OP.LT, Parameter.AT), _C("waiting", _OP.EQ, False))

_FORM = "Biểu II.06a/VPCP/KSTT, Thông tư 01/2020/TT-VPCP"


def _cell(name: CellName, label: str, predicate: Predicate, source: str = _FORM) -> tuple[CellName, Cell]:
    return name, Cell(name=name, label=label, source=source, predicate=predicate)


#: Every cell, in the order of the form. All of them speak of dossiers received by the period's last day.
CELLS: Mapping[CellName, Cell] = dict(
    (
        _cell(CellName.RECEIVED_TOTAL, "Tiếp nhận: tổng số", _IN_PERIOD + _CARRIED, f"{_FORM}, cột (3)"),
        _cell(
            CellName.RECEIVED_ONLINE,
            "Tiếp nhận trong kỳ: trực tuyến",
            both(_IN_PERIOD, _ONLINE),
            f"{_FORM}, cột (4)",
        ),
        _cell(
            CellName.RECEIVED_COUNTER_POST,
            "Tiếp nhận trong kỳ: trực tiếp, dịch vụ bưu chính",
            both(_IN_PERIOD, _OFFLINE),
            f"{_FORM}, cột (5)",
        ),
        _cell(CellName.CARRIED_OVER, "Từ kỳ trước chuyển sang", _CARRIED, f"{_FORM}, cột (6)"),
        _cell(CellName.RESOLVED_TOTAL, "Đã giải quyết", _RESOLVED),
        _cell(CellName.EARLY, "Đã giải quyết trước hạn", both(_RESOLVED, _EARLY)),
        _cell(CellName.ON_TIME, "Đã giải quyết đúng hạn", both(_RESOLVED, _ON_TIME)),
        _cell(CellName.LATE, "Đã giải quyết quá hạn", both(_RESOLVED, _LATE)),
        _cell(CellName.PENDING_TOTAL, "Đang giải quyết", _NOT_ENDED, f"{_FORM}, cột (11)"),
        _cell(CellName.WITHIN, "Đang giải quyết trong hạn", both(_NOT_ENDED, _WITHIN), f"{_FORM}, cột (12)"),
        _cell(CellName.OVERDUE, "Đang giải quyết quá hạn", both(_NOT_ENDED, _OVERDUE), f"{_FORM}, cột (13)"),
        _cell(
            CellName.WITHDRAWN,
            "Rút hồ sơ",
            both(_ENDED, when(_C("end_kind", _OP.EQ, EndKind.WITHDRAWN.value))),
        ),
        _cell(
            CellName.STOPPED,
            "Dừng giải quyết",
            both(_ENDED, when(_C("end_kind", _OP.EQ, EndKind.STOPPED.value))),
        ),
        _cell(CellName.ENDED_TOTAL, "Đã giải quyết (gồm rút, dừng)", _ENDED, f"{_FORM}, cột (7)"),
        _cell(
            CellName.ENDED_EARLY,
            "Đã giải quyết trước hạn (gồm rút, dừng)",
            both(_ENDED, _EARLY),
            f"{_FORM}, cột (8)",
        ),
        _cell(
            CellName.ENDED_ON_TIME,
            "Đã giải quyết đúng hạn (gồm rút, dừng)",
            both(_ENDED, _ON_TIME),
            f"{_FORM}, cột (9)",
        ),
        _cell(
            CellName.ENDED_LATE,
            "Đã giải quyết quá hạn (gồm rút, dừng)",
            both(_ENDED, _LATE),
            f"{_FORM}, cột (10)",
        ),
        _cell(
            CellName.RETURNED,
            "Trả lại hồ sơ",
            both(_RESOLVED, when(_C("returned", _OP.EQ, True))),
        ),
    )
)

#: The cells of one row as exports give them; (3) = resolved + pending + withdrawn + stopped.
ROW_CELLS = (
    CellName.RECEIVED_TOTAL,
    CellName.RECEIVED_ONLINE,
    CellName.RECEIVED_COUNTER_POST,
    CellName.CARRIED_OVER,
    CellName.RESOLVED_TOTAL,
    CellName.EARLY,
    CellName.ON_TIME,
    CellName.LATE,
    CellName.PENDING_TOTAL,
    CellName.WITHIN,
    CellName.OVERDUE,
    CellName.WITHDRAWN,
    CellName.STOPPED,
)


@dataclass(frozen=True)
class TallyRow:
    """The numbers of one sector, procedure, channel or person; ``key`` is its id, ``None`` for the total."""

    key: int | str | None
    label: str
    cells: Mapping[CellName, int]
    code: str | None = None


@dataclass(frozen=True)
class Identity:
    """An equation that every tally must satisfy, with both sides as they came out."""

    text: str
    left: int
    right: int
    #: The same in a form with columns (14) withdrawn and (15) stopped, where it reads otherwise.
    apart: str = ""

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left == self.right

    def words(self, apart: bool) -> str:
        """The equation as the form prints it; ``apart``: withdrawn and stopped in columns of their own."""
        return (apart and self.apart) or self.text


@dataclass(frozen=True)
class Tally:
    """A whole tally: rows, their total, and the identities that were checked.

    ``at_on`` is the day on which pending was judged: the earlier of the period's end and today. ``known_on``:
    as known at the end of that date. ``closed_at``: when the period was closed, if these are its numbers.
    """

    period: ReportPeriod
    at_on: date
    by: str
    rows: Sequence[TallyRow]
    total: TallyRow
    identities: Sequence[Identity]
    #: Labels of the rows in which one of the same identities does not hold.
    faulty_rows: Sequence[str] = ()
    known_on: date | None = None
    closed_at: datetime | None = None
    #: What was adjusted in (6) since the period before, by the label of the row; those with nothing left out.
    adjusted: Mapping[str, int] = field(default_factory=dict)


def add_up(rows: Sequence[TallyRow]) -> TallyRow:
    """The total row; every cell is the sum of the rows."""
    return TallyRow(
        key=None,
        label="TỔNG CỘNG",
        cells={name: sum(row.cells[name] for row in rows) for name in CELLS},
    )


def check(
    total: TallyRow, *, pending_before: int, adjustments: int = 0, opening: int | None = None
) -> tuple[Identity, ...]:
    """The identities of domain.md 5 for a total row.

    ``pending_before`` is cell (11) of the period that ends the day before this one begins, and
    ``adjustments`` the printed adjustments between the two. ``opening`` is what was taken over from the last
    paper report, for a period with which the numbers here begin.
    """
    c = total.cells
    name = CellName
    found = (
        Identity(
            "(3) = (4) + (5) + (6)",
            c[name.RECEIVED_TOTAL],
            c[name.RECEIVED_ONLINE] + c[name.RECEIVED_COUNTER_POST] + c[name.CARRIED_OVER],
        ),
        Identity(
            "(7) = (8) + (9) + (10)",
            c[name.ENDED_TOTAL],
            c[name.ENDED_EARLY] + c[name.ENDED_ON_TIME] + c[name.ENDED_LATE],
            "(7) + (14) + (15) = kết thúc trước hạn + đúng hạn + quá hạn",
        ),
        Identity("(11) = (12) + (13)", c[name.PENDING_TOTAL], c[name.WITHIN] + c[name.OVERDUE]),
        Identity(
            "(3) = (7) + (11)",
            c[name.RECEIVED_TOTAL],
            c[name.ENDED_TOTAL] + c[name.PENDING_TOTAL],
            "(3) = (7) + (11) + (14) + (15)",
        ),
        Identity(
            "(7) = đã giải quyết + rút + dừng",
            c[name.ENDED_TOTAL],
            c[name.RESOLVED_TOTAL] + c[name.WITHDRAWN] + c[name.STOPPED],
            "Kết thúc = (7) + (14) + (15)",
        ),
        Identity(
            "Đã giải quyết = trước hạn + đúng hạn + quá hạn",
            c[name.RESOLVED_TOTAL],
            c[name.EARLY] + c[name.ON_TIME] + c[name.LATE],
            "(7) = (8) + (9) + (10)",
        ),
        Identity(
            "(6) = đang giải quyết cuối kỳ trước + điều chỉnh",
            c[name.CARRIED_OVER],
            pending_before + adjustments,
        ),
    )
    if opening is None:
        return found
    text = "(6) = số dư đầu kỳ theo báo cáo giấy + điều chỉnh"
    return (*found, Identity(text, c[name.CARRIED_OVER], opening + adjustments))


def on_time_rate(cells: Mapping[CellName, int], *, apart: bool = False) -> float | None:
    """((8) + (9)) / (7) from sums, between 0 and 1; ``None`` when nothing ended.

    ``apart``: of a form whose column (7) has neither withdrawn nor stopped dossiers.
    """
    name = CellName
    ended = cells[name.RESOLVED_TOTAL if apart else name.ENDED_TOTAL]
    if ended == 0:
        return None
    if apart:
        return (cells[name.EARLY] + cells[name.ON_TIME]) / ended
    return (cells[name.ENDED_EARLY] + cells[name.ENDED_ON_TIME]) / ended
