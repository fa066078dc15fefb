"""Import of a file of investment certificates: all or nothing, and again without any change."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import InvestmentCertificate, InvestmentChange
from tthc.db.queries import investment as queries
from tthc.db.queries import register as register_queries
from tthc.documents.sheets import read_sheet
from tthc.domain.amounts import show_amount
from tthc.domain.investment import Certificate
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError
from tthc.services.imported_files import (
    ImportResult,
    NothingIsKept,
    RowError,
    RowOutcome,
    record_import,
    result_of,
    whole_or_nothing,
)
from tthc.services.investment_entries import (
    change,
    enter,
    refuse_dossier,
    refuse_double,
    refuse_early,
    said_by,
)
from tthc.services.investment_rows import (
    COLUMN_OF,
    Column,
    InvestmentRow,
    as_headed,
    known_headings,
    read_rows,
)
from tthc.services.worklists import office_day

_BY_CORRECTION = "sửa bằng đính chính, không sửa bằng tệp nhập"


@dataclass(frozen=True)
class PreviewRow:
    """What an import does, or would do, with one row."""

    row: int
    outcome: RowOutcome
    certificate: Certificate
    dossier_code: str
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def import_certificates(
    session: Session, *, now: datetime, actor: Actor, content: bytes, filename: str, dry_run: bool = False
) -> ImportResult[PreviewRow]:
    """Import a CSV file in UTF-8 or an XLSX file, the whole of it or nothing.

    A row is known again by number, kind and date. One that was corrected or cancelled here stays so when the
    file comes again; what is entered otherwise is never overwritten. Raises :class:`DomainError` with field
    "file" for a file that cannot be read at all; what is wrong with headings and rows comes back as errors.
    """
    actor.require(Action.RECORD_INVESTMENT)
    heading, *body = read_sheet(content, known_headings)
    rows, errors = read_rows(heading, body, office_day(now))
    columns = [str(cell) for cell in heading.cells]
    if not rows and errors and {error.row for error in errors} == {heading.number}:
        return ImportResult(len(body), 0, 0, 0, len(body), errors, [])
    preview: list[PreviewRow] = []
    with whole_or_nothing(session):
        work = _Import(session, now=now, actor=actor, filename=filename, rows=rows)
        for row in sorted(rows, key=lambda row: (row.certificate.issued_on, row.number)):
            shown, refusals = work.take(row)
            preview.append(shown)
            errors += refusals
        result = result_of(len(body), preview, as_headed(errors, heading), columns)
        if dry_run or errors:
            raise NothingIsKept
        sha256 = hashlib.sha256(content).hexdigest()
        record_import(
            session,
            now=now,
            actor=actor,
            action="import_investment",
            subject=sha256[:16],
            sha256=sha256,
            result=result,
        )
    return result


class _Import:
    """One import under way; what its rows meet in the database is read beforehand, in bulk."""

    def __init__(
        self, session: Session, *, now: datetime, actor: Actor, filename: str, rows: Sequence[InvestmentRow]
    ) -> None:
        register_queries.lock_imports(session)
        self._session, self._now, self._actor = session, now, actor
        self._reason = f"Bổ sung từ tệp {filename}"
        self._states: dict[str, list[InvestmentChange]] = defaultdict(list)
        self._entries: dict[int, InvestmentCertificate] = {}
        self._counted: dict[str, list[InvestmentCertificate]] = defaultdict(list)
        for state, entry in queries.states_of(
            session, actor.unit_id, (row.certificate.number for row in rows)
        ):
            self._states[state.number].append(state)
            if entry.id not in self._entries:
                self._entries[entry.id] = entry
                if entry.cancelled_at is None:
                    self._counted[entry.number].append(entry)
        self._dossiers = queries.dossiers_named(
            session, actor.unit_id, (row.dossier_code for row in rows if row.dossier_code)
        )
        #: In which row of the file each entry was made.
        self._made: dict[int, int] = {}

    def take(self, row: InvestmentRow) -> tuple[PreviewRow, list[RowError]]:
        """Take a row over, or say everything that is against it."""
        one = row.certificate
        shown = PreviewRow(row.number, RowOutcome.REFUSED, one, row.dossier_code, warnings=row.warnings)
        against: list[tuple[Column, str]] = []
        try:
            dossier_id = self._dossier_id(row)
        except DomainError as refusal:
            return shown, [RowError(row.number, COLUMN_OF[refusal.field].value, refusal.message)]
        known = self._known(one)
        if known is not None and known.id in self._made:
            message = f"Giấy chứng nhận này đã có ở dòng {self._made[known.id]} của tệp."
            against.append((Column.NUMBER, message))
        elif known is not None:
            changes, against, warning = self._meet(known, one, dossier_id)
            if not against:
                outcome = RowOutcome.UPDATED if changes else RowOutcome.UNCHANGED
                warnings = (*shown.warnings, *([warning] if warning else []))
                return replace(shown, outcome=outcome, changes=tuple(changes), warnings=warnings), []
        elif former := self._former(one):
            return replace(
                shown, outcome=RowOutcome.UNCHANGED, warnings=(*shown.warnings, self._told(former))
            ), []
        else:
            try:
                refuse_double(one, self._counted[one.number])
            except DomainError as refusal:
                against.append((COLUMN_OF[refusal.field], refusal.message))
            else:
                self._enter(row, dossier_id)
                return replace(shown, outcome=RowOutcome.CREATED), []
        return shown, [RowError(row.number, column.value, message) for column, message in against]

    def _enter(self, row: InvestmentRow, dossier_id: int | None) -> None:
        entry = enter(
            self._session,
            now=self._now,
            actor=self._actor,
            certificate=row.certificate,
            dossier_id=dossier_id,
        )
        self._counted[entry.number].append(entry)
        self._made[entry.id] = row.number

    def _dossier_id(self, row: InvestmentRow) -> int | None:
        """The dossier that a row names; one that is linked already was accepted then."""
        if not row.dossier_code:
            return None
        named = self._dossiers.get(row.dossier_code)
        if named is None:
            raise DomainError(f"Không tìm thấy hồ sơ {row.dossier_code[:64]}.", "dossier_code")
        known = self._known(row.certificate)
        if known is None or known.dossier_id != named.dossier.id:
            refuse_dossier(named)
            refuse_early(named.dossier, row.certificate)
        return named.dossier.id

    def _known(self, one: Certificate) -> InvestmentCertificate | None:
        """The counted entry of the same number, kind and date."""
        same = (
            row for row in self._counted[one.number] if (row.kind, row.issued_on) == (one.kind, one.issued_on)
        )
        return next(same, None)

    def _former(self, one: Certificate) -> InvestmentCertificate | None:
        """The entry that was of this number, kind and date before it was corrected or cancelled."""
        for state in self._states[one.number]:
            if (state.kind, state.issued_on) == (one.kind, one.issued_on):
                return self._entries[state.certificate_id]
        return None

    def _told(self, entry: InvestmentCertificate) -> str:
        if entry.cancelled_at is not None:
            on = entry.cancelled_at.astimezone(OFFICE_ZONE)
            return f"Bản ghi của dòng này đã hủy ngày {on:%d/%m/%Y}; không nhập lại."
        return (
            f"Dòng này đã được đính chính thành số {entry.number}, {entry.kind.label.lower()}, ngày "
            f"{entry.issued_on:%d/%m/%Y}; giữ nội dung đã đính chính."
        )

    def _meet(
        self, entry: InvestmentCertificate, one: Certificate, dossier_id: int | None
    ) -> tuple[list[str], list[tuple[Column, str]], str]:
        """What a row adds to its entry, what it contradicts, and what is worth knowing."""
        stored = said_by(entry)
        contradictions = [
            (column, f"Đã ghi {old}, tệp ghi {new}; {_BY_CORRECTION}.")
            for column, old, new in (
                (Column.ORIGIN, stored.origin.label, one.origin.label),
                (Column.USD, show_amount(stored.usd), show_amount(one.usd)),
                (Column.VND, show_amount(stored.vnd), show_amount(one.vnd)),
                (Column.PROJECT, f"“{stored.project}”", f"“{one.project or stored.project}”"),
                (Column.NOTE, f"“{stored.note}”", f"“{one.note or stored.note}”"),
            )
            if old != new and old != "“”"
        ]
        if dossier_id is not None and entry.dossier_id not in (None, dossier_id):
            contradictions.append((Column.DOSSIER, f"Đã gắn với hồ sơ khác; {_BY_CORRECTION}."))
        if contradictions:
            if self._said_once(entry, one, dossier_id):
                return [], [], "Bản ghi của dòng này đã được đính chính; giữ nội dung đã đính chính."
            return [], contradictions, ""
        whole = replace(stored, project=stored.project or one.project, note=stored.note or one.note)
        linked = entry.dossier_id or dossier_id
        changes = [
            name
            for name, before, after in (
                ("tên dự án", stored.project, whole.project),
                ("ghi chú", stored.note, whole.note),
                ("hồ sơ", entry.dossier_id, linked),
            )
            if before != after
        ]
        if changes:
            change(
                self._session,
                now=self._now,
                actor=self._actor,
                row=entry,
                certificate=whole,
                dossier_id=linked,
                reason=self._reason,
            )
        return changes, [], ""

    def _said_once(self, entry: InvestmentCertificate, one: Certificate, dossier_id: int | None) -> bool:
        """Whether the entry said what the row says before it was corrected."""
        return any(
            state.certificate_id == entry.id
            and state.no < entry.version
            and (state.origin, state.capital_usd, state.capital_vnd) == (one.origin, one.usd, one.vnd)
            and one.project in ("", state.project)
            and one.note in ("", state.note)
            and dossier_id in (None, state.dossier_id)
            for state in self._states[one.number]
        )
