"""For machines that watch the server: that it lives, that it can work, and numbers."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from tthc import __version__
from tthc.services import health, outbox, units
from tthc.web import context, guards

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@guards.public
def healthz() -> ResponseReturnValue:
    """``{"status": "ok"}`` once a read from the database worked."""
    units.header(context.session(), context.today())
    return jsonify(status="ok", version=__version__)


@pages.get("/readyz")
@guards.public
def readyz() -> ResponseReturnValue:
    """``{"status": "ready"}``, or 503 with the reasons why the server cannot do all of its work."""
    now = context.now()
    found = health.readiness(
        context.session(),
        now=now,
        at=current_app.config["SWEEP_AT"],
        ways=outbox.ways_of(current_app.config),
    )
    age = None if found.last_sweep is None else int((now - found.last_sweep).total_seconds())
    return jsonify(
        status="unavailable" if found.reasons else "ready",
        reasons=found.reasons,
        last_sweep_age_seconds=age,
        outbox_lag_seconds=None if found.outbox_lag is None else int(found.outbox_lag.total_seconds()),
        version=__version__,
    ), 503 if found.reasons else 200


@pages.get("/metrics")
@guards.public
def metrics() -> ResponseReturnValue:
    """Numbers for Prometheus, for whoever knows the token; no page while none is set."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    text = health.metrics(context.session(), now=context.now(), ways=outbox.ways_of(current_app.config))
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")
