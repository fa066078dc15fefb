"""What waitress itself refuses, answered in Vietnamese, and read to its end so that the answer arrives."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

#: So many bytes of what is refused are read and thrown away; who sends more is cut off.
MOST_DISCARDED = 4 * 1024**3

_TITLES = {
    400: ("Yêu cầu không hợp lệ", "Quay lại trang trước rồi thử lại."),
    413: (
        "Tệp quá lớn",
        "Chưa có gì được lưu. Gửi từng tệp một, quét lại với độ phân giải thấp hơn, hoặc chia thành tệp nhỏ.",
    ),
    431: ("Yêu cầu không hợp lệ", "Xóa cookie của trang này trong trình duyệt rồi đăng nhập lại."),
    500: ("Hệ thống gặp lỗi", "Thử lại sau ít phút; nếu vẫn lỗi, báo người quản trị."),
    501: ("Yêu cầu không hợp lệ", "Dùng trình duyệt khác rồi thử lại."),
}


class _Discarding:
    """Takes a body that is too large and keeps nothing of it."""

    error = None

    def __init__(self, size: int) -> None:
        self._left = size
        self.completed = False

    def __len__(self) -> int:
        return 0

    def received(self, data: bytes) -> int:
        """Take as much as belongs to the body."""
        taken = min(len(data), self._left)
        self._left -= taken
        self.completed = self._left == 0
        return taken

    def getfile(self) -> BytesIO:
        """An empty file."""
        return BytesIO()

    def getbuf(self) -> BytesIO:
        """The same, under the name by which it is closed."""
        return BytesIO()


class _Parser(HTTPRequestParser):  # type: ignore[misc,unused-ignore]
    """Reads on behind the head of a request that is too large.

    A browser that is still sending when the connection is closed shows a broken connection instead of the
    answer. One that asks first ("Expect: 100-continue") is refused at once.
    """

    refusal: Any = None
    body_rcv: Any
    expect_continue: bool

    def received(self, data: bytes) -> int:
        """How many bytes were taken; the same contract as above."""
        if self.refusal is not None:
            taken = self.body_rcv.received(data)
            if self.body_rcv.completed:
                self.error, self.completed = self.refusal, True
            return taken
        taken = int(super().received(data))
        if isinstance(self.error, RequestEntityTooLarge) and not self.chunked:
            if self.expect_continue:
                # Or waitress would ask for the body all the same.
                self.expect_continue = False
            elif self.content_length <= MOST_DISCARDED:
                self.refusal, self.error, self.completed = self.error, None, False
                self.body_rcv = _Discarding(self.content_length)
        return taken


class _Refusal(ErrorTask):  # type: ignore[misc,unused-ignore]
    """The answer to what never reaches the application."""

    def execute(self) -> None:
        """Write a small page of one's own; the application has the others."""
        error = self.request.error
        title, advice = _TITLES.get(error.code, _TITLES[400])
        body = (
            f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head>\n'
            f"<body><main><h1>{title}</h1><p>{advice}</p></main></body></html>\n"
        ).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc,unused-ignore]
    """A connection whose refusals are Vietnamese."""

    parser_class = _Parser
    error_task_class = _Refusal
