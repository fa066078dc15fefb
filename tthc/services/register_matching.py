"""What the rows of a register file refer to: procedures of the catalogue, and applicants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Procedure
from tthc.db.queries import register as queries
from tthc.db.queries import search
from tthc.domain.text import fold, squeeze, vietnamese_name_key
from tthc.services import applicants, catalogue
from tthc.services.applicants import ApplicantInput
from tthc.services.register_columns import Field
from tthc.services.register_rows import RegisterRow

#: Folded name, number, and without a number the phone: one applicant.
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
            self._known.setdefault(_identity_of(applicant), applicant)
        for row in rows:
            self._settle(row, stored.get(row.number))
        self._write()

    def of(self, row: RegisterRow) -> Applicant:
        """The applicant of a row, made now if there is none yet."""
        target = self._target[row.number]
        if isinstance(target, Applicant):
            return target
        if target not in self._known:
            self._known[target] = applicants.find_or_add(self._session, self._wanted[target])
        return self._known[target]

    def changed(self, row: RegisterRow) -> bool:
        """Whether details of the row's applicant, who was there already, were changed."""
        target = self._target[row.number]
        return isinstance(target, Applicant) and target.id in self._changed

    def rewrite_search(self) -> None:
        """Write anew the search text of every dossier that shows a changed applicant."""
        for dossier in queries.dossiers_of_applicants(self._session, sorted(self._changed)):
            search.write(self._session, dossier)

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
                id_number=data.id_number or before.id_number,
                phone=data.phone or before.phone,
                email=data.email or before.email,
                address=data.address or before.address,
            )
        elif isinstance(target, Applicant) and not row.kind_given:
            data = replace(data, kind=target.kind)
        self._wanted[key] = data

    def _write(self) -> None:
        for target in self._target.values():
            if not isinstance(target, Applicant) or target.blanked_at is not None:
                continue
            wanted = self._wanted[target.id]
            details = {
                "kind": wanted.kind,
                "name": wanted.name,
                "phone": wanted.phone or target.phone,
                "email": wanted.email or target.email,
                "address": wanted.address or target.address,
            }
            differing = {name: value for name, value in details.items() if getattr(target, name) != value}
            if not differing:
                continue
            for name, value in differing.items():
                setattr(target, name, value)
            target.name_key = vietnamese_name_key(target.name)
            target.version += 1
            self._changed.add(target.id)
        self._session.flush()


def _identity(data: ApplicantInput) -> Identity:
    return fold(data.name), data.id_number, "" if data.id_number else data.phone


def _identity_of(applicant: Applicant) -> Identity:
    return applicant.name_folded, applicant.id_number, "" if applicant.id_number else applicant.phone


def _may_be(stored: Applicant, data: ApplicantInput) -> bool:
    """Whether the row tells nothing that makes its applicant another than the stored one."""
    if stored.name_folded != fold(squeeze(data.name)):
        return False
    if data.id_number:
        return data.id_number == stored.id_number
    return bool(stored.id_number) or data.phone in ("", stored.phone)
