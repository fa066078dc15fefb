"""Applicants, filings, dossiers, their events, and the spans that tallies read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, event, text

from tthc.db.base import Base, Hash, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.search import index_text, phone_forms, phone_tail
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    CodeSource,
    DossierState,
    EndKind,
    EventKind,
    FilingState,
    Outcome,
)


class Applicant(Base):
    """Who a dossier belongs to (chủ hồ sơ), or who brought it (người nộp)."""

    __tablename__ = "applicant"
    __table_args__ = (
        Index("ix_applicant_id_number", "id_number"),
        Index("ix_applicant_phone", "phone"),
        Index("ix_applicant_name_folded", "name_folded"),
        Index("ix_applicant_name_key", "name_key", "id"),
    )

    id: Mapped[Key]
    kind: Mapped[ApplicantKind] = mapped_column(text_enum(ApplicantKind))
    name: Mapped[str]
    name_folded: Mapped[str]
    #: Stored order: of a citizen by the given name, else by the name from its beginning; under any collation.
    name_key: Mapped[str]
    id_kind: Mapped[str | None] = mapped_column(String(16))
    id_number: Mapped[str] = mapped_column(String(32), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("applicant.id"))
    blanked_at: Mapped[datetime | None]
    #: The bare words by which the applicant is found; set with every write (below).
    search_text: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[Version]

    def words(self) -> str:
        """What :attr:`search_text` should be."""
        phone = self.phone or ""
        return index_text((self.name, self.id_number, phone_forms(phone), self.email, phone_tail(phone)))


@event.listens_for(Applicant, "before_insert")
@event.listens_for(Applicant, "before_update")
def _describe(_mapper: object, _connection: object, applicant: Applicant) -> None:
    """Keep the words beside what they are taken from, whoever writes it."""
    words = applicant.words()
    if applicant.search_text != words:
        applicant.search_text = words


class Filing(Base):
    """Something filed that is not, or not yet, a dossier; a refused one keeps its number."""

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        CheckConstraint("(state = 'accepted') = (dossier_id IS NOT NULL)", "accepted_has_dossier"),
        CheckConstraint("(state = 'refused') = (refused_at IS NOT NULL)", "refused_has_date"),
        Index("ix_filing_list", "unit_id", "state", "submitted_at"),
        Index("ix_filing_applicant", "applicant_id"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[str] = mapped_column(String(64))
    number_source: Mapped[CodeSource] = mapped_column(text_enum(CodeSource))
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    submitted_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    #: By when it is to be accepted, refused or asked for more; anew once a supplement has come in.
    answer_due_at: Mapped[datetime | None]
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("procedure_case.id"))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"))
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("applicant.id"))
    subject: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    #: Papers as handed in: ``[{"requirement_id", "name", "originals", "certified", "copies"}]``.
    papers_json: Mapped[list[Any]]
    sets: Mapped[int] = mapped_column(default=1)
    state: Mapped[FilingState] = mapped_column(text_enum(FilingState))
    refused_at: Mapped[datetime | None]
    refused_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    refusal_reason: Mapped[str] = mapped_column(default="")
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    version: Mapped[Version]


class FilingSupplement(Base):
    """What a filing was asked for before it could be accepted (form 02)."""

    __tablename__ = "filing_supplement"
    __table_args__ = (
        CheckConstraint("received_at IS NULL OR received_at >= requested_at", "order"),
        Index("ix_filing_supplement_filing", "filing_id"),
    )

    id: Mapped[Key]
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    requested_at: Mapped[datetime]
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    missing: Mapped[str]
    reason: Mapped[str]
    received_at: Mapped[datetime | None]
    received_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Dossier(Base):
    """A received dossier; everything from ``state`` on is a copy of what its events fold into."""

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("unit_id", "register_year", "register_no"),
        CheckConstraint("(ended_at IS NULL) = (end_kind IS NULL)", "end_has_kind"),
        CheckConstraint("(ended_at IS NULL) = (ended_on IS NULL)", "end_has_date"),
        CheckConstraint(
            "(end_kind IS NULL) = (state IN ('received', 'processing', 'awaiting_supplement',"
            " 'awaiting_payment', 'paused'))",
            "ended_state",
        ),
        CheckConstraint("end_kind <> 'resolved' OR outcome IS NOT NULL", "resolved_has_outcome"),
        CheckConstraint("outcome IS NULL OR end_kind = 'resolved'", "outcome_is_resolved"),
        CheckConstraint("(handed_over_at IS NULL) = (state <> 'handed_over')", "handed_over"),
        CheckConstraint("came_back_on IS NULL OR state = 'resolved'", "came_back"),
        CheckConstraint("NOT returned OR outcome = 'refused'", "returned_is_refused"),
        CheckConstraint("ended_at IS NULL OR ended_at >= received_at", "ends_after_receipt"),
        Index("ix_dossier_pending_due", "unit_id", "ended_on", "due_on", "id"),
        Index("ix_dossier_received", "unit_id", "received_on", "id"),
        Index("ix_dossier_due", "unit_id", "due_on", "id"),
        Index("ix_dossier_state", "unit_id", "state", "due_on"),
        Index("ix_dossier_sector", "unit_id", "sector_id", "due_on"),
        Index("ix_dossier_procedure", "unit_id", "procedure_id", "due_on"),
        Index("ix_dossier_officer", "unit_id", "officer_id", "due_on"),
        Index("ix_dossier_applicant", "applicant_id"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(String(64), unique=True)
    code_source: Mapped[CodeSource] = mapped_column(text_enum(CodeSource))
    register_year: Mapped[int]
    register_volume: Mapped[str] = mapped_column(String(16))
    register_no: Mapped[int]
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"))
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("applicant.id"))
    subject: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    papers_json: Mapped[list[Any]]
    sets: Mapped[int] = mapped_column(default=1)
    #: Unguessable; the QR of the public look-up carries it.
    lookup_token: Mapped[str] = mapped_column(String(43), unique=True)
    state: Mapped[DossierState] = mapped_column(text_enum(DossierState))
    #: The clock stands still lawfully (a stop begun after the due date cures nothing).
    waiting: Mapped[bool] = mapped_column(default=False)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("procedure_case.id"))
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[datetime]
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    clock_start_on: Mapped[date]
    #: The row in ``due_date`` that is in force. Not a foreign key: the two rows point at each other.
    due_date_id: Mapped[int]
    due_at: Mapped[datetime]
    due_on: Mapped[date]
    #: The last printed appointment; differs from ``due_on`` when a letter came too late (domain.md 4.9).
    appointment_on: Mapped[date]
    first_due_on: Mapped[date]
    provisional: Mapped[bool]
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    end_kind: Mapped[EndKind | None] = mapped_column(text_enum(EndKind))
    outcome: Mapped[Outcome | None] = mapped_column(text_enum(Outcome))
    returned: Mapped[bool] = mapped_column(default=False)
    handed_over_at: Mapped[datetime | None]
    handed_over_on: Mapped[date | None]
    #: The result was posted and the item came back: since then it waits again.
    came_back_on: Mapped[date | None]
    #: When the row came into this system; alerts are caught up from here.
    recorded_at: Mapped[datetime]
    imported: Mapped[bool] = mapped_column(default=False)
    version: Mapped[Version]


class EventRow(Base):
    """Something that happened to a dossier (append-only)."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        CheckConstraint("counted_on >= occurred_on", "counted_after"),
        CheckConstraint("(adjusts_close_id IS NULL) OR counted_on > occurred_on", "adjusted"),
        Index("ix_event_counted", "unit_id", "counted_on"),
        # Which dossiers were reopened or corrected since a date, without reading what else happened.
        Index("ix_event_kind", "unit_id", "kind", "counted_on", "dossier_id"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    seq: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(text_enum(EventKind))
    occurred_at: Mapped[datetime]
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    #: When it became known: ``recorded_at``, for imported events ``occurred_at``.
    known_at: Mapped[datetime]
    #: The date under which tallies count it: ``occurred_on``, or the first open day after a closed period.
    counted_on: Mapped[date]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    #: Ids and words of the vocabulary, no personal data.
    payload_json: Mapped[dict[str, Any]]
    schema_no: Mapped[int] = mapped_column(default=1)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    adjusts_close_id: Mapped[int | None] = mapped_column(ForeignKey("period_close.id"))
    #: Events of one action (a bulk act, an import) share it.
    action_id: Mapped[str | None] = mapped_column(String(36))


class DossierSpan(Base):
    """What was true of a dossier between two counted dates, as known between two instants.

    Half-open on both axes, NULL = open. Tallies and lists by date read only this table.
    """

    __tablename__ = "dossier_span"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", "valid_span"),
        CheckConstraint("known_to IS NULL OR known_from <= known_to", "known_span"),
        CheckConstraint("(ended_on IS NULL) = (end_kind IS NULL)", "end_has_kind"),
        CheckConstraint("(ended_on IS NULL) = (ended_counted_on IS NULL)", "end_is_counted"),
        Index("ix_dossier_span_dossier", "dossier_id", "known_to"),
        # Covers the tally: of what is known now, the ranges of spans that count in a period.
        Index(
            "ix_dossier_span_tally",
            "unit_id",
            "ended_counted_on",
            "valid_to",
            "valid_from",
            "received_counted_on",
            "sector_id",
            "procedure_id",
            "channel",
            "officer_id",
            "end_kind",
            "returned",
            "ended_on",
            "due_on",
            "waiting",
            "received_on",
            "dossier_id",
            "known_to",
            sqlite_where=text("known_to IS NULL"),
            postgresql_where=text("known_to IS NULL"),
        ),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime | None]
    state: Mapped[DossierState] = mapped_column(text_enum(DossierState))
    waiting: Mapped[bool]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    received_on: Mapped[date]
    received_counted_on: Mapped[date]
    ended_on: Mapped[date | None]
    ended_counted_on: Mapped[date | None]
    end_kind: Mapped[EndKind | None] = mapped_column(text_enum(EndKind))
    returned: Mapped[bool]
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    #: The due date in force, so that a sweep of a past day raises the alert of the date that held then.
    due_date_id: Mapped[int] = mapped_column(ForeignKey("due_date.id"))
    opened_by: Mapped[int] = mapped_column(ForeignKey("event.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("event.id"))


class SearchEntry(Base):
    """The bare words by which a dossier is found, written with the dossier itself.

    Triggers keep an index of them in step, see :data:`tthc.db.triggers.SEARCHED`.
    """

    __tablename__ = "search_entry"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    folded: Mapped[str]


class AccessLog(Base):
    """Who looked at whose data, so that each look is attributable."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_account", "account_id", "id"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    subject: Mapped[str] = mapped_column(String(80), index=True)


class AuditEntry(Base):
    """What was done outside a dossier's own history, chained by hashes (append-only)."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("unit_id", "seq"), Index("ix_audit_subject", "unit_id", "subject"))

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    detail_json: Mapped[dict[str, Any]]
    prev_hash: Mapped[Hash]
    hash: Mapped[Hash]


class AuditHead(Base):
    """The end of a unit's audit chain; locking this row orders the writers."""

    __tablename__ = "audit_head"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[Hash]
