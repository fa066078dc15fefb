"""Changes of the calendar: rows of days, a file, the confirmation of a year, the choice of whom to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField

from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import FIRST_YEAR, LAST_YEAR, CalendarChange, ChangeRefused
from tthc.domain.vocabulary import Confidence, DayKind
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    LineField,
    ParagraphField,
    RowForm,
    VietnameseForm,
    member,
    words,
)

#: More rows than a year has days off, so that a whole proposal fits.
MOST_ROWS = 60
#: A swap takes two.
FIRST_ROWS = 2
REMOVE = "remove"

#: Where the domain's words for the parts of a row are entered.
_FIELDS = {"date": "on", "kind": "kind", "name": "name", "decision": "decision"}


class DayForm(RowForm):
    """One date: what it becomes, or that its row goes."""

    on = DateField("Ngày", "ngày")
    kind = ChoiceField(
        "Loại",
        choices=[("", "Chọn loại"), *words(DayKind), (REMOVE, "Bỏ khỏi lịch")],
        coerce=lambda value: value or None,
    )
    name = LineField("Tên ngày")
    decision = LineField("Số văn bản")
    confidence = ChoiceField(
        "Mức độ",
        choices=words(Confidence),
        coerce=member(Confidence),
        default=Confidence.CONFIRMED,
    )

    @property
    def blank(self) -> bool:
        """Whether nothing was entered in this row."""
        typed = (self.on.raw_data or [""])[0] or self.on.data or self.kind.data
        return not (typed or self.name.data or self.decision.data)

    def check(self) -> bool:
        """Whether the row has the shape of a day; a blank one has."""
        if self.blank:
            return True
        self.validate()
        if not self.on.data and not self.on.errors:
            self.on.errors = [self.on.message]
        if not self.kind.data and not self.kind.errors:
            self.kind.errors = ["Chọn loại ngày."]
        return not self.errors

    def fill(self, day: CalendarDay) -> None:
        """Put a proposed day into the row."""
        self.on.data, self.kind.data = day.date, day.kind.value
        self.name.data, self.decision.data = day.name, day.decision
        self.confidence.data = Confidence.CONFIRMED if day.confirmed else Confidence.ESTIMATED

    def day(self) -> CalendarDay:
        """The row as the service takes it; only after :meth:`check`."""
        assert self.on.data is not None  # noqa: S101 - checked before
        return CalendarDay(
            date=self.on.data,
            kind=DayKind(self.kind.data),
            name=self.name.data or "",
            decision=self.decision.data or None,
            confirmed=self.confidence.data is Confidence.CONFIRMED,
        )


class ChangeForm(VietnameseForm):
    """Any number of rows; ``count`` says how many of them the page has."""

    count = HiddenField()

    def __init__(self, formdata: Mapping[str, Any] | None = None, rows: Sequence[CalendarDay] = ()) -> None:
        super().__init__(formdata=formdata)
        typed = str(self.count.data or "")
        number = int(typed) if formdata and typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        if not formdata:
            number = max(FIRST_ROWS, len(rows) + 1)
        self.rows = [DayForm(formdata, prefix=f"rows-{place}-") for place in range(min(number, MOST_ROWS))]
        if not formdata:
            for form, day in zip(self.rows, rows, strict=False):
                form.fill(day)
        self.count.data = str(len(self.rows))

    def add_row(self) -> None:
        """One more row at the end, as far as they go."""
        if len(self.rows) < MOST_ROWS:
            self.rows.append(DayForm(None, prefix=f"rows-{len(self.rows)}-"))
            self.count.data = str(len(self.rows))

    def check(self) -> bool:
        """Whether every row has the right shape."""
        wrong = [row for row in self.rows if not row.check()]
        return self.validate() and not wrong

    def change(self) -> CalendarChange:
        """All rows as one change."""
        filled = [row for row in self.rows if not row.blank]
        return CalendarChange(
            days=tuple(row.day() for row in filled if row.kind.data != REMOVE),
            removed=tuple(row.on.data for row in filled if row.kind.data == REMOVE and row.on.data),
        )

    def refuse_change(self, refusal: ChangeRefused) -> None:
        """Put what the calendar has against single rows at their fields, the rest over the form."""
        filled = [row for row in self.rows if not row.blank]
        # The change numbers the days that are put in first, then those that go.
        order = [row for row in filled if row.kind.data != REMOVE]
        order += [row for row in filled if row.kind.data == REMOVE]
        if not refusal.rows:
            self.form_errors.append(refusal.message)
        for one in refusal.rows:
            field = order[one.index][_FIELDS[one.field]]
            field.errors = [*field.errors, one.message]

    def summary(self) -> list[tuple[str | None, str]]:
        """The errors of the form and of its rows, from top to bottom."""
        found = super().summary()
        for number, row in enumerate(self.rows, 1):
            for field in row:
                found += [(str(field.id), f"Dòng {number}: {text}") for text in field.errors]
        return found


class CalendarFileForm(VietnameseForm):
    """A calendar as a file."""

    file = FileField("Tệp lịch (CSV hoặc ICS)", [FileRequired("Chọn tệp .csv hoặc .ics.")])
    whole_years = BooleanField("Thay toàn bộ các năm có trong tệp (ngày không có trong tệp bị bỏ khỏi lịch)")


class YearForm(VietnameseForm):
    """The confirmation of a year; without a decision it is taken back."""

    year = HiddenField()
    decision = LineField("Số văn bản thông báo lịch nghỉ")

    def chosen_year(self) -> int | None:
        """The year, if it is one."""
        return read_year(str(self.year.data or ""))


WHOM_ALL, WHOM_CHOSEN, WHOM_NOBODY = "all", "chosen", "nobody"


class ApplyForm(VietnameseForm):
    """Whom to move, why, and on which calendar that was judged."""

    base = HiddenField()
    whom = ChoiceField(
        "Dời ngày hẹn của",
        choices=[
            (WHOM_ALL, "tất cả hồ sơ trong bảng “Hồ sơ dời ngày hẹn”"),
            (WHOM_CHOSEN, "chỉ những hồ sơ được đánh dấu"),
            (WHOM_NOBODY, "chưa hồ sơ nào, chỉ ghi lịch"),
        ],
        coerce=str,
        default=WHOM_ALL,
    )
    reason = ParagraphField("Lý do", "Nhập lý do; lý do được ghi vào lịch sử của từng hồ sơ.")

    def base_version(self) -> int:
        """The version of the calendar that was looked at; an unreadable one is none that can be newest."""
        text = str(self.base.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def read_year(text: str) -> int | None:
    """A year that a calendar can have, or ``None``."""
    if text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    return None
