"""Petitions: the filter of the register, the entry, what is done to one, and its correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField

from tthc.domain.petitions import COLUMNS, PetitionCell
from tthc.domain.vocabulary import ApplicantKind, PetitionKind, PetitionState
from tthc.services.applicants import ApplicantInput
from tthc.services.petition_contents import PetitionContent
from tthc.services.petitions import PetitionFilter
from tthc.services.views import Choice
from tthc.web.filters import local_date
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    LineField,
    MomentField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    needed,
    number,
    options,
    words,
)
from tthc.web.forms.dossiers import SeenForm

#: The database holds more.
LONG_TEXT = 4000
_NAMED, _NOBODY = "named", "nobody"
_CONTACT = ("id_number", "phone", "email", "address")


def _cell(value: str) -> PetitionCell | None:
    """A number of the period; what was received in it is what dates alone mean."""
    cell: PetitionCell | None = member(PetitionCell)(value)
    return None if cell is PetitionCell.RECEIVED_NEW else cell


class PetitionFilterForm(QueryForm):
    """What narrows the register down; the address keeps it."""

    q = LineField("Tìm", longest=100)
    state = ChoiceField(
        "Tình trạng", choices=words(PetitionState, "Mọi tình trạng"), coerce=member(PetitionState)
    )
    kind = ChoiceField("Loại", choices=words(PetitionKind, "Mọi loại"), coerce=member(PetitionKind))
    from_on = DateField("Kỳ từ ngày", "ngày đầu kỳ")
    to_on = DateField("đến ngày", "ngày cuối kỳ")
    cell = ChoiceField(
        "Số liệu trong kỳ",
        choices=[("", "Tiếp nhận mới trong kỳ")]
        + [
            (cell.value, column.label)
            for cell, column in COLUMNS.items()
            if cell is not PetitionCell.RECEIVED_NEW
        ],
        coerce=_cell,
    )

    def address(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What of an address is this filter: other names in it could mean something to a builder of links."""
        return {name: sent[name] for name in self._fields if sent.get(name)}

    def criteria(self, page: int = 1) -> PetitionFilter:
        """What the service takes; what cannot be read is left out."""
        wanted = {name: self.right(name) for name in self._fields}
        return PetitionFilter(
            **{name: value for name, value in wanted.items() if value is not None}, page=page
        )


class PetitionForm(VietnameseForm):
    """A petition as it comes in."""

    once = HiddenField()
    kind = ChoiceField(
        "Phản ánh, kiến nghị về",
        [needed("Chọn loại phản ánh, kiến nghị.")],
        choices=words(PetitionKind),
        coerce=member(PetitionKind),
    )
    subject = ParagraphField(
        "Nội dung", "Nhập nội dung phản ánh, kiến nghị.", longest=LONG_TEXT, render_kw={"rows": 4}
    )
    not_complaint = BooleanField("Đã xem lại: không phải khiếu nại, tố cáo")
    who = ChoiceField(
        "Nêu tên hay không",
        choices=[(_NAMED, "Có nêu tên"), (_NOBODY, "Không nêu tên")],
        coerce=lambda value: value or _NAMED,
        default=_NAMED,
    )
    applicant_kind = ChoiceField(
        "Loại đối tượng",
        [needed("Chọn loại đối tượng.")],
        choices=words(ApplicantKind),
        coerce=member(ApplicantKind),
        default=ApplicantKind.CITIZEN,
    )
    applicant_name = LineField("Tên cá nhân, tổ chức")
    id_number = LineField("Số định danh, mã số doanh nghiệp", longest=30)
    phone = LineField("Điện thoại", longest=30, render_kw={"inputmode": "tel"})
    email = LineField("Thư điện tử", longest=200, render_kw={"inputmode": "email"})
    address = LineField("Địa chỉ")
    procedure_id = ChoiceField(
        "Liên quan đến thủ tục", choices=[("", "Không gắn với thủ tục nào")], coerce=number
    )
    received_at = MomentField("Thời điểm tiếp nhận", "thời điểm tiếp nhận")
    state = ChoiceField(
        "Nơi xử lý",
        [needed("Chọn nơi xử lý.")],
        choices=[
            (PetitionState.PENDING.value, "Xử lý tại đơn vị"),
            (PetitionState.TRANSFERRED.value, "Đã chuyển cơ quan khác"),
        ],
        coerce=member(PetitionState),
        default=PetitionState.PENDING,
    )
    due_on = DateField("Hạn xử lý", "hạn xử lý")
    legal_basis = LineField("Căn cứ xác định hạn")
    transferred_to = LineField("Cơ quan nhận")
    ended_on = DateField("Ngày chuyển", "ngày chuyển")

    def offer(self, procedures: Sequence[Choice]) -> None:
        """Fill in the procedures."""
        self.procedure_id.choices = options(procedures, "Không gắn với thủ tục nào")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything has its shape, and nothing is said of somebody who is not named."""
        right = bool(super().validate(extra_validators))
        if self.who.data != _NOBODY:
            return right
        for name in ("applicant_name", *_CONTACT):
            if self[name].data and not self[name].errors:
                self[name].errors = ["Đã chọn “Không nêu tên” thì bỏ trống ô này."]
                right = False
        return right

    def content(self, *, now: datetime) -> PetitionContent:
        """What was typed, once it was validated; what is left out happened now."""
        away = self.state.data is PetitionState.TRANSFERRED
        return PetitionContent(
            kind=self.kind.data,
            subject=self.subject.data,
            applicant=self._applicant(),
            received_at=self.received_at.data or now,
            procedure_id=self.procedure_id.data,
            state=self.state.data,
            due_on=self.due_on.data,
            legal_basis=self.legal_basis.data,
            ended_on=self.ended_on.data or (local_date(now) if away else None),
            transferred_to=self.transferred_to.data,
        )

    def _applicant(self) -> ApplicantInput | None:
        if self.who.data == _NOBODY:
            return None
        return ApplicantInput(
            kind=self.applicant_kind.data,
            name=self.applicant_name.data,
            id_number=self.id_number.data,
            phone=self.phone.data,
            email=self.email.data,
            address=self.address.data,
        )


class CorrectionForm(PetitionForm, SeenForm):
    """A petition as it should have been entered, whatever became of it since."""

    once = None
    received_at = MomentField("Thời điểm tiếp nhận", "thời điểm tiếp nhận", need=True)
    state = ChoiceField(
        "Tình trạng",
        [needed("Chọn tình trạng.")],
        choices=words(PetitionState),
        coerce=member(PetitionState),
    )
    ended_on = DateField("Ngày trả lời hoặc ngày chuyển", "ngày trả lời hoặc ngày chuyển")
    answer = ParagraphField("Nội dung trả lời", longest=LONG_TEXT, render_kw={"rows": 4})
    published_on = DateField("Ngày đăng tải công khai", "ngày đăng tải")
    published_in = LineField("Nơi đăng tải")
    reason = ParagraphField("Lý do đính chính", "Ghi lý do đính chính.")

    def fill(self, content: PetitionContent) -> None:
        """Put what is on record into the form."""
        for name in _SAME:
            self[name].data = getattr(content, name)
        self.who.data = _NAMED if content.applicant else _NOBODY
        if content.applicant:
            self.applicant_kind.data = content.applicant.kind
            self.applicant_name.data = content.applicant.name
            for name in _CONTACT:
                self[name].data = getattr(content.applicant, name)

    def content(self, *, now: datetime) -> PetitionContent:
        """What was typed, once it was validated."""
        return replace(
            super().content(now=now),
            ended_on=self.ended_on.data,
            answer=self.answer.data,
            published_on=self.published_on.data,
            published_in=self.published_in.data,
        )


#: What bears the same name in the form and on record.
_SAME = (
    "kind",
    "subject",
    "procedure_id",
    "received_at",
    "state",
    "due_on",
    "legal_basis",
    "transferred_to",
    "ended_on",
    "answer",
    "published_on",
    "published_in",
)


class AnswerForm(SeenForm):
    """What the office answered, and when."""

    answer = ParagraphField(
        "Nội dung trả lời",
        "Nhập nội dung trả lời, số và ngày văn bản trả lời.",
        longest=LONG_TEXT,
        render_kw={"rows": 4},
    )
    ended_on = DateField("Ngày trả lời", "ngày trả lời")


class TransferForm(SeenForm):
    """To which body, and when."""

    transferred_to = LineField("Cơ quan nhận", "Nhập cơ quan nhận phản ánh, kiến nghị được chuyển đến.")
    ended_on = DateField("Ngày chuyển", "ngày chuyển")


class PublishForm(SeenForm):
    """Where everybody can read the answer, and since when."""

    published_in = LineField("Nơi đăng tải", "Nhập nơi đăng tải, ví dụ địa chỉ trang thông tin điện tử.")
    published_on = DateField("Ngày đăng tải", "ngày đăng tải")
