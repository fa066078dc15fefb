"""What helps people to find their way: the first day of each role, and how the pages are made."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import AlertStage, DossierState, FilingState, Role, Standing, Timeliness
from tthc.web import context, design
from tthc.web.first_day import FIRST_DAY
from tthc.web.forms.design import SampleForm
from tthc.web.guards import requires

pages = Blueprint("guides", __name__)


@pages.get("/huong-dan")
@requires(Action.VIEW_DOSSIERS)
def first_day() -> ResponseReturnValue:
    """Ten steps of the first day: of the role in the address, else of the reader's own first."""
    wanted = request.args.get("vai", "")
    own = next((role for role in Role if role in context.actor().roles), Role.AUDITOR)
    role = Role(wanted) if wanted in set(Role) else own
    return render_template("guides/first_day.html", role=role, roles=list(Role), steps=FIRST_DAY[role])


@pages.get("/thiet-ke")
@requires(Action.VIEW_DOSSIERS)
def look() -> ResponseReturnValue:
    """Colours, type, states, buttons, forms, tables and notices, made of what the pages are made of."""
    wrong = SampleForm(formdata=None, prefix="wrong-")
    wrong.received_on.errors = ["Nhập ngày tiếp nhận theo dạng ngày/tháng/năm, ví dụ 22/11/2026."]
    return render_template(
        "guides/design.html",
        colours=design.colours(),
        form=SampleForm(formdata=None),
        wrong=wrong,
        rows=_ROWS,
        stages=[SimpleNamespace(stage=stage) for stage in AlertStage],
        filing_states=list(FilingState),
    )


def _row(when: str, **more: object) -> tuple[str, SimpleNamespace]:
    """What the macro of a remaining time looks at."""
    plain = {
        "ended_on": None,
        "timeliness": None,
        "state": DossierState.PROCESSING,
        "waiting": False,
        "standing": Standing.WITHIN,
        "due_soon": False,
        "remaining": "",
    }
    return when, SimpleNamespace(**{**plain, **more})


_ROWS = (
    _row("Đang giải quyết, trong hạn", remaining="còn 05 ngày làm việc"),
    _row("Đang giải quyết, sắp đến hạn", remaining="còn 01 ngày làm việc", due_soon=True),
    _row("Đang giải quyết, quá hạn", remaining="quá hạn 02 ngày làm việc", standing=Standing.OVERDUE),
    _row("Chờ bổ sung", remaining="chờ bổ sung", waiting=True),
    _row("Đã giải quyết đúng hạn", ended_on=True, timeliness=Timeliness.ON_TIME),
    _row("Đã giải quyết quá hạn", ended_on=True, timeliness=Timeliness.LATE),
)
