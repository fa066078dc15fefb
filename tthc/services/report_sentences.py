"""The sentence that the board publishes of a report, as text and as a document to go on writing in."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Report
from tthc.documents import text_files
from tthc.domain.permissions import Action, Actor
from tthc.domain.petitions import PetitionCell
from tthc.domain.report_sentence import PetitionNumbers, ReportNumbers, report_sentence
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import Channel
from tthc.services import report_annexed, tallies, tally_forms, units
from tthc.services.report_chain import period_of
from tthc.services.reports import report_of


def get_sentence(session: Session, *, actor: Actor, report_id: int) -> str:
    """The sentence of a report as it was drawn up."""
    actor.require(Action.VIEW_TALLIES)
    return sentence_of(session, report_of(session, actor, report_id))


def sentence_of(session: Session, report: Report) -> str:
    """The same within the caller's transaction."""
    unit = units.header(session, report.to_on, report.unit_id)
    separate = tally_forms.ends_apart(session, unit_id=report.unit_id, on=report.to_on)
    return report_sentence(unit.name, period_of(report), _numbers(report, separate))


def _numbers(report: Report, separate: bool) -> ReportNumbers:
    """What was kept of a report, as the sentence takes it."""
    kept: dict[str, Any] = report.figures_json
    name = CellName
    total = tallies.kept_tally(kept["sector"], by="sector", period=period_of(report)).total.cells
    return ReportNumbers(
        carried_over=total[name.CARRIED_OVER],
        new={
            Channel(row["key"]): row["cells"][name.RECEIVED_ONLINE] + row["cells"][name.RECEIVED_COUNTER_POST]
            for row in kept["channel"]["rows"]
        },
        early=total[name.EARLY if separate else name.ENDED_EARLY],
        on_time=total[name.ON_TIME if separate else name.ENDED_ON_TIME],
        late=total[name.LATE if separate else name.ENDED_LATE],
        within=total[name.WITHIN],
        overdue=total[name.OVERDUE],
        withdrawn=total[name.WITHDRAWN],
        stopped=total[name.STOPPED],
        folded=not separate,
        petitions=_petitions(report),
    )


def _petitions(report: Report) -> PetitionNumbers | None:
    kept = report_annexed.kept_petitions(report.figures_json, period_of(report))
    if kept is None:
        return None
    cells = kept.total.cells
    return PetitionNumbers(
        carried_over=cells[PetitionCell.CARRIED_OVER],
        new=cells[PetitionCell.RECEIVED_NEW],
        answered=cells[PetitionCell.ANSWERED],
        transferred=cells[PetitionCell.TRANSFERRED],
        pending=cells[PetitionCell.PENDING],
    )


def export_sentence(session: Session, *, actor: Actor, report_id: int) -> bytes:
    """The sentence under its title as a DOCX file."""
    actor.require(Action.VIEW_TALLIES)
    report = report_of(session, actor, report_id)
    return text_files.write_docx(
        ("TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", period_of(report).title),
        (sentence_of(session, report),),
        author=units.header(session, report.to_on, report.unit_id).name,
    )
