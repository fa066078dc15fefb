"""The public look-up: where a dossier or filing stands, for whoever has its paper, nothing about anybody.

Asked by code and the last four digits of the telephone that was given at intake, or by the token in the
receipt's QR code. How often is counted in the database, so that several processes count together.

An address has :data:`PER_ADDRESS` questions an hour, whatever it asks. Wrong answers about one code are
counted besides: :data:`PER_CODE` an hour from one address, :data:`PER_CODE_A_DAY` a day from all together.
Right ones cost nothing, so whoever has the paper may look again and again, and a few wrong ones at one place
lock nobody out elsewhere. Four digits are 10,000 numbers: against one code somebody with as many addresses
as he likes can try 100 a day, which is 1 in 100, and needs 50 days for half of them. From one address he can
ask 720 questions a day about different codes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, Filing
from tthc.db.queries import lookup as queries
from tthc.db.queries import units as unit_queries
from tthc.domain.calendar import office_time
from tthc.domain.codes import bare_code, code_readings
from tthc.domain.text import lines_of, squeeze
from tthc.domain.vocabulary import DomainError, DossierState, FilingState
from tthc.services import units
from tthc.services.register_changes import FROM_FILE
from tthc.services.transaction import transaction

PER_ADDRESS = 30
#: Wrong answers about a code: from one address in an hour, from everywhere in a day.
PER_CODE = 6
PER_CODE_A_DAY = 100
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

_NOT_FOUND = (
    "Không có hồ sơ nào khớp với mã hồ sơ và bốn số cuối điện thoại này. Xem lại giấy tiếp nhận hoặc phiếu "
    "đã nhận; số điện thoại là số đã ghi trên giấy đó."
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


@dataclass(frozen=True)
class FiledView:
    """What is told of a filing; why one was refused, or asked for more, stands on its paper alone.

    ``asked_on`` is set while papers are ``missing``; an accepted one is ``dossier``, under its ``code``.
    """

    state: FilingState
    filed_on: date
    asked_on: date | None
    refused_on: date | None
    missing: Sequence[str]
    code: str = ""
    dossier: PublicView | None = None


#: Said where a request came with an imported register: what it asks for stands on its paper alone.
_ON_PAPER = "Theo văn bản yêu cầu bổ sung đã gửi người nộp hồ sơ"


def by_code(
    session: Session, *, now: datetime, address: str, code: str, digits: str
) -> PublicView | FiledView:
    """The dossier or filing with this code (:func:`code_readings`), if the telephone on its paper ends so.

    ``address`` is a keyed hash of where the question comes from. A wrong code and wrong digits are told
    alike, and both count. Raises :class:`TooOften`.
    """
    typed, ending = squeeze(code), re.sub(r"[^0-9]", "", digits)
    if not typed:
        raise DomainError("Nhập mã hồ sơ ghi trên giấy tiếp nhận.", "code")
    if len(ending) != 4:
        raise DomainError("Nhập đúng bốn chữ số cuối của số điện thoại.", "digits")
    own = unit_queries.codes(session, units.first_unit_id(session))
    readings = code_readings(typed, [row.code for row in own])
    about = [hashlib.sha256(bare.encode()).hexdigest() for bare in sorted(set(map(bare_code, readings)))]
    wrong = {f"f:{address[:12]}{one}": (PER_CODE, _HOUR) for one in about}
    wrong |= {f"c:{one}": (PER_CODE_A_DAY, _DAY) for one in about}
    right = None
    with transaction(session):
        # Counted before anything is compared, so that many questions at one moment do not slip through.
        over = _count(session, now, {f"a:{address}": (PER_ADDRESS, _HOUR), **wrong})
        if not over:
            right = _matching(session, readings, ending)
        if right is not None:
            queries.give_back(session, wrong)
    if over:
        raise TooOften(_TOO_OFTEN)
    if right is None:
        raise DomainError(_NOT_FOUND, "code")
    return _filed_view(session, right) if isinstance(right, Filing) else _view(session, right)


def by_token(session: Session, *, now: datetime, address: str, token: str) -> PublicView | None:
    """The dossier whose receipt carries this token; ``None`` if there is none."""
    with transaction(session):
        over = _count(session, now, {f"a:{address}": (PER_ADDRESS, _HOUR)})
    if over:
        raise TooOften(_TOO_OFTEN)
    found = queries.by_token(session, token)
    return None if found is None else _view(session, found)


def _count(session: Session, now: datetime, limits: Mapping[str, tuple[int, timedelta]]) -> bool:
    """Count one more under every key; whether one is over its limit. All are counted, also when one is."""
    queries.forget(session, now - _DAY)
    numbers = [
        queries.count(session, key, now=now, opened_after=now - window) > most
        for key, (most, window) in sorted(limits.items())
    ]
    return any(numbers)


def _matching(session: Session, readings: Sequence[str], ending: str) -> Dossier | Filing | None:
    """The first that was found and has a telephone with this end."""
    found = queries.by_codes(session, readings)
    # Each is compared, in the same time whatever the outcome.
    right = [one for one, *phones in found for phone in phones if hmac.compare_digest(_ending(phone), ending)]
    return right[0] if right else None


def _ending(phone: str) -> str:
    return re.sub(r"[^0-9]", "", phone)[-4:].rjust(4, "x")


def _view(session: Session, dossier: Dossier) -> PublicView:
    missing = queries.missing(session, dossier.id) if dossier.ended_at is None else ""
    if missing == FROM_FILE:
        missing = _ON_PAPER
    return PublicView(
        state=dossier.state,
        received_on=dossier.received_on,
        due_on=dossier.appointment_on,
        ended_on=dossier.ended_on,
        handed_over_on=dossier.handed_over_on,
        missing=lines_of(missing),
    )


def _filed_view(session: Session, filing: Filing) -> FiledView:
    waits = filing.state is FilingState.WAITING
    asked = queries.asked_of_filing(session, filing.id) if waits else None
    dossier = session.get_one(Dossier, filing.dossier_id) if filing.dossier_id else None
    return FiledView(
        state=filing.state,
        filed_on=office_time(filing.submitted_at).date(),
        asked_on=office_time(asked.requested_at).date() if asked else None,
        refused_on=office_time(filing.refused_at).date() if filing.refused_at else None,
        missing=lines_of(asked.missing) if asked else [],
        code=dossier.code if dossier else "",
        dossier=_view(session, dossier) if dossier else None,
    )
