"""``tthc import-investment`` and ``tthc investment``: certificates of investment and what they add up to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tthc.cli.arguments import InputFile, OfficeDate, OutputFile
from tthc.cli.imports import answer_import, content_of
from tthc.cli.office import office, write_whole
from tthc.cli.output import Output, table
from tthc.cli.vietnamese import Command, Option
from tthc.domain import closing
from tthc.domain.amounts import show_amount, show_count
from tthc.domain.investment import CertificateKind, Figures, InvestmentOrigin, Stock
from tthc.domain.vocabulary import DomainError

if TYPE_CHECKING:
    from tthc.services.investment_views import InvestmentReport


@click.command(
    cls=Command,
    help="Nhập Giấy chứng nhận đăng ký đầu tư từ TỆP .csv (UTF-8) hoặc .xlsx. Chỉ một dòng bị từ chối là "
    "không ghi gì; mọi dòng sai đều được nêu. Nhập lại cùng một tệp không thay đổi gì.",
)
@click.argument("file", type=InputFile(), metavar="TỆP")
@click.option("--dry-run", cls=Option, is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@click.pass_obj
def import_investment(output: Output, file: Path, dry_run: bool) -> int:
    """Import, and answer with what was read, made, changed and refused."""
    from tthc.services import investment_import

    content = content_of(file)
    with office() as here:
        done = investment_import.import_certificates(
            here.session,
            now=here.now,
            actor=here.actor,
            content=content,
            filename=file.name,
            dry_run=dry_run,
        )
    return answer_import(output, done, dry_run=dry_run)


@click.command(
    cls=Command,
    help="Kết quả cấp Giấy chứng nhận đăng ký đầu tư của một kỳ (cả hai ngày đều thuộc kỳ): số giấy và vốn "
    "theo nguồn vốn và loại, lũy kế, kế hoạch năm; với -o ghi biểu ra bảng tính.",
)
@click.option("--from", "from_on", cls=Option, type=OfficeDate(), required=True, help="Ngày đầu kỳ.")
@click.option("--to", "to_on", cls=Option, type=OfficeDate(), required=True, help="Ngày cuối kỳ.")
@click.option(
    "-o", "--output", "path", cls=Option, type=OutputFile(".xlsx"), help="Bảng tính XLSX để ghi ra."
)
@click.pass_obj
def investment(output: Output, from_on: date, to_on: date, path: Path | None) -> None:
    """Build the report; write the table if asked; answer with the numbers."""
    from tthc.services import investment_reports

    if from_on > to_on:
        raise DomainError("Ngày đầu kỳ phải trước hoặc trùng ngày cuối kỳ.", "from")
    title = closing.title(from_on, to_on)
    with office() as here:
        try:
            report = investment_reports.build_report(
                here.session, actor=here.actor, today=here.today, from_on=from_on, to_on=to_on, title=title
            )
        except DomainError as refusal:
            # The service speaks of its own arguments, the caller of options.
            raise DomainError(refusal.message, (refusal.field or "").removesuffix("_on") or None)
        if path is not None:
            content = investment_reports.write_report(
                here.session, actor=here.actor, today=here.today, report=report
            )
            write_whole(path, content)
    answer = as_json(report)
    text = as_text(report)
    if path is not None:
        answer["file"] = str(path)
        text += f"\n\nĐã ghi {path}"
    output.answer(answer, text)


def as_json(report: InvestmentReport) -> dict[str, object]:
    """The numbers; amounts are texts, because a number of JSON is a binary one to many readers."""
    tally, standing, plan = report.tally, report.standing, report.plan
    return {
        "period": {"from": report.period.from_on, "to": report.period.to_on},
        "origins": {
            origin.value: {
                **{kind.value: _figures(tally.of(origin, kind)) for kind in CertificateKind},
                "total": _figures(tally.of(origin)),
            }
            for origin in InvestmentOrigin
        },
        "total": _figures(tally.of()),
        "standing": {
            "at": standing.at_on,
            "opening_on": standing.opening_on,
            **{line.origin.value if line.origin else "total": _stock(line.total) for line in standing.lines},
        },
        "plan": [
            {
                "year": plan.year,
                "scope": line.scope.value,
                "what": line.measure.value,
                "planned": _text(line.planned),
                "done": _text(line.done),
                "share": line.share,
            }
            for line in plan.lines
        ],
        "missing": report.missing,
    }


def as_text(report: InvestmentReport) -> str:
    """A line for each kind of each origin, then the standing total, the plan and what is missing."""
    period, tally = report.period, report.tally
    rows: list[tuple[str, ...]] = []
    for origin in InvestmentOrigin:
        rows.append(_line(origin.label, tally.of(origin)))
        rows += [_line(f"  {kind.label}", tally.of(origin, kind)) for kind in CertificateKind]
    rows.append(_line("TỔNG CỘNG", tally.of()))
    heads = ("Nguồn vốn, loại", "Số giấy", "Triệu USD", "Tỷ đồng")
    lines = [
        f"Kỳ báo cáo: {period.from_on:%d/%m/%Y} – {period.to_on:%d/%m/%Y}"
        + (f" ({period.title})" if period.title else ""),
        "",
        table(heads, rows, right=frozenset({1, 2, 3})),
        "",
    ]
    if report.standing.lines:
        whole = report.standing.lines[-1].total
        lines.append(
            f"Lũy kế đến hết ngày {report.standing.at_on:%d/%m/%Y}: {show_count(whole.projects)} dự án, "
            f"{show_amount(whole.vnd)} tỷ đồng."
        )
    else:
        lines.append("Chưa có số dư đầu để tính lũy kế.")
    lines += [
        f"Kế hoạch năm {report.plan.year}, {line.scope.label}, {line.measure.label}: "
        f"{show_amount(line.done)} / {show_amount(line.planned)}"
        for line in report.plan.lines
    ]
    if report.missing:
        lines.append(f"Còn {report.missing} hồ sơ đã giải quyết trong kỳ chưa có Giấy chứng nhận.")
    return "\n".join(lines)


def _line(label: str, figures: Figures) -> tuple[str, ...]:
    return label, show_count(figures.count), show_amount(figures.usd), show_amount(figures.vnd)


def _figures(figures: Figures) -> dict[str, object]:
    return {"count": figures.count, "usd_million": _text(figures.usd), "vnd_billion": _text(figures.vnd)}


def _stock(stock: Stock) -> dict[str, object]:
    usd = None if stock.usd is None else _text(stock.usd)
    return {"projects": stock.projects, "vnd_billion": _text(stock.vnd), "usd_million": usd}


def _text(amount: Decimal) -> str:
    return f"{amount:f}"
