"""The list of the dossiers behind one number that was kept: of a closing, or of a periodic report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from tthc.web import context
from tthc.web.downloads import download
from tthc.web.forms.closing import MemberForm
from tthc.web.paths import page_number


def members_page(listed: Callable[..., Any], template: str, **of: int) -> ResponseReturnValue:
    """A page of them; ``of`` names what the number was kept with, as the service and the address call it."""
    form = _asked()
    found = listed(context.session(), actor=context.actor(), page=page_number(), **of, **form.criteria())
    return render_template(template, found=found, query={**of, **form.query(request.args)})


def members_file(exported: Callable[..., bytes], kind: str, name: str, **of: int) -> ResponseReturnValue:
    """The same list whole, as a file."""
    form = _asked()
    content = exported(context.session(), actor=context.actor(), format=kind, **of, **form.criteria())
    name = f"{name}-{form.cell.data.value.replace('_', '-')}.{kind}"
    return download(content, name)


def _asked() -> MemberForm:
    form = MemberForm(request.args)
    if not form.validate():
        abort(404)
    return form
