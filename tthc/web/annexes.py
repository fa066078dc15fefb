"""The annexes of a report: on screen, as a spreadsheet, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import annexes
from tthc.services.annex_counts import Counted
from tthc.services.annexes import AnnexPage
from tthc.services.tallies import Asked
from tthc.services.transaction import NotFound
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.filters import date_vn
from tthc.web.forms.reports import AnnexForm, as_query
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("annexes", __name__, url_prefix="/bao-cao/phu-luc")

#: Quoted, as the converter takes a hyphen for the end of a word.
_NAMES = ", ".join(f"'{name}'" for name in annexes.ANNEXES)


@pages.get(f"/<any({_NAMES}):name>")
@requires(Action.VIEW_TALLIES)
def show(name: str) -> ResponseReturnValue:
    """An annex of the period that the address asks for."""
    form = AnnexForm(request.args)
    period = form.settle(context.today())
    found = None
    if period is not None:
        try:
            found = _linked(
                annexes.annex_page(
                    context.session(),
                    actor=context.actor(),
                    today=context.today(),
                    asked=_asked(period),
                    name=name,
                    page=page_number(),
                    only=form.only(),
                )
            )
        except DomainError as error:
            form.refuse(error)
    return render_template(
        "reports/annex.html",
        form=form,
        period=period,
        table=found.table if found else None,
        page=found.page if found else None,
        name=name,
        annexes={key: words for key, (words, _) in annexes.ANNEXES.items()},
        kept=form.restriction() if name == annexes.OVERDUE else {},
    ), 200 if found else 422


@pages.get(f"/<any({_NAMES}):name>.<any(xlsx, pdf):kind>")
@requires(Action.VIEW_TALLIES)
def export(name: str, kind: str) -> ResponseReturnValue:
    """The annex whole, as a spreadsheet or on paper."""
    form = AnnexForm(request.args)
    period = form.settle(context.today())
    if period is None:
        abort(404)
    try:
        content = annexes.export_annex(
            context.session(),
            actor=context.actor(),
            today=context.today(),
            asked=_asked(period),
            name=name,
            only=form.only(),
            on_paper=kind == "pdf",
            demo=current_app.config["DEMO"],
        )
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warning")
        return redirect(f"{url_for('annexes.show', name=name)}?{request.query_string.decode()}")
    file = f"phu-luc-{name}-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.{kind}"
    return download(content, file)


def _asked(period: ReportPeriod) -> Asked:
    return Asked(period.from_on, period.to_on, title=period.title)


class LinkedNumber(int):
    """A number with the address of the list that it is the size of."""

    href: str


def _linked(found: AnnexPage) -> AnnexPage:
    """The page with an address at every number that has one."""
    table = found.table
    total = _linked_rows([table.total])[0] if table.total else None
    return AnnexPage(replace(table, total=total), replace(found.page, rows=_linked_rows(found.page.rows)))


def _linked_rows(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [[_linked_number(cell) if isinstance(cell, Counted) else cell for cell in row] for row in rows]


def _linked_number(counted: Counted) -> LinkedNumber:
    """The number with its address: a list of the tally, or the late dossiers that make it up."""
    number = LinkedNumber(counted)
    days: dict[str, Any] = {"from_on": date_vn(counted.asked.from_on), "to_on": date_vn(counted.asked.to_on)}
    if counted.cell is not None:
        number.href = url_for("reports.cell", **days, by="sector", row=counted.row_key, cell=counted.cell)
    else:
        number.href = url_for("annexes.show", name=annexes.OVERDUE, **{**days, **as_query(counted.only)})
    return number
