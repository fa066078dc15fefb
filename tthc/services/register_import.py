"""Taking the rows of a register file over into dossiers and filings, inside one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, Filing, Procedure
from tthc.db.queries import register as queries
from tthc.db.queries import search
from tthc.domain.codes import parse_code
from tthc.domain.permissions import Actor
from tthc.domain.text import fold, squeeze
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    CodeSource,
    DomainError,
    FilingState,
)
from tthc.services import catalogue, filings, history_batch, intake, numbers
from tthc.services.history_batch import Story
from tthc.services.imported_files import RowError, RowOutcome
from tthc.services.intake import Admission, Terms
from tthc.services.numbers import RegisterBooks
from tthc.services.register_changes import Recorder, RowRefused, advance, begin, keep_beside
from tthc.services.register_columns import Field
from tthc.services.register_matching import ApplicantBook, ProcedureFinder, TermsBook
from tthc.services.register_moments import Moment
from tthc.services.register_rows import REFUSED, RegisterRow

#: New dossiers that are written together.
_AT_ONCE = 500
_NO_REASON = "Tệp nhập không ghi lý do."


@dataclass(frozen=True)
class PreviewRow:
    """What an import does, or would do, with one row."""

    row: int
    code: str
    outcome: RowOutcome
    applicant: str
    procedure: str
    status: str
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class RegisterImport:
    """One import under way; what its rows meet in the database is read beforehand, in bulk."""

    def __init__(self, session: Session, *, now: datetime, actor: Actor, rows: Sequence[RegisterRow]) -> None:
        queries.lock_imports(session)
        self.action_id = str(uuid.uuid4())
        self._session, self._now, self._actor = session, now, actor
        self._recorder = Recorder(session, now, actor, self.action_id)
        codes = [row.code for row in rows]
        self._filings = queries.filings_by_number(session, actor.unit_id, codes)
        accepted = (filing.dossier_id for filing in self._filings.values() if filing.dossier_id is not None)
        by_id = queries.dossiers_by_id(session, accepted)
        # A filing that got its code here when it was accepted is still known there by its number.
        self._dossiers = {
            number: by_id[filing.dossier_id]
            for number, filing in self._filings.items()
            if filing.dossier_id is not None
        } | queries.dossiers_by_code(session, codes)
        self._procedures = ProcedureFinder(session)
        self._people = ApplicantBook(session, rows, self._stored_applicants(rows))
        self._stories: list[Story] = []
        self._terms = TermsBook(session, actor.unit_id)
        self._books = RegisterBooks(session, actor.unit_id)

    def take(self, row: RegisterRow) -> tuple[PreviewRow, list[RowError]]:
        """Take a row over, or say everything that is against it."""
        match = self._procedures.find(row)
        warnings = [*row.warnings, *self._code_warning(row)]
        if match.warning:
            warnings.append(match.warning)
        preview = PreviewRow(
            row=row.number,
            code=row.code,
            outcome=RowOutcome.REFUSED,
            applicant=row.applicant.name,
            procedure=row.procedure_name or row.procedure_code,
            status=row.status_label,
        )
        against: list[tuple[Field, str]] = []
        if match.procedure is None:
            against.append((match.field, match.message))
        else:
            against += self._contradictions(row, match.procedure)
        if match.procedure is not None and not against:
            try:
                outcome, changes = self._dispatch(row, match.procedure, warnings)
                return replace(preview, outcome=outcome, changes=tuple(changes), warnings=tuple(warnings)), []
            except RowRefused as refusal:
                against.append((refusal.field, refusal.message))
        return preview, [RowError(row.number, field.value, message) for field, message in against]

    def finish(self) -> None:
        """Write the new dossiers, and what else is left to do after the last row."""
        for start in range(0, len(self._stories), _AT_ONCE):
            stories = self._stories[start : start + _AT_ONCE]
            history_batch.write(self._session, now=self._now, actor=self._actor, stories=stories)
            for story in stories:
                for event in story.rows:
                    keep_beside(self._session, story.dossier, event)
        self._people.rewrite_search()

    def _stored_applicants(self, rows: Sequence[RegisterRow]) -> dict[int, Applicant]:
        owners: dict[int, int] = {}
        for row in rows:
            known = self._dossiers.get(row.code) or self._filings.get(row.code)
            if known is not None:
                owners[row.number] = known.applicant_id
        found = queries.applicants_by_id(self._session, owners.values())
        return {number: found[applicant_id] for number, applicant_id in owners.items()}

    def _code_warning(self, row: RegisterRow) -> list[str]:
        begun = row.received or row.submitted
        try:
            code = parse_code(row.code)
        except DomainError:
            return ["Mã hồ sơ không theo mẫu quốc gia; vẫn giữ nguyên."]
        if begun is not None and code.on != begun.on:
            return [f"Ngày trong mã hồ sơ ({code.on:%d/%m/%Y}) khác ngày tiếp nhận ({begun.on:%d/%m/%Y})."]
        return []

    def _contradictions(self, row: RegisterRow, procedure: Procedure) -> list[tuple[Field, str]]:
        """Facts that are on record otherwise and that no event changes."""
        dossier, filing = self._dossiers.get(row.code), self._filings.get(row.code)
        if dossier is not None and dossier.unit_id != self._actor.unit_id:
            return [(Field.CODE, f"Mã {row.code} đã thuộc hồ sơ của đơn vị khác.")]
        known = dossier or filing
        if known is None:
            return []
        found: list[tuple[Field, str]] = []
        if known.channel is not row.channel:
            found.append(
                (Field.CHANNEL, f"Đã ghi kênh “{known.channel.label}”, tệp ghi “{row.channel.label}”.")
            )
        if known.procedure_id != procedure.id:
            field = Field.PROCEDURE_CODE if row.procedure_code else Field.PROCEDURE_NAME
            found.append((field, "Hồ sơ đã ghi theo thủ tục khác; không đổi thủ tục bằng tệp nhập."))
        if row.submitted is not None and not row.submitted.is_same(known.submitted_at):
            found.append((Field.SUBMITTED, _differs(known.submitted_at, row.submitted)))
        if dossier is None:
            return found
        if row.is_filing:
            return [*found, (Field.STATUS, f"Hồ sơ đã được tiếp nhận, không thể là “{row.status_label}”.")]
        if row.received is not None and not row.received.is_same(dossier.received_at):
            found.append((Field.RECEIVED, _differs(dossier.received_at, row.received)))
        if dossier.ended_at is not None and row.ended and not row.ended.is_same(dossier.ended_at):
            found.append((Field.ENDED, _differs(dossier.ended_at, row.ended)))
        if dossier.handed_over_at and row.handed_over and not row.handed_over.is_same(dossier.handed_over_at):
            found.append((Field.HANDED_OVER, _differs(dossier.handed_over_at, row.handed_over)))
        back_on = dossier.came_back_on
        if back_on and row.handed_over and row.handed_over.on < back_on:
            told = f"tệp ghi đã trả {row.handed_over.label}."
            found.append((Field.HANDED_OVER, f"Bưu gửi đã chuyển hoàn ngày {back_on:%d/%m/%Y}; {told}"))
        stored_outcome = (dossier.outcome, dossier.returned)
        if dossier.outcome and row.outcome and row.outcome != stored_outcome and row.status in (9, 10):
            label = "Trả lại" if dossier.returned else dossier.outcome.label
            found.append((Field.OUTCOME, f"Đã ghi kết quả “{label}”; không đổi bằng tệp nhập."))
        return found

    def _dispatch(
        self, row: RegisterRow, procedure: Procedure, warnings: list[str]
    ) -> tuple[RowOutcome, list[str]]:
        dossier, filing = self._dossiers.get(row.code), self._filings.get(row.code)
        if dossier is not None:
            changes = self._update_dossier(row, dossier)
            return _outcome(changes), changes
        if filing is not None and (row.is_filing or filing.state is FilingState.REFUSED):
            changes = self._update_filing(row, filing)
            return _outcome(changes), changes
        if row.is_filing:
            self._add_filing(row, procedure)
            return RowOutcome.CREATED, []
        if filing is not None:
            self._update_texts(row, filing)
            self._accept(row, procedure, filing, warnings)
            return RowOutcome.UPDATED, ["tiếp nhận hồ sơ đang chờ"]
        self._receive(row, procedure, warnings)
        return RowOutcome.CREATED, []

    # --- dossiers -------------------------------------------------------------------------------------

    def _receive(self, row: RegisterRow, procedure: Procedure, warnings: list[str]) -> None:
        """A new dossier; it is written with the others in :meth:`finish`."""
        assert row.received is not None  # noqa: S101 - read_row refuses a row without it
        received_at = row.received.at
        if row.submitted is not None:
            received_at = min(row.received.after(row.submitted.at), self._now)
        terms, appointment = self._terms_for(row, procedure, None, received_at, warnings)
        admission = Admission(
            terms=terms,
            channel=row.channel,
            applicant_id=self._people.of(row).id,
            submitter_id=None,
            subject=row.subject,
            note=row.note,
            papers=[],
            sets=1,
            submitted_at=row.submitted.at if row.submitted else received_at,
            received_at=received_at,
            given_code=row.code,
            appointment=appointment,
            imported=True,
            action_id=self.action_id,
        )
        dossier, receipt = intake.compose_dossier(
            self._session, now=self._now, actor=self._actor, admission=admission, books=self._books
        )
        story = terms.story(dossier)
        story.tell(receipt, self._now)
        begin(self._recorder, story, row)
        self._stories.append(story)

    def _accept(self, row: RegisterRow, procedure: Procedure, filing: Filing, warnings: list[str]) -> None:
        """A filing that waited here becomes a dossier."""
        assert row.received is not None  # noqa: S101 - read_row refuses a row without it
        if Moment(filing.submitted_at.replace(microsecond=0), timed=True).later_than(row.received):
            raise RowRefused(Field.RECEIVED, f"{row.received.label} trước ngày nộp đã ghi.")
        received_at = min(max(row.received.at, filing.submitted_at), self._now)
        _, appointment = self._terms_for(row, procedure, filing.case_id, received_at, warnings)
        dossier = filings.accept(
            self._session,
            now=self._now,
            actor=self._actor,
            filing=filing,
            received_at=received_at,
            case_id=filing.case_id,
            confirm_unverified=True,
            appointment=appointment,
            imported=True,
            action_id=self.action_id,
        )
        advance(self._recorder, dossier, row, due=None)

    def _terms_for(
        self,
        row: RegisterRow,
        procedure: Procedure,
        case_id: int | None,
        received_at: datetime,
        warnings: list[str],
    ) -> tuple[Terms, datetime | None]:
        """The terms of a receipt, and the row's appointment where it is not the computed one."""
        try:
            terms = self._terms.of(procedure.id, case_id, row.channel, received_at)
            due = self._terms.due_moment(row, received_at)
        except DomainError as refusal:
            field = Field.PROCEDURE_CODE if refusal.field in ("procedure_id", "case_id") else Field.RECEIVED
            raise RowRefused(field, refusal.message) from None
        appointment = due if due != terms.due.due_at else None
        if due is None:
            warnings.append(f"Không ghi ngày hẹn trả; tính được {terms.due.due_on:%d/%m/%Y}.")
        elif appointment is not None:
            computed = f"{terms.due.due_at:%H:%M %d/%m/%Y}"
            warnings.append(f"Ngày hẹn trả trong tệp khác ngày tính được ({computed}); giữ theo tệp.")
        sector = self._terms.sector_name(terms)
        if row.sector and fold(row.sector) != fold(sector):
            warnings.append(f"Lĩnh vực trong tệp khác danh mục; lấy theo danh mục: {sector}.")
        warnings += intake.warnings_of(terms)
        return terms, appointment

    def _update_dossier(self, row: RegisterRow, dossier: Dossier) -> list[str]:
        state, due_at, version = dossier.state, dossier.due_at, dossier.version
        same_due = row.due is None or (row.due.timed and row.due.is_same(due_at))
        if state is not row.target or not same_due:
            due = self._terms.due_moment(row, dossier.received_at)
            advance(self._recorder, dossier, row, due=due)
        changes = []
        if dossier.state is not state:
            changes.append(f"trạng thái: {state.label} → {dossier.state.label}")
        if dossier.due_at != due_at:
            changes.append(f"ngày hẹn trả: {_shown(due_at)} → {_shown(dossier.due_at)}")
        texts = self._update_texts(row, dossier)
        if changes or texts:
            search.write(self._session, dossier)
        if texts:
            dossier.version = max(dossier.version, version + 1)
        return changes + texts

    # --- filings --------------------------------------------------------------------------------------

    def _add_filing(self, row: RegisterRow, procedure: Procedure) -> None:
        assert row.submitted is not None  # noqa: S101 - read_row refuses a row without it
        try:
            catalogue.version_in_force(self._session, procedure.id, row.submitted.on)
        except DomainError as refusal:
            raise RowRefused(Field.PROCEDURE_CODE, refusal.message) from None
        filing = Filing(
            unit_id=self._actor.unit_id,
            number=row.code,
            number_source=CodeSource.GIVEN,
            channel=row.channel,
            submitted_at=row.submitted.at,
            recorded_at=self._now,
            procedure_id=procedure.id,
            case_id=None,
            applicant_id=self._people.of(row).id,
            submitter_id=None,
            subject=row.subject,
            note=row.note,
            papers_json=[],
            sets=1,
            state=FilingState.WAITING,
            refusal_reason="",
            version=1,
        )
        if row.status == REFUSED:
            self._refuse(row, filing)
        self._session.add(filing)
        numbers.note_given_code(self._session, unit_id=self._actor.unit_id, code=row.code)
        self._session.flush()

    def _update_filing(self, row: RegisterRow, filing: Filing) -> list[str]:
        changes: list[str] = []
        if filing.state is FilingState.REFUSED:
            if row.status != REFUSED:
                raise RowRefused(
                    Field.STATUS,
                    f"Hồ sơ đã bị từ chối tiếp nhận, không thể là “{row.status_label}”; "
                    "người nộp phải nộp hồ sơ mới.",
                )
            assert filing.refused_at is not None  # noqa: S101 - held by a constraint
            if row.refused is not None and not row.refused.is_same(filing.refused_at):
                raise RowRefused(Field.REFUSED, _differs(filing.refused_at, row.refused))
        elif row.status == REFUSED:
            self._refuse(row, filing)
            changes.append(f"trạng thái: {FilingState.WAITING.label} → {FilingState.REFUSED.label}")
        changes += self._update_texts(row, filing)
        if changes:
            filing.version += 1
            self._session.flush()
        return changes

    def _refuse(self, row: RegisterRow, filing: Filing) -> None:
        assert row.refused is not None  # noqa: S101 - read_row refuses a row without it
        filing.state = FilingState.REFUSED
        filing.refused_at = row.refused.after(filing.submitted_at)
        filing.refused_by = self._actor.account_id
        filing.refusal_reason = row.note or _NO_REASON

    # --- both -----------------------------------------------------------------------------------------

    def _update_texts(self, row: RegisterRow, known: Dossier | Filing) -> list[str]:
        """Applicant, subject and note as the row has them; an empty cell leaves what is stored."""
        changes = []
        owner = self._people.of(row)
        if owner.id != known.applicant_id:
            known.applicant_id = owner.id
            changes.append("chủ hồ sơ")
        elif self._people.changed(row):
            changes.append("thông tin chủ hồ sơ")
        if row.subject and row.subject != squeeze(known.subject):
            known.subject = row.subject
            changes.append("trích yếu")
        notes = {squeeze(known.note)}
        if isinstance(known, Filing):
            notes.add(squeeze(known.refusal_reason))
        if row.note and squeeze(row.note) not in notes:
            known.note = row.note
            changes.append("ghi chú")
        return changes


def _outcome(changes: list[str]) -> RowOutcome:
    return RowOutcome.UPDATED if changes else RowOutcome.UNCHANGED


def _differs(stored: datetime, given: Moment) -> str:
    return f"Đã ghi {_shown(stored)}, tệp ghi {given.label}; không đổi bằng tệp nhập."


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(OFFICE_ZONE):%d/%m/%Y %H:%M:%S}"
