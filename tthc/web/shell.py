"""What surrounds every page: unit, navigation, demonstration banner."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import current_user

from tthc import __version__
from tthc.domain.permissions import Action
from tthc.domain.timetable import is_late
from tthc.services import (
    calendar_years,
    explanations,
    own_alerts,
    register_book,
    reports,
    take_over_views,
    timetable,
    units,
)
from tthc.services.reports import Unfinished
from tthc.web import context

#: (endpoint, words, action that it needs)
NAVIGATION = (
    ("home.index", "Hôm nay", Action.VIEW_DOSSIERS),
    ("dossiers.index", "Hồ sơ", Action.VIEW_DOSSIERS),
    ("filings.index", "Chờ tiếp nhận", Action.VIEW_DOSSIERS),
    ("transfers.index", "Bàn giao", Action.TRANSFER_DOSSIERS),
    ("hand_overs.index", "Trả kết quả", Action.HAND_OVER_DOSSIER),
    ("applicants.index", "Chủ hồ sơ", Action.VIEW_DOSSIERS),
    ("alerts.index", "Cảnh báo", Action.VIEW_ALERTS),
    ("reports.index", "Báo cáo", Action.VIEW_TALLIES),
    ("register.index", "Sổ hồ sơ", Action.EXPORT_REGISTER),
    ("catalogue.index", "Thủ tục", Action.VIEW_CATALOGUE),
    ("calendar.index", "Lịch làm việc", Action.VIEW_CALENDAR),
    ("settings.index", "Thiết lập", Action.VIEW_SETTINGS),
    ("access.index", "Nhật ký truy cập", Action.VIEW_ACCESS_LOG),
)

#: Pages that have no entry of their own there, and under which they are found.
_WITHIN = {
    "annexes": "reports",
    "charts": "reports",
    "closing": "reports",
    "dossier_sets": "reports",
    "indicators": "reports",
    "periodic_reports": "reports",
    "report_lists": "reports",
    "investment": "reports",
    "petitions": "reports",
    "register_book": "register",
    "take_over": "reports",
    "fees": "dossiers",
    "outbox": "settings",
    "own_alerts": "alerts",
    "timetable": "settings",
}


def may(action: str) -> bool:
    """Whether the signed-in person may do ``action``; for templates."""
    person = current_user._get_current_object()  # noqa: SLF001 - each look through it takes its time
    return bool(person.is_authenticated and person.actor.may(Action(action)))


def navigation() -> tuple[tuple[str, str, bool], ...]:
    """(endpoint, words, is it where we are) of the pages that are open to the signed-in person."""
    here = (request.endpoint or "").partition(".")[0]
    here = _WITHIN.get(here, here)
    actor = context.actor()
    return tuple(
        (endpoint, words, endpoint.partition(".")[0] == here)
        for endpoint, words, action in NAVIGATION
        if actor.may(action) or (endpoint == "register.index" and actor.may(Action.IMPORT_REGISTER))
    )


def unit() -> Any:
    """The unit as it is called today."""
    unit_id = context.actor().unit_id if current_user.is_authenticated else None
    return units.header(context.session(), context.today(), unit_id)


def unconfirmed_year() -> int | None:
    """The year whose calendar those who keep it must be reminded of, if there is one."""
    if not may(Action.CHANGE_CALENDAR):
        return None
    return calendar_years.unconfirmed_year(context.session(), context.today())


def unfinished_reports() -> Unfinished | None:
    """What is still to be sent, for those who prepare reports."""
    if not may(Action.PREPARE_REPORT):
        return None
    return reports.unfinished(context.session(), actor=context.actor(), today=context.today())


def new_alerts() -> str:
    """How many alerts are new to whoever is signed in, in figures; nothing if none is."""
    found = own_alerts.count_new(context.session(), actor=context.actor(), today=context.today())
    most = own_alerts.MOST_NEW
    return f"{most}+" if found > most else str(found or "")


def unlocked_register() -> int | None:
    """The finished year whose register book is still open, for those who lock it."""
    if not may(Action.LOCK_REGISTER):
        return None
    return register_book.unlocked_year(context.session(), actor=context.actor(), today=context.today())


def take_over_on() -> Any:
    """The day from which numbers are counted here, while that is being prepared."""
    if not may(Action.PREPARE_REPORT):
        return None
    return take_over_views.begins_on(context.session(), actor=context.actor())


def last_sweep() -> datetime | None:
    """When the last complete sweep began; read once for a page."""
    if "last_sweep" not in g:
        g.last_sweep = timetable.last_sweep(context.session(), context.now())
    found: datetime | None = g.last_sweep
    return found


def sweep_late() -> bool:
    """Whether everybody must be told that alerts may be missing."""
    return is_late(last_sweep(), context.now(), current_app.config["SWEEP_AT"])


def register(app: Flask) -> None:
    """Hand all this to the templates; nothing is read before a template asks for it."""

    @app.context_processor
    def shell() -> dict[str, Any]:
        return {
            "demo": current_app.config["DEMO"],
            "dossier_strip": lambda view: explanations.strip_of(view, context.today()),
            "due_strip": explanations.strip_of_due,
            "now": context.now,
            # A page asks for the same again and again.
            "may": cache(may),
            "last_sweep": last_sweep,
            "navigation": navigation,
            "new_alerts": new_alerts,
            "sweep_late": sweep_late,
            "unit": unit,
            "unlocked_register": unlocked_register,
            "take_over_on": take_over_on,
            "unconfirmed_year": unconfirmed_year,
            "unfinished_reports": unfinished_reports,
            "version": __version__,
        }
