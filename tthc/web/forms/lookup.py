"""What the public look-up asks."""

from __future__ import annotations

import re
from typing import Any

from wtforms.validators import ValidationError

from tthc.web.forms.base import LineField, VietnameseForm


class LookupForm(VietnameseForm):
    """Code and the end of the telephone number, both from the receipt or from form 02 or 03."""

    code = LineField("Mã hồ sơ", "Nhập mã hồ sơ ghi trên giấy tiếp nhận hoặc phiếu đã nhận.", longest=64)
    digits = LineField(
        "Bốn số cuối điện thoại",
        "Nhập bốn chữ số cuối của số điện thoại.",
        longest=8,
        render_kw={"inputmode": "numeric", "size": 6},
    )

    def validate_digits(self, field: Any) -> None:
        """Told together with a missing code."""
        if len(re.sub(r"[^0-9]", "", field.data)) != 4:
            raise ValidationError("Nhập đúng bốn chữ số cuối của số điện thoại.")
