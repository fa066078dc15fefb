"""The calendar of somebody's due dates, for programs that cannot sign in."""

from __future__ import annotations

from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue

from tthc.services import feeds
from tthc.web import context
from tthc.web.guards import public

pages = Blueprint("feeds", __name__, url_prefix="/lich")

#: Seconds for which a calendar program may keep what it has read.
_AGE = 900


@pages.get("/<token>.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    """The file; whoever knows the address may read it, so it names nobody."""
    answer = make_response(feeds.read_feed(context.session(), secret=token, on=context.today()))
    answer.mimetype = "text/calendar"
    answer.headers["Cache-Control"] = f"private, max-age={_AGE}"
    answer.add_etag()
    return answer.make_conditional(request)
