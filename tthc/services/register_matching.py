"""What the rows of a register file refer to: procedures and their terms, and applicants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Procedure, Sector
from tthc.db.queries import register as queries
from tthc.db.queries import search
from tthc.domain.due_dates import compute_due_date
from tthc.domain.text import fold
from tthc.domain.vocabulary import OFFICE_ZONE, Channel
from tthc.services import applicants, calendar, catalogue, intake
from tthc.services.applicants import ApplicantInput
from tthc.services.history import Reckoning
from tthc.services.intake import Terms
from tthc.services.register_columns import Field
from tthc.services.register_rows import RegisterRow

#: Name, number, and without a number the phone: one applicant, as applicants.find_or_add() tells them apart.
Identity = tuple[str, str, str]


@dataclass(frozen=True)
class Match:
    """The procedure of a row, or why there is none."""

    procedure: Procedure | None
    field: Field = Field.PROCEDURE_CODE
    message: str = ""
    warning: str = ""


class ProcedureFinder:
    """Finds the procedures of rows by code and name, each code and name once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_code: dict[str, Procedure | None] = {}
        self._by_name: dict[str, Procedure | None] = {}

    def find(self, row: RegisterRow) -> Match:
        """By code, and by name where the row has no code; what contradicts each other is refused.

        A code that is known stands above a name that is not: names are worded anew more often than codes
        change. The other way round the catalogue has to be without a code of its own.
        """
        code, name = row.procedure_code, row.procedure_name
        by_code = self._code(code) if code else None
        by_name = self._name(name) if name else None
        if by_code is not None:
            if by_name is None:
                warning = f"Tên thủ tục khác danh mục; lấy theo mã {code}." if name else ""
                return Match(by_code, warning=warning)
            if by_name.id == by_code.id:
                return Match(by_code)
            return Match(
                None,
                Field.PROCEDURE_NAME,
                f"Mã {code} và tên “{name}” thuộc hai thủ tục khác nhau; hãy sửa một trong hai.",
            )
        if by_name is None:
            if code and name:
                message = f"Không có thủ tục mã {code} và không có thủ tục tên “{name}” trong danh mục."
            elif code:
                message = f"Không có thủ tục mã {code} trong danh mục."
            else:
                message = f"Không có đúng một thủ tục tên “{name}” trong danh mục."
            field = Field.PROCEDURE_CODE if code else Field.PROCEDURE_NAME
            return Match(None, field, f"{message} Hãy đối chiếu danh mục thủ tục.")
        if code and by_name.national_code is not None:
            return Match(
                None,
                Field.PROCEDURE_CODE,
                f"Thủ tục “{name}” có mã {by_name.national_code} trong danh mục, không phải {code}.",
            )
        warning = f"Danh mục chưa có mã của thủ tục; tệp ghi {code}." if code else ""
        return Match(by_name, warning=warning)

    def _code(self, code: str) -> Procedure | None:
        if code not in self._by_code:
            self._by_code[code] = catalogue.find_procedure_by_code(self._session, code)
        return self._by_code[code]

    def _name(self, name: str) -> Procedure | None:
        if name not in self._by_name:
            self._by_name[name] = catalogue.find_procedure_by_name(self._session, name)
        return self._by_name[name]


class TermsBook:
    """Under which terms dossiers are received; version, case and rules once for a procedure and day."""

    def __init__(self, session: Session, unit_id: int) -> None:
        self._session = session
        self._unit_id = unit_id
        self._sectors: dict[int, str] = {}
        self._terms: dict[tuple[int, Channel, date], Terms] = {}

    def of(self, procedure_id: int, case_id: int | None, channel: Channel, received_at: datetime) -> Terms:
        """The terms of a receipt at an aware moment."""
        key = (procedure_id, channel, received_at.astimezone(OFFICE_ZONE).date())
        known = self._terms.get(key) if case_id is None else None
        if known is None:
            terms = intake.terms_of(self._session, self._unit_id, procedure_id, case_id, channel, received_at)
            if case_id is None:
                self._terms[key] = terms
            return terms
        rules, limit = known.reckoned.rules, known.limit
        due = compute_due_date(received_at, limit, rules.calendar, rules.policy)
        return replace(known, reckoned=Reckoning(due, rules, limit))

    def sector_name(self, terms: Terms) -> str:
        """The sector of the version under which something is received."""
        sector_id = terms.version.sector_id
        if sector_id not in self._sectors:
            self._sectors[sector_id] = self._session.get_one(Sector, sector_id).name
        return self._sectors[sector_id]

    def due_moment(self, row: RegisterRow, received_at: datetime) -> datetime | None:
        """The moment of NgayHenTra; a bare date means closing time."""
        if row.due is None or row.due.timed:
            return row.due.at if row.due else None
        received_on = received_at.astimezone(OFFICE_ZONE).date()
        closes = calendar.load_rules(self._session, self._unit_id, received_on).calendar.hours.closes
        return datetime.combine(row.due.on, closes, OFFICE_ZONE)


class ApplicantBook:
    """The applicants of all rows of a file, settled together.

    Several rows may name one applicant with different details; then the last row of the file that has a
    detail decides for all of them, so that the same file always comes to the same end. An empty cell
    leaves what is stored, and an applicant that was blanked stays blank.
    """

    def __init__(
        self, session: Session, rows: Iterable[RegisterRow], stored: Mapping[int, Applicant]
    ) -> None:
        """``stored`` has the present applicant of those rows (by number) that were imported before."""
        self._session = session
        self._known: dict[Identity, Applicant] = {}
        self._target: dict[int, Applicant | Identity] = {}
        self._wanted: dict[int | Identity, ApplicantInput] = {}
        self._changed: set[int] = set()
        rows = list(rows)
        for applicant in queries.applicants_by_name(session, (fold(row.applicant.name) for row in rows)):
            self._known.setdefault(_identity_of(applicant), applicants.present(session, applicant))
        for row in rows:
            self._settle(row, stored.get(row.number))
        self._write()

    def of(self, row: RegisterRow) -> Applicant:
        """The applicant of a row."""
        target = self._target[row.number]
        return target if isinstance(target, Applicant) else self._known[target]

    def changed(self, row: RegisterRow) -> bool:
        """Whether details of the row's applicant, who was there already, were changed."""
        target = self._target[row.number]
        return isinstance(target, Applicant) and target.id in self._changed

    def rewrite_search(self) -> None:
        """Write anew the search text of every dossier that shows a changed applicant."""
        search.write_of_applicants(self._session, sorted(self._changed))

    def _settle(self, row: RegisterRow, stored: Applicant | None) -> None:
        data = row.applicant
        identity = _identity(data)
        target = self._known.get(identity, identity)
        if stored is not None and (stored.blanked_at is not None or _may_be(stored, data)):
            target = stored
        self._target[row.number] = target
        key = target.id if isinstance(target, Applicant) else target
        before = self._wanted.get(key)
        if before is not None:
            data = ApplicantInput(
                kind=data.kind if row.kind_given else before.kind,
                name=data.name,
                id_number=data.id_number,
                phone=data.phone or before.phone,
                email=data.email or before.email,
                address=data.address or before.address,
            )
        elif isinstance(target, Applicant) and not row.kind_given:
            data = replace(data, kind=target.kind)
        self._wanted[key] = data

    def _write(self) -> None:
        for target in self._target.values():
            if not isinstance(target, Applicant):
                if target not in self._known:
                    self._known[target] = applicants.compose(self._wanted[target])
                    self._session.add(self._known[target])
                continue
            if target.blanked_at is not None:
                continue
            wanted = self._wanted[target.id]
            details = {
                "kind": wanted.kind,
                "phone": wanted.phone or target.phone,
                "email": wanted.email or target.email,
                "address": wanted.address or target.address,
            }
            differing = {name: value for name, value in details.items() if getattr(target, name) != value}
            if not differing:
                continue
            for name, value in differing.items():
                setattr(target, name, value)
            target.version += 1
            self._changed.add(target.id)
        self._session.flush()


def _identity(data: ApplicantInput) -> Identity:
    return data.name, data.id_number, "" if data.id_number else data.phone


def _identity_of(applicant: Applicant) -> Identity:
    return applicant.name, applicant.id_number, "" if applicant.id_number else applicant.phone


def _may_be(stored: Applicant, data: ApplicantInput) -> bool:
    """Whether the row tells nothing that makes its applicant another than the stored one."""
    if stored.name != data.name:
        return False
    if data.id_number:
        return data.id_number == stored.id_number
    return bool(stored.id_number) or data.phone in ("", stored.phone)
