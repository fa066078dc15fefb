"""The public look-up: where a dossier stands, for whoever has its receipt, and nothing about anybody.

Asked by code and the last four digits of the telephone that was given at intake, or by the token in the
receipt's QR code. How often may be asked is counted in the database, so that several processes count
together: an address has :data:`PER_ADDRESS` questions an hour, a code :data:`PER_CODE`, whoever asks.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tthc.db.models import Dossier
from tthc.db.queries import lookup as queries
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DomainError, DossierState
from tthc.services.transaction import transaction

PER_ADDRESS = 30
#: Four digits are 10,000 numbers: at this pace, more than a month for half of them.
PER_CODE = 6
_WINDOW = timedelta(hours=1)

_NOT_FOUND = (
    "Không có hồ sơ nào khớp với mã hồ sơ và bốn số cuối điện thoại này. Xem lại giấy tiếp nhận hồ sơ; số "
    "điện thoại là số đã ghi trên giấy đó."
)
_TOO_OFTEN = "Đã tra cứu quá nhiều lần. Vui lòng thử lại sau 60 phút, hoặc hỏi bộ phận tiếp nhận hồ sơ."


class TooOften(DomainError):
    """Asked more often than is allowed."""


@dataclass(frozen=True)
class PublicView:
    """All that is told: state, dates, names of the papers that are missing."""

    state: DossierState
    received_on: date
    due_on: date
    ended_on: date | None
    handed_over_on: date | None
    missing: Sequence[str]


def by_code(session: Session, *, now: datetime, address: str, code: str, digits: str) -> PublicView:
    """The dossier with this code, if the telephone of its receipt ends like this.

    ``address`` is a keyed hash of where the question comes from. A wrong code and wrong digits are told
    alike, and both count. Raises :class:`TooOften`.
    """
    typed, ending = squeeze(code), re.sub(r"\D", "", digits)
    if not typed:
        raise DomainError("Nhập mã hồ sơ ghi trên giấy tiếp nhận.", "code")
    if len(ending) != 4:
        raise DomainError("Nhập đúng bốn chữ số cuối của số điện thoại.", "digits")
    about = hashlib.sha256(typed.upper().encode()).hexdigest()
    _count(session, now, {f"a:{address}": PER_ADDRESS, f"c:{about}": PER_CODE})
    found = queries.by_code(session, typed)
    phones = [re.sub(r"\D", "", phone) for phone in found[1:]] if found else [""]
    # Each is compared, in the same time whatever the outcome.
    right = [hmac.compare_digest(phone[-4:].rjust(4, "x"), ending) for phone in phones]
    if found is None or not any(right):
        raise DomainError(_NOT_FOUND, "code")
    return _view(session, found[0])


def by_token(session: Session, *, now: datetime, address: str, token: str) -> PublicView | None:
    """The dossier whose receipt carries this token; ``None`` if there is none."""
    _count(session, now, {f"a:{address}": PER_ADDRESS})
    found = queries.by_token(session, token)
    return None if found is None else _view(session, found)


def _count(session: Session, now: datetime, limits: dict[str, int]) -> None:
    with transaction(session):
        queries.forget(session, now - 24 * _WINDOW)
        # All are counted, also when the first is over already.
        over = [
            queries.count(session, key, now=now, opened_after=now - _WINDOW) > most
            for key, most in sorted(limits.items())
        ]
    if any(over):
        raise TooOften(_TOO_OFTEN)


def _view(session: Session, dossier: Dossier) -> PublicView:
    missing = queries.missing(session, dossier.id) if dossier.ended_at is None else ""
    return PublicView(
        state=dossier.state,
        received_on=dossier.received_on,
        due_on=dossier.appointment_on,
        ended_on=dossier.ended_on,
        handed_over_on=dossier.handed_over_on,
        missing=[line.strip() for line in missing.splitlines() if line.strip()],
    )
