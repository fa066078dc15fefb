"""Forms of the lists between counter and board, and of the work of somebody who is absent."""

from __future__ import annotations

from wtforms import HiddenField

from tthc.web.forms.base import ChoiceField, LineField, VietnameseForm, needed, number


class TransferForm(VietnameseForm):
    """Who takes what was marked; the marks themselves are boxes in the rows of the list."""

    taker_id = ChoiceField("Người nhận bàn giao", choices=[("", "Chọn người nhận")], coerce=number)
    note = LineField("Ghi chú", longest=500)


class AbsenceForm(VietnameseForm):
    """Whose work goes to whom, and why; ``seen`` seals what the preview showed."""

    from_id = ChoiceField(
        "Người vắng mặt", [needed("Chọn người vắng mặt.")], choices=[("", "Chọn người")], coerce=number
    )
    to_id = ChoiceField(
        "Người nhận việc", [needed("Chọn người nhận việc.")], choices=[("", "Chọn người")], coerce=number
    )
    reason = LineField("Lý do", "Nhập lý do, ví dụ nghỉ phép từ ngày … đến ngày …")
    seen = HiddenField()
