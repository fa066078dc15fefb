"""What pages, papers and commands show of other agencies: questions to them, and their parts of a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tthc.domain.due_dates import ExplainedDay
from tthc.domain.vocabulary import Standing, Timeliness


@dataclass(frozen=True)
class ConsultationView:
    """A question to another agency.

    Open, it has a ``standing`` and ``remaining``; answered, ``ended_on`` and ``timeliness``; closed with its
    dossier only ``closed_by``, what ended that. ``segment_no``: the dossier itself was handed on for that
    part of its limit. ``past_dossier``: the answer is due after the result is. ``days`` is empty for a date
    that was chosen. ``asked_by`` and ``answered_by`` are events of the dossier.
    """

    id: int
    asked_by: int
    answered_by: int | None
    agency: str
    question: str
    answer: str
    segment_no: int | None
    sent_at: datetime
    due_on: date
    provisional: bool
    past_dossier: bool
    open: bool
    ended_on: date | None
    standing: Standing | None
    timeliness: Timeliness | None
    due_soon: bool
    waiting: bool
    remaining: str
    closed_by: str
    days: Sequence[ExplainedDay]


@dataclass(frozen=True)
class SegmentView:
    """A part of a limit: at which agency, and its last day by the limit alone, not rolled.

    ``held`` says on the first part of each agency since when it had the dossier as it was recorded, and until
    when; ``late`` how far it exceeded its own time. ``elsewhere``: the dossier is handed on for this part.
    """

    no: int
    label: str
    agency: str
    last_on: date
    running: bool
    elsewhere: bool
    held: str
    late: str
