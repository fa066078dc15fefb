"""The composition root: wires settings, database, migrations and pages, and decides nothing."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_migrate import Migrate

from tthc import config, resources
from tthc.db.session import database, engine_options, prepare_engine


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Build the application with its pages. For ``settings`` and errors see :func:`create_office`."""
    from functools import partial

    from werkzeug.middleware.proxy_fix import ProxyFix

    from tthc import jobs, web

    app = create_office(settings)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    # Pages may start a job, and know nothing of the timetable.
    app.extensions["start_job"] = partial(jobs.start_job, app)
    web.register(app)
    return app


def create_office(settings: dict[str, Any] | None = None) -> Flask:
    """Build what commands need: settings, database and migrations, without the pages.

    A good part of a command's time would go into pages that it never shows.

    ``settings`` stand above the environment: ``INSTANCE_PATH``, ``SQLALCHEMY_DATABASE_URI``, ``SECRET_KEY``,
    ``CLOCK`` and ``MACHINE_CLOCK`` (callables that return an aware UTC moment), ``DEMO``, ``TESTING``.
    Raises :class:`tthc.config.SettingsError` for a setting that cannot be used.
    """
    values = config.load(settings)
    app = Flask(
        "tthc",
        instance_path=values["INSTANCE_PATH"],
        root_path=str(config.PACKAGE),
        template_folder=str(resources.templates_folder()),
    )
    app.config.update(values)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        **engine_options(values["SQLALCHEMY_DATABASE_URI"]),
        **values.get("SQLALCHEMY_ENGINE_OPTIONS", {}),
    }
    database.init_app(app)
    with app.app_context():
        prepare_engine(database.engine)
    Migrate(app, database, directory=str(config.PACKAGE / "db" / "migrations"), compare_type=True)
    return app
