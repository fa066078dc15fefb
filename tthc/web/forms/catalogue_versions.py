"""A version of a procedure: its facts, its cases with their limits, its papers, and when it begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField

from tthc.domain.catalogue import (
    MOST_CASES,
    MOST_FEE,
    MOST_FIELDS,
    MOST_NOTICE,
    MOST_PAPERS,
    NAME_LENGTH,
    TEXT_LENGTH,
    ContentRefused,
    Place,
    Reduction,
    VersionContent,
)
from tthc.domain.vocabulary import OnlineLevel, SupplementMode
from tthc.services.catalogue_versions import Publication
from tthc.services.views import Choice
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    DateField,
    LineField,
    ParagraphField,
    RowForm,
    VietnameseForm,
    member,
    number,
    options,
    words,
)
from tthc.web.forms.catalogue import seen_of
from tthc.web.forms.catalogue_rows import CaseForm, MoneyField, PaperForm, places

#: What a button that adds or drops a row says.
_ROWS = re.compile(r"(?:cases|papers)|cases-\d{1,3}-(?:statutory|committed)", re.ASCII)


#: The fields that carry the name and the value of their part of a version.
_PLAIN = (
    "name",
    "result",
    "online_level",
    "fee",
    "supplement_mode",
    "due_soon_days",
    "financial_stops_clock",
    "declaration_reduced",
    "declared_cut_percent",
    "fields_before",
    "fields_after",
    "code_confirmed",
    "limit_confirmed",
)


class VersionForm(VietnameseForm):
    """Everything that a version says; rows may be added and dropped with the page sent back and forth."""

    once = HiddenField()
    seen = HiddenField()
    valid_from = DateField("Áp dụng từ ngày", "ngày bắt đầu áp dụng", need=True)
    decision = LineField("Số quyết định công bố")
    reason = ParagraphField(
        "Lý do thay đổi", "Nhập lý do; lý do được ghi vào lịch sử của thủ tục.", render_kw={"rows": 3}
    )
    confirm_received = BooleanField("Đã xem các hồ sơ giữ phiên bản trước, vẫn ghi phiên bản này")
    name = ParagraphField("Tên thủ tục", "Nhập tên thủ tục.", longest=NAME_LENGTH, render_kw={"rows": 3})
    sector_id = ChoiceField("Lĩnh vực", choices=[("", "Chọn lĩnh vực")], coerce=number)
    new_sector = LineField("hoặc lĩnh vực mới")
    result = LineField("Kết quả giải quyết", longest=NAME_LENGTH)
    legal_basis = ParagraphField("Căn cứ pháp lý", longest=TEXT_LENGTH, render_kw={"rows": 5})
    online_level = ChoiceField(
        "Mức độ trực tuyến",
        choices=words(OnlineLevel),
        coerce=member(OnlineLevel),
        default=OnlineLevel.PARTIAL,
    )
    fee = MoneyField("Lệ phí (đồng)", most=MOST_FEE)
    supplement_mode = ChoiceField(
        "Khi yêu cầu bổ sung",
        choices=words(SupplementMode),
        coerce=member(SupplementMode),
        default=SupplementMode.RESTART,
    )
    due_soon_days = CountField("Báo sắp đến hạn trước (ngày làm việc)", most=MOST_NOTICE, default=2)
    financial_stops_clock = BooleanField("Tạm dừng tính thời hạn khi chờ nghĩa vụ tài chính")
    declaration_reduced = BooleanField("Đã cắt giảm thông tin khai")
    declared_cut_percent = CountField("Tỷ lệ công bố (%)", least=1, most=100)
    fields_before = CountField("Số trường trước rà soát", least=1, most=MOST_FIELDS)
    fields_after = CountField("Số trường sau rà soát", most=MOST_FIELDS)
    code_confirmed = BooleanField("Mã thủ tục đã đối chiếu quyết định công bố")
    limit_confirmed = BooleanField("Thời hạn đã đối chiếu quyết định công bố")

    def __init__(self, sent: Any = None, sectors: Sequence[Choice] = ()) -> None:
        super().__init__(formdata=sent)
        self.sector_id.choices = options(sectors, "Chọn lĩnh vực")
        self.cases = {at: CaseForm(sent, at) for at in places(sent, "cases")[:MOST_CASES]}
        self.papers = {at: PaperForm(sent, at) for at in places(sent, "papers")[:MOST_PAPERS]}
        self.part_errors: dict[str, list[str]] = {"cases": [], "papers": []}
        #: The row that was just added, for the focus.
        self.added: RowForm | None = None

    def fill(self, content: VersionContent) -> None:
        """Put a version into the form."""
        for field in _PLAIN:
            self[field].data = getattr(content, field)
        self.legal_basis.data = content.legal_basis.replace("; ", "\n")
        sectors = {label: value for value, label in self.sector_id.choices}
        self.sector_id.data = number(sectors.get(content.sector))
        for at, case in enumerate(content.cases):
            self.cases[at] = CaseForm(None, at)
            self.cases[at].fill(case)
        for at, paper in enumerate(content.papers):
            self.papers[at] = PaperForm(None, at)
            self.papers[at].fill(paper)
        if not self.papers:
            self.papers[0] = PaperForm(None, 0)

    def change_rows(self, add: str, drop: str) -> None:
        """Add a row where ``add`` says ("cases", "cases-0-statutory"), drop the one that ``drop`` names."""
        kind, _, place = drop.rpartition("-")
        for name, rows in (("cases", self.cases), ("papers", self.papers)):
            if kind == name and place.isascii() and place.isdigit() and len(place) < 4:
                rows.pop(int(place), None)
        if not _ROWS.fullmatch(add):
            return
        if add == "cases" and len(self.cases) < MOST_CASES:
            at = max(self.cases, default=-1) + 1
            self.added = self.cases[at] = CaseForm(None, at)
        elif add == "papers" and len(self.papers) < MOST_PAPERS:
            at = max(self.papers, default=-1) + 1
            self.added = self.papers[at] = PaperForm(None, at)
        elif add.startswith("cases-"):
            _, at_text, part = add.split("-")
            if int(at_text) in self.cases:
                self.added = self.cases[int(at_text)].add_row(part)

    def check(self) -> bool:
        """Whether every field and row has the right shape."""
        sound = self.validate()
        if self.due_soon_days.data is None and not self.due_soon_days.errors:
            self.due_soon_days.errors = [f"Nhập số nguyên từ 0 đến {MOST_NOTICE}."]
            sound = False
        checked = [row.check() for row in (*self.cases.values(), *self.papers.values())]
        return sound and all(checked)

    @property
    def reduction(self) -> Reduction:
        """The cut as the numbers in the form give it; nothing while they make no sense."""
        before, after = self.fields_before.data, self.fields_after.data
        if not before or after is None or after > before:
            before = after = None
        return Reduction(self.declared_cut_percent.data, before, after)

    def content(self) -> VersionContent:
        """The form as the service takes it; only after :meth:`check`."""
        sectors = dict(self.sector_id.choices)
        assert self.due_soon_days.data is not None  # noqa: S101 - checked before
        return VersionContent(
            name=self.name.data or "",
            sector=self.new_sector.data or sectors.get(str(self.sector_id.data), ""),
            legal_basis=self.legal_basis.data or "",
            result=self.result.data or "",
            online_level=self.online_level.data,
            supplement_mode=self.supplement_mode.data,
            financial_stops_clock=bool(self.financial_stops_clock.data),
            due_soon_days=self.due_soon_days.data,
            fee=self.fee.data,
            declaration_reduced=bool(self.declaration_reduced.data),
            declared_cut_percent=self.declared_cut_percent.data,
            fields_before=self.fields_before.data,
            fields_after=self.fields_after.data,
            code_confirmed=bool(self.code_confirmed.data),
            limit_confirmed=bool(self.limit_confirmed.data),
            cases=tuple(row.case() for row in self._used(self.cases)),
            papers=tuple(row.paper() for row in self._used(self.papers)),
        )

    def publication(self) -> Publication:
        """From when, on which decision, why; only after :meth:`check`."""
        assert self.valid_from.data is not None  # noqa: S101 - checked before
        return Publication(
            valid_from=self.valid_from.data,
            reason=self.reason.data or "",
            decision=self.decision.data or "",
            confirm_received=bool(self.confirm_received.data),
        )

    def seen_count(self) -> int:
        """The count of changes that the form was made from."""
        return seen_of(self.seen.data)

    def refuse_content(self, refusal: ContentRefused) -> None:
        """Put every fault at its field."""
        for fault in refusal.faults:
            errors = self._errors_at(fault.place)
            if fault.message not in errors:
                errors.append(fault.message)

    def summary(self) -> list[tuple[str | None, str]]:
        """The errors of the form, of its parts and their rows."""
        found = super().summary()
        for part, texts in self.part_errors.items():
            found += [(part, text) for text in texts]
        for number_of_case, case in enumerate(self.cases.values(), 1):
            for field in (*case, *(field for row in case.rows for field in row)):
                found += [(field.id, f"Trường hợp {number_of_case}: {text}") for text in field.errors]
        for number_of_paper, paper in enumerate(self.papers.values(), 1):
            for field in paper:
                found += [(field.id, f"Giấy tờ {number_of_paper}: {text}") for text in field.errors]
        return found

    @staticmethod
    def _used(rows: Mapping[int, Any]) -> list[Any]:
        return [row for row in rows.values() if not row.blank]

    def _errors_at(self, place: Place) -> list[str]:
        """The list of errors that belongs to a place of the content, which counts the rows in use only."""
        part = str(place[0])
        if part in self.part_errors:
            if len(place) == 1:
                return self.part_errors[part]
            row = self._used(self.cases if part == "cases" else self.papers)[int(place[1])]
            if len(place) == 5:
                kind = str(place[2])
                rows = row.used(kind) or [next(iter(row.limits[kind].values()))]
                row, place = rows[int(place[3])], (*place[:2], place[4])
            field = row[str(place[2])]
        else:
            field = self["sector_id" if part == "sector" else part]
        field.errors = list(field.errors)
        errors: list[str] = field.errors
        return errors


class ProcedureForm(VersionForm):
    """A new procedure with its first version."""

    local_no = CountField("Số thứ tự", least=1, most=9999)
    national_code = LineField("Mã quốc gia, nếu có", longest=32)

    def check(self) -> bool:
        """Whether every field and row has the right shape."""
        sound = super().check()
        if self.local_no.data is None and not self.local_no.errors:
            self.local_no.errors = ["Nhập số nguyên từ 1 đến 9999."]
            sound = False
        return sound
