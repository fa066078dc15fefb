"""The catalogue of procedures as everybody reads it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.catalogue import CatalogueMark
from tthc.domain.permissions import Action
from tthc.services import catalogue
from tthc.services.catalogue import CatalogueFilter
from tthc.web import catalogue_changes, catalogue_versions, context, paths, workflows
from tthc.web.forms.catalogue import CatalogueFilterForm, DayForm
from tthc.web.guards import requires

pages = Blueprint("catalogue", __name__, url_prefix="/thu-tuc")
pages.register_blueprint(catalogue_versions.pages)
pages.register_blueprint(catalogue_changes.pages)
pages.register_blueprint(workflows.pages)


@pages.get("")
@requires(Action.VIEW_CATALOGUE)
def index() -> ResponseReturnValue:
    """The procedures in force today, narrowed down by words, sector and mark."""
    form = CatalogueFilterForm(request.args)
    form.offer(catalogue.sector_choices(context.session(), actor=context.actor()))
    form.validate()
    criteria = CatalogueFilter(
        q=form.right("q") or "",
        sector_id=form.right("sector_id"),
        mark=form.right("mark"),
        page=paths.page_number(),
    )
    page = catalogue.search_procedures(
        context.session(), actor=context.actor(), on=context.today(), criteria=criteria
    )
    return render_template("catalogue/index.html", page=page, form=form, today=context.today())


@pages.get("/cat-giam")
@requires(Action.VIEW_CATALOGUE)
def reductions() -> ResponseReturnValue:
    """The procedures whose declared information was cut: fields before and after, and by how much."""
    criteria = CatalogueFilter(mark=CatalogueMark.REDUCED, page=paths.page_number())
    page = catalogue.search_procedures(
        context.session(), actor=context.actor(), on=context.today(), criteria=criteria
    )
    return render_template("catalogue/reductions.html", page=page)


@pages.get("/<key:local_no>")
@requires(Action.VIEW_CATALOGUE)
def show(local_no: int) -> ResponseReturnValue:
    """One procedure as it is on a date, today by default: limits by case, papers, legal basis."""
    form = DayForm(request.args)
    form.validate()
    on = form.right("ngay") or context.today()
    view = catalogue.get_procedure(
        context.session(), actor=context.actor(), on=on, local_no=local_no, today=context.today()
    )
    return render_template("catalogue/show.html", view=view, form=form, on=on, today=context.today())
