"""The signed files of a closed period: made with the closing, and made again from what it kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Document, PeriodClose
from tthc.db.queries import closes as queries
from tthc.documents import ii06a
from tthc.documents.ii06a import Ii06aForm, Ii06aRow
from tthc.domain import closing as rules
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import tallies, tally_forms
from tthc.services.documents import DEMO_NOTE
from tthc.services.transaction import NotFound
from tthc.services.vault import SIGNATURE, Vault

FORM = "II.06a"
#: The circular that set the form, by its year.
_FORM_SET = "2020"
#: Raised when the layout changes: files of an older one cannot be made again any more.
_LAYOUT = "1"
_NAME = "bieu-ii06a"

#: Each kind of file and what makes it; the same form gives the same bytes.
_WRITERS: Mapping[str, Callable[[Ii06aForm, str], bytes]] = {
    "xlsx": lambda form, _note: ii06a.write_ii06a(form),
    "pdf": lambda form, note: ii06a.print_ii06a(form, demo_note=note),
}


@dataclass(frozen=True)
class PaperView:
    """A file of a closing: ``kind`` "xlsx" or "pdf"."""

    kind: str
    name: str
    sha256: str


def issue(
    session: Session, *, actor: Actor, now: datetime, close: PeriodClose, vault: Vault, demo: bool
) -> None:
    """Make, sign and keep the files of a period that is being closed; within the caller's transaction.

    The files are on the disk before the closing is. Should it not come about, they belong to none, and the
    next closing of the period writes over them.
    """
    tally = tallies.closed_tally(close, by="sector", title=rules.title(close.from_on, close.to_on))
    form = tally_forms.form_of(session, actor=actor, tally=tally, issued_on=office_time(now).date())
    note = DEMO_NOTE if demo else ""
    for kind, write in _WRITERS.items():
        content = write(form, note)
        path = f"periods/{close.from_on}_{close.to_on}_{close.no}/{_NAME}.{kind}"
        session.add(
            Document(
                unit_id=close.unit_id,
                close_id=close.id,
                form=FORM,
                form_set=_FORM_SET,
                no=close.no,
                template_version=_LAYOUT,
                data_json={"kind": kind, "note": note, "form": _as_json(form)},
                sha256=hashlib.sha256(content).hexdigest(),
                path=path,
                printed_at=now,
            )
        )
        vault.keep(path, content)
    session.flush()


def closing_of(session: Session, actor: Actor, close_id: int) -> PeriodClose:
    """A closing of the unit by its id; refuses one that there is not."""
    close = queries.close_of(session, actor.unit_id, close_id)
    if close is None:
        raise NotFound("Không tìm thấy kỳ đã chốt.")
    return close


def papers_of(session: Session, close_id: int) -> Sequence[PaperView]:
    """The files of a closing."""
    return [
        PaperView(one.data_json["kind"], f"{_NAME}.{one.data_json['kind']}", one.sha256)
        for one in queries.papers_of(session, close_id, FORM)
    ]


def open_paper(
    session: Session, *, actor: Actor, vault: Vault, close_id: int, kind: str, signature: bool = False
) -> tuple[str, bytes]:
    """A name and the file as it was when the period was closed, or its signature.

    One that is missing is made again; one that is not what was kept is refused.
    """
    actor.require(Action.VIEW_TALLIES)
    close = closing_of(session, actor, close_id)
    found = [one for one in queries.papers_of(session, close.id, FORM) if one.data_json["kind"] == kind]
    if not found:
        raise NotFound("Kỳ này không có tệp như vậy.")
    paper = found[0]
    path = paper.path or ""
    content = vault.find(path)
    if content is None:
        content = _WRITERS[kind](_from_json(paper.data_json["form"]), paper.data_json["note"])
        _refuse_other(paper, content, "Tệp đã mất và chương trình không lập lại được đúng tệp cũ")
        vault.keep(path, content)
    _refuse_other(paper, content, "Tệp trên đĩa không còn như lúc chốt kỳ")
    name = f"{_NAME}-{close.from_on:%Y%m%d}-{close.to_on:%Y%m%d}-lan-{close.no:02d}.{kind}"
    if not signature:
        return name, content
    signed = vault.find(path + SIGNATURE)
    if signed is None:
        vault.keep(path, content)
        signed = vault.find(path + SIGNATURE) or b""
    return name + SIGNATURE, signed


def _refuse_other(paper: Document, content: bytes, what: str) -> None:
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise DomainError(f"{what}; khôi phục tệp {paper.path} từ bản sao lưu.")


def _as_json(form: Ii06aForm) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(form).items()
    }


def _from_json(kept: Mapping[str, Any]) -> Ii06aForm:
    dates = {key: date.fromisoformat(kept[key]) for key in ("from_on", "to_on", "issued_on")}
    rows = [Ii06aRow(**row) for row in kept["rows"]]
    return Ii06aForm(**{**kept, **dates, "rows": rows})
