"""click as Vietnamese readers need it: its help and its usage errors, and sub-commands loaded when called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from tthc.cli.arguments import field_of
from tthc.domain.vocabulary import DomainError

_HELP_WORDS = ["-h", "--help"]
_JSON_HELP = ("--json", "In kết quả dạng JSON ra đầu ra chuẩn; thông báo ra đầu ra lỗi.")


class Option(click.Option):
    """An option whose help says in Vietnamese that it must be given."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its text, without click's English remarks."""
        record = super().get_help_record(ctx)
        if record is None:
            return None
        return record[0], f"{self.help or ''}{' (bắt buộc)' if self.required else ''}"


class _Words(click.Command):
    """What commands and groups say alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[TÙY CHỌN]")
        kwargs["context_settings"] = {"help_option_names": _HELP_WORDS}
        super().__init__(*args, **kwargs)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The first line."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), "Cách dùng: ")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help`` with a Vietnamese text."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Hiện hướng dẫn này rồi thoát."
        return option

    def write_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, ``--json`` among them: it is taken off before click sees the line."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Tùy chọn"):
            formatter.write_dl([*records[:-1], _JSON_HELP, *records[-1:]])


class Command(_Words):
    """A command whose help and refusals are Vietnamese throughout."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what is left over."""
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest:
            raise DomainError(f"Thừa tham số: {' '.join(map(str, rest))}.{_see_help(ctx)}")
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The section of options."""
        self.write_options(ctx, formatter)


class Group(_Words, click.Group):
    """A command with sub-commands, each named with the module and function that hold it and a line of help.

    A module is imported when its command is called, so that ``tthc due`` does not load the server.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str, str]], **kwargs: Any) -> None:
        kwargs.setdefault("subcommand_metavar", "LỆNH [THAM SỐ]…")
        # Called also without a sub-command, so that the refusal of that is ours, or there is something to do.
        kwargs.setdefault("callback", _refuse_bare)
        super().__init__(*args, no_args_is_help=False, invoke_without_command=True, **kwargs)
        self.lazy = dict(lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which they were given."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        if cmd_name not in self.lazy:
            return None
        module, name, _ = self.lazy[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse a command that there is not."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None:
            raise DomainError(f"Không có lệnh “{name}”; các lệnh: {', '.join(self.lazy)}.{_see_help(ctx)}")
        return name, command, args[1:]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, then one line a command, without importing any of them."""
        self.write_options(ctx, formatter)
        with formatter.section("Lệnh"):
            formatter.write_dl([(name, text) for name, (_, _, text) in self.lazy.items()])


def sentence(error: click.ClickException) -> tuple[str, str | None]:
    """A usage error that click itself raises, in Vietnamese, and the option or argument that it is about."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if isinstance(error, click.NoSuchOption):
        near = f" Có phải {', '.join(error.possibilities)}?" if error.possibilities else ""
        name = error.option_name
        return f"Không có tùy chọn {name}.{near}{_see_help(ctx)}", name.lstrip("-")
    if isinstance(error, click.MissingParameter):
        field = field_of(error.param)
        name = f"--{field}" if isinstance(error.param, click.Option) else _metavar(error.param)
        return f"Thiếu {name}.{_see_help(ctx)}", field
    if isinstance(error, click.BadOptionUsage):
        name = error.option_name
        return f"Tùy chọn {name} dùng chưa đúng (thiếu hoặc thừa giá trị).{_see_help(ctx)}", name.lstrip("-")
    field = field_of(error.param) if isinstance(error, click.BadParameter) else None
    return f"Dòng lệnh chưa đúng.{_see_help(ctx)}", field


@click.pass_context
def _refuse_bare(ctx: click.Context, /, **_options: object) -> None:
    if ctx.invoked_subcommand is None:
        names = ", ".join(ctx.command.list_commands(ctx)) if isinstance(ctx.command, Group) else ""
        raise DomainError(f"Chưa ghi lệnh; các lệnh: {names}.{_see_help(ctx)}")


def _metavar(param: click.Parameter | None) -> str:
    return (param.metavar or param.name or "") if param is not None else ""


def _see_help(ctx: click.Context | None) -> str:
    return "" if ctx is None else f" Xem hướng dẫn: {ctx.command_path} --help"
