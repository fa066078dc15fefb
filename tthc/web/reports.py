"""The tally: the official table on screen, the list behind each number, and the spreadsheet."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action
from tthc.domain.tallies import CELLS, Tally, TallyRow, on_time_rate
from tthc.domain.vocabulary import DomainError
from tthc.services import take_over_views, tallies, tally_forms, tally_lists
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.filters import date_vn
from tthc.web.forms.reports import CellForm, TallyForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("reports", __name__, url_prefix="/bao-cao")


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """Biểu II.06a of a period, every number a link to its list."""
    form = TallyForm(request.args)
    period = form.settle(context.today())
    tally: Tally | None = None
    parts: Sequence[Tally] = ()
    if period is not None:
        try:
            tally, parts = _build(form, period)
        except DomainError as error:
            form.refuse(error)
    apart = period is not None and ends_apart(period)
    counted_from: date | None = None
    if tally is not None and tally.closed_at is None:  # nothing is closed that begins before
        counted_from = take_over_views.counted_from(
            context.session(), actor=context.actor(), period_from=tally.period.from_on
        )
    return render_template(
        "reports/index.html",
        form=form,
        period=period,
        tally=tally,
        parts=parts,
        apart=apart,
        counted_from=counted_from,
        rate=on_time_rate(tally.total.cells, apart=apart) if tally else None,
        address=cell_address,
        made_of=made_of,
    ), 200 if tally else 422


def _build(form: TallyForm, period: ReportPeriod) -> tuple[Tally, Sequence[Tally]]:
    """The tally that was asked for, and those of its parts if they are its lines."""
    common: Any = {"actor": context.actor(), "today": context.today(), "asked": form.asked(period)}
    if form.unit:
        built = tallies.build_parts(context.session(), **common, unit=form.unit)
        return built.whole, built.parts
    return tallies.build_tally(context.session(), **common), ()


def ends_apart(period: ReportPeriod) -> bool:
    """Whether the table shows withdrawn and stopped dossiers in columns of their own, as the form does."""
    return tally_forms.ends_apart(context.session(), unit_id=context.actor().unit_id, on=period.to_on)


def cell_address(tally: Tally, row: TallyRow, name: str) -> str:
    """The page with the dossiers behind one number of a tally; a table has a hundred of them."""
    addresses = g.setdefault("tallies", {})
    key = (tally.period, tally.by, tally.known_on)
    if key not in addresses:
        addresses[key] = url_for(
            "reports.cell",
            from_on=date_vn(tally.period.from_on),
            to_on=date_vn(tally.period.to_on),
            by=tally.by,
            known_on=date_vn(tally.known_on) or None,
        )
    line = "" if row.key is None else f"&row={row.key}"
    return f"{addresses[key]}{line}&cell={name}"


def made_of(tally: Tally, *parts: Tally) -> Hashable:
    """All that the table of a tally and of its parts shows, for the key under which it is kept."""
    return tuple(
        (
            cell_address(one, one.total, ""),
            one.period,
            one.closed_at,
            *((row.key, row.label, *(row.cells[name] for name in CELLS)) for row in (*one.rows, one.total)),
        )
        for one in (tally, *parts)
    )


@pages.get("/danh-sach")
@requires(Action.VIEW_TALLIES)
def cell() -> ResponseReturnValue:
    """Exactly the dossiers that one number counts."""
    form = CellForm(request.args)
    if not form.validate():
        abort(404)
    found = tally_lists.open_cell(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        page=page_number(),
        **form.criteria(),
    )
    return render_template("reports/cell.html", found=found, query=form.query(request.args))


@pages.get("/danh-sach.<any(xlsx, csv):kind>")
@requires(Action.VIEW_TALLIES)
def export_cell(kind: str) -> ResponseReturnValue:
    """The same list whole, as a file."""
    form = CellForm(request.args)
    if not form.validate():
        abort(404)
    content = tally_lists.export_cell(
        context.session(), actor=context.actor(), today=context.today(), format=kind, **form.criteria()
    )
    asked = form.criteria()["asked"]
    name = (
        f"ho-so-{form.cell.data.value.replace('_', '-')}-{asked.from_on:%Y%m%d}-{asked.to_on:%Y%m%d}.{kind}"
    )
    return download(content, name)


@pages.get("/ii06a.<any(xlsx, pdf):kind>")
@requires(Action.VIEW_TALLIES)
def ii06a(kind: str) -> ResponseReturnValue:
    """The official form as a spreadsheet, or as a PDF to be signed."""
    form = TallyForm(request.args)
    period = form.settle(context.today())
    if period is None:
        abort(404)
    content = tally_forms.export_ii06a(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        asked=form.asked(period),
        unit=form.unit,
        on_paper=kind == "pdf",
        demo=current_app.config["DEMO"],
    )
    by = form.right("by") or "sector"
    lines = "" if by == "sector" else f"-{by}"
    name = f"bieu-ii06a{lines}-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.{kind}"
    return download(content, name)
