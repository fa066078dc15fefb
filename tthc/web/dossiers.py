"""The list of dossiers, the page of one, and what can be done to it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError, EventKind
from tthc.services import (
    consultations,
    dossier_page,
    dossiers,
    explanations,
    extension_papers,
    extensions,
    investment,
    list_columns,
    receipts,
    saved_filters,
    steps,
    supplement_papers,
    worklists,
)
from tthc.services.dossier_views import DossierView
from tthc.web import attachments, context, corrections, lists, papers, selections
from tthc.web.forms.base import Unsent
from tthc.web.forms.dossiers import FORMS, SeenForm
from tthc.web.forms.steps import MOVES, move_forms
from tthc.web.guards import requires
from tthc.web.paths import last_page

pages = Blueprint("dossiers", __name__, url_prefix="/ho-so")
pages.register_blueprint(corrections.pages)
pages.register_blueprint(papers.pages)
pages.register_blueprint(selections.pages)
pages.register_blueprint(attachments.pages)
pages.register_blueprint(lists.pages)


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """The list, narrowed down by what the address says."""
    form, criteria = lists.narrowed()
    page = worklists.list_dossiers(
        context.session(), actor=context.actor(), now=context.now(), criteria=criteria
    )
    if last := last_page(page):
        return redirect(last)
    groups = tuple(worklists.groups(context.session(), actor=context.actor(), now=context.now()))
    return (
        render_template(
            "dossiers/index.html",
            form=form,
            page=page,
            groups=groups,
            columns=list_columns.columns_of(context.session(), actor=context.actor()),
            saved=saved_filters.list_filters(context.session(), actor=context.actor()),
            query=lists.query_of(request.args),
            told=lists.in_words(form),
            nothing=lists.nothing_found(form),
        ),
        422 if form.summary() else 200,
    )


@pages.get("/<code:code>")
@requires(Action.VIEW_DOSSIERS)
def show(code: str) -> ResponseReturnValue:
    """Everything about one dossier."""
    return _page(_dossier(code))


@pages.get("/<code:code>/giay-tiep-nhan.pdf")
@requires(Action.VIEW_DOSSIERS)
def receipt(code: str) -> ResponseReturnValue:
    """The receipt (mẫu 01) as a PDF that the browser shows."""
    return _paper(receipts.print_receipt, code, "giay-tiep-nhan")


@pages.get("/<code:code>/phieu-bo-sung.pdf")
@requires(Action.VIEW_DOSSIERS)
def supplement_paper(code: str) -> ResponseReturnValue:
    """The newest request to supplement (mẫu 02) as a PDF that the browser shows."""
    return _paper(supplement_papers.print_supplement, code, "phieu-bo-sung")


@pages.get("/<code:code>/cach-tinh-ngay-hen-tra.pdf")
@requires(Action.VIEW_DOSSIERS)
def explanation(code: str) -> ResponseReturnValue:
    """How the due date was counted, as a PDF to hand to whoever asks."""
    return _paper(explanations.explanation_paper, code, "cach-tinh-ngay-hen-tra")


@pages.get("/<code:code>/van-ban-gia-han.pdf")
@requires(Action.VIEW_DOSSIERS)
def extension_letter(code: str) -> ResponseReturnValue:
    """The newest apology with a new appointment (mẫu 04) as a PDF that the browser shows."""
    content = extension_papers.print_letter(
        context.session(), actor=context.actor(), code=code, demo=current_app.config["DEMO"]
    )
    return papers.pdf(content, code, "van-ban-gia-han")


def _paper(printing: Callable[..., bytes], code: str, name: str) -> Response:
    content = printing(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        code=code,
        demo=current_app.config["DEMO"],
    )
    return papers.pdf(content, code, name)


#: What can be done to a dossier here: the use-case, and the sentence when it is done. Its result is handed
#: over at the return desk.
DEEDS: dict[EventKind, tuple[Callable[..., Any], str]] = {
    EventKind.ASSIGN: (dossiers.assign_dossier, "Đã phân công."),
    EventKind.START: (dossiers.start_dossier, "Đã bắt đầu xử lý."),
    EventKind.REQUEST_SUPPLEMENT: (dossiers.request_supplement, "Đã ghi yêu cầu bổ sung."),
    EventKind.RECEIVE_SUPPLEMENT: (dossiers.receive_supplement, "Đã nhận bổ sung."),
    EventKind.REQUEST_PAYMENT: (
        dossiers.request_payment,
        "Đã ghi yêu cầu thực hiện nghĩa vụ tài chính.",
    ),
    EventKind.RECEIVE_PAYMENT: (
        dossiers.receive_payment,
        "Đã ghi việc thực hiện nghĩa vụ tài chính.",
    ),
    EventKind.PAUSE: (dossiers.pause_dossier, "Đã tạm dừng."),
    EventKind.CONSULT: (consultations.consult_agency, "Đã ghi việc lấy ý kiến."),
    EventKind.RECEIVE_OPINION: (consultations.receive_opinion, "Đã ghi ý kiến trả lời."),
    EventKind.RESUME: (dossiers.resume_dossier, "Đã tiếp tục giải quyết."),
    EventKind.RESOLVE: (dossiers.resolve_dossier, "Đã ghi kết quả giải quyết."),
    EventKind.PROPOSE_EXTENSION: (
        extensions.propose_extension,
        "Đã gửi đề xuất gia hạn, đang chờ lãnh đạo duyệt.",
    ),
    EventKind.EXTEND: (
        extensions.approve_extension,
        "Đã duyệt gia hạn; in văn bản xin lỗi để gửi người nộp.",
    ),
    EventKind.REFUSE_EXTENSION: (extensions.refuse_extension, "Đã ghi không đồng ý gia hạn."),
    EventKind.WITHDRAW: (dossiers.withdraw_dossier, "Đã ghi rút hồ sơ."),
    EventKind.STOP: (dossiers.stop_dossier, "Đã dừng giải quyết."),
    EventKind.REOPEN: (dossiers.reopen_dossier, "Đã mở lại hồ sơ."),
}


def perform(kind: EventKind, code: str) -> ResponseReturnValue:
    """Carry out one deed, or show the dossier with the deed's form open and what is wrong in it."""
    use_case, sentence = DEEDS[kind]
    view = _dossier(code)
    form = FORMS[kind].sent(view, kind.value)
    if form.validate():
        try:
            call = dossiers.Call(
                context.now(), context.actor(), code, form.seen_version(), form.occurred_at.data
            )
            use_case(context.session(), call=call, **form.arguments())
        except DomainError as error:
            form.refuse(error)
            view = _dossier(code)
        else:
            flash(sentence, "done")
            return redirect(url_for("dossiers.show", code=code))
    return _page(view, form, kind.value)


for _kind, _slug, _ in dossier_page.ACTIONS:
    if _kind not in DEEDS:
        continue
    pages.add_url_rule(
        f"/<code:code>/{_slug}",
        endpoint=_kind.value,
        view_func=requires(dossiers.NEEDS[_kind])(
            functools.update_wrapper(functools.partial(perform, _kind), perform)
        ),
        methods=["POST"],
    )


#: How a dossier is handed on within the office: address, use-case, and the sentence when it is done.
MOVED: dict[str, tuple[str, Callable[..., Any], str]] = {
    "hand_on": ("chuyen", steps.hand_on, "Đã chuyển bước tiếp."),
    "send_back": ("tra-lai", steps.send_back, "Đã trả lại bước trước."),
    "take_back": ("thu-hoi", steps.take_back, "Đã thu hồi."),
}


def move(deed: str, code: str) -> ResponseReturnValue:
    """Hand a dossier on, or show it with the form open and what is wrong in it."""
    _, act, sentence = MOVED[deed]
    view = _dossier(code)
    form = MOVES[deed].sent(view, deed)
    if form.validate():
        call = dossiers.Call(context.now(), context.actor(), code, form.seen_version())
        try:
            act(context.session(), call=call, **form.arguments())
        except DomainError as error:
            form.refuse(error)
            view = _dossier(code)
        else:
            flash(sentence, "done")
            return redirect(url_for("dossiers.show", code=code))
    return _page(view, form, deed)


for _deed, _moved in MOVED.items():
    pages.add_url_rule(
        f"/<code:code>/buoc/{_moved[0]}",
        endpoint=_deed,
        view_func=requires(Action.PROCESS_DOSSIER)(
            functools.update_wrapper(functools.partial(move, _deed), move)
        ),
        methods=["POST"],
    )


def _dossier(code: str) -> DossierView:
    return dossier_page.get_dossier(context.session(), actor=context.actor(), now=context.now(), code=code)


def _page(view: DossierView, refused: SeenForm | None = None, opened: str = "") -> ResponseReturnValue:
    """The page of a dossier; ``refused``: the form of the deed ``opened`` as it was sent, with its errors."""
    forms: dict[str, SeenForm | Unsent] = {
        one.kind.value: FORMS[one.kind].unsent(view, one.kind.value)
        for one in view.actions
        if one.kind in FORMS
    }
    moves = move_forms(view)
    for shown in (forms, moves):
        # Not where it cannot be done any more.
        if refused is not None and opened in shown:
            shown[opened] = refused
    certificates = investment.certificates_of_dossier(context.session(), actor=context.actor(), view=view)
    return render_template(
        "dossiers/show.html",
        view=view,
        attach=attachments.form_for(view.files),
        certificates=certificates,
        forms=forms,
        opened=opened,
        refused=refused,
        moves=moves,
    ), 422 if refused else 200
