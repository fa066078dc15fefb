"""Answering an alert."""

from __future__ import annotations

from wtforms import BooleanField

from tthc.domain.vocabulary import AlertStage, OverdueReason
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    needed,
    words,
)


class AlertFilterForm(QueryForm):
    """Which alerts to show."""

    stage = ChoiceField("Mức", choices=words(AlertStage, "Mọi mức"), coerce=member(AlertStage))
    answered = BooleanField("Đã trả lời")


class AnswerForm(VietnameseForm):
    """The cause by the classes of the official annex, in words, and what was promised."""

    reason_code = ChoiceField(
        "Nhóm nguyên nhân",
        [needed("Chọn nhóm nguyên nhân.")],
        choices=words(OverdueReason, "Chọn nhóm nguyên nhân"),
        coerce=member(OverdueReason),
    )
    reason = ParagraphField("Nguyên nhân, hướng xử lý", "Ghi nguyên nhân và hướng xử lý.")
    promised_on = DateField("Hẹn xong ngày", "ngày hẹn xong")
