"""What the public look-up asks."""

from __future__ import annotations

from tthc.web.forms.base import LineField, VietnameseForm


class LookupForm(VietnameseForm):
    """Code and the end of the telephone number, both from the receipt."""

    code = LineField("Mã hồ sơ", "Nhập mã hồ sơ ghi trên giấy tiếp nhận.", longest=64)
    digits = LineField(
        "Bốn số cuối điện thoại",
        "Nhập bốn chữ số cuối của số điện thoại.",
        longest=8,
        render_kw={"inputmode": "numeric", "size": 6},
    )
