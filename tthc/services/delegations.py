"""Who acts for a supervisor between two dates, and signs for him (ký thay, thừa lệnh, thừa ủy quyền)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Delegation
from tthc.db.queries import accounts as account_queries
from tthc.db.queries import delegations as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.domain.permissions import Action, Actor, NotAllowed
from tthc.domain.signing import HEAD, SigningCapacity, is_deputy
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, Role
from tthc.services import accounts, audit
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, Choice, Page

#: Nobody is away for longer without the office being filled.
MOST_DAYS = 366
_TITLE_LENGTH = 100
_DECISION_LENGTH = 300


@dataclass(frozen=True)
class DelegationInput:
    """What is delegated: from whom, to whom, from one day to another, both included; how he signs."""

    from_id: int | None
    to_id: int | None
    valid_from: date
    valid_to: date
    title: str
    decision: str = ""
    reason: str = ""
    capacity: SigningCapacity = SigningCapacity.DEPUTY
    decision_on: date | None = None


@dataclass(frozen=True)
class DelegationView:
    """A delegation as the page shows it; ``state``: "sắp tới", "đang áp dụng", "đã hết", "đã thu hồi"."""

    id: int
    from_name: str
    to_name: str
    valid_from: date
    valid_to: date
    capacity: SigningCapacity
    title: str
    decision: str
    decision_on: date | None
    reason: str
    by: str
    at: datetime
    revoked_on: date | None
    state: str
    revocable: bool


@dataclass(frozen=True)
class DelegationChoices:
    """Who can delegate, and to whom."""

    supervisors: list[Choice]
    deputies: list[Choice]


@dataclass(frozen=True)
class Signature:
    """How a letter is signed: for whom ("KT. THỦ TRƯỞNG …"), under which office, by whom."""

    capacity: str
    title: str
    name: str


def choices(session: Session, *, actor: Actor, on: date) -> DelegationChoices:
    """Whom a delegation can name; a supervisor delegates for himself, an administrator enters it for him."""
    actor.require(Action.DELEGATE)
    supervisors = accounts.holders_of(session, actor.unit_id, on, [Role.SUPERVISOR])
    if Role.ADMIN not in actor.roles:
        supervisors = [one for one in supervisors if one.value == str(actor.account_id)]
    deputies = accounts.holders_of(session, actor.unit_id, on, [Role.SUPERVISOR, Role.OFFICER, Role.CLERK])
    return DelegationChoices(supervisors, deputies)


def delegate(session: Session, *, now: datetime, actor: Actor, wanted: DelegationInput) -> int:
    """Let somebody act for a supervisor; its id.

    Who acts has the supervisor's rights in these days beside his own, under his own name: whoever proposed an
    extension does not approve it in another capacity either. What was delegated cannot be delegated further.
    """
    actor.require(Action.DELEGATE)
    today = now.astimezone(OFFICE_ZONE).date()
    with transaction(session):
        offered = choices(session, actor=actor, on=today)
        if str(wanted.from_id) not in {one.value for one in offered.supervisors}:
            raise DomainError("Chọn lãnh đạo ủy quyền trong danh sách.", "from_id")
        if str(wanted.to_id) not in {one.value for one in offered.deputies}:
            raise DomainError("Chọn người được ủy quyền trong danh sách.", "to_id")
        if wanted.from_id == wanted.to_id:
            raise DomainError("Người ủy quyền và người được ủy quyền phải là hai người khác nhau.", "to_id")
        _check_span(wanted, today)
        title, decision = squeeze(wanted.title), squeeze(wanted.decision)
        _check_signing(wanted, title, decision)
        overlap = queries.overlapping(
            session, actor.unit_id, wanted.from_id or 0, wanted.valid_from, wanted.valid_to
        )
        if overlap is not None:
            raise DomainError(
                f"Lãnh đạo này đã ủy quyền từ ngày {overlap.valid_from:%d/%m/%Y} đến ngày "
                f"{overlap.valid_to:%d/%m/%Y}; thu hồi ủy quyền đó trước, hoặc chọn ngày khác.",
                "valid_from",
            )
        row = Delegation(
            unit_id=actor.unit_id,
            from_id=wanted.from_id,
            to_id=wanted.to_id,
            valid_from=wanted.valid_from,
            valid_to=wanted.valid_to,
            capacity=wanted.capacity,
            title=title,
            decision=decision,
            decision_on=wanted.decision_on,
            reason=nfc(wanted.reason).strip()[:2000],
            recorded_at=now,
            recorded_by=actor.account_id,
        )
        session.add(row)
        session.flush()
        _record(
            session,
            now,
            actor,
            "delegate",
            row,
            {
                "from": row.from_id,
                "to": row.to_id,
                "valid_from": row.valid_from.isoformat(),
                "valid_to": row.valid_to.isoformat(),
                "capacity": row.capacity.value,
            },
        )
        return row.id


def revoke(session: Session, *, now: datetime, actor: Actor, delegation_id: int) -> None:
    """End a delegation today: whoever acted has no rights from it from this moment on."""
    actor.require(Action.DELEGATE)
    today = now.astimezone(OFFICE_ZONE).date()
    with transaction(session):
        row = queries.by_id(session, actor.unit_id, delegation_id)
        if row is None:
            raise NotFound("Không tìm thấy ủy quyền này.")
        if not _may_revoke(actor, row):
            raise NotAllowed("Chỉ lãnh đạo đã ủy quyền hoặc quản trị viên được thu hồi.")
        if row.revoked_on is not None or row.valid_to < today:
            raise DomainError("Ủy quyền này đã hết hiệu lực, không cần thu hồi.")
        row.revoked_on, row.revoked_at, row.revoked_by = today, now, actor.account_id
        _record(session, now, actor, "revoke_delegation", row, {"on": today.isoformat()})


def list_delegations(session: Session, *, actor: Actor, now: datetime, page: int = 1) -> Page[DelegationView]:
    """All delegations, the latest first."""
    actor.require(Action.VIEW_SETTINGS)
    today = now.astimezone(OFFICE_ZONE).date()
    number = max(1, page)
    rows = queries.page(session, actor.unit_id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    names = dossier_queries.people_named(
        session, [person for row in rows for person in (row.from_id, row.to_id, row.recorded_by)]
    )
    return Page(
        rows=[
            DelegationView(
                id=row.id,
                from_name=names.get(row.from_id, ""),
                to_name=names.get(row.to_id, ""),
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                capacity=row.capacity,
                title=row.title,
                decision=row.decision,
                decision_on=row.decision_on,
                reason=row.reason,
                by=names.get(row.recorded_by or 0, "Hệ thống"),
                at=row.recorded_at,
                revoked_on=row.revoked_on,
                state=_state(row, today),
                revocable=row.revoked_on is None and row.valid_to >= today and _may_revoke(actor, row),
            )
            for row in rows
        ],
        total=queries.count(session, actor.unit_id),
        number=number,
    )


def signature_of(session: Session, *, unit_id: int, account_id: int | None, on: date) -> Signature:
    """How somebody signs a letter on a date: as the head of the office, or for him."""
    if account_id is None:
        return Signature(HEAD, "", "")
    name = dossier_queries.people_named(session, [account_id]).get(account_id, "")
    acting = queries.acting(session, unit_id, account_id, on)
    if acting is not None:
        return Signature(acting.capacity.line, acting.title.upper(), name)
    held = account_queries.memberships_on(session, on, [account_id])
    return Signature(HEAD, "", name if any(one.role is Role.SUPERVISOR for one in held) else "")


def _check_span(wanted: DelegationInput, today: date) -> None:
    if wanted.valid_from < today:
        raise DomainError(f"Ngày bắt đầu không được trước hôm nay ({today:%d/%m/%Y}).", "valid_from")
    if wanted.valid_to < wanted.valid_from:
        raise DomainError("Ngày kết thúc phải từ ngày bắt đầu trở đi.", "valid_to")
    if (wanted.valid_to - wanted.valid_from).days >= MOST_DAYS:
        raise DomainError(f"Ủy quyền tối đa {MOST_DAYS} ngày; chọn ngày kết thúc sớm hơn.", "valid_to")


def _check_signing(wanted: DelegationInput, title: str, decision: str) -> None:
    if not title:
        raise DomainError("Nhập chức vụ của người ký, ví dụ Phó Trưởng ban.", "title")
    if len(title) > _TITLE_LENGTH:
        raise DomainError(f"Chức vụ dài quá {_TITLE_LENGTH} ký tự; rút gọn lại.", "title")
    if wanted.capacity is SigningCapacity.DEPUTY and not is_deputy(title):
        raise DomainError(
            "“KT.” chỉ dành cho cấp phó của người đứng đầu. Nhập chức vụ cấp phó, ví dụ Phó Trưởng ban, hoặc "
            "chọn “TL.” (thừa lệnh), “TUQ.” (thừa ủy quyền).",
            "title",
        )
    if len(decision) > _DECISION_LENGTH:
        raise DomainError(f"Viết ngắn hơn: tối đa {_DECISION_LENGTH} ký tự.", "decision")
    if wanted.capacity is SigningCapacity.AUTHORISED and not decision:
        raise DomainError("Ký thừa ủy quyền phải có văn bản; nhập số văn bản ủy quyền.", "decision")
    if wanted.capacity is SigningCapacity.AUTHORISED and wanted.decision_on is None:
        raise DomainError("Ký thừa ủy quyền phải có văn bản; nhập ngày của văn bản ủy quyền.", "decision_on")
    if wanted.decision_on is not None and wanted.decision_on > wanted.valid_from:
        raise DomainError("Văn bản ủy quyền phải có từ trước hoặc đúng ngày bắt đầu.", "decision_on")


def _may_revoke(actor: Actor, row: Delegation) -> bool:
    return Role.ADMIN in actor.roles or row.from_id == actor.account_id


def _state(row: Delegation, today: date) -> str:
    if row.revoked_on is not None:
        return f"đã thu hồi ngày {row.revoked_on:%d/%m/%Y}"
    if row.valid_from > today:
        return "sắp tới"
    return "đang áp dụng" if row.valid_to >= today else "đã hết"


def _record(
    session: Session, now: datetime, actor: Actor, action: str, row: Delegation, detail: dict[str, object]
) -> None:
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"delegation:{row.id}",
        detail=detail,
    )
