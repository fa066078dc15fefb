"""Certificates of investment: the filter of their list, one certificate, opening balances and plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Optional

from tthc.domain.amounts import plain_amount, read_amount
from tthc.domain.investment import (
    FIGURES,
    NOTE_LENGTH,
    NUMBER_LENGTH,
    PROJECT_LENGTH,
    Certificate,
    CertificateKind,
    InvestmentOrigin,
    InvestmentRefused,
    Measure,
    PlanScope,
    figure_name,
)
from tthc.domain.vocabulary import DomainError
from tthc.services.investment import CertificateFilter
from tthc.services.investment_balances import Draft, label_of
from tthc.services.investment_views import CertificateDraft, CertificateView
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    DateField,
    LineField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    needed,
    words,
)
from tthc.web.forms.catalogue import seen_of

#: Where figures are entered: balances know no total, it is the sum of the two.
BALANCE_SCOPES = (PlanScope.FDI, PlanScope.DDI)


class AmountField(StringField):
    """An exact amount as text: ``3.474,58``; what could be read in two ways is refused."""

    def __init__(self, label: str, whole: bool = False, **kwargs: Any) -> None:
        self.whole = whole
        kwargs.setdefault("render_kw", {}).update(inputmode="decimal", autocomplete="off", size=14)
        super().__init__(label, [Optional()], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed, and keep the text beside it."""
        text = valuelist[0].strip() if valuelist else ""
        self.data: Decimal | None = None
        if text:
            try:
                self.data = read_amount(text)
            except DomainError as refusal:
                raise ValueError(refusal.message)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        # Without dots between thousands, so that it can be sent again as it stands.
        return str(int(self.data)) if self.whole else plain_amount(self.data).replace(".", ",")


class FilterForm(QueryForm):
    """What narrows the list of certificates down; the address keeps it."""

    q = LineField("Tìm", longest=100)
    from_on = DateField("Cấp từ ngày", "ngày cấp đầu")
    to_on = DateField("đến ngày", "ngày cấp cuối")
    origin = ChoiceField(
        "Nguồn vốn", choices=words(InvestmentOrigin, "Mọi nguồn vốn"), coerce=member(InvestmentOrigin)
    )
    kind = ChoiceField("Loại", choices=words(CertificateKind, "Mọi loại"), coerce=member(CertificateKind))
    unlinked = BooleanField("Chưa gắn hồ sơ")
    cancelled = BooleanField("Bản ghi đã hủy")

    def criteria(self, page: int) -> CertificateFilter:
        """The filter as the service takes it; what cannot be read is not applied."""
        return CertificateFilter(
            q=self.right("q") or "",
            from_on=self.right("from_on"),
            to_on=self.right("to_on"),
            origin=self.right("origin"),
            kind=self.right("kind"),
            unlinked=bool(self.unlinked.data),
            cancelled=bool(self.cancelled.data),
            page=page,
        )


class SpanForm(QueryForm):
    """The days of a list."""

    from_on: Any = DateField("Từ ngày", "ngày đầu", need=True)
    to_on: Any = DateField("đến ngày", "ngày cuối", need=True)


class AmountsForm(VietnameseForm):
    """A form with amounts, of which several may be refused at once."""

    def refuse(self, error: DomainError) -> None:
        """Put every reason at its field."""
        for fault in error.faults if isinstance(error, InvestmentRefused) else (error,):
            super().refuse(fault)

    def summary(self) -> list[tuple[str | None, str]]:
        """All errors; those of amounts do not say by themselves which one they mean."""
        names = {str(field.id): field.label.text for field in self if isinstance(field, AmountField)}
        return [
            (target, f"{names[target]}: {text}" if target in names else text)
            for target, text in super().summary()
        ]


class CertificateForm(AmountsForm):
    """What a certificate says."""

    once = HiddenField()
    number = LineField("Số Giấy chứng nhận", "Nhập số Giấy chứng nhận.", longest=NUMBER_LENGTH)
    kind = ChoiceField(
        "Loại",
        [needed("Chọn loại.")],
        choices=words(CertificateKind, "Chọn loại"),
        coerce=member(CertificateKind),
    )
    origin = ChoiceField(
        "Nguồn vốn",
        [needed("Chọn nguồn vốn.")],
        choices=words(InvestmentOrigin, "Chọn nguồn vốn"),
        coerce=member(InvestmentOrigin),
    )
    issued_on: Any = DateField("Ngày cấp", "ngày cấp", need=True)
    usd = AmountField("Vốn đăng ký (triệu USD)")
    vnd = AmountField("Vốn đăng ký (tỷ đồng)")
    project = LineField("Tên dự án", longest=PROJECT_LENGTH)
    dossier_code = LineField("Mã hồ sơ", longest=64)
    note = ParagraphField("Ghi chú", longest=NOTE_LENGTH)

    def certificate(self) -> Certificate:
        """The form as the service takes it; only after it was validated."""
        return Certificate(
            number=self.number.data or "",
            kind=self.kind.data,
            origin=self.origin.data,
            issued_on=self.issued_on.data,
            usd=self.usd.data,
            vnd=self.vnd.data,
            project=self.project.data or "",
            note=self.note.data or "",
        )

    def begin(self, draft: CertificateDraft) -> None:
        """Fill in what the dossier tells."""
        self.dossier_code.data = draft.dossier_code
        self.issued_on.data = draft.issued_on
        self.kind.data = draft.kind


class CorrectionForm(CertificateForm):
    """What it should have said, and why it was changed."""

    version = HiddenField()
    reason = ParagraphField("Lý do đính chính", "Ghi lý do đính chính.", longest=500)

    def fill(self, view: CertificateView, dossier_code: str) -> None:
        """Put the entry into the form; ``dossier_code`` goes before its own."""
        one = view.row.certificate
        self.version.data = str(view.version)
        self.number.data, self.kind.data, self.origin.data = one.number, one.kind, one.origin
        self.issued_on.data, self.usd.data, self.vnd.data = one.issued_on, one.usd, one.vnd
        self.project.data, self.note.data = one.project, one.note
        self.dossier_code.data = dossier_code or view.row.dossier_code

    def seen(self) -> int:
        """The version that was looked at."""
        return seen_of(self.version.data)


class CancelForm(VietnameseForm):
    """Why an entry is taken out of the numbers."""

    version = HiddenField()
    reason = ParagraphField("Lý do hủy", "Ghi lý do hủy.", longest=500)

    def seen(self) -> int:
        """The version that was looked at."""
        return seen_of(self.version.data)


class UploadForm(VietnameseForm):
    """A file to look through before anything is saved."""

    file = FileField("Tệp Giấy chứng nhận (CSV hoặc XLSX)", [FileRequired("Chọn tệp CSV hoặc XLSX.")])


class FiguresForm(AmountsForm):
    """Figures by origin and measure, each a field of its name, with the paper that they come from."""

    seen = HiddenField()
    basis: Any
    #: Which columns there are.
    scopes: Sequence[PlanScope] = ()

    def figures(self) -> dict[str, Decimal]:
        """What was typed, by name."""
        found = {name: self[name].data for name in FIGURES if name in self}
        return {name: amount for name, amount in found.items() if amount is not None}

    def fill(self, draft: Draft) -> None:
        """Put what is on record into the form."""
        self.seen.data, self.basis.data = draft.seen, draft.basis
        for name, amount in draft.figures.items():
            self[name].data = amount

    def rows(self) -> Iterator[tuple[Measure, list[Any]]]:
        """The fields of each measure, in the order of the columns."""
        for measure in Measure:
            yield measure, [self[figure_name(scope, measure)] for scope in self.scopes]


class BalanceForm(FiguresForm):
    """A balance at the end of a day."""

    scopes = BALANCE_SCOPES
    on: Any = DateField("Số dư đến hết ngày", "ngày số dư", need=True)


class PlanForm(FiguresForm):
    """The plan of a year."""

    scopes = tuple(PlanScope)
    year: Any = CountField("Năm", least=1988, most=2099)


for _form in (BalanceForm, PlanForm):
    for _name, (_scope, _measure) in FIGURES.items():
        if _scope in _form.scopes:
            setattr(_form, _name, AmountField(label_of(_name), whole=_measure is Measure.PROJECTS))
    # Fields stand in the order in which they are made; this one is below the figures.
    _form.basis = LineField("Căn cứ", "Ghi căn cứ: số, ngày của báo cáo hoặc quyết định.", longest=500)


class BalanceChoice(QueryForm):
    """Which balance is to be changed."""

    ngay: Any = DateField("Ngày", "ngày số dư")


class PlanChoice(QueryForm):
    """The plan of which year."""

    nam: Any = CountField("Năm", least=1988, most=2099)
