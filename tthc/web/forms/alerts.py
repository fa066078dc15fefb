"""Answering an alert."""

from __future__ import annotations

from tthc.domain.vocabulary import AlertStage, OverdueReason, SubjectKind, TimeUnit
from tthc.services.alert_board import Grouping
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    needed,
    number,
    words,
)

#: What is shown so that it is known, and not answered.
TOLD_ONLY = (SubjectKind.STEP, SubjectKind.SUPPLEMENT)
ANSWERS = [("", ""), ("n", "Chưa trả lời"), ("y", "Đã trả lời"), ("all", "Đã và chưa trả lời")]
TRENDS = [(TimeUnit.DAY.value, "Ngày làm việc"), (TimeUnit.WEEK.value, "Tuần")]


class AlertFilterForm(QueryForm):
    """Which alerts to show."""

    stage = ChoiceField("Mức", choices=words(AlertStage, "Mọi mức"), coerce=member(AlertStage))
    answered = ChoiceField("Trả lời", choices=ANSWERS, coerce=str)
    kind = ChoiceField("Đối tượng", choices=words(SubjectKind, "Mọi đối tượng"), coerce=member(SubjectKind))
    officer_id = ChoiceField("Cán bộ", choices=[("", "Mọi người")], coerce=number)
    sector_id = ChoiceField("Lĩnh vực", choices=[("", "Mọi lĩnh vực")], coerce=number)
    procedure_id = ChoiceField("Thủ tục", choices=[("", "Mọi thủ tục")], coerce=number)
    by = ChoiceField("Nhóm theo", choices=words(Grouping), coerce=member(Grouping), default=Grouping.OFFICER)
    trend = ChoiceField("Diễn biến theo", choices=TRENDS, coerce=member(TimeUnit), default=TimeUnit.DAY)

    @property
    def told_only(self) -> bool:
        """Whether what is shown is not to be answered."""
        return self.right("kind") in TOLD_ONLY


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
