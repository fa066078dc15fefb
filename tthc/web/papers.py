"""Papers of dossiers as PDF: further forms of one, those issued before, and those of several at once."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import dossier_papers
from tthc.web import context
from tthc.web.forms.base import clean_line
from tthc.web.guards import requires

pages = Blueprint("papers", __name__)


def pdf(content: bytes, code: str, name: str) -> Response:
    """A PDF that the browser shows."""
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{name}-{code}.pdf")
    return answer


@pages.get("/<code:code>/bieu-mau/<slug>.pdf")
@requires(Action.VIEW_DOSSIERS)
def paper(code: str, slug: str) -> ResponseReturnValue:
    """One of the further forms, put on record when it says something new."""
    content = dossier_papers.print_paper(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        code=code,
        slug=slug,
        demo=current_app.config["DEMO"],
    )
    return pdf(content, code, slug)


@pages.get("/<code:code>/van-ban/<key:document_id>.pdf")
@requires(Action.VIEW_DOSSIERS)
def again(code: str, document_id: int) -> ResponseReturnValue:
    """A paper as it was issued."""
    content = dossier_papers.print_again(
        context.session(),
        actor=context.actor(),
        code=code,
        document_id=document_id,
        demo=current_app.config["DEMO"],
    )
    return pdf(content, code, "van-ban")


@pages.post("/in-nhieu/<slug>.pdf")
@requires(Action.PROCESS_DOSSIER)
def many(slug: str) -> ResponseReturnValue:
    """One form of all dossiers that were marked, in one file."""
    content = dossier_papers.print_many(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        codes=[clean_line(one) for one in request.form.getlist("codes")],
        slug=slug,
        demo=current_app.config["DEMO"],
    )
    return pdf(content, "nhieu-ho-so", slug)
