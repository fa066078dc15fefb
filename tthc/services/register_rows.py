"""The rows of a register file, read and checked as far as that goes without the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from tthc.documents.sheets import SheetRow
from tthc.domain.codes import parse_code
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    DomainError,
    DossierState,
    Outcome,
)
from tthc.services import applicants, intake
from tthc.services.applicants import ApplicantInput
from tthc.services.imported_files import RowError, RowReader, place_headings
from tthc.services.register_columns import (
    CHANNELS,
    FIELDS_BY_HEADING,
    KINDS,
    ONE_OF,
    OPTIONAL,
    OUTCOMES,
    STATUS_LABELS,
    STATUSES,
    UNUSED_HEADINGS,
    Field,
)
from tthc.services.register_moments import Moment, plain, read_moment

_MAX_CODE = 64
_MAX_NOTE = 4000
_YEARS = range(2000, 2101)
_SHORT_CODE = re.compile(r"(\d)[.,](\d{1,6})")

T = TypeVar("T")

WAITING, REFUSED = 1, 3
#: The state that each status asks for; 8 is settled by whether there is an end date.
STATES: Mapping[int, DossierState] = {
    2: DossierState.RECEIVED,
    4: DossierState.PROCESSING,
    5: DossierState.AWAITING_SUPPLEMENT,
    6: DossierState.AWAITING_PAYMENT,
    7: DossierState.WITHDRAWN,
    9: DossierState.RESOLVED,
    10: DossierState.HANDED_OVER,
}


@dataclass(frozen=True)
class RegisterRow:
    """One row with typed values; ``None`` and "" stand for an empty cell."""

    number: int
    code: str
    procedure_code: str
    procedure_name: str
    sector: str
    channel: Channel
    applicant: ApplicantInput
    kind_given: bool
    subject: str
    note: str
    status: int
    submitted: Moment | None
    received: Moment | None
    due: Moment | None
    ended: Moment | None
    handed_over: Moment | None
    refused: Moment | None
    requested: Moment | None
    answered: Moment | None
    outcome: tuple[Outcome, bool] | None
    warnings: tuple[str, ...]

    @property
    def target(self) -> DossierState:
        """The state of the dossier that the row describes; not for filings."""
        if self.status == 8:
            return DossierState.STOPPED if self.ended else DossierState.PAUSED
        return STATES[self.status]

    @property
    def is_filing(self) -> bool:
        """Whether the row describes something that is not, or not yet, a dossier."""
        return self.status in (WAITING, REFUSED)

    @property
    def status_label(self) -> str:
        """The national word for the status."""
        return STATUS_LABELS[self.status]


def read_headings(heading: SheetRow) -> tuple[dict[Field, int], list[RowError]]:
    """Which column holds which field; unknown, double and missing headings are errors of row 1."""
    places, errors = place_headings(
        heading,
        FIELDS_BY_HEADING,
        unused=UNUSED_HEADINGS,
        needed=[field for field in Field if field not in OPTIONAL],
    )
    for group in ONE_OF:
        if not any(field in places for field in group):
            names = " hoặc ".join(field.value for field in group)
            errors.append(RowError(heading.number, group[0].value, f"Tệp thiếu cột {names}."))
    return places, errors


def read_row(
    row: SheetRow, places: Mapping[Field, int], width: int, now: datetime
) -> tuple[RegisterRow | None, list[RowError]]:
    """The row with typed values, or every reason why it cannot be read.

    ``width`` is the number of columns that have a heading; ``now`` an aware instant that no date of the
    past may exceed.
    """
    reader = _Reader(row, places)
    parsed = reader.parse(now)
    reader.refuse_width(Field.CODE, width)
    return (None if reader.errors else parsed), reader.errors


class _Reader(RowReader[Field]):
    """One row of a register under way."""

    def parse(self, now: datetime) -> RegisterRow | None:
        code = self._code()
        procedure_code, procedure_name = self._procedure_code(), self.text(Field.PROCEDURE_NAME)
        if not procedure_code and not procedure_name:
            self.error(Field.PROCEDURE_CODE, "Dòng phải có mã hoặc tên thủ tục hành chính.")
        channel = self.word(Field.CHANNEL, CHANNELS, "1 (trực tiếp), 2 (trực tuyến), 3 (bưu chính công ích)")
        kind = self.word(
            Field.APPLICANT_KIND,
            KINDS,
            "1 (công dân), 2 (doanh nghiệp), 3 (cơ quan nhà nước), 4 (tổ chức khác)",
            need=False,
        )
        status = self.word(Field.STATUS, STATUSES, "mã từ 1 đến 10 hoặc tên trạng thái")
        outcome = self.word(Field.OUTCOME, OUTCOMES, "1 (đồng ý), 2 (từ chối), 3 (trả lại)", need=False)
        applicant = self._applicant(kind or ApplicantKind.OTHER)
        subject = self._refusable(Field.SUBJECT, lambda: intake.subject_text(self.text(Field.SUBJECT)), "")
        note = self._note()
        moments = {
            field: self._moment(field)
            for field in (
                Field.SUBMITTED,
                Field.RECEIVED,
                Field.DUE,
                Field.REQUESTED,
                Field.ANSWERED,
                Field.ENDED,
                Field.HANDED_OVER,
                Field.REFUSED,
            )
        }
        if status is not None:
            self._check_moments(status, moments, now)
            self._fit_status(status, moments, outcome)
        if kind is None and not self._has(Field.APPLICANT_KIND):
            self.warnings.append("Không ghi loại đối tượng; hồ sơ mới được ghi là “Tổ chức khác”.")
        if self.errors or channel is None or status is None or applicant is None:
            return None
        return RegisterRow(
            number=self.row.number,
            code=code,
            procedure_code=procedure_code,
            procedure_name=procedure_name,
            sector=self.text(Field.SECTOR),
            channel=channel,
            applicant=applicant,
            kind_given=kind is not None,
            subject=subject,
            note=note,
            status=status,
            submitted=moments[Field.SUBMITTED],
            received=moments[Field.RECEIVED],
            due=moments[Field.DUE],
            ended=moments[Field.ENDED],
            handed_over=moments[Field.HANDED_OVER],
            refused=moments[Field.REFUSED],
            requested=moments[Field.REQUESTED],
            answered=moments[Field.ANSWERED],
            outcome=outcome,
            warnings=tuple(self.warnings),
        )

    def _has(self, field: Field) -> bool:
        return self.cell(field) != ""

    def _code(self) -> str:
        code = self.text(Field.CODE)
        if not code:
            self.error(Field.CODE, "Thiếu mã hồ sơ.")
        elif len(code) > _MAX_CODE:
            self.error(Field.CODE, f"Mã hồ sơ dài quá {_MAX_CODE} ký tự.")
        elif not code.isprintable() or re.search(r"[\s/\\?#%]", code):
            self.error(Field.CODE, "Mã hồ sơ không được có khoảng trắng và các dấu / \\ ? # %.")
        return code_as_kept(code)

    def _procedure_code(self) -> str:
        """The national code; sheets turn 1.009740 into the number 1.00974, or write a decimal comma."""
        text = self.text(Field.PROCEDURE_CODE)
        match = _SHORT_CODE.fullmatch(text)
        return f"{match[1]}.{match[2]:0<6}" if match else text

    def _applicant(self, kind: ApplicantKind) -> ApplicantInput | None:
        name = self.text(Field.APPLICANT)
        if not name:
            self.error(Field.APPLICANT, "Thiếu tên chủ hồ sơ.")
            name = "?"
        cleaned: dict[str, str] = {}
        for field, attribute in (
            (Field.APPLICANT, "name"),
            (Field.ID_NUMBER, "id_number"),
            (Field.PHONE, "phone"),
            (Field.EMAIL, "email"),
            (Field.ADDRESS, "address"),
        ):
            typed = {"name": name, attribute: name if attribute == "name" else self.text(field)}
            data = ApplicantInput(kind, **typed)
            found = self._refusable(field, lambda data=data: applicants.clean(data), None)  # type: ignore[misc]
            if found is None:
                name = "?"
            else:
                cleaned[attribute] = getattr(found, attribute)
        return None if self.errors else ApplicantInput(kind, **cleaned)

    def _refusable(self, field: Field, work: Callable[[], T], otherwise: T) -> T:
        try:
            return work()
        except DomainError as refusal:
            self.error(field, refusal.message)
            return otherwise

    def _note(self) -> str:
        note = plain(self.cell(Field.NOTE)).strip()
        if len(note) > _MAX_NOTE:
            self.error(Field.NOTE, "Ghi chú dài quá 4.000 ký tự; rút gọn lại.")
        return note

    def _moment(self, field: Field) -> Moment | None:
        cell = self.cell(field)
        if cell == "":
            return None
        moment = read_moment(cell)
        if moment is None:
            shown = plain(cell)[:40]
            self.error(
                field,
                f"Không hiểu ngày “{shown}”; ghi yyyyMMddHHmmss, yyyyMMdd, dd/mm/yyyy hoặc dd/mm/yyyy HH:MM.",
            )
        elif moment.on.year not in _YEARS:
            self.error(field, f"Năm {moment.on.year} không hợp lý; kiểm tra lại ngày.")
            return None
        return moment

    def _check_moments(self, status: int, moments: Mapping[Field, Moment | None], now: datetime) -> None:
        """Order of the dates, and none of them (but the appointment) after the present."""
        present = Moment(now, timed=True)
        for field, moment in moments.items():
            if field is not Field.DUE and moment is not None and moment.later_than(present):
                self.error(field, f"{moment.label} sau thời điểm nhập ({present.label}).")
        chain = [Field.SUBMITTED]
        if status == REFUSED:
            chain += [Field.REFUSED]
        elif status != WAITING:
            # An answer before the request belongs to an earlier request.
            answered = () if status in (5, 6, 8) else (Field.ANSWERED,)
            chain += [Field.RECEIVED, Field.REQUESTED, *answered, Field.ENDED, Field.HANDED_OVER]
        earlier: tuple[Field, Moment] | None = None
        for field in chain:
            moment = moments[field]
            if moment is None:
                continue
            if earlier is not None and earlier[1].later_than(moment):
                self.error(field, f"{moment.label} trước {earlier[0].value} ({earlier[1].label}).")
            earlier = (field, moment)
        due, received = moments[Field.DUE], moments[Field.RECEIVED]
        if due is not None and received is not None and due.on < received.on and status != REFUSED:
            self.error(Field.DUE, f"{due.label} trước NgayTiepNhan ({received.label}).")

    def _fit_status(
        self,
        status: int,
        moments: Mapping[Field, Moment | None],
        outcome: tuple[Outcome, bool] | None,
    ) -> None:
        """What the status needs, and what contradicts it."""
        label = f"trạng thái {status} ({STATUS_LABELS[status].lower()})"
        need = {
            1: (Field.SUBMITTED,),
            3: (Field.SUBMITTED, Field.REFUSED),
            7: (Field.RECEIVED, Field.ENDED),
            9: (Field.RECEIVED, Field.ENDED),
            10: (Field.RECEIVED, Field.ENDED, Field.HANDED_OVER),
        }.get(status, (Field.RECEIVED,))
        for field in need:
            if moments[field] is None and not self._has(field):
                self.error(field, f"Thiếu ngày; {label} cần {field.value}.")
        against: tuple[Field, ...] = ()
        if status in (2, 4, 5, 6):
            against = (Field.ENDED, Field.HANDED_OVER)
        elif status == WAITING:
            against = (Field.RECEIVED, Field.ENDED, Field.HANDED_OVER)
        elif status == REFUSED:
            against = (Field.ENDED, Field.HANDED_OVER)
        elif status == 9:
            against = (Field.HANDED_OVER,)
        for field in against:
            if moments[field] is not None:
                self.error(field, f"Trái với {label}; sửa trạng thái hoặc bỏ ngày.")
        if moments[Field.REFUSED] is not None and status != REFUSED:
            self.warnings.append(f"Bỏ qua NgayTuChoi vì hồ sơ ở {label}.")
        if outcome is not None and status not in (9, 10):
            self.warnings.append(f"Bỏ qua KetQua vì hồ sơ ở {label}.")


def code_as_kept(code: str) -> str:
    """A code in its one spelling if it has the national pattern, else as it is written."""
    try:
        return str(parse_code(code))
    except DomainError:
        return code


def duplicates(rows: Sequence[RegisterRow]) -> list[RowError]:
    """A code that is in more than one row: an error of every row but the first."""
    first: dict[str, int] = {}
    errors = []
    for row in rows:
        if row.code in first:
            message = f"Mã hồ sơ {row.code} đã có ở dòng {first[row.code]} của tệp."
            errors.append(RowError(row.number, Field.CODE.value, message))
        else:
            first[row.code] = row.number
    return errors
