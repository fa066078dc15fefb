"""The texts of letters: which holds on a date, their history, and new versions by the administrator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Document, LetterTemplate
from tthc.db.queries import letters as queries
from tthc.domain.calendar import office_time
from tthc.domain.letters import (
    SAMPLE_LISTS,
    SETS,
    LetterKind,
    LetterText,
    checked_body,
    default_text,
    placeholders,
    sample_values,
    written,
)
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError
from tthc.services import audit, documents, units
from tthc.services.transaction import NotFound, StaleVersion, transaction


@dataclass(frozen=True)
class LetterVersion:
    """One version of a text; ``by`` is empty for the one that the program comes with."""

    version: int
    body: str
    valid_from: date | None
    by: str
    at: datetime | None
    reason: str
    in_force: bool


@dataclass(frozen=True)
class LetterView:
    """A letter of one set with the text that holds today and all that there were, the newest first."""

    kind: LetterKind
    form_set: str
    text: LetterText
    versions: Sequence[LetterVersion]
    placeholders: Mapping[str, str]

    @property
    def newest(self) -> int:
        """The number of the newest version, handed back with a change."""
        return self.versions[0].version


def text_on(session: Session, kind: LetterKind, form_set: str, on: date) -> LetterText:
    """The text of a letter that is issued on a date."""
    row = queries.in_force(session, kind.value, form_set, on)
    return LetterText(kind, form_set, row.version, row.body) if row else default_text(kind, form_set)


def text_of(session: Session, kind: LetterKind, form_set: str, version: int) -> LetterText:
    """The text by which a letter was issued."""
    row = queries.one(session, kind.value, form_set, version) if version else None
    return LetterText(kind, form_set, version, row.body) if row else default_text(kind, form_set)


def words_for(
    session: Session, kind: LetterKind, *, on: date, last: Document | None
) -> tuple[LetterText, date]:
    """The text of a letter that is asked for on a date, and the date that it bears.

    One that was issued (``last``) keeps the words by which it was, and its date.
    """
    if last is None:
        return text_on(session, kind, documents.set_on(on), on), on
    version = last.data_json["content"].get("letter_version", 0)
    return text_of(session, kind, last.form_set, version), office_time(last.printed_at).date()


def supplement_words(
    session: Session, content: Mapping[str, Any], *, unit_id: int, now: datetime, last: Document | None
) -> dict[str, Any]:
    """The own words of the office for the request that form 02 shows; none while it uses the form's."""
    text, on = words_for(session, LetterKind.SUPPLEMENT, on=office_time(now).date(), last=last)
    if not text.version:
        return {}
    unit = units.header(session, on, unit_id)
    values = {
        "ma_ho_so": content["code"],
        "chu_ho_so": content["applicant"],
        "ten_tthc": content["procedure"],
        "noi_dung": content["subject"] or content["procedure"],
        "ngay_tiep_nhan": content["received_line"],
        "don_vi": unit.name,
        "bo_phan": unit.reception_desk,
        "ly_do": content["reason"],
        "nguoi_huong_dan": content["clerk"],
    }
    paragraphs = written(text.body, values, {"noi_dung_bo_sung": content["missing"]})
    return {"paragraphs": paragraphs, "letter_version": text.version}


def list_letters(session: Session, *, actor: Actor, on: date) -> list[LetterView]:
    """Every letter of both sets."""
    actor.require(Action.VIEW_SETTINGS)
    return [_view(session, kind, form_set, on) for kind in LetterKind for form_set in SETS]


def get_letter(session: Session, *, actor: Actor, on: date, kind: str, form_set: str) -> LetterView:
    """One letter of one set."""
    actor.require(Action.VIEW_SETTINGS)
    return _view(session, *_known(kind, form_set), on)


def preview_letter(*, actor: Actor, kind: str, form_set: str, body: str) -> Sequence[str]:
    """The paragraphs that a text gives with sample values, nothing saved; refused like the change itself."""
    actor.require(Action.EDIT_LETTERS)
    known, _ = _known(kind, form_set)
    return written(checked_body(known, body), sample_values(known), SAMPLE_LISTS)


def change_letter(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    kind: str,
    form_set: str,
    seen: int,
    body: str,
    valid_from: date,
    reason: str,
) -> int:
    """Enter a new version of a text from a date on; what was issued before prints as it was. Its number."""
    actor.require(Action.EDIT_LETTERS)
    known, form_set = _known(kind, form_set)
    text = checked_body(known, body)
    why = nfc(reason).strip()
    if not why:
        raise DomainError("Nhập lý do sửa; lý do được ghi vào lịch sử của văn bản mẫu.", "reason")
    today = now.astimezone(OFFICE_ZONE).date()
    if valid_from < today:
        raise DomainError(f"Áp dụng từ hôm nay ({today:%d/%m/%Y}) hoặc một ngày sau.", "valid_from")
    with transaction(session):
        found = queries.versions(session, known.value, form_set)
        newest = found[0][0].version if found else 0
        if newest != seen:
            raise StaleVersion("Văn bản mẫu")
        if text_on(session, known, form_set, valid_from).body == text:
            raise DomainError("Nội dung không khác bản đang áp dụng; sửa nội dung rồi ghi lại.", "body")
        session.add(
            LetterTemplate(
                form=known.value,
                form_set=form_set,
                version=newest + 1,
                body=text,
                valid_from=valid_from,
                recorded_at=now,
                recorded_by=actor.account_id,
                reason=why[:2000],
            )
        )
        session.flush()
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action="change_letter",
            subject=f"letter:{known.value}:{form_set}",
            detail={"version": newest + 1, "valid_from": valid_from.isoformat(), "body": text},
        )
        return newest + 1


def _view(session: Session, kind: LetterKind, form_set: str, on: date) -> LetterView:
    text = text_on(session, kind, form_set, on)
    versions = [
        LetterVersion(
            row.version,
            row.body,
            row.valid_from,
            by or "Hệ thống",
            row.recorded_at,
            row.reason,
            row.version == text.version,
        )
        for row, by in queries.versions(session, kind.value, form_set)
    ]
    first = default_text(kind, form_set)
    versions.append(LetterVersion(0, first.body, None, "", None, "", text.version == 0))
    return LetterView(kind, form_set, text, versions, placeholders(kind))


def _known(kind: str, form_set: str) -> tuple[LetterKind, str]:
    if kind not in set(LetterKind) or form_set not in SETS:
        raise NotFound("Không có văn bản mẫu này.")
    return LetterKind(kind), form_set
