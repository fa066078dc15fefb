"""What is told of several marked dossiers at once; the marks themselves are boxes in the rows of the list."""

from __future__ import annotations

from tthc.web.forms.base import ChoiceField, LineField, VietnameseForm, needed, number


class AssignMarkedForm(VietnameseForm):
    """To whom the dossiers go."""

    officer_id = ChoiceField(
        "Người xử lý", [needed("Chọn người xử lý.")], choices=[("", "Chọn người xử lý")], coerce=number
    )
    note = LineField("Ghi chú", longest=500)


class PrintMarkedForm(VietnameseForm):
    """Nothing but the token: which form is printed is chosen by its button."""
