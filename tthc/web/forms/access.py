"""What narrows the log of looks down."""

from __future__ import annotations

from tthc.web.forms.base import ChoiceField, CountField, DateField, LineField, QueryForm, number


class AccessFilterForm(QueryForm):
    """Whose looks, at what, when; the address keeps it."""

    subject = LineField("Mã hồ sơ", longest=100)
    account_id = ChoiceField("Người xem", choices=[("", "Mọi người")], coerce=number)
    from_on = DateField("Từ ngày", "ngày đầu")
    to_on = DateField("Đến ngày", "ngày cuối")
    #: The id below which the list goes on.
    truoc = CountField("Trước số", least=1, most=999_999_999)
