"""The covering letter (công văn) with which a periodic report is sent."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import written_date
from tthc.services import units
from tthc.services.documents import DEMO_NOTE
from tthc.services.report_chain import period_of
from tthc.services.report_sentences import sentence_of
from tthc.services.reports import report_of


def print_letter(session: Session, *, actor: Actor, today: date, report_id: int, demo: bool = False) -> bytes:
    """The letter as an A4 PDF, dated the day on which it was sent, else ``today``.

    What is not known yet (number, signer, recipient) is left to be written in by hand.
    """
    actor.require(Action.VIEW_TALLIES)
    report = report_of(session, actor, report_id)
    period = period_of(report)
    issued_on = report.sent_on or today
    unit = units.header(session, issued_on, report.unit_id)
    return printing.render_pdf(
        "report_letter",
        {
            "superior": unit.superior,
            "unit": unit.name,
            "place": unit.place,
            "issued_on": written_date(issued_on),
            "letter_no": report.letter_no,
            "correction_no": f"{report.correction_no}" if report.correction_no else "",
            "period": period.title[0].lower() + period.title[1:],
            "recipient": report.recipient,
            "sentence": sentence_of(session, report),
            "signer": report.signer,
            "draft_note": "" if report.letter_no else "Dự thảo, chưa có số văn bản.",
            "demo_note": DEMO_NOTE if demo else "",
        },
    )
