"""A form that is only looked at: one field of each kind."""

from __future__ import annotations

from wtforms import BooleanField

from tthc.domain.vocabulary import Channel
from tthc.web.forms.base import ChoiceField, CountField, DateField, LineField, ParagraphField, QueryForm


class SampleForm(QueryForm):
    """Nothing is sent from it."""

    name = LineField("Chủ hồ sơ", "Nhập tên chủ hồ sơ.")
    received_on = DateField("Ngày tiếp nhận", what="ngày tiếp nhận")
    copies = CountField("Số bản chính")
    channel = ChoiceField(
        "Kênh tiếp nhận",
        choices=[("", "Chọn kênh"), *((one.value, one.label) for one in Channel)],
        coerce=Channel,
    )
    note = ParagraphField("Ghi chú")
    confirmed = BooleanField("Đã đối chiếu với bản giấy")
