"""Forms on record: issued once, printed again the same, replaced when what they say has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import Session

from tthc.db.models import Document, Dossier, Filing
from tthc.db.queries import documents as queries
from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import LOOKUP_ADDRESS
from tthc.domain.text import written_date
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services import settings, units

#: Circular 03/2025/TT-VPCP took the place of 01/2018 on this day; the day of issue of the paper decides.
_SET_2025_FROM = date(2025, 9, 15)
_SETS = {"2018": "Thông tư số 01/2018/TT-VPCP", "2025": "Thông tư số 03/2025/TT-VPCP"}

DEMO_NOTE = "DỮ LIỆU MINH HỌA – KHÔNG CÓ GIÁ TRỊ"


@dataclass(frozen=True)
class Form:
    """A form of the circulars with its number, the same in both sets unless ``printed`` says otherwise.

    ``name`` is what a paper calls the one that it replaces. ``template_version`` is raised when the layout
    changes, so that a stored paper says by which it was printed.
    """

    number: str
    name: str
    template: str
    template_version: str
    #: The number that a set gives it; empty where the set does not have it.
    printed: Mapping[str, str] | None = None

    def note(self, form_set: str) -> str:
        """What the head of the form names: "Mẫu số 05 – Thông tư số 03/2025/TT-VPCP"."""
        number = self.number if self.printed is None else self.printed[form_set]
        return f"Mẫu số {number} – {_SETS[form_set]}" if number else ""


def set_on(issued_on: date) -> str:
    """The set of forms of a day of issue."""
    return "2025" if issued_on >= _SET_2025_FROM else "2018"


def reprint_or_issue(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    dossier: Dossier | Filing,
    form: Form,
    content: dict[str, Any],
    last: Document | None,
    due_date_id: int | None = None,
    event_id: int | None = None,
) -> Document:
    """The paper that says ``content``: the ``last`` one when it still does, else a new one that replaces it.

    Within the transaction of the caller, who holds the dossier locked, or what was filed and is none.
    """
    if last is not None and last.data_json["content"] == content:
        return last
    # Whoever only looks may have a copy of the paper that was issued, not issue another.
    actor.require(Action.PROCESS_DOSSIER)
    dossier_id, filing_id = (None, dossier.id) if isinstance(dossier, Filing) else (dossier.id, None)
    issued_on = now.astimezone(OFFICE_ZONE).date()
    body = json.dumps(content, ensure_ascii=False, sort_keys=True)
    document = Document(
        unit_id=dossier.unit_id,
        dossier_id=dossier_id,
        filing_id=filing_id,
        form=form.number,
        form_set=set_on(issued_on),
        no=queries.last_no(session, form.number, dossier_id=dossier_id, filing_id=filing_id) + 1,
        template_version=form.template_version,
        data_json={
            "content": content,
            "replaces": f"{last.printed_at.astimezone(OFFICE_ZONE):%d/%m/%Y}" if last else "",
        },
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        printed_at=now,
        due_date_id=due_date_id,
        event_id=event_id,
    )
    session.add(document)
    session.flush()
    if last is not None:
        last.replaced_by_id = document.id
        session.flush()
    return document


def paper(
    session: Session, document: Document, dossier: Dossier | Filing, form: Form, *, demo: bool
) -> dict[str, Any]:
    """The stored content with what depends on the day of issue, for the template."""
    issued_on = document.printed_at.astimezone(OFFICE_ZONE).date()
    unit = units.header(session, issued_on, dossier.unit_id)
    replaces = document.data_json["replaces"]
    return {
        **document.data_json["content"],
        "superior": unit.superior,
        "unit": unit.name,
        "place": unit.place,
        "reception_desk": unit.reception_desk,
        "issued_on": written_date(issued_on),
        "form_set": document.form_set,
        "form_note": form.note(document.form_set),
        "qr_svg": printing.qr_svg(_qr_text(session, dossier, issued_on, form)),
        "replaces": f"Thay thế {form.name} đã in ngày {replaces}." if replaces else "",
        "demo_note": DEMO_NOTE if demo else "",
    }


def _qr_text(session: Session, dossier: Dossier | Filing, issued_on: date, form: Form) -> str:
    """The code; on a receipt the address of the public look-up, where the office has entered one.

    A filing has no token: on its papers the address brings the code alone, and the page asks for the digits.
    """
    address = settings.get(session, dossier.unit_id, LOOKUP_ADDRESS, issued_on).rstrip("/")
    if isinstance(dossier, Filing):
        return f"{address}/tra-cuu?code={quote(dossier.number)}" if address else dossier.number
    if form.number != queries.RECEIPT or not address:
        return dossier.code
    return f"{address}/tra-cuu/{dossier.lookup_token}"


def moment_line(at: datetime) -> str:
    """A moment as forms write it: ``09 giờ 32 phút, ngày 27/10/2023``."""
    local = at.astimezone(OFFICE_ZONE)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d/%m/%Y}"
