"""The intake form, in the order in which a clerk asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, Form, HiddenField

from tthc.domain.vocabulary import ApplicantKind, Channel
from tthc.services.applicants import ApplicantInput
from tthc.services.intake import IntakeRequest, PaperInput
from tthc.services.views import CaseChoice, ProcedureRow, RequirementView
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    LineField,
    MomentField,
    ParagraphField,
    VietnameseForm,
    VietnameseMessages,
    member,
    needed,
    number,
    words,
)

#: How many free lines of papers a form can carry.
FREE_LINES = 20


def procedure_choices(procedures: Sequence[ProcedureRow]) -> list[tuple[str, str]]:
    """The procedures as the picker lists them."""
    named = [(str(one.id), f"{one.local_no}. {one.name}") for one in procedures]
    return [("", "Chọn thủ tục"), *named]


def offer_cases(field: ChoiceField, cases: Sequence[CaseChoice], channel: Channel | None) -> None:
    """Fill in the cases that fit the channel; a case that does not fit is dropped."""
    fitting = [one for one in cases if one.channel is None or one.channel is channel]
    named = [(str(one.id), f"{one.name} – {one.limit_label}") for one in fitting]
    field.choices = [("", "Tự chọn theo kênh tiếp nhận"), *named]
    if field.data not in {one.id for one in fitting}:
        field.data = None


class PaperForm(Form):
    """How many of one paper were handed in."""

    class Meta:
        """Vietnamese messages here as well."""

        def get_translations(self, form: Any) -> VietnameseMessages:
            """The one catalogue that there is."""
            return VietnameseMessages()

    name = LineField("Tên giấy tờ khác")
    originals = CountField("Bản chính")
    certified = CountField("Bản sao chứng thực")
    copies = CountField("Bản sao")

    def counts(self) -> tuple[int, int, int]:
        """Originals, certified copies, plain copies; an empty field is none."""
        return self.originals.data or 0, self.certified.data or 0, self.copies.data or 0


class IntakeForm(VietnameseForm):
    """Procedure, case and channel; the applicant; the papers; when, for whom, and notes."""

    once = HiddenField()
    procedure_id = ChoiceField(
        "Thủ tục", [needed("Chọn thủ tục hành chính.")], choices=[("", "Chọn thủ tục")], coerce=number
    )
    case_id = ChoiceField("Trường hợp", choices=[("", "Trường hợp chung")], coerce=number)
    channel = ChoiceField(
        "Kênh tiếp nhận",
        [needed("Chọn kênh tiếp nhận.")],
        choices=words(Channel),
        coerce=member(Channel),
        default=Channel.COUNTER,
    )
    applicant_kind = ChoiceField(
        "Loại chủ hồ sơ",
        [needed("Chọn loại chủ hồ sơ.")],
        choices=words(ApplicantKind),
        coerce=member(ApplicantKind),
        default=ApplicantKind.ENTERPRISE,
    )
    applicant_name = LineField("Tên chủ hồ sơ", "Nhập tên chủ hồ sơ.")
    id_number = LineField("Số định danh, mã số doanh nghiệp", longest=30)
    phone = LineField("Điện thoại", longest=30, render_kw={"inputmode": "tel"})
    email = LineField("Thư điện tử", longest=200, render_kw={"inputmode": "email"})
    address = LineField("Địa chỉ")
    submitter_name = LineField("Người nộp, nếu khác chủ hồ sơ")
    subject = ParagraphField("Nội dung yêu cầu giải quyết")
    sets = CountField("Số bộ hồ sơ", least=1, most=99, default=1)
    received_at = MomentField("Thời điểm tiếp nhận, nếu không phải bây giờ", "thời điểm tiếp nhận")
    officer_id = ChoiceField("Giao cho", choices=[("", "Chưa phân công")], coerce=number)
    note = LineField("Ghi chú")
    confirm_unverified = BooleanField("Đã đối chiếu quyết định công bố TTHC, đồng ý dùng thời hạn này")
    reason = ParagraphField("Lý do không tiếp nhận")

    def offer(
        self,
        procedures: Sequence[ProcedureRow],
        officers: Sequence[tuple[str, str]],
    ) -> None:
        """Fill in the lists that do not depend on the procedure."""
        self.procedure_id.choices = procedure_choices(procedures)
        self.officer_id.choices = [("", "Chưa phân công"), *officers]

    def offer_cases(self, cases: Sequence[CaseChoice]) -> None:
        """Fill in the cases that fit the channel; a case that no longer fits is dropped."""
        offer_cases(self.case_id, cases, self.channel.data)

    def request(self, papers: Sequence[PaperInput]) -> IntakeRequest:
        """The form as the service takes it."""
        return IntakeRequest(
            procedure_id=self.procedure_id.data,
            case_id=self.case_id.data,
            channel=self.channel.data,
            applicant=ApplicantInput(
                kind=self.applicant_kind.data,
                name=self.applicant_name.data,
                id_number=self.id_number.data,
                phone=self.phone.data,
                email=self.email.data,
                address=self.address.data,
            ),
            submitter_name=self.submitter_name.data,
            subject=self.subject.data,
            papers=tuple(papers),
            sets=self.sets.data or 1,
            received_at=self.received_at.data,
            officer_id=self.officer_id.data,
            note=self.note.data,
            confirm_unverified=self.confirm_unverified.data,
        )


class PaperLine:
    """A required paper with what was handed in; a free line (``requirement`` ``None``) names its own."""

    def __init__(
        self, requirement: RequirementView | None, sent: Mapping[str, Any], free_no: int = 0
    ) -> None:
        self.requirement = requirement
        self.free_no = free_no
        self.key = f"paper-{requirement.id}" if requirement else f"extra-{free_no}"
        prefix = f"{self.key}-"
        was_sent = any(key.startswith(prefix) for key in sent)
        self.form = PaperForm(sent if was_sent else None, prefix=prefix, data=self._expected())

    def _expected(self) -> dict[str, int | None]:
        """A complete dossier hands in what is required, so that is where the counts begin."""
        need = self.requirement
        if need is None:
            return {}
        return {"originals": need.originals, "certified": need.certified, "copies": need.copies}

    @property
    def missing(self) -> bool:
        """Whether a required paper has not been handed in at all, or in too few pieces."""
        need = self.requirement
        if need is None or not need.required:
            return False
        got = self.form.counts()
        return not any(got) or any(
            have < wanted
            for have, wanted in zip(got, (need.originals, need.certified, need.copies), strict=True)
        )

    def paper(self) -> PaperInput | None:
        """The line as the service takes it; nothing if nothing was handed in."""
        name = self.requirement.name if self.requirement else self.form.name.data
        if not name or not any(self.form.counts()):
            return None
        originals, certified, copies = self.form.counts()
        return PaperInput(
            requirement_id=self.requirement.id if self.requirement else None,
            name=name,
            originals=originals,
            certified=certified,
            copies=copies,
        )


def paper_lines(requirements: Sequence[RequirementView], sent: Mapping[str, Any]) -> list[PaperLine]:
    """A line for each required paper, and free ones: more where the catalogue names no paper at all."""
    lines = [PaperLine(one, sent) for one in requirements]
    free = 1 if requirements else 3
    while f"extra-{free + 1}-name" in sent:
        free += 1
    return lines + [PaperLine(None, sent, no) for no in range(1, min(free, FREE_LINES) + 1)]
