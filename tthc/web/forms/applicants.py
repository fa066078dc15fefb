"""Applicants: the filter of the directory, a corrected entry, a merge as it was looked at."""

from __future__ import annotations

from wtforms import HiddenField

from tthc.domain.vocabulary import ApplicantKind
from tthc.services.applicants import ApplicantInput
from tthc.web.forms.base import ChoiceField, LineField, QueryForm, member, needed, words
from tthc.web.forms.dossiers import SeenForm


class ApplicantFilterForm(QueryForm):
    """What narrows the directory down; the address keeps it."""

    q = LineField("Tìm", longest=100)
    kind = ChoiceField(
        "Loại đối tượng", choices=words(ApplicantKind, "Mọi loại"), coerce=member(ApplicantKind)
    )


class ApplicantForm(SeenForm):
    """The entry of an applicant."""

    kind = ChoiceField(
        "Loại đối tượng",
        [needed("Chọn loại đối tượng.")],
        choices=words(ApplicantKind),
        coerce=member(ApplicantKind),
    )
    applicant_name = LineField("Tên", "Nhập tên chủ hồ sơ.")
    id_number = LineField("Số định danh, mã số thuế", longest=32)
    phone = LineField("Điện thoại", longest=30, render_kw={"inputmode": "tel"})
    email = LineField("Thư điện tử", longest=200, render_kw={"inputmode": "email"})
    address = LineField("Địa chỉ")

    def show(self, data: ApplicantInput, version: int) -> None:
        """Fill the form with what is stored."""
        self.kind.data, self.applicant_name.data = data.kind, data.name
        for name in ("id_number", "phone", "email", "address"):
            self[name].data = getattr(data, name)
        self.version.data = version

    def typed(self) -> ApplicantInput:
        """What the service takes."""
        return ApplicantInput(
            kind=self.kind.data,
            name=self.applicant_name.data,
            id_number=self.id_number.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            address=self.address.data or "",
        )


class MergeForm(SeenForm):
    """The versions of both entries that the preview showed."""

    other_version = HiddenField()

    def other(self) -> int:
        """The version of the entry that goes; an unreadable one is none that can be in force."""
        text = str(self.other_version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
