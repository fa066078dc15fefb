"""The pages: parse what came in, call one service, answer."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from tthc.web import (
    access,
    accounts,
    alerts,
    annexes,
    applicants,
    calendar,
    catalogue,
    charts,
    closing,
    dossier_sets,
    dossiers,
    errors,
    feeds,
    fees,
    filings,
    filters,
    fragments,
    guards,
    guides,
    hand_overs,
    headers,
    health,
    home,
    indicators,
    intake,
    investment,
    lookup,
    outbox,
    own_account,
    own_alerts,
    paths,
    periodic_reports,
    petitions,
    register_book,
    report_lists,
    reports,
    search,
    settings,
    shell,
    take_over,
    timetable,
    transfers,
    unanswered_supplements,
)
from tthc.web import (
    register as register_pages,
)

csrf = CSRFProtect()

BLUEPRINTS = (
    health.pages,
    accounts.pages,
    home.pages,
    intake.pages,
    fees.pages,
    dossiers.pages,
    unanswered_supplements.pages,
    filings.pages,
    hand_overs.pages,
    catalogue.pages,
    calendar.pages,
    alerts.pages,
    reports.pages,
    annexes.pages,
    charts.pages,
    indicators.pages,
    dossier_sets.pages,
    closing.pages,
    take_over.pages,
    periodic_reports.pages,
    report_lists.pages,
    investment.pages,
    petitions.pages,
    register_pages.pages,
    search.pages,
    register_book.pages,
    applicants.pages,
    access.pages,
    lookup.pages,
    settings.pages,
    outbox.pages,
    own_account.pages,
    feeds.pages,
    own_alerts.pages,
    transfers.pages,
    guides.pages,
    timetable.pages,
)


def register(app: Flask) -> None:
    """Put the pages and everything around them into ``app``."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(fragments.Kept)
    # The session is kept alive by work and ends with it, not after a fixed hour.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config["WTF_CSRF_SSL_STRICT"] = False
    headers.register(app)
    filters.register(app)
    paths.register(app)
    guards.login_manager.init_app(app)
    csrf.init_app(app)
    errors.register(app)
    shell.register(app)
    access.register(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
    guards.refuse_unguarded(app)
