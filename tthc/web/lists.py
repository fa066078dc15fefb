"""What belongs to the list of dossiers: its filter in words, filters under names, its columns, its file."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tthc.domain.list_columns import ListColumn
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import list_columns, saved_filters, worklists
from tthc.services.worklists import DossierFilter
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.filters import date_vn
from tthc.web.forms.base import QueryForm, options
from tthc.web.forms.dossiers import DossierFilterForm
from tthc.web.forms.lists import ChangeFilterForm, ColumnsForm, SaveFilterForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("lists", __name__)

#: What is longer was not made by the list.
_LONGEST = 2000

#: What the list says of a group in which there is nothing.
_NOTHING_IN = {
    "mine": "Không có hồ sơ nào chờ tôi xử lý.",
    "extension_proposed": "Không có hồ sơ nào chờ duyệt gia hạn.",
    "pending": "Không có hồ sơ nào đang giải quyết.",
    "overdue": "Không có hồ sơ quá hạn.",
    "today": "Không có hồ sơ nào đến hạn hôm nay.",
    "due_soon": "Không có hồ sơ nào sắp đến hạn.",
    "awaiting_supplement": "Không có hồ sơ nào chờ bổ sung.",
    "awaiting_opinion": "Không có hồ sơ nào chờ ý kiến của cơ quan khác.",
    "unassigned": "Không có hồ sơ nào chưa phân công.",
    "to_hand_over": "Không có hồ sơ nào chờ trả kết quả.",
}


def narrowed() -> tuple[DossierFilterForm, DossierFilter]:
    """The filter as the address has it, and what of it can be read."""
    form = DossierFilterForm(request.args)
    choices = worklists.filter_choices(context.session(), actor=context.actor(), now=context.now())
    form.sector_id.choices = options(choices.sectors, "Mọi lĩnh vực")
    form.procedure_id.choices = options(choices.procedures, "Mọi thủ tục")
    form.officer_id.choices = options(choices.officers, "Mọi người")
    form.validate()
    wanted = {name: form.right(name) for name in form._fields}
    criteria = DossierFilter(
        **{name: value for name, value in wanted.items() if value is not None}, page=page_number()
    )
    return form, criteria if wanted["sort"] else worklists.in_usual_order(criteria)


def in_words(form: QueryForm, without: Collection[str] = ("sort",)) -> list[str]:
    """What narrows a list down, for paper: "Lĩnh vực: Lao động"; ``without`` what only orders it."""
    told = []
    for field in form:
        value = form.right(field.short_name)
        if value is None or value is False or value == "" or field.short_name in without:
            continue
        if value is True:
            told.append(field.label.text)
            continue
        chosen = (
            [words for _, words, is_it in field.offered() if is_it] if field.type == "ChoiceField" else []
        )
        text = chosen[0] if chosen else date_vn(value) if field.type == "DateField" else str(value)
        before = (
            "Hạn "
            if field.short_name == "due_to"
            else "Tiếp nhận "
            if field.short_name == "received_to"
            else ""
        )
        told.append(f"{before}{field.label.text}: {text}")
    return told


def nothing_found(form: QueryForm) -> str:
    """What an empty list says: of a group alone that it is empty, else what to look for instead."""
    if not in_words(form, without=("sort", "bucket")) and form.right("bucket") in _NOTHING_IN:
        return _NOTHING_IN[form.right("bucket")]
    if request.args:
        return (
            "Không có hồ sơ nào khớp. Bớt điều kiện lọc, hoặc tìm bằng một phần của mã, tên, số điện thoại."
        )
    return "Chưa có hồ sơ nào. Hồ sơ vào đây khi được tiếp nhận (F2) hoặc nhập từ sổ."


def query_of(values: MultiDict[str, str]) -> str:
    """The filter of an address, without its page and what is no filter."""
    kept = [(name, values.get(name, "")) for name in DossierFilterForm()._fields]
    return urlencode([(name, text) for name, text in kept if text])


@pages.get("/danh-sach.xlsx")
@requires(Action.VIEW_DOSSIERS)
def export() -> ResponseReturnValue:
    """The list, whole, in the chosen columns."""
    form, criteria = narrowed()
    content = list_columns.export_list(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        criteria=criteria,
        told=in_words(form),
    )
    name = f"danh-sach-ho-so-{context.today():%Y%m%d}.xlsx"
    return download(content, name)


@pages.get("/cot")
@requires(Action.VIEW_DOSSIERS)
def columns() -> ResponseReturnValue:
    """Which columns, and in which order."""
    chosen = [*list_columns.columns_of(context.session(), actor=context.actor())]
    rest = [column for column in ListColumn if column not in chosen]
    back = query_of(request.args)
    return render_template("lists/columns.html", form=ColumnsForm(), chosen=chosen, rest=rest, back=back)


@pages.post("/cot")
@requires(Action.OWN_ACCOUNT)
def choose() -> ResponseReturnValue:
    """Remember them; without ticks, the usual ones again."""
    usual = request.form.get("step") == "usual"
    chosen = [] if usual else ColumnsForm.chosen(request.form.getlist("column"), request.form)
    list_columns.choose_columns(context.session(), actor=context.actor(), chosen=chosen)
    flash(
        "Danh sách hồ sơ đã về các cột mặc định." if usual else "Đã lưu các cột của danh sách hồ sơ.", "done"
    )
    return redirect(_list(request.form.get("back", "")))


@pages.get("/bo-loc")
@requires(Action.VIEW_DOSSIERS)
def filters() -> ResponseReturnValue:
    """The saved filters, one's own to be changed."""
    return _filters_page()


@pages.post("/bo-loc")
@requires(Action.OWN_ACCOUNT)
def save() -> ResponseReturnValue:
    """Keep the filter that the list shows."""
    form = SaveFilterForm()
    query = query_of(_parsed(form.query.data or ""))
    if form.validate():
        try:
            saved_filters.save_filter(
                context.session(),
                actor=context.actor(),
                name=form.name.data or "",
                query=query,
                shared=bool(form.shared.data),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã lưu bộ lọc “{form.name.data}”.", "done")
            return redirect(_list(query))
    form.query.data = query
    return _filters_page(saving=form, status=422)


@pages.post("/bo-loc/<key:filter_id>")
@requires(Action.OWN_ACCOUNT)
def change(filter_id: int) -> ResponseReturnValue:
    """Another name, shared or not, or gone."""
    form = ChangeFilterForm(prefix=f"f{filter_id}-")
    dropping = request.form.get("step") == "delete"
    which = {"filter_id": filter_id, "version": form.seen_version()}
    if dropping or form.validate():
        try:
            if dropping:
                name = saved_filters.delete_filter(context.session(), actor=context.actor(), **which)
                flash(f"Đã xóa bộ lọc “{name}”.", "done")
            else:
                saved_filters.change_filter(
                    context.session(),
                    actor=context.actor(),
                    name=form.name.data or "",
                    shared=bool(form.shared.data),
                    **which,
                )
                flash(f"Đã lưu bộ lọc “{form.name.data}”.", "done")
            return redirect(url_for("dossiers.lists.filters"))
        except DomainError as error:
            form.refuse(error)
    return _filters_page(changing=(filter_id, form), status=422)


def _filters_page(
    saving: SaveFilterForm | None = None,
    changing: tuple[int, ChangeFilterForm] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    found = saved_filters.list_filters(context.session(), actor=context.actor())
    forms = {}
    for one in found:
        if one.owner:
            continue
        form = ChangeFilterForm(formdata=None, prefix=f"f{one.id}-")
        form["name"].data, form.shared.data = one.name, one.shared
        if changing is not None and changing[0] == one.id:
            form = changing[1]
        form.version.data = one.version
        forms[one.id] = form
    refused = saving or (changing[1] if changing else None)
    return render_template(
        "lists/filters.html", found=found, forms=forms, saving=saving, refused=refused
    ), status


def _parsed(query: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(query[:_LONGEST]))


def _list(query: str) -> str:
    kept = query_of(_parsed(query))
    return url_for("dossiers.index") + (f"?{kept}" if kept else "")
