"""What was done outside a dossier's own history, in a chain of hashes that shows any tampering."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import AuditEntry
from tthc.db.queries import audit as queries
from tthc.domain.permissions import Actor

#: What the first entry of a chain names as its predecessor.
FIRST_HASH = "0" * 64


def record(
    session: Session,
    *,
    unit_id: int,
    now: datetime,
    actor: Actor | None,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    """Append an entry within the caller's transaction.

    ``actor`` is ``None`` where nobody is signed in yet. ``detail`` holds JSON values: numbers of rows and
    old and new settings, never a password and never the data of an applicant.
    """
    plain: dict[str, Any] = json.loads(_canonical(dict(detail)))
    head = queries.locked_head(session, unit_id, FIRST_HASH)
    entry = AuditEntry(
        unit_id=unit_id,
        seq=head.seq + 1,
        at=now,
        actor_id=actor.account_id if actor else None,
        action=action,
        subject=subject,
        detail_json=plain,
        prev_hash=head.hash,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    head.seq = entry.seq
    head.hash = entry.hash
    session.flush()


@dataclass(frozen=True)
class Verdict:
    """A chain that was read: how many entries are whole, and what is wrong with the next; empty: nothing."""

    whole: int
    wrong: str = ""


def verify(session: Session, unit_id: int) -> Verdict:
    """Whether a unit's chain is whole: no entry changed, left out, put in or cut off at the end.

    What is appended while the chain is read belongs to the next check.
    """
    last_seq, end_seq, end_hash = queries.extent(session, unit_id)
    seq, previous = 0, FIRST_HASH
    for entry in queries.entries(session, unit_id, last_seq):
        if entry.seq != seq + 1:
            return Verdict(seq, f"thiếu mục số {seq + 1}; sau mục số {seq} là mục số {entry.seq}")
        if entry.prev_hash != previous:
            return Verdict(seq, f"mục số {entry.seq} không nối với mục đứng trước")
        if entry.hash != _hash(entry):
            return Verdict(seq, f"nội dung mục số {entry.seq} đã bị thay đổi")
        seq, previous = entry.seq, entry.hash
    if (seq, previous) != (end_seq, end_hash or FIRST_HASH):
        return Verdict(seq, f"mục cuối là số {seq}, khác mục cuối đã ghi nhận là số {end_seq} hoặc mã của nó")
    return Verdict(seq)


def _hash(entry: AuditEntry) -> str:
    """SHA-256 over the canonical JSON of everything that an entry says, its predecessor's hash included."""
    content = {
        "unit": entry.unit_id,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail_json,
        "prev": entry.prev_hash,
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
