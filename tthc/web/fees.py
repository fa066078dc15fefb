"""Fees: those of a dossier, and what a day took in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import fees
from tthc.services.fees import FeesView
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.filters import date_vn
from tthc.web.forms.base import options
from tthc.web.forms.fees import FeeCorrectionForm, FeeDayForm, FeeForm, fee_of
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("fees", __name__)


@pages.get("/le-phi")
@requires(Action.VIEW_FEES)
def day() -> ResponseReturnValue:
    """What a day took in, today by default."""
    form = FeeDayForm(request.args)
    # The day is read before whose takings: who may be chosen depends on it.
    form.account_id.offer_later("Mọi người", lambda: _collectors(form.right("on") or context.today()))
    form.validate()
    on = form.right("on") or context.today()
    view = fees.get_day(
        context.session(),
        actor=context.actor(),
        on=on,
        account_id=form.right("account_id"),
        page=page_number(),
    )
    if not form.on.raw_data:
        form.on.raw_data = [date_vn(context.today())]
    return render_template("fees/day.html", form=form, view=view)


@pages.get("/le-phi/trong-ngay.xlsx")
@requires(Action.VIEW_FEES)
def export() -> ResponseReturnValue:
    """The same, whole, as a spreadsheet."""
    form = FeeDayForm(request.args)
    form.validate()
    if form.on.errors:
        abort(404)
    on = form.on.data or context.today()
    content = fees.export_day(
        context.session(), actor=context.actor(), on=on, account_id=form.account_id.data
    )
    name = f"phi-le-phi-{on:%Y%m%d}.xlsx"
    return download(content, name)


@pages.get("/ho-so/<code:code>/le-phi")
@requires(Action.VIEW_DOSSIERS)
def show(code: str) -> ResponseReturnValue:
    """The fees of a dossier with the forms to enter and correct them."""
    return _page(_fees(code))


@pages.post("/ho-so/<code:code>/le-phi")
@requires(Action.RECORD_FEE)
def record(code: str) -> ResponseReturnValue:
    """A payment, a waiver, or another amount due."""
    form = FeeForm()
    return _enter(code, form, "form", fees.record_fee, "Đã ghi phí, lệ phí.", {})


@pages.post("/ho-so/<code:code>/le-phi/dieu-chinh")
@requires(Action.RECORD_FEE)
def correct(code: str) -> ResponseReturnValue:
    """A further entry in the place of the newest one."""
    form = FeeCorrectionForm(prefix="correct-")
    return _enter(code, form, "correction", fees.correct_fee, "Đã điều chỉnh.", {"reason": form.reason.data})


def warn_of_receipt(code: str) -> None:
    """Say on the next page where the number of the receipt that was just entered stands already."""
    warning = fees.receipt_warning(context.session(), actor=context.actor(), code=code)
    if warning:
        flash(warning, "warning")


def _enter(
    code: str,
    form: FeeForm,
    place: str,
    use_case: Callable[..., None],
    sentence: str,
    more: dict[str, Any],
) -> ResponseReturnValue:
    if form.validate():
        try:
            use_case(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                code=code,
                fee=fee_of(form),
                seen=form.seen_version(),
                **more,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(sentence, "done")
            warn_of_receipt(code)
            return redirect(url_for("fees.show", code=code))
    return _page(_fees(code), 422, **{place: form})


def _fees(code: str) -> FeesView:
    return fees.get_fees(context.session(), actor=context.actor(), code=code)


def _page(
    view: FeesView,
    status: int = 200,
    form: FeeForm | None = None,
    correction: FeeCorrectionForm | None = None,
) -> ResponseReturnValue:
    if form is None:
        form = FeeForm(formdata=None)
        if view.state is not None:
            form.fee_due.data = view.state.due
    fresh = correction or FeeCorrectionForm(formdata=None, prefix="correct-")
    newest = next((one for one in reversed(view.entries) if not one.corrected), None)
    if correction is None and newest is not None:
        fresh.fee_due.data, fresh.fee_paid.data = newest.due, newest.paid
        fresh.fee_receipt_no.data, fresh.fee_exempt.data = newest.receipt_no, newest.exempt_reason
    form.version.data = fresh.version.data = view.seen
    return render_template(
        "fees/show.html", view=view, form=form, correction=fresh, newest=newest, opened=correction is not None
    ), status


def _collectors(on: date) -> list[tuple[str, str]]:
    return options(fees.collectors(context.session(), actor=context.actor(), on=on))
