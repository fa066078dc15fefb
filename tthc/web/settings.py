"""The office's own rules, each from its date on: how it counts, other settings, its name and code."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action, NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import counting_rules, settings, unit_records
from tthc.services.transaction import NotFound
from tthc.services.unit_records import NameView
from tthc.web import context, letters
from tthc.web.forms.base import VietnameseForm
from tthc.web.forms.settings import (
    CodeForm,
    ConfirmNameForm,
    NameForm,
    NewNameForm,
    RuleForm,
    SettingForm,
    setting_form,
)
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("settings", __name__, url_prefix="/thiet-lap")
pages.register_blueprint(letters.pages)

#: What the buttons of the counting rule send.
_SAVE, _EDIT = "save", "edit"


@pages.get("")
@requires(Action.VIEW_SETTINGS)
def index() -> ResponseReturnValue:
    """How the office counts today, what is coming, and how it came to be so."""
    view = counting_rules.get_rules(
        context.session(), actor=context.actor(), today=context.today(), page=page_number()
    )
    return render_template("settings/rules.html", view=view)


@pages.get("/quy-tac-moi")
@requires(Action.CHANGE_SETTINGS)
def new_rule() -> ResponseReturnValue:
    """The form, filled with the rule of today."""
    view = _rules()
    form = RuleForm()
    form.fill(view.today.rule)
    form.valid_from.data = view.proposed_from
    return _rule_page(form, view)


@pages.post("/quy-tac-moi")
@requires(Action.CHANGE_SETTINGS)
def enter_rule() -> ResponseReturnValue:
    """A look at what the rule would do, its entry after that, or back to the form."""
    form = RuleForm(request.form)
    step = request.form.get("step")
    rule = form.rule()
    if rule is None or step == _EDIT:
        return _rule_page(form, _rules(), 422 if form.summary() else 200)
    arguments: dict[str, Any] = {
        "now": context.now(),
        "actor": context.actor(),
        "rule": rule,
        "valid_from": form.valid_from.data,
    }
    status = 200
    try:
        if step == _SAVE:
            counting_rules.change_rule(
                context.session(), **arguments, reason=form.reason.data, newest_id=form.newest_id()
            )
            on = f"{form.valid_from.data:%d/%m/%Y}"
            flash(f"Đã lưu quy tắc tính thời hạn, áp dụng cho hồ sơ tiếp nhận từ ngày {on}.", "done")
            return redirect(url_for("settings.index"))
    except counting_rules.RulesMoved as refusal:
        form.refuse(refusal)
        status = 422
    except DomainError as refusal:
        form.refuse(refusal)
        return _rule_page(form, _rules(), 422)
    try:
        seen = counting_rules.preview_rule(context.session(), **arguments)
    except DomainError as refusal:
        form.refuse(refusal)
        return _rule_page(form, _rules(), 422)
    form.newest.data = str(seen.newest_id)
    return render_template("settings/rule_preview.html", form=form, seen=seen), status


@pages.get("/quy-dinh-khac")
@requires(Action.VIEW_SETTINGS)
def others() -> ResponseReturnValue:
    """Every other setting with its value of today, and all changes."""
    return _others_page()


@pages.post("/quy-dinh-khac/<slug>")
@requires(Action.CHANGE_SETTINGS, Action.STOP_DOSSIER)
def change(slug: str) -> ResponseReturnValue:
    """One setting from a date on."""
    setting = settings.known(slug)
    form = setting_form(setting, sent=True)
    if form.check():
        try:
            settings.change_setting(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                setting=setting,
                value=form.value.data,
                valid_from=form.valid_from.data,
                reason=form.reason.data,
            )
        except DomainError as error:
            _pass_on(error, form)
        else:
            flash(f"Đã lưu “{setting.label}”, áp dụng từ ngày {form.valid_from.data:%d/%m/%Y}.", "done")
            return redirect(url_for("settings.others"))
    return _others_page(slug, form, 422)


@pages.get("/don-vi")
@requires(Action.VIEW_SETTINGS)
def unit() -> ResponseReturnValue:
    """What the unit is called and which code it issues, from date to date."""
    view = unit_records.get_records(context.session(), actor=context.actor(), today=context.today())
    return render_template("settings/unit.html", view=view)


@pages.get("/don-vi/<key:name_id>")
@requires(Action.MANAGE_UNIT)
def name(name_id: int) -> ResponseReturnValue:
    """A row to be corrected or confirmed."""
    return _name_page(_name(name_id))


@pages.post("/don-vi/<key:name_id>")
@requires(Action.MANAGE_UNIT)
def edit_name(name_id: int) -> ResponseReturnValue:
    """The row corrected."""
    form = NameForm()
    if form.validate():
        try:
            unit_records.edit_name(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                name_id=name_id,
                content=form.content(),
                seen=form.seen.data or "",
                reason=form.reason.data,
            )
        except DomainError as error:
            _pass_on(error, form)
        else:
            flash("Đã sửa thông tin đơn vị; đối chiếu văn bản rồi xác nhận.", "done")
            return redirect(url_for("settings.name", name_id=name_id))
    return _name_page(_name(name_id), form=form, status=422)


@pages.post("/don-vi/<key:name_id>/xac-nhan")
@requires(Action.MANAGE_UNIT)
def confirm_name(name_id: int) -> ResponseReturnValue:
    """The row confirmed."""
    form = ConfirmNameForm(prefix="confirm-")
    if form.validate():
        try:
            unit_records.confirm_name(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                name_id=name_id,
                seen=form.seen.data or "",
                reason=form.reason.data,
            )
        except DomainError as error:
            _pass_on(error, form)
        else:
            flash("Đã xác nhận thông tin đơn vị.", "done")
            return redirect(url_for("settings.unit"))
    return _name_page(_name(name_id), confirm=form, status=422)


@pages.get("/don-vi/ten-moi")
@requires(Action.MANAGE_UNIT)
def new_name() -> ResponseReturnValue:
    """The form for what the unit is called from a date on."""
    return render_template("settings/unit_name_new.html", form=NewNameForm())


@pages.post("/don-vi/ten-moi")
@requires(Action.MANAGE_UNIT)
def add_name() -> ResponseReturnValue:
    """What the unit is called from a date on."""
    form = NewNameForm()
    if form.validate():
        try:
            unit_records.add_name(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                content=form.content(),
                valid_from=form.valid_from.data,
                reason=form.reason.data,
            )
        except DomainError as error:
            _pass_on(error, form)
        else:
            flash("Đã thêm thông tin đơn vị, chưa xác nhận.", "done")
            return redirect(url_for("settings.unit"))
    return render_template("settings/unit_name_new.html", form=form), 422


@pages.get("/don-vi/ma-moi")
@requires(Action.MANAGE_UNIT)
def new_code() -> ResponseReturnValue:
    """The form for the code from a date on."""
    return _code_page(CodeForm())


@pages.post("/don-vi/ma-moi")
@requires(Action.MANAGE_UNIT)
def set_code() -> ResponseReturnValue:
    """The code from a date on."""
    form = CodeForm()
    if form.validate():
        try:
            unit_records.set_code(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                code=form.code.data,
                sequence_start=form.sequence_start.data or 0,
                valid_from=form.valid_from.data,
                reason=form.reason.data,
            )
        except DomainError as error:
            _pass_on(error, form)
        else:
            on = f"{form.valid_from.data:%d/%m/%Y}"
            flash(f"Đã lưu mã định danh, áp dụng cho hồ sơ tiếp nhận từ ngày {on}.", "done")
            return redirect(url_for("settings.unit"))
    return _code_page(form, 422)


def _pass_on(error: DomainError, form: VietnameseForm) -> None:
    """A refusal goes to its field; what is not there or not allowed is a page of its own."""
    if isinstance(error, NotFound | NotAllowed):
        raise error
    form.refuse(error)


def _rules() -> counting_rules.RulesView:
    return counting_rules.get_rules(context.session(), actor=context.actor(), today=context.today())


def _rule_page(form: RuleForm, view: counting_rules.RulesView, status: int = 200) -> ResponseReturnValue:
    return render_template("settings/rule.html", form=form, view=view), status


def _others_page(
    opened: str | None = None, sent: SettingForm | None = None, status: int = 200
) -> ResponseReturnValue:
    view = settings.get_settings(
        context.session(), actor=context.actor(), today=context.today(), page=page_number()
    )
    forms = {}
    for one in view.settings:
        if not one.may_change:
            continue
        if one.setting.slug == opened:
            forms[one.setting.slug] = sent
        else:
            form = setting_form(one.setting, sent=False)
            form.value.data, form.valid_from.data = one.value, context.today()
            forms[one.setting.slug] = form
    return render_template("settings/others.html", view=view, forms=forms, opened=opened, sent=sent), status


def _name(name_id: int) -> NameView:
    return unit_records.get_name(
        context.session(), actor=context.actor(), today=context.today(), name_id=name_id
    )


def _name_page(
    view: NameView,
    form: NameForm | None = None,
    confirm: ConfirmNameForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    errors = [*(form.summary() if form else ()), *(confirm.summary() if confirm else ())]
    if form is None:
        form = NameForm(formdata=None)
        form.fill(view.content)
    if confirm is None:
        confirm = ConfirmNameForm(formdata=None, prefix="confirm-")
    form.seen.data = confirm.seen.data = view.seen
    return render_template(
        "settings/unit_name.html", view=view, form=form, confirm=confirm, errors=errors
    ), status


def _code_page(form: CodeForm, status: int = 200) -> ResponseReturnValue:
    view = unit_records.get_records(context.session(), actor=context.actor(), today=context.today())
    return render_template("settings/unit_code.html", form=form, view=view), status
