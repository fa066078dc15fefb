"""Refusals and breakdowns, said calmly; what was typed is not lost with an expired session."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services.transaction import NotFound
from tthc.web import guards
from tthc.web.forms.accounts import SignInForm

#: (title, what to do) by status.
SENTENCES = {
    400: ("Yêu cầu không hợp lệ", "Quay lại trang trước, kiểm tra thông tin đã nhập rồi gửi lại."),
    403: (
        "Bạn không có quyền mở trang này",
        "Nếu cần làm việc này, liên hệ người quản trị để được cấp vai trò.",
    ),
    404: ("Không tìm thấy trang", "Kiểm tra lại địa chỉ, hoặc tìm hồ sơ theo mã, tên, số điện thoại."),
    405: ("Trang này không mở được theo cách đó", "Mở trang từ trình đơn rồi thực hiện lại."),
    413: (
        "Tệp quá lớn",
        "Chưa có gì được lưu. Gửi từng tệp một, quét lại với độ phân giải thấp hơn, hoặc chia thành tệp nhỏ.",
    ),
    422: ("Không thực hiện được", "Quay lại trang trước rồi thử lại."),
    500: (
        "Hệ thống gặp lỗi",
        "Thông tin vừa gửi chưa được lưu. Thử lại sau ít phút; nếu vẫn lỗi, báo người quản trị.",
    ),
}

#: Never sent back to the browser.
_SECRET = frozenset({"csrf_token", "password", "current", "new", "again"})


def page(status: int, sentence: str | None = None) -> ResponseReturnValue:
    """The error page of ``status``; htmx gets only the sentence, for the place that it fills."""
    title, advice = SENTENCES.get(status, SENTENCES[400])
    if request.headers.get("HX-Request"):
        return render_template("errors/fragment.html", title=title, advice=sentence or advice), status
    template = "errors/plain.html" if status >= 500 or not _signed_in() else "errors/page.html"
    return render_template(template, status=status, title=title, advice=sentence or advice), status


def kept_fields() -> list[tuple[str, str]]:
    """What was typed into the form, to be sent once more; only if it came from our own page.

    Another site could otherwise place its own text before a signed-in person and have it sent by them.
    """
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if urlsplit(origin).netloc != request.host:
        return []
    return [(name, text) for name, text in request.form.items(multi=True) if name not in _SECRET]


def register(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotFound, lambda error: page(404, error.message))
    app.register_error_handler(NotAllowed, lambda error: page(403, error.message))
    app.register_error_handler(DomainError, lambda error: page(422, error.message))
    app.register_error_handler(Exception, _broken)
    guards.login_manager.unauthorized_handler(_not_signed_in)


def _signed_in() -> bool:
    return bool(current_user.is_authenticated)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400 or isinstance(error, SecurityError):
        # A host that is not ours has no addresses, so no page can be built for it.
        return error
    return page(error.code)


def _broken(error: Exception) -> ResponseReturnValue:
    """An unforeseen error: to the log with its trace, to the reader as a sentence."""
    if current_app.config.get("PROPAGATE_EXCEPTIONS") or current_app.testing:
        raise error
    current_app.logger.error("Request failed: %s %s", request.method, request.path, exc_info=error)
    return page(500)


def _expired(_error: CSRFError) -> ResponseReturnValue:
    """The form is older than the session: offer to sign in and to send it once more."""
    if request.headers.get("HX-Request"):
        return page(400, "Phiên làm việc đã hết hạn. Bấm nút dưới đây để đăng nhập lại; nội dung được giữ.")
    kept = [] if request.endpoint in {"accounts.sign_in", "accounts.change_password"} else kept_fields()
    form = None
    if not _signed_in():
        form = SignInForm(formdata=None)
        form.next.data = request.path
    return render_template("errors/expired.html", form=form, kept=kept, target=request.path), 400


def _not_signed_in() -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return page(403, "Phiên làm việc đã hết hạn. Tải lại trang để đăng nhập.")
    asked = request.full_path.rstrip("?") if request.method == "GET" else request.path
    if asked != "/":
        flash("Đăng nhập để tiếp tục.", "info")
        return redirect(url_for("accounts.sign_in", next=asked))
    return redirect(url_for("accounts.sign_in"))
