"""Files to attach to a dossier, and why one is taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField

from tthc.domain.attachments import SUFFIXES, AttachmentKind
from tthc.web.forms.base import ChoiceField, OfferingForm, ParagraphField, VietnameseForm, member, words

#: What the window for choosing files offers; the content decides.
_OFFERED = ",".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)


class DescriptionForm(OfferingForm):
    """What a file is a copy of."""

    kind = ChoiceField(
        "Loại", choices=words(AttachmentKind), coerce=member(AttachmentKind), default=AttachmentKind.PAPER
    )
    paper = ChoiceField("Bản quét của", choices=(), coerce=str, default="")
    digitised = BooleanField("Là bản số hóa dùng thay bản giấy", default=True)

    def offer(self, offered: Sequence[str]) -> None:
        """The papers that a copy can be of."""
        self.paper.choices = [("", "Không gắn với giấy tờ nào"), *((name, name) for name in offered)]


class AttachForm(DescriptionForm):
    """One or more files of one kind."""

    files = MultipleFileField("Chọn tệp", render_kw={"accept": _OFFERED})

    def chosen(self) -> list[Any]:
        """The files; a browser sends an empty part where none was chosen."""
        return [one for one in self.files.data or [] if one and getattr(one, "filename", "")]


class RemovalForm(VietnameseForm):
    """Why a file is taken out."""

    reason = ParagraphField("Lý do", "Nhập lý do bỏ tệp, ví dụ: quét nhầm hồ sơ khác.")
