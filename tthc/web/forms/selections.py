"""What is told of several marked dossiers at once; the marks themselves are boxes in the rows of the list."""

from __future__ import annotations

from tthc.domain.vocabulary import Channel
from tthc.web.forms.base import ChoiceField, LineField, VietnameseForm, member, needed, number, words


class AssignMarkedForm(VietnameseForm):
    """To whom the dossiers go."""

    officer_id = ChoiceField(
        "Người xử lý", [needed("Chọn người xử lý.")], choices=[("", "Chọn người xử lý")], coerce=number
    )
    note = LineField("Ghi chú", longest=500)


class HandOverMarkedForm(VietnameseForm):
    """Who took the results."""

    recipient = LineField("Người nhận kết quả", "Ghi tên người nhận kết quả.")
    method = ChoiceField(
        "Phương thức nhận kết quả", choices=words(Channel), coerce=member(Channel), default=Channel.COUNTER
    )
    note = LineField("Ghi chú", longest=500)


class PrintMarkedForm(VietnameseForm):
    """Nothing but the token: which form is printed is chosen by its button."""
