"""The register of dossiers as a file: import that can be repeated, and export that can be imported."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.documents.sheets import read_sheet
from tthc.domain.permissions import Action, Actor
from tthc.services import calendar
from tthc.services.imported_files import (
    ImportResult,
    NothingIsKept,
    RowError,
    record_import,
    result_of,
    whole_or_nothing,
)
from tthc.services.register_columns import Field, known_headings
from tthc.services.register_import import PreviewRow, RegisterImport
from tthc.services.register_rows import RegisterRow, duplicates, read_headings, read_row

#: In the order of the file, for its errors.
_COLUMNS = [field.value for field in Field]


def import_register(
    session: Session, *, now: datetime, actor: Actor, content: bytes, filename: str, dry_run: bool = False
) -> ImportResult[PreviewRow]:
    """Import a register file, the whole of it or nothing; importing it again changes nothing.

    ``content`` is a CSV file in UTF-8 or an XLSX file with the national field names. Raises
    :class:`DomainError` with field "file" for a file that cannot be read at all; what is wrong with headings
    and rows comes back as errors. A dry run does the same and keeps nothing of it.
    """
    actor.require(Action.IMPORT_REGISTER)
    heading, *body = read_sheet(content, known_headings)
    places, errors = read_headings(heading)
    if errors:
        return ImportResult(len(body), 0, 0, 0, len(body), errors, [])
    rows: list[RegisterRow] = []
    for raw in body:
        row, refusals = read_row(raw, places, len(heading.cells), now)
        errors += refusals
        if row is not None:
            rows.append(row)
    errors += duplicates(rows)
    return _take_over(
        session,
        now=now,
        actor=actor,
        read=len(body),
        digest=hashlib.sha256(content).hexdigest(),
        rows=rows,
        errors=errors,
        dry_run=dry_run,
    )


def _take_over(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    read: int,
    digest: str,
    rows: Sequence[RegisterRow],
    errors: list[RowError],
    dry_run: bool,
) -> ImportResult[PreviewRow]:
    double = {error.row for error in errors}
    # By date of receipt, so that the numbers of the register follow it whatever the order of the file.
    todo = sorted((row for row in rows if row.number not in double), key=_begun)
    preview: list[PreviewRow] = []
    # What is read before the transaction is kept for all of its rows.
    calendar.newest_rows(session)
    with whole_or_nothing(session):
        work = RegisterImport(session, now=now, actor=actor, rows=todo)
        for row in todo:
            shown, refusals = work.take(row)
            preview.append(shown)
            errors += refusals
        result = result_of(read, preview, errors, _COLUMNS)
        if dry_run or errors:
            raise NothingIsKept
        work.finish()
        record_import(
            session,
            now=now,
            actor=actor,
            action="import_register",
            subject=str(work.action_id),
            sha256=digest,
            result=result,
        )
    return result


def _begun(row: RegisterRow) -> tuple[datetime, int]:
    begun = row.received or row.submitted
    assert begun is not None  # noqa: S101 - read_row refuses a row without both
    return begun.at, row.number
