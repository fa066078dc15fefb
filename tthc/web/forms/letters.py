"""Forms of the administrator's papers: who signs in whose place, and the words of letters."""

from __future__ import annotations

from wtforms import HiddenField

from tthc.domain.letters import MOST_SIGNS
from tthc.domain.signing import SigningCapacity
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    LineField,
    ParagraphField,
    VietnameseForm,
    member,
    needed,
    number,
    words,
)


class DelegationForm(VietnameseForm):
    """From whom, to whom, when, and how letters are signed."""

    from_id = ChoiceField(
        "Lãnh đạo ủy quyền", [needed("Chọn lãnh đạo ủy quyền.")], choices=[("", "Chọn người")], coerce=number
    )
    to_id = ChoiceField(
        "Người được ủy quyền",
        [needed("Chọn người được ủy quyền.")],
        choices=[("", "Chọn người")],
        coerce=number,
    )
    valid_from = DateField("Từ ngày", "ngày bắt đầu", need=True)
    valid_to = DateField("Đến hết ngày", "ngày kết thúc", need=True)
    capacity = ChoiceField(
        "Cách ký",
        [needed("Chọn cách ký.")],
        choices=words(SigningCapacity, "Chọn cách ký"),
        coerce=member(SigningCapacity),
    )
    title = LineField("Chức vụ của người ký", "Nhập chức vụ của người ký, ví dụ Phó Trưởng ban.", longest=100)
    decision = LineField("Số văn bản ủy quyền")
    decision_on = DateField("Ngày văn bản ủy quyền", "ngày của văn bản ủy quyền")
    reason = ParagraphField("Lý do")


class LetterForm(VietnameseForm):
    """The words of a letter from a date on; ``seen`` is the number of the newest version."""

    body = ParagraphField("Nội dung", "Nhập nội dung văn bản.", longest=MOST_SIGNS, render_kw={"rows": 10})
    valid_from = DateField("Áp dụng từ ngày", "ngày áp dụng", need=True)
    reason = LineField("Lý do sửa", "Nhập lý do sửa; lý do được ghi vào lịch sử của văn bản mẫu.")
    seen = HiddenField()

    def seen_version(self) -> int:
        """The number of the newest version that the person saw; an unreadable one is none."""
        text = str(self.seen.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
