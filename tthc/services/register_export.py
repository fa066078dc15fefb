"""The register of a period as a file with the national field names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, Filing, Sector
from tthc.db.queries import register as queries
from tthc.documents import sheets
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, DossierState, EndKind, FilingState
from tthc.services import catalogue
from tthc.services.register_columns import CHANNEL_CODES, KIND_CODES, OUTCOME_CODES, Field

Value = str | datetime | None

#: The national status of each state; 8 with an end date is a stop for good, without one a pause.
_STATUS: Mapping[DossierState, str] = {
    DossierState.RECEIVED: "2",
    DossierState.PROCESSING: "4",
    DossierState.AWAITING_SUPPLEMENT: "5",
    DossierState.AWAITING_PAYMENT: "6",
    DossierState.WITHDRAWN: "7",
    DossierState.STOPPED: "8",
    DossierState.PAUSED: "8",
    DossierState.RESOLVED: "9",
    DossierState.HANDED_OVER: "10",
}
#: Widths of the columns in the sheet, in characters; those of dates fit "14/06/2024 17:00".
_WIDTHS: Mapping[Field, int] = {
    Field.CODE: 28,
    Field.PROCEDURE_CODE: 11,
    Field.PROCEDURE_NAME: 50,
    Field.SECTOR: 24,
    Field.APPLICANT: 30,
    Field.SUBJECT: 50,
    Field.NOTE: 30,
    Field.EMAIL: 24,
    Field.ADDRESS: 30,
}


def export_register(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    from_on: date,
    to_on: date,
    format: str,  # noqa: A002
) -> bytes:
    """The dossiers received in a period or pending in it, and the filings of it that are no dossiers.

    ``format`` is "csv" (moments as ``yyyyMMddHHmmss``) or "xlsx" (moments as real dates); both ends of the
    period belong to it. Dossiers received after ``now`` do not exist, so the end may lie ahead. Importing
    the file changes nothing: NgayHenTra is the appointment that counts, not one that a late letter told.
    """
    actor.require(Action.EXPORT_REGISTER)
    if from_on > to_on:
        raise DomainError("Ngày đầu phải trước hoặc trùng ngày cuối.", "from_on")
    if format not in ("csv", "xlsx"):
        raise DomainError("Chỉ xuất được tệp CSV hoặc XLSX.", "format")
    rows = _dossier_rows(session, actor.unit_id, from_on, to_on)
    rows += _filing_rows(session, actor.unit_id, from_on, to_on)
    rows.sort(key=_place)
    headings = [field.value for field in Field]
    if format == "csv":
        return sheets.write_csv(headings, [[_text(row.get(field)) for field in Field] for row in rows])
    return sheets.write_xlsx(
        f"Sổ hồ sơ {from_on:%d.%m.%Y} - {to_on:%d.%m.%Y}",
        headings,
        [_WIDTHS.get(field, 17) for field in Field],
        [[row.get(field) for field in Field] for row in rows],
    )


def _dossier_rows(session: Session, unit_id: int, from_on: date, to_on: date) -> list[dict[Field, Value]]:
    found = queries.dossiers_in(session, unit_id, from_on, to_on)
    since = queries.waiting_since(session, (dossier for dossier, *_ in found))
    rows = []
    for dossier, owner, code, name, sector in found:
        row = _common(dossier, owner, code)
        row |= {
            Field.CODE: dossier.code,
            Field.PROCEDURE_NAME: name,
            Field.SECTOR: sector,
            Field.RECEIVED: dossier.received_at,
            Field.DUE: dossier.due_at,
            Field.STATUS: _STATUS[dossier.state],
            Field.ENDED: dossier.ended_at,
            Field.HANDED_OVER: dossier.handed_over_at,
            Field.REQUESTED: since.get(dossier.id),
        }
        if dossier.end_kind is EndKind.RESOLVED and dossier.outcome is not None:
            row[Field.OUTCOME] = OUTCOME_CODES[dossier.outcome, dossier.returned]
        rows.append(row)
    return rows


def _filing_rows(session: Session, unit_id: int, from_on: date, to_on: date) -> list[dict[Field, Value]]:
    since = datetime.combine(from_on, time(), OFFICE_ZONE)
    before = datetime.combine(to_on + timedelta(days=1), time(), OFFICE_ZONE)
    rows = []
    for filing, owner, code in queries.filings_in(session, unit_id, since, before):
        submitted_on = filing.submitted_at.astimezone(OFFICE_ZONE).date()
        version = catalogue.version_in_force(session, filing.procedure_id, submitted_on)
        row = _common(filing, owner, code)
        row |= {
            Field.CODE: filing.number,
            Field.PROCEDURE_NAME: version.name,
            Field.SECTOR: session.get_one(Sector, version.sector_id).name,
            Field.STATUS: "3" if filing.state is FilingState.REFUSED else "1",
            Field.REFUSED: filing.refused_at,
            Field.NOTE: filing.note or filing.refusal_reason,
        }
        rows.append(row)
    return rows


def _common(known: Dossier | Filing, owner: Applicant, national_code: str | None) -> dict[Field, Value]:
    return {
        Field.PROCEDURE_CODE: national_code,
        Field.CHANNEL: CHANNEL_CODES[known.channel],
        Field.APPLICANT: owner.name,
        Field.APPLICANT_KIND: KIND_CODES[owner.kind],
        Field.ID_NUMBER: owner.id_number,
        Field.PHONE: owner.phone,
        Field.EMAIL: owner.email,
        Field.ADDRESS: owner.address,
        Field.SUBJECT: known.subject,
        Field.NOTE: known.note,
        Field.SUBMITTED: known.submitted_at,
    }


def _place(row: Mapping[Field, Value]) -> tuple[datetime, str]:
    begun = row.get(Field.RECEIVED) or row[Field.SUBMITTED]
    assert isinstance(begun, datetime)  # noqa: S101 - the columns are NOT NULL
    return begun, str(row[Field.CODE])


def _text(value: Value) -> str:
    return sheets.office_text(value) if isinstance(value, datetime) else value or ""
