"""The command line ``tthc``: parse, call one service, answer.

Exit codes: 0 done, 2 refused input, 1 failure. With ``--json`` (anywhere on the line) standard output
carries nothing but JSON, ``{"error": {"field", "message"}}`` for what went wrong; messages and the log go to
standard error. ``TTHC_DEBUG=1`` shows the traceback of a failure.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tthc import __version__
from tthc.cli.output import Output, speak_utf8
from tthc.domain.vocabulary import DomainError

if TYPE_CHECKING:
    import click

DONE, FAILED, REFUSED = 0, 1, 2


class Failure(Exception):
    """Something that the caller's input is not to blame for; the message is one Vietnamese sentence."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    speak_utf8()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    arguments, as_json = _take_json(list(sys.argv[1:] if argv is None else argv))
    output = Output(as_json)
    try:
        return _run(arguments, output)
    except KeyboardInterrupt:
        output.say("Đã dừng theo yêu cầu.")
        return FAILED
    except BrokenPipeError:
        # The reader went away (`| head`): nobody is left to be told, not even by the flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(arguments: list[str], output: Output) -> int:
    import click

    from tthc.cli.vietnamese import sentence

    try:
        if arguments in (["--version"], ["-V"]):
            output.answer({"version": __version__}, f"tthc {__version__}")
            return DONE
        help_text = _help_asked(arguments) if output.as_json else None
        if help_text is not None:
            output.answer({"help": help_text}, help_text)
            return DONE
        # A command may return its own code; all others end well or by an exception.
        return _root().main(arguments, prog_name="tthc", standalone_mode=False, obj=output) or DONE
    except DomainError as refusal:
        output.fail(refusal.message, refusal.field)
        return REFUSED
    except click.exceptions.Abort:
        raise KeyboardInterrupt
    except click.ClickException as error:
        output.fail(*sentence(error))
        return REFUSED
    except Failure as failure:
        output.fail(str(failure), None)
        return FAILED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a sentence and a code
        if os.environ.get("TTHC_DEBUG"):
            traceback.print_exc()
        output.fail(_unexpected(error), None)
        return FAILED


def _unexpected(error: Exception) -> str:
    from sqlalchemy.exc import DBAPIError, OperationalError

    if isinstance(error, OperationalError):
        return (
            "Không dùng được cơ sở dữ liệu: kiểm tra máy chủ cơ sở dữ liệu đang chạy, địa chỉ trong "
            f"TTHC_DATABASE_URL và quyền ghi ({_first_line(error.orig)})."
        )
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (
        f"Lỗi ngoài dự kiến ({type(error).__name__}: {_first_line(cause)}). "
        "Chạy lại với TTHC_DEBUG=1 để xem chi tiết và báo cho người quản trị."
    )


def _first_line(error: object) -> str:
    return next(iter(str(error).splitlines()), "")


def _take_json(arguments: list[str]) -> tuple[list[str], bool]:
    """Take ``--json`` off the line, before or after the sub-command alike; not behind a ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [word for word in arguments[:end] if word != "--json"]
    return [*kept, *arguments[end:]], len(kept) < end


def _help_asked(arguments: list[str]) -> str | None:
    """The help text that a line asks for, as a value instead of printed by click."""
    import click

    if not {"-h", "--help"} & set(arguments):
        return None
    root = _root()
    ctx = click.Context(root, info_name="tthc", **root.context_settings)
    command: click.Command = root
    for word in arguments:
        found = command.get_command(ctx, word) if isinstance(command, click.Group) else None
        if found is not None:
            ctx = click.Context(found, info_name=word, parent=ctx, **found.context_settings)
            command = found
    return command.get_help(ctx)


def _root() -> click.Group:
    from tthc.cli.vietnamese import Group

    return Group(
        name="tthc",
        help="Theo dõi hồ sơ thủ tục hành chính. Ngày ghi dạng 2024-06-14 hoặc 14/06/2024; thời điểm không "
        "ghi múi giờ là giờ Việt Nam. Mã kết thúc: 0 xong, 2 dữ liệu vào bị từ chối, 1 có lỗi.",
        lazy={
            "serve": ("tthc.cli.serving", "serve", "Chạy máy chủ web và bộ lập lịch."),
            "init": ("tthc.cli.setup", "init", "Tạo hoặc nâng cấp cơ sở dữ liệu, nạp danh mục và lịch."),
            "backup": (
                "tthc.cli.backup",
                "backup",
                "Sao lưu toàn bộ dữ liệu; liệt kê, kiểm tra bản sao lưu.",
            ),
            "restore": ("tthc.cli.restore", "restore", "Khôi phục dữ liệu từ một bản sao lưu."),
            "user": ("tthc.cli.accounts", "user", "Thêm tài khoản, đặt lại mật khẩu."),
            "import-register": (
                "tthc.cli.register",
                "import_register",
                "Nhập sổ hồ sơ từ tệp CSV hoặc XLSX.",
            ),
            "export-register": (
                "tthc.cli.register",
                "export_register",
                "Xuất sổ hồ sơ ra tệp CSV hoặc XLSX.",
            ),
            "import-investment": (
                "tthc.cli.investment",
                "import_investment",
                "Nhập Giấy chứng nhận đăng ký đầu tư từ tệp CSV hoặc XLSX.",
            ),
            "attach": ("tthc.cli.attachments", "attach", "Đính kèm tệp vào một hồ sơ."),
            "due": ("tthc.cli.due_dates", "due", "Tính ngày hẹn trả và giải thích từng ngày."),
            "explain": ("tthc.cli.due_dates", "explain", "Giải thích ngày hẹn trả của một hồ sơ."),
            "tally": ("tthc.cli.tallies", "tally", "Lập số liệu theo Biểu II.06a/VPCP/KSTT."),
            "investment": (
                "tthc.cli.investment",
                "investment",
                "Lập kết quả cấp Giấy chứng nhận đăng ký đầu tư.",
            ),
            "closings": ("tthc.cli.closing", "closings", "Liệt kê và đối chiếu lại các kỳ đã chốt."),
            "verify": ("tthc.cli.closing", "verify", "Kiểm tra chữ ký số của tệp kỳ đã chốt."),
            "search": ("tthc.cli.search", "search", "Làm lại bảng từ khóa tìm kiếm."),
            "audit": ("tthc.cli.audit", "audit", "Đối chiếu nhật ký của hệ thống."),
            "jobs": ("tthc.cli.jobs", "jobs", "Chạy bộ lập lịch hoặc chạy một lượt công việc."),
        },
    )
