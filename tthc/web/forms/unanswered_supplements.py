"""Stopping dossiers that wait for a supplement: which of those on the page, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import HiddenField

from tthc.web.forms.base import ChoiceField, ParagraphField, VietnameseForm

WHOM_ALL, WHOM_CHOSEN = "all", "chosen"


class StopForm(VietnameseForm):
    """All rows that the page showed or the ticked ones; ``basis``: the legal basis that it showed.

    Beside the fields the page sends ``shown`` and ``d`` (the ticked rows), each as ``id-version``.
    """

    basis = HiddenField()
    whom = ChoiceField(
        "Dừng giải quyết",
        choices=[
            (WHOM_CHOSEN, "chỉ những hồ sơ được đánh dấu"),
            (WHOM_ALL, "tất cả hồ sơ đang hiện trên trang này"),
        ],
        coerce=str,
        default=WHOM_CHOSEN,
    )
    reason = ParagraphField("Lý do", "Nhập lý do; lý do và căn cứ được ghi vào lịch sử của từng hồ sơ.")

    def wanted(self, sent: Any) -> list[tuple[int, int]]:
        """(dossier id, version) of what is to be stopped, of all that was sent."""
        name = "shown" if self.whom.data == WHOM_ALL else "d"
        return read_rows(sent.getlist(name))


def read_rows(texts: Iterable[str]) -> list[tuple[int, int]]:
    """The pairs behind ``id-version``; what cannot be read is left out."""
    found = []
    for text in texts:
        parts: Sequence[str] = text.split("-")
        if len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            found.append((int(parts[0]), int(parts[1])))
    return found
