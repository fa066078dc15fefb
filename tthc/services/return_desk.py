"""What a clerk sees before a result is handed over: whose it is, what is still due, what else waits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, Procedure, ProcedureVersion
from tthc.db.queries import documents as document_queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import hand_overs as queries
from tthc.db.queries import worklists as worklist_queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import ApplicantKind, Channel
from tthc.services import calendar, fees, hand_over_views, search, uncollected, worklists
from tthc.services.hand_over_views import ComeBackView, HandOverView
from tthc.services.transaction import NotFound
from tthc.services.uncollected import UncollectedRow
from tthc.services.views import DossierRow

#: Further results of the same applicant that the page offers.
_FURTHER = 50
#: The address in the QR code of a receipt ends with the token of the public look-up.
_QR = re.compile(r"/tra-cuu/([A-Za-z0-9_-]{20,43})/?$")


@dataclass(frozen=True)
class ReadyRow:
    """A result that waits, of the applicant who is at the desk, person or ``firm``; ``fee_left`` in đồng."""

    code: str
    version: int
    procedure: str
    applicant: str
    firm: bool
    outcome: str
    ended_on: date
    fee_left: int


@dataclass(frozen=True)
class DeskView:
    """A dossier at the return desk; ``ready`` (``None``: there is no result to hand over) is this one's row.

    ``posted``: the result is with the post, which may bring it back; ``came_back``: it did, and waits again.
    ``correctable``: it was written down who took the result.
    ``fee_told`` is the fee of the procedure, where nothing was recorded for the dossier.
    """

    row: DossierRow
    subject: str
    national_code: str | None
    firm: bool
    id_number: str
    phone: str
    address: str
    submitter: str
    submitter_number: str
    receipt_on: datetime | None
    fee_told: int
    ready: ReadyRow | None
    further: Sequence[ReadyRow]
    waiting: UncollectedRow | None
    handed_over_at: datetime | None
    posted: bool
    correctable: bool
    came_back: ComeBackView | None
    entries: Sequence[HandOverView]


def find_code(session: Session, *, actor: Actor, q: str) -> str | None:
    """The dossier that ``q`` names and no other: its whole code, or what a scanner reads from its receipt."""
    actor.require(Action.VIEW_DOSSIERS)
    scanned = _QR.search(squeeze(q))
    if scanned:
        return queries.code_of_token(session, actor.unit_id, scanned[1])
    return search.find_code(session, actor=actor, q=q)


def get_desk(session: Session, *, actor: Actor, now: datetime, code: str) -> DeskView:
    """One dossier with all that is looked at before its result is handed over."""
    actor.require(Action.VIEW_DOSSIERS)
    dossier = dossier_queries.by_code(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    today = worklists.office_day(now)
    rules = calendar.load_rules(session, actor.unit_id, today)
    raw = worklist_queries.rows(session, [Dossier.id == dossier.id], sort="due", offset=0, limit=1)[0]
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get(Applicant, dossier.submitter_id or 0)
    version = session.get_one(ProcedureVersion, dossier.version_id)
    printed = document_queries.receipts_of(session, dossier.id)
    own = [Dossier.unit_id == actor.unit_id, Dossier.applicant_id == owner.id]
    found = _ready(session, [*own, Dossier.id != dossier.id], limit=_FURTHER)
    rows = _ready(session, [Dossier.id == dossier.id], limit=1)
    ready = rows[0] if rows else None
    entries, came_back = _told(session, actor, dossier)
    last = queries.last_of(session, [dossier.id]).get(dossier.id) if dossier.handed_over_at else None
    return DeskView(
        row=worklists.row_of(raw, today, rules.calendar),
        subject=dossier.subject,
        national_code=session.get_one(Procedure, dossier.procedure_id).national_code,
        firm=owner.kind is not ApplicantKind.CITIZEN,
        id_number=owner.id_number,
        phone=owner.phone or (submitter.phone if submitter else ""),
        address=owner.address,
        submitter=submitter.name if submitter else "",
        submitter_number=submitter.id_number if submitter else "",
        receipt_on=printed[-1][0].printed_at if printed else None,
        fee_told=0 if fees.standing_of(session, dossier.id) else version.fee or 0,
        ready=ready,
        further=found,
        waiting=uncollected.get_uncollected(session, actor=actor, now=now, code=code) if ready else None,
        handed_over_at=dossier.handed_over_at,
        posted=last is not None and hand_over_views.way_of(last[1], last[0].payload_json) is Channel.POST,
        correctable=last is not None and last[1] is not None,
        came_back=came_back,
        entries=entries,
    )


def _told(session: Session, actor: Actor, dossier: Dossier) -> tuple[list[HandOverView], ComeBackView | None]:
    """Every entry, those that went in an item which came back marked; and how the last one came back."""
    entries = hand_over_views.views_of(session, actor=actor, dossier_id=dossier.id)
    events = queries.come_backs_of(session, dossier.id)
    sent = [hand_over_views.item_before(entries, event.id) for event in events]
    back = {entry.event_id for entry in sent if entry is not None}
    told = [replace(entry, came_back=entry.event_id in back) for entry in entries]
    return told, hand_over_views.come_back_of(events[-1], entries) if dossier.came_back_on else None


def ready_rows(session: Session, *, actor: Actor, codes: Sequence[str]) -> list[ReadyRow]:
    """Of some dossiers those whose result waits, the longest waiting first."""
    actor.require(Action.HAND_OVER_DOSSIER)
    where = [Dossier.unit_id == actor.unit_id, Dossier.code.in_(codes)]
    return _ready(session, where, limit=len(codes))


def _ready(session: Session, where: Sequence[ColumnElement[bool]], *, limit: int) -> list[ReadyRow]:
    found = queries.ready(session, where, limit=limit)
    left = fees.left_of(session, [one.id for one in found])
    return [
        ReadyRow(
            code=one.code,
            version=one.version,
            procedure=one.procedure,
            applicant=one.applicant,
            firm=one.kind is not ApplicantKind.CITIZEN,
            outcome=f"{one.outcome.label} (trả lại hồ sơ)" if one.returned else one.outcome.label,
            ended_on=one.ended_on,
            fee_left=left.get(one.id, 0),
        )
        for one in found
    ]
