"""What somebody sets for himself."""

from __future__ import annotations

from tthc.web.forms.base import LineField, VietnameseForm


class EmailForm(VietnameseForm):
    """Where mail about one's work goes."""

    email = LineField(
        "Thư điện tử",
        longest=254,
        render_kw={"inputmode": "email", "autocomplete": "email", "spellcheck": "false"},
    )
