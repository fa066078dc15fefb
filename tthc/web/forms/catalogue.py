"""The catalogue looked at: what narrows the list down, a date, two versions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, HiddenField

from tthc.domain.catalogue import MOST_NOTICE, CatalogueMark, ContentRefused
from tthc.services.catalogue_changes import Status
from tthc.services.catalogue_thresholds import Threshold, ThresholdRow
from tthc.services.views import Choice, Page, VersionFacts
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    LineField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    number,
    options,
    words,
)


class CatalogueFilterForm(QueryForm):
    """What narrows the list down; the address keeps it."""

    q = LineField("Tìm", longest=100)
    sector_id = ChoiceField("Lĩnh vực", choices=[("", "Mọi lĩnh vực")], coerce=number)
    mark = ChoiceField("Nhóm", choices=words(CatalogueMark, "Tất cả"), coerce=member(CatalogueMark))

    def offer(self, sectors: Sequence[Choice]) -> None:
        """Fill in the sectors."""
        self.sector_id.choices = options(sectors, "Mọi lĩnh vực")


class DayForm(QueryForm):
    """The date whose version is looked at."""

    ngay = DateField("Xem tại ngày", "ngày cần xem")


class ComparisonForm(QueryForm):
    """Which two versions are set side by side."""

    tu = ChoiceField("Phiên bản trước", choices=[], coerce=number)
    den = ChoiceField("Phiên bản sau", choices=[], coerce=number)

    def offer(self, versions: Sequence[VersionFacts]) -> None:
        """Fill in the versions; without a choice the two that began last."""
        choices = [(str(one.id), title_of(one)) for one in versions]
        self.tu.choices = self.den.choices = choices
        if self.tu.data is None and self.den.data is None and len(versions) > 1:
            self.den.data, self.tu.data = versions[0].id, versions[1].id


def title_of(version: VersionFacts) -> str:
    """What a list calls a version: when it holds."""
    since = f"từ {version.valid_from:%d/%m/%Y}" if version.valid_from else "từ đầu"
    until = f" đến {version.valid_until:%d/%m/%Y}" if version.valid_until else ""
    mark = " (đang áp dụng)" if version.in_force else " (sắp áp dụng)" if version.planned else ""
    return since + until + mark


class RemovalForm(VietnameseForm):
    """Why a version that is still to come goes again."""

    seen = HiddenField()
    reason = ParagraphField("Lý do bỏ phiên bản", "Nhập lý do; lý do được ghi vào lịch sử của thủ tục.")


class StatusForm(VietnameseForm):
    """National code, end and successor of a procedure."""

    seen = HiddenField()
    national_code = LineField("Mã quốc gia", longest=32)
    withdrawn_on = DateField("Bãi bỏ từ ngày", "ngày bãi bỏ")
    replaced_by = LineField("Được thay thế bởi thủ tục có mã", longest=32)
    note = ParagraphField("Ghi chú")
    decision = LineField("Số quyết định")
    reason = ParagraphField("Lý do thay đổi", "Nhập lý do; lý do được ghi vào lịch sử của thủ tục.")
    confirm_received = BooleanField("Đã xem các hồ sơ nêu trên, vẫn ghi ngày bãi bỏ này")

    def fill(self, status: Status, seen: int) -> None:
        """Put in what holds now."""
        self.seen.data = str(seen)
        self.national_code.data = status.national_code
        self.withdrawn_on.data = status.withdrawn_on
        self.replaced_by.data = status.replaced_by
        self.note.data = status.note

    def status(self) -> Status:
        """The form as the service takes it."""
        return Status(
            national_code=self.national_code.data or "",
            withdrawn_on=self.withdrawn_on.data,
            replaced_by=self.replaced_by.data or "",
            note=self.note.data or "",
        )

    def refuse_all(self, refusal: ContentRefused) -> None:
        """Put every fault at its field."""
        for fault in refusal.faults:
            field = self[str(fault.place[0])]
            field.errors = [*field.errors, fault.message]


class ThresholdLine:
    """A procedure of the form with the number that was typed for it."""

    def __init__(self, row: ThresholdRow, sent: Any) -> None:
        self.row = row
        self.id = f"days-{row.local_no}"
        self.errors: list[str] = []
        typed = sent.get(self.id) if sent else None
        self.text = str(row.days) if typed is None else typed.strip()
        self.seen = seen_of(sent.get(f"seen-{row.local_no}")) if sent else row.seen

    @property
    def days(self) -> int | None:
        """The number, if it is one."""
        text = self.text
        found = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        return found if 0 <= found <= MOST_NOTICE else None

    def threshold(self) -> Threshold:
        """The line as the service takes it; only where :attr:`days` is a number."""
        return Threshold(self.row.local_no, self.seen, self.row.days if self.days is None else self.days)


class ThresholdsForm(VietnameseForm):
    """The thresholds of all procedures of a page, and from when the changed ones hold."""

    valid_from = DateField("Áp dụng từ ngày", "ngày bắt đầu áp dụng", need=True)
    decision = LineField("Số văn bản, nếu có")
    reason = ParagraphField("Lý do thay đổi", "Nhập lý do; lý do được ghi vào lịch sử của từng thủ tục.")

    def __init__(self, sent: Any, page: Page[ThresholdRow]) -> None:
        super().__init__(formdata=sent)
        self.page = page
        self.lines = [ThresholdLine(row, sent) for row in page.rows]

    def check(self) -> bool:
        """Whether date, reason and every number have the right shape."""
        for line in self.lines:
            if line.days is None:
                line.errors.append(f"Nhập số ngày làm việc từ 0 đến {MOST_NOTICE}.")
        return self.validate() and not any(line.errors for line in self.lines)

    def since(self) -> date:
        """The date of the form; only after :meth:`check`."""
        assert self.valid_from.data is not None  # noqa: S101 - checked before
        return self.valid_from.data

    def refuse_rows(self, refusal: ContentRefused) -> None:
        """Put every fault at its line."""
        lines = {line.row.local_no: line for line in self.lines}
        for fault in refusal.faults:
            lines[int(fault.place[1])].errors.append(fault.message)

    def summary(self) -> list[tuple[str | None, str]]:
        """The errors of the form and of its lines."""
        found = super().summary()
        for line in self.lines:
            found += [(line.id, f"Thủ tục số {line.row.local_no}: {text}") for text in line.errors]
        return found


def seen_of(text: str | None) -> int:
    """The count of changes that a form brings back; an unreadable one is none that can be newest."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
