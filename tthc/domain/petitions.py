"""Petitions (phản ánh, kiến nghị): the numbers of a period as data, their identities, and what is none.

Decree 20/2008/NĐ-CP with its amendments. As in :mod:`tthc.domain.tallies` a number is a predicate over the
facts of one petition: this module counts with it, ``tthc/db/queries/petitions.py`` compiles the very same one
for the count and for the list. Complaints (khiếu nại) and denunciations (tố cáo) have laws of their own and
are never counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tthc.domain.periods import ReportPeriod
from tthc.domain.predicates import Comparison, Condition, FactRef, Parameter, Predicate, both, holds, when
from tthc.domain.tallies import Identity
from tthc.domain.text import fold, nfc
from tthc.domain.vocabulary import PetitionHandling, PetitionKind, PetitionState


@dataclass(frozen=True)
class PetitionFacts:
    """What a tally may know of one petition.

    ``ended_on`` is the day on which it was answered or handed on; ``due_on`` may be missing for one that
    another body deals with.
    """

    kind: PetitionKind
    received_on: date
    handled: PetitionHandling
    ended_on: date | None
    due_on: date | None
    published_on: date | None = None


class PetitionCell(StrEnum):
    """The numbers of a period, by the names that addresses use."""

    RECEIVED_TOTAL = "received_total"
    CARRIED_OVER = "carried_over"
    RECEIVED_NEW = "received_new"
    ANSWERED = "answered"
    ANSWERED_ON_TIME = "answered_on_time"
    ANSWERED_LATE = "answered_late"
    TRANSFERRED = "transferred"
    PENDING = "pending"
    PENDING_WITHIN = "pending_within"
    PENDING_OVERDUE = "pending_overdue"
    PUBLISHED = "published"


@dataclass(frozen=True)
class PetitionColumn:
    """One number: its words, and which petitions it counts."""

    label: str
    predicate: Predicate


_C = Condition
_OP = Comparison

_KNOWN = when(_C("received_on", _OP.LE, Parameter.AT))
_NEW = both(_KNOWN, when(_C("received_on", _OP.GE, Parameter.FROM)))
_CARRIED = both(
    when(_C("received_on", _OP.LT, Parameter.FROM)),
    when(_C("ended_on", _OP.IS_NULL)) + when(_C("ended_on", _OP.GE, Parameter.FROM)),
)
_ENDED = when(_C("ended_on", _OP.GE, Parameter.FROM), _C("ended_on", _OP.LE, Parameter.AT))
_ANSWERED = both(_ENDED, when(_C("handled", _OP.EQ, PetitionHandling.HERE.value)))
_PENDING = both(_KNOWN, when(_C("ended_on", _OP.IS_NULL)) + when(_C("ended_on", _OP.GT, Parameter.AT)))
#: Without a due date nothing can be overdue: one that was handed on at once was never the office's to answer.
_WITHIN = when(_C("due_on", _OP.GE, Parameter.AT)) + when(_C("due_on", _OP.IS_NULL))

#: Every number, in the order of the table. What is in force now decides; dates place it in a period.
COLUMNS: Mapping[PetitionCell, PetitionColumn] = {
    PetitionCell.RECEIVED_TOTAL: PetitionColumn("Tiếp nhận: tổng số", _CARRIED + _NEW),
    PetitionCell.CARRIED_OVER: PetitionColumn("Từ kỳ trước chuyển sang", _CARRIED),
    PetitionCell.RECEIVED_NEW: PetitionColumn("Tiếp nhận mới trong kỳ", _NEW),
    PetitionCell.ANSWERED: PetitionColumn("Đã trả lời trong kỳ", _ANSWERED),
    PetitionCell.ANSWERED_ON_TIME: PetitionColumn(
        "Đã trả lời đúng hạn", both(_ANSWERED, when(_C("ended_on", _OP.LE, FactRef("due_on"))))
    ),
    PetitionCell.ANSWERED_LATE: PetitionColumn(
        "Đã trả lời quá hạn", both(_ANSWERED, when(_C("ended_on", _OP.GT, FactRef("due_on"))))
    ),
    PetitionCell.TRANSFERRED: PetitionColumn(
        "Đã chuyển cơ quan khác",
        both(_ENDED, when(_C("handled", _OP.EQ, PetitionHandling.TRANSFERRED.value))),
    ),
    PetitionCell.PENDING: PetitionColumn("Đang xử lý cuối kỳ", _PENDING),
    PetitionCell.PENDING_WITHIN: PetitionColumn("Đang xử lý trong hạn", both(_PENDING, _WITHIN)),
    PetitionCell.PENDING_OVERDUE: PetitionColumn(
        "Đang xử lý quá hạn", both(_PENDING, when(_C("due_on", _OP.LT, Parameter.AT)))
    ),
    PetitionCell.PUBLISHED: PetitionColumn(
        "Đã đăng tải công khai trong kỳ",
        when(_C("published_on", _OP.GE, Parameter.FROM), _C("published_on", _OP.LE, Parameter.AT)),
    ),
}

#: One row's numbers.
Numbers = Mapping[PetitionCell, int]


@dataclass(frozen=True)
class PetitionTallyRow:
    """The numbers of one kind; ``kind`` ``None`` is the total."""

    kind: PetitionKind | None
    label: str
    cells: Numbers


@dataclass(frozen=True)
class PetitionTally:
    """The numbers of a period by kind, their total, and the identities that were checked.

    ``at_on`` is the day on which pending was judged: the earlier of the period's end and today.
    """

    period: ReportPeriod
    at_on: date
    rows: Sequence[PetitionTallyRow]
    total: PetitionTallyRow
    identities: Sequence[Identity]
    #: What each kind had pending at the end of the day before.
    pending_before: Mapping[PetitionKind, int]
    #: Labels of the rows in which one of the same identities does not hold.
    faulty_rows: Sequence[str] = ()

    @property
    def none(self) -> bool:
        """Whether there was nothing to deal with in the period ("không có phản ánh, kiến nghị")."""
        return not self.total.cells[PetitionCell.RECEIVED_TOTAL]


def state_of(handled: PetitionHandling, ended_on: date | None) -> PetitionState:
    """How far a petition has come; what another body has is no longer this office's to answer."""
    if handled is PetitionHandling.TRANSFERRED:
        return PetitionState.TRANSFERRED
    return PetitionState.PENDING if ended_on is None else PetitionState.ANSWERED


def is_in(cell: PetitionCell, facts: PetitionFacts, *, from_on: date, at_on: date) -> bool:
    """Whether a number of the period counts a petition with these facts, judged on ``at_on``."""
    return holds(COLUMNS[cell].predicate, facts, from_on=from_on, at_on=at_on)


def count(petitions: Iterable[PetitionFacts], *, from_on: date, at_on: date) -> dict[PetitionKind, Numbers]:
    """The numbers of each kind, counted one petition after the other."""
    found = {kind: dict.fromkeys(COLUMNS, 0) for kind in PetitionKind}
    for one in petitions:
        for cell in COLUMNS:
            found[one.kind][cell] += is_in(cell, one, from_on=from_on, at_on=at_on)
    return dict(found)


def lay_out(
    period: ReportPeriod,
    at_on: date,
    counted: Mapping[PetitionKind, Numbers],
    pending_before: Mapping[PetitionKind, int],
) -> PetitionTally:
    """The table of a period; ``pending_before`` is what was pending at the end of the day before it."""
    nothing = dict.fromkeys(COLUMNS, 0)
    rows = [PetitionTallyRow(kind, kind.label, counted.get(kind, nothing)) for kind in PetitionKind]
    total = PetitionTallyRow(
        None, "TỔNG CỘNG", {cell: sum(row.cells[cell] for row in rows) for cell in COLUMNS}
    )
    identities = check(total.cells, sum(pending_before.values()))
    faulty = [
        kind.label
        for kind, row in zip(PetitionKind, rows, strict=True)
        if not all(one.holds for one in check(row.cells, pending_before.get(kind, 0)))
    ]
    return PetitionTally(period, at_on, rows, total, identities, pending_before, faulty)


def check(cells: Numbers, pending_before: int) -> tuple[Identity, ...]:
    """The identities of domain.md 5, numbered as the columns of the table are."""
    name = PetitionCell
    return (
        Identity(
            "(3) = (4) + (5)", cells[name.RECEIVED_TOTAL], cells[name.CARRIED_OVER] + cells[name.RECEIVED_NEW]
        ),
        Identity(
            "(6) = (7) + (8)", cells[name.ANSWERED], cells[name.ANSWERED_ON_TIME] + cells[name.ANSWERED_LATE]
        ),
        Identity(
            "(10) = (11) + (12)",
            cells[name.PENDING],
            cells[name.PENDING_WITHIN] + cells[name.PENDING_OVERDUE],
        ),
        Identity(
            "(3) = (6) + (9) + (10)",
            cells[name.RECEIVED_TOTAL],
            cells[name.ANSWERED] + cells[name.TRANSFERRED] + cells[name.PENDING],
        ),
        Identity("(4) = đang xử lý cuối kỳ trước", cells[name.CARRIED_OVER], pending_before),
    )


def complaint_word(text: str) -> str:
    """The word by which a text looks like a complaint or a denunciation; empty if it does not.

    "Tố cáo" is looked for with its tones only, as "to cao" without them means other things as well.
    """
    if "khieu nai" in fold(text):
        return "khiếu nại"
    return "tố cáo" if "tố cáo" in nfc(text).casefold() else ""
