"""Sign-in and change of password."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField
from wtforms.validators import Length, ValidationError

from tthc.web.forms.base import LineField, VietnameseForm, needed

#: Longer input is not a password but an attempt to keep the hash function busy.
LONGEST = 1000


class SignInForm(VietnameseForm):
    """Name and password; ``next`` is the page that was asked for."""

    name = LineField(
        "Tên đăng nhập",
        "Nhập tên đăng nhập.",
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Mật khẩu",
        [needed("Nhập mật khẩu."), Length(max=LONGEST, message="Mật khẩu quá dài.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class ChangePasswordForm(VietnameseForm):
    """The current password once and the new one twice."""

    current = PasswordField(
        "Mật khẩu hiện tại",
        [needed("Nhập mật khẩu hiện tại."), Length(max=LONGEST, message="Mật khẩu quá dài.")],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "Mật khẩu mới",
        [needed("Nhập mật khẩu mới."), Length(max=LONGEST, message="Mật khẩu quá dài.")],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "Nhập lại mật khẩu mới",
        [needed("Nhập lại mật khẩu mới.")],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same, or a slip of the finger locks the owner out."""
        if field.data != self.new.data:
            raise ValidationError("Hai lần nhập mật khẩu mới không giống nhau; nhập lại.")
