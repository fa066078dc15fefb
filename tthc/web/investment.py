"""Results of investment procedures: the report of a period, the list behind each number, one certificate."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.investment import CertificateKind, InvestmentOrigin, YearCut
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import investment, investment_files, investment_reports
from tthc.services.investment_views import InvestmentReport
from tthc.web import context, investment_balances, investment_entries, investment_imports
from tthc.web.downloads import download
from tthc.web.forms.investment import CancelForm, FilterForm, SpanForm
from tthc.web.forms.reports import TallyForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("investment", __name__, url_prefix="/dau-tu")
pages.register_blueprint(investment_entries.pages)
pages.register_blueprint(investment_imports.pages)
pages.register_blueprint(investment_balances.pages)


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """A period with the standing total and the plan of its year; every number opens its list."""
    form = TallyForm(request.args)
    period = form.settle(context.today())
    report = None
    if period is not None:
        try:
            report = _report(period, form)
        except DomainError as error:
            form.refuse(error)
    opening_on = report.standing.opening_on if report else None
    return render_template(
        "investment/index.html",
        form=form,
        report=report,
        origins=[*InvestmentOrigin],
        kinds=[*CertificateKind],
        since=opening_on + timedelta(days=1) if opening_on else None,
    ), 200 if report else 422


@pages.get("/ket-qua.xlsx")
@requires(Action.VIEW_TALLIES)
def table() -> ResponseReturnValue:
    """The report of a period as a spreadsheet."""
    form = TallyForm(request.args)
    period = form.settle(context.today())
    if period is None:
        abort(404)
    content = investment_reports.write_report(
        context.session(), actor=context.actor(), today=context.today(), report=_report(period, form)
    )
    name = f"ket-qua-dau-tu-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return download(content, name)


def _report(period: ReportPeriod, form: TallyForm) -> InvestmentReport:
    return investment_reports.build_report(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        from_on=period.from_on,
        to_on=period.to_on,
        title=period.title,
        cut=YearCut.of_preset(form.right("preset")),
    )


@pages.get("/danh-sach")
@requires(Action.VIEW_TALLIES)
def certificates() -> ResponseReturnValue:
    """The list, narrowed down by what the address says."""
    form = FilterForm(request.args)
    form.validate()
    found = investment.list_certificates(
        context.session(), actor=context.actor(), criteria=form.criteria(page_number())
    )
    kept = {name: request.args[name] for name in form.data if name in request.args}
    return render_template("investment/list.html", form=form, found=found, kept=kept), (
        422 if form.summary() else 200
    )


@pages.get("/danh-sach.xlsx")
@requires(Action.VIEW_TALLIES)
def spreadsheet() -> ResponseReturnValue:
    """The whole list for people."""
    return _export("xlsx")


@pages.get("/danh-sach.csv")
@requires(Action.VIEW_TALLIES)
def plain() -> ResponseReturnValue:
    """The whole list for programs; it can be imported again."""
    return _export("csv")


def _export(kind: str) -> ResponseReturnValue:
    """The filter must be right, so that nothing else is taken for it."""
    form = FilterForm(request.args)
    if not form.validate():
        abort(404)
    content = investment_files.export_list(
        context.session(), actor=context.actor(), criteria=form.criteria(1), format=kind
    )
    name = f"giay-chung-nhan-dau-tu-{context.today():%Y%m%d}.{kind}"
    return download(content, name)


@pages.get("/<key:certificate_id>")
@requires(Action.VIEW_TALLIES)
def show(certificate_id: int) -> ResponseReturnValue:
    """One certificate with its history."""
    view = investment.get_certificate(context.session(), actor=context.actor(), certificate_id=certificate_id)
    form = CancelForm(formdata=None, prefix="cancel-")
    form.version.data = str(view.version)
    return render_template("investment/show.html", view=view, form=form)


@pages.get("/con-thieu")
@requires(Action.VIEW_TALLIES)
def missing() -> ResponseReturnValue:
    """Dossiers that were granted in a span of days and whose certificate is not on record."""
    form = SpanForm(request.args)
    if not form.validate():
        abort(404)
    page = investment.list_missing(
        context.session(),
        actor=context.actor(),
        from_on=form.from_on.data,
        to_on=form.to_on.data,
        page=page_number(),
    )
    return render_template("investment/missing.html", form=form, page=page)
