"""Periodic reports: what has to be reported, each with its figures, its letter and its sentence."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import report_letters, report_sentences, reports
from tthc.services.reports import ReportView
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.filters import date_vn
from tthc.web.forms.closing import FiguresForm
from tthc.web.forms.periodic_reports import LetterForm, ReportListForm, SeenForm, SentForm
from tthc.web.guards import requires
from tthc.web.paths import page_number
from tthc.web.report_lists import address_in
from tthc.web.reports import ends_apart

pages = Blueprint("periodic_reports", __name__, url_prefix="/bao-cao/ky")


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """Every report, the newest period first."""
    form = ReportListForm(request.args)
    found = reports.list_reports(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        wanted=form.wanted(),
        page=page_number(),
    )
    query = {name: value for name, value in request.args.items() if name != "page"}
    return render_template("periodic_reports/index.html", form=form, page=found, query=query)


@pages.get("/<key:report_id>")
@requires(Action.VIEW_TALLIES)
def show(report_id: int) -> ResponseReturnValue:
    """One report."""
    view = _view(report_id)
    return _page(view, _letter_form(view), _sent_form(view))


@pages.post("/<key:report_id>/lap-lai")
@requires(Action.PREPARE_REPORT)
def refresh(report_id: int) -> ResponseReturnValue:
    """Draw a draft up again."""
    form = SeenForm()
    return _act(
        report_id,
        form,
        lambda: reports.refresh_report(
            context.session(),
            now=context.now(),
            actor=context.actor(),
            report_id=report_id,
            version=form.seen_version(),
        ),
        "Đã lập lại báo cáo theo số liệu hiện tại.",
    )


@pages.post("/<key:report_id>/cong-van")
@requires(Action.PREPARE_REPORT)
def record_letter(report_id: int) -> ResponseReturnValue:
    """Note what is known of the letter."""
    form = LetterForm()
    return _act(
        report_id,
        form,
        lambda: reports.record_letter(
            context.session(),
            now=context.now(),
            actor=context.actor(),
            report_id=report_id,
            version=form.seen_version(),
            letter=form.letter(),
        ),
        "Đã ghi thông tin công văn.",
    )


@pages.post("/<key:report_id>/da-gui")
@requires(Action.PREPARE_REPORT)
def mark_sent(report_id: int) -> ResponseReturnValue:
    """The report has gone out."""
    form = SentForm()
    return _act(
        report_id,
        form,
        lambda: reports.mark_sent(
            context.session(),
            now=context.now(),
            actor=context.actor(),
            report_id=report_id,
            version=form.seen_version(),
            sent_on=form.sent_on.data or context.today(),
        ),
        "Đã ghi ngày gửi; báo cáo không sửa được nữa.",
    )


@pages.get("/<key:report_id>/cong-van.pdf")
@requires(Action.VIEW_TALLIES)
def letter(report_id: int) -> ResponseReturnValue:
    """The covering letter."""
    pdf = report_letters.print_letter(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        report_id=report_id,
        demo=current_app.config["DEMO"],
    )
    return download(pdf, f"cong-van-bao-cao-{report_id}.pdf")


@pages.get("/<key:report_id>/doan-van.docx")
@requires(Action.VIEW_TALLIES)
def sentence(report_id: int) -> ResponseReturnValue:
    """The sentence as a document."""
    content = report_sentences.export_sentence(context.session(), actor=context.actor(), report_id=report_id)
    name = f"doan-van-bao-cao-{report_id}.docx"
    return download(content, name)


def _act(report_id: int, form: SeenForm, act: Callable[[], None], done: str) -> ResponseReturnValue:
    """Carry one act out, or show the report as it is now with what stands against it."""
    if form.validate():
        try:
            act()
        except DomainError as error:
            form.refuse(error)
        else:
            flash(done, "done")
            return redirect(url_for("periodic_reports.show", report_id=report_id))
    view = _view(report_id)
    letter = form if isinstance(form, LetterForm) else _letter_form(view)
    sent = form if isinstance(form, SentForm) else _sent_form(view)
    return _page(view, letter, sent, refused=form, status=422)


def _view(report_id: int) -> ReportView:
    return reports.get_report(
        context.session(), actor=context.actor(), today=context.today(), report_id=report_id
    )


def _letter_form(view: ReportView) -> LetterForm:
    return LetterForm(
        formdata=None,
        data={
            "letter_no": view.row.letter_no,
            "signer": view.signer,
            "recipient": view.recipient,
            "send_by_on": view.row.send_by_on,
            "note": view.note,
        },
    )


def _sent_form(view: ReportView) -> SentForm:
    form = SentForm(formdata=None)
    if view.sendable:
        form.sent_on.data = context.today()
    return form


def _page(
    view: ReportView,
    letter: LetterForm,
    sent: SentForm,
    refused: SeenForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page; a person who was late sends again for what it shows now."""
    figures = FiguresForm(request.args)
    figures.validate()
    period = view.row.period
    return render_template(
        "periodic_reports/show.html",
        view=view,
        tally=view.tallies[figures.right("by") or "sector"],
        letter=letter,
        sent=sent,
        errors=refused.summary() if refused else [],
        address=address_in(view.row.id),
        apart=ends_apart(period),
        dates={"from_on": date_vn(period.from_on), "to_on": date_vn(period.to_on)},
        sentence=report_sentences.get_sentence(
            context.session(), actor=context.actor(), report_id=view.row.id
        ),
    ), status
