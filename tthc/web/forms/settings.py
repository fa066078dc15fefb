"""The office's own rules: how it counts, its other settings, what it is called and which code it issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField

from tthc.domain.calendar import WorkingHours
from tthc.domain.codes import LAST_START
from tthc.domain.counting_rules import DUE_AT_WORDS, SATURDAY_WORDS, SHIFT_WORDS, CountingRule
from tthc.domain.settings import KnownSetting
from tthc.domain.vocabulary import DomainError, DueAtMode
from tthc.services.unit_records import NameContent
from tthc.web.forms.base import (
    ChoiceField,
    ClockField,
    CountField,
    DateField,
    LineField,
    ParagraphField,
    RowForm,
    VietnameseForm,
    member,
)

#: More spans than any office works in a day.
SPANS = 4
_YES, _NO = "yes", "no"


class SpanForm(RowForm):
    """From when to when is worked."""

    start: Any = ClockField("Từ", "giờ bắt đầu")
    end: Any = ClockField("Đến", "giờ kết thúc")

    @property
    def blank(self) -> bool:
        """Whether nothing was entered in this row."""
        return not any((field.raw_data or [""])[0].strip() or field.data for field in (self.start, self.end))

    def check(self) -> bool:
        """Whether the row has the shape of a span; a blank one has."""
        if self.blank:
            return True
        self.validate()
        for field in (self.start, self.end):
            if field.data is None and not field.errors:
                field.errors = [field.message]
        return not self.errors


class RuleForm(VietnameseForm):
    """A counting rule and the date from which it holds; ``newest`` says on which rules it was looked at."""

    newest = HiddenField()
    cutoff = ClockField("Giờ chốt tiếp nhận trong ngày", "giờ chốt")
    shift = ChoiceField(
        "Hồ sơ nhận ngoài giờ làm việc, sau giờ chốt hoặc vào ngày nghỉ",
        choices=[(_YES, SHIFT_WORDS[True]), (_NO, SHIFT_WORDS[False])],
        coerce=str,
    )
    due_at_mode = ChoiceField(
        "Thời điểm hẹn trả trong ngày cuối",
        choices=[(mode.value, words) for mode, words in DUE_AT_WORDS.items()],
        coerce=member(DueAtMode),
    )
    saturday = ChoiceField(
        "Thứ Bảy làm bù",
        choices=[(_YES, SATURDAY_WORDS[True]), (_NO, SATURDAY_WORDS[False])],
        coerce=str,
    )
    valid_from: Any = DateField("Áp dụng cho hồ sơ tiếp nhận từ ngày", "ngày áp dụng", need=True)
    reason = ParagraphField("Lý do hoặc văn bản quy định", "Nhập lý do hoặc văn bản quy định cách tính mới.")

    def __init__(self, formdata: Mapping[str, Any] | None = None) -> None:
        super().__init__(formdata=formdata)
        self.spans = [SpanForm(formdata, prefix=f"hours-{number}-") for number in range(1, SPANS + 1)]

    def fill(self, rule: CountingRule) -> None:
        """Put a rule into the form."""
        for row, (start, end) in zip(self.spans, rule.hours.spans, strict=False):
            row.start.data, row.end.data = start, end
        self.cutoff.data = rule.cutoff
        self.shift.data = _YES if rule.shift_after_hours else _NO
        self.due_at_mode.data = rule.due_at_mode
        self.saturday.data = _YES if rule.count_worked_saturday else _NO

    def rule(self) -> CountingRule | None:
        """The rule as it was typed; ``None`` where anything is wrong, all of which is then said."""
        right = bool(self.validate())
        hours = self._hours()
        if hours is None or any(f.errors for f in (self.cutoff, self.shift, self.due_at_mode, self.saturday)):
            return None
        rule = CountingRule(
            hours=hours,
            cutoff=self.cutoff.data,
            shift_after_hours=self.shift.data == _YES,
            due_at_mode=self.due_at_mode.data,
            count_worked_saturday=self.saturday.data == _YES,
        )
        try:
            rule.check()
        except DomainError as refusal:
            self.refuse(refusal)
            return None
        return rule if right else None

    def _hours(self) -> WorkingHours | None:
        if [row for row in self.spans if not row.check()]:
            return None
        filled = [row for row in self.spans if not row.blank]
        try:
            return WorkingHours(tuple((row.start.data, row.end.data) for row in filled))
        except DomainError as refusal:
            # "hours-2" is the second row in which something was typed.
            number = int((refusal.field or "").removeprefix("hours").removeprefix("-") or 1)
            field = (filled or self.spans)[number - 1].start
            field.errors = [*field.errors, refusal.message]
            return None

    def newest_id(self) -> int:
        """The row that was newest when the rule was looked at; an unreadable one is none."""
        text = str(self.newest.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def kept(self) -> list[tuple[str, str]]:
        """(name, text) of everything that was typed, to be sent once more."""
        fields = [field for row in self.spans for field in row]
        fields += [self.cutoff, self.shift, self.due_at_mode, self.saturday, self.valid_from, self.reason]
        return [(field.name, (field.raw_data or [""])[0]) for field in fields]

    def summary(self) -> list[tuple[str | None, str]]:
        """The errors of the form and of its hours, from top to bottom."""
        found = super().summary()
        over = [one for one in found if one[0] is None]
        hours = [(str(field.id), text) for row in self.spans for field in row for text in field.errors]
        return [*over, *hours, *(one for one in found if one[0] is not None)]


class SettingForm(VietnameseForm):
    """The value of one setting from a date on; :func:`setting_form` adds its field."""

    value: Any
    valid_from: Any = DateField("Áp dụng từ ngày", "ngày áp dụng", need=True)
    reason = ParagraphField("Lý do thay đổi", "Nhập lý do thay đổi.")

    def check(self) -> bool:
        """Whether everything has its shape; an empty number is none."""
        right = bool(self.validate())
        if self.value.data is None and not self.value.errors:
            self.value.errors = [self.value.span]
        return right and not self.value.errors


def setting_form(setting: KnownSetting[Any], sent: bool) -> SettingForm:
    """The form of a setting, as it was sent or still empty."""
    field: Any
    if setting.choices:
        field = ChoiceField(setting.label, choices=setting.choices, coerce=str)
    elif isinstance(setting.default, int):
        words = f"{setting.label} ({setting.unit})" if setting.unit else setting.label
        field = CountField(words, setting.least, setting.most)
    else:
        field = LineField(setting.label, longest=setting.most)
    form: Any = type("OneSettingForm", (SettingForm,), {"value": field})
    filled: SettingForm = form(prefix=f"{setting.slug}-", **({} if sent else {"formdata": None}))
    return filled


class NameForm(VietnameseForm):
    """What the unit is called; ``seen`` stands for the row that was looked at."""

    seen = HiddenField()
    name = LineField("Tên đơn vị", "Nhập tên đơn vị.")
    superior = LineField("Cơ quan chủ quản", "Nhập tên cơ quan chủ quản.")
    place = LineField("Địa danh", "Nhập địa danh.")
    reception_desk = LineField("Nơi tiếp nhận và trả kết quả", "Nhập tên nơi tiếp nhận và trả kết quả.")
    reason = ParagraphField("Văn bản làm căn cứ hoặc lý do", "Nhập văn bản làm căn cứ hoặc lý do.")

    def fill(self, content: NameContent) -> None:
        """Put what is on record into the form."""
        for part in ("name", "superior", "place", "reception_desk"):
            self[part].data = getattr(content, part)

    def content(self) -> NameContent:
        """What was typed; only after it was validated."""
        return NameContent(self.name.data, self.superior.data, self.place.data, self.reception_desk.data)


class NewNameForm(NameForm):
    """What the unit is called from a date on."""

    valid_from: Any = DateField("Áp dụng từ ngày", "ngày áp dụng", need=True)


class ConfirmNameForm(VietnameseForm):
    """That a row agrees with a decision."""

    seen = HiddenField()
    reason = ParagraphField("Văn bản làm căn cứ", "Nhập văn bản làm căn cứ.")


class CodeForm(VietnameseForm):
    """The first part of the dossier codes from a date on."""

    code = LineField("Mã định danh đơn vị", "Nhập mã định danh của đơn vị.", longest=40)
    sequence_start = CountField("Số thứ tự bắt đầu sau", 0, LAST_START, default=0)
    valid_from: Any = DateField("Áp dụng cho hồ sơ tiếp nhận từ ngày", "ngày áp dụng", need=True)
    reason = ParagraphField("Văn bản làm căn cứ hoặc lý do", "Nhập văn bản làm căn cứ hoặc lý do.")
