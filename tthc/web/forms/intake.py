"""The intake form, in the order in which a clerk asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField
from wtforms.widgets import html_params

from tthc.domain.fees import check as check_fee
from tthc.domain.filings import check_submitted, portal_code
from tthc.domain.refusals import check_all
from tthc.domain.vocabulary import ApplicantKind, Channel, DomainError
from tthc.services import applicants, drafts, intake
from tthc.services.applicants import ApplicantInput
from tthc.services.intake import IntakeRequest, PaperInput
from tthc.services.procedure_picker import PickerEntry
from tthc.services.procedure_terms import CaseTerms
from tthc.services.views import CaseChoice, Choice, ProcedureRow, RequirementView
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    LineField,
    MomentField,
    ParagraphField,
    RowForm,
    VietnameseForm,
    member,
    needed,
    number,
    options,
    words,
)
from tthc.web.forms.fees import due_field, exempt_field, fee_of, paid_field, receipt_field

_REASON_LEFT = (
    "Đã nhập lý do không tiếp nhận; chọn “Không tiếp nhận”, hoặc xóa lý do rồi tiếp nhận hay lưu chờ."
)
_FEE_LEFT = (
    "Phí, lệ phí chỉ ghi được khi tiếp nhận; xóa số tiền thu, số biên lai, lý do miễn rồi lưu chờ hay không "
    "tiếp nhận."
)

#: How many free lines of papers a form can carry.
FREE_LINES = 20


def procedure_choices(procedures: Sequence[ProcedureRow]) -> list[tuple[str, str]]:
    """The procedures as the picker lists them."""
    return [("", "Chọn thủ tục"), *((str(one.id), procedure_label(one)) for one in procedures)]


def procedure_label(row: ProcedureRow) -> str:
    """A procedure as lists name it."""
    return f"{row.local_no}. {row.name}"


def offer_cases(field: ChoiceField, cases: Sequence[CaseChoice | CaseTerms], channel: Channel | None) -> None:
    """Fill in the cases that fit the channel; a case that does not fit is dropped."""
    fitting = [one for one in cases if one.channel is None or one.channel is channel]
    named = [(str(one.id), f"{one.name} – {one.limit_label}") for one in fitting]
    field.choices = [("", "Tự chọn theo kênh tiếp nhận"), *named]
    if field.data not in {one.id for one in fitting}:
        field.data = None


class _Picker:
    """A select of procedures: what is received most in a group of its own; each carries what finds it."""

    def __call__(self, field: ProcedureField, **attributes: Any) -> Markup:
        attributes = {"id": field.id, "name": field.name, "required": True, **attributes}
        entries = field.load()
        used = [one for one in entries if one.used]
        others = [one for one in entries if not one.used]
        inner = Markup('<option value="">Chọn thủ tục</option>')
        if used:
            inner += _group("Hay tiếp nhận gần đây", field, used) + _group("Thủ tục khác", field, others)
        else:
            inner += Markup().join(_option(field, one) for one in others)
        return Markup(f"<select {html_params(**attributes)}>{inner}</select>")  # noqa: S704


def _group(label: str, field: ProcedureField, entries: Sequence[PickerEntry]) -> Markup:
    inner = Markup().join(_option(field, one) for one in entries)
    return Markup('<optgroup label="{}">{}</optgroup>').format(label, inner) if entries else Markup()


def _option(field: ProcedureField, entry: PickerEntry) -> Markup:
    attributes = html_params(
        value=entry.row.id,
        selected=field.data == entry.row.id,
        data_no=entry.row.local_no,
        data_code=entry.row.national_code or "",
        data_initials=entry.initials,
        data_used=entry.used,
    )
    return Markup("<option {}>{}</option>").format(Markup(attributes), procedure_label(entry.row))  # noqa: S704


def _pickable(entries: Sequence[PickerEntry]) -> list[tuple[str, str]]:
    return [(str(one.row.id), one.row.name) for one in entries]


class ProcedureField(ChoiceField):
    """The procedure, offered in the order of the picker."""

    widget: Any = _Picker()
    #: What is shown, in its order; read when it is.
    load: Callable[[], Sequence[PickerEntry]] = tuple
    #: Whether what was sent is known to be on offer.
    found = False

    def offer(self, entries: Sequence[PickerEntry]) -> None:
        """Fill in what may be picked."""
        self.load = lambda: entries
        self.choices = [("", "Chọn thủ tục"), *_pickable(entries)]

    def pre_validate(self, form: Any) -> None:
        """What was found in the catalogue need not be looked for among all that is in it."""
        if not self.found:
            super().pre_validate(form)


class PaperForm(RowForm):
    """How many of one paper were handed in."""

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
    seek_procedure = LineField("Tìm thủ tục theo số, mã, tên hoặc chữ cái đầu")
    procedure_id = ProcedureField(
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
    given_code = LineField("Mã hồ sơ trên Cổng", longest=64)
    submitted_at = MomentField("Nộp lúc", "thời điểm nộp")
    seek_applicant = LineField("Tìm chủ hồ sơ đã có", longest=100)
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
    fee_due = due_field()
    fee_paid = paid_field()
    fee_receipt_no = receipt_field()
    fee_exempt = exempt_field()
    received_at = MomentField("Thời điểm tiếp nhận, nếu không phải bây giờ", "thời điểm tiếp nhận")
    officer_id = ChoiceField("Giao cho", choices=[("", "Chưa phân công")], coerce=number)
    note = LineField("Ghi chú")
    confirm_unverified = BooleanField("Đã đối chiếu quyết định công bố TTHC, đồng ý dùng thời hạn này")
    confirm_duplicate = BooleanField("Đây là hồ sơ khác, vẫn tiếp nhận")
    confirm_missing = BooleanField("Hồ sơ còn thiếu giấy tờ, vẫn tiếp nhận")
    reason = ParagraphField("Lý do không tiếp nhận")

    def offer(
        self, load: Callable[[], Sequence[PickerEntry]], officers: Callable[[], Sequence[Choice]]
    ) -> None:
        """Say how to read the lists that do not depend on the procedure; a form in order shows none."""
        self.procedure_id.load = load
        self.procedure_id.offer_later("Chọn thủ tục", lambda: _pickable(load()))
        self.officer_id.offer_later("Chưa phân công", lambda: options(officers()))

    def offer_cases(self, cases: Sequence[CaseTerms]) -> None:
        """Offer the cases that fit the channel; a case that no longer fits is dropped."""
        offer_cases(self.case_id, cases, self.channel.data)

    def ask_rules(self, now: datetime, step: str, usual_fee: int | None) -> bool:
        """Ask the services what is wrong with single fields, all at once; whether nothing is wrong."""
        channel, received_at = self.channel.data, self.received_at.data
        if channel is not None:
            self.ask(
                lambda: check_all(
                    lambda: portal_code(channel, self.given_code.data),
                    lambda: check_submitted(
                        channel, self.submitted_at.data, received_at=received_at, now=now
                    ),
                )
            )
        self.ask(lambda: intake.refuse_future(received_at, now))
        self.ask(lambda: applicants.clean(self.applicant()))
        if not (self.fee_due.errors or self.fee_paid.errors):
            self.ask(lambda: check_fee(fee_of(self, usual_fee)))
        if step != "receive" and (self.fee_paid.data or self.fee_receipt_no.data or self.fee_exempt.data):
            # A filing has no fees: what was taken would be nowhere on record.
            self.refuse(DomainError(_FEE_LEFT, "fee_paid"))
        if step != "refuse" and self.reason.data:
            self.refuse(DomainError(_REASON_LEFT, "reason"))
        return not self.errors

    def applicant(self) -> ApplicantInput:
        """The applicant as typed so far."""
        return ApplicantInput(
            kind=self.applicant_kind.data or ApplicantKind.ENTERPRISE,
            name=self.applicant_name.data or "",
            id_number=self.id_number.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            address=self.address.data or "",
        )

    def fill_in(self, found: ApplicantInput) -> None:
        """Put a known applicant into the fields."""
        self.applicant_kind.data, self.applicant_name.data = found.kind, found.name
        self.id_number.data, self.phone.data = found.id_number, found.phone
        self.email.data, self.address.data = found.email, found.address

    def tell_fee(self, fee: int | None) -> None:
        """Say what is due under the chosen procedure."""
        self.fee_due.data, self.fee_due.raw_data = fee, None

    def request(self, papers: Sequence[PaperInput], usual_fee: int | None = None) -> IntakeRequest:
        """The form as the service takes it; ``usual_fee`` is due where nothing was typed."""
        return IntakeRequest(
            procedure_id=self.procedure_id.data,
            case_id=self.case_id.data,
            channel=self.channel.data,
            applicant=self.applicant(),
            submitter_name=self.submitter_name.data,
            subject=self.subject.data,
            papers=tuple(papers),
            sets=self.sets.data or 1,
            received_at=self.received_at.data,
            submitted_at=self.submitted_at.data,
            given_code=self.given_code.data,
            officer_id=self.officer_id.data,
            note=self.note.data,
            confirm_unverified=self.confirm_unverified.data,
            check_duplicates=not self.confirm_duplicate.data,
            check_papers=not self.confirm_missing.data,
            draft=drafts.INTAKE,
            fee=fee_of(self, usual_fee),
        )


class PaperLine:
    """A required paper with what was handed in; a free line (``requirement`` ``None``) names its own."""

    def __init__(
        self, requirement: RequirementView | None, sent: Mapping[str, Any], free_no: int = 0
    ) -> None:
        self.requirement = requirement
        self.free_no = free_no
        self.key = f"paper-{requirement.id}" if requirement else f"extra-{free_no}"
        self._prefix = f"{self.key}-"
        self._sent = {key: value for key, value in sent.items() if key.startswith(self._prefix)}

    @cached_property
    def form(self) -> PaperForm:
        """The fields of the line, made when somebody looks at them."""
        sent = MultiDict(self._sent) if self._sent else None
        return PaperForm(sent, prefix=self._prefix, data=self._expected())

    @property
    def unseen(self) -> bool:
        """Whether this is a required paper that whoever sent the form did not have before them."""
        return self.requirement is not None and self.requirement.required and not self._sent

    @property
    def blank(self) -> bool:
        """Whether this is a free line in which nothing was typed."""
        return self.requirement is None and not any(value.strip() for value in self._sent.values())

    def _expected(self) -> dict[str, int | None]:
        """A complete dossier hands in what is required, so that is where the counts begin.

        What is to be handed in only by some is never taken as handed in: the receipt would certify it.
        """
        need = self.requirement
        if need is None or not need.required:
            return {}
        return {"originals": need.originals, "certified": need.certified, "copies": need.copies}

    @property
    def missing(self) -> bool:
        """Whether a required paper has not been handed in at all, or in too few pieces."""
        return self.requirement is not None and self.requirement.short(self.form.counts())

    @property
    def title(self) -> str:
        """What the paper is called, or the number of a free line without a name."""
        if self.requirement is not None:
            return self.requirement.name
        return self.form.name.data or f"Giấy tờ khác {self.free_no}"

    def validate(self) -> bool:
        """Whether the counts have the right shape; what is wrong says which count it means."""
        if self.blank:
            return True
        right = self.form.validate()
        for field in (self.form.originals, self.form.certified, self.form.copies):
            field.errors = [f"{field.label.text}: {text}" for text in field.errors]
        if right and self.requirement is None:
            # What is half typed would be missing from the receipt without a word.
            if not self.form.name.data:
                self.form.name.errors = ["Ghi tên giấy tờ, hoặc xóa số lượng."]
            elif not any(self.form.counts()):
                self.form.originals.errors = ["Ghi số lượng bản chính, bản sao, hoặc xóa tên giấy tờ."]
            return not self.form.errors
        return right

    def summary(self) -> list[tuple[str, str]]:
        """All errors of the line, each with the paper that it means."""
        return [(field.id, f"{self.title} – {text}") for field in self.form for text in field.errors]

    def paper(self) -> PaperInput | None:
        """The line as the service takes it; nothing if nothing was handed in."""
        if self.blank:
            return None
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


def paper_lines(
    requirements: Sequence[RequirementView], sent: Mapping[str, Any], *, more: int = 0
) -> list[PaperLine]:
    """A line for each required paper, and free ones: more where the catalogue names no paper at all."""
    lines = [PaperLine(one, sent) for one in requirements]
    free = 1 if requirements else 3
    while f"extra-{free + 1}-name" in sent:
        free += 1
    free += more
    return lines + [PaperLine(None, sent, no) for no in range(1, min(free, FREE_LINES) + 1)]
