"""Random days of an office, lived through the real services."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.conftest import POSTED, TAKEN
from tthc.db.models import Dossier, EventRow, Extension, Procedure
from tthc.domain.hand_overs import ComeBack, ComeBackReason
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    ApplicantKind,
    Channel,
    DomainError,
    DossierState,
    EventKind,
    Outcome,
    SupplementMode,
)
from tthc.services import (
    applicants,
    closing,
    come_backs,
    corrections,
    dossiers,
    extensions,
    hand_overs,
    history,
    intake,
)
from tthc.services.applicants import ApplicantInput
from tthc.services.corrections import Correction
from tthc.services.dossiers import Call
from tthc.services.transaction import transaction
from tthc.services.vault import Vault

FIRST_DAY, LAST_DAY = date(2024, 2, 1), date(2024, 6, 14)
#: Procedures of five sectors, with limits from 3 working days to 25 days.
PROCEDURES = (2, 15, 30, 36, 37, 38, 41, 42)


#: A result goes by post, and comes back: more often than chance alone would have it.
_POSTING: dict[DossierState, tuple[Callable[..., None], dict[str, Any]]] = {
    DossierState.RESOLVED: (hand_overs.hand_over_dossier, {"delivery": POSTED}),
    DossierState.HANDED_OVER: (come_backs.come_back_dossier, {"told": ComeBack(ComeBackReason.ABSENT)}),
}


class Chance:
    """Random days of an office: dossiers come in, are worked on, end, are reopened; some are entered late."""

    def __init__(
        self, session: Session, actor: Callable[[str], Actor], seed: int, size: int, folder: Path
    ) -> None:
        self.session, self.actor, self.size = session, actor, size
        self.vault = Vault(folder)
        self.random = random.Random(seed)
        self.codes: list[str] = []
        self.refused = 0
        self.closed: list[int] = []
        self.procedures = dict(session.execute(select(Procedure.local_no, Procedure.id)).all())
        session.rollback()

    def run(self) -> None:
        """Live through the days."""
        span = (LAST_DAY - FIRST_DAY).days
        days = sorted(self.random.choices(range(span + 1), k=self.size * 7))
        moments = sorted(self._some_time(FIRST_DAY + timedelta(days=day)) for day in days)
        closings = set(self.random.sample(range(len(moments) // 5, len(moments)), 30))
        for number, now in enumerate(moments):
            if number in closings:
                self._close_a_period(now)
            if len(self.codes) < self.size and (not self.codes or self.random.random() < 0.25):
                self._receive(now)
            else:
                self._happen(now)

    def _some_time(self, day: date) -> datetime:
        clock = self.random.choice(
            [time(0, 0), time(7, 30), time(11, 45), time(16, 59, 59), time(17, 1), time(23, 59, 59)]
        )
        return datetime.combine(day, clock, OFFICE_ZONE)

    def _receive(self, now: datetime) -> None:
        received = now - timedelta(days=self.random.choice([0, 0, 0, 0, 1, 9, 40]))
        channel = self.random.choice(list(Channel))
        procedure = self.procedures[self.random.choice(PROCEDURES)]
        firm = ApplicantInput(ApplicantKind.ENTERPRISE, f"Doanh nghiệp {900 + self.random.randrange(50)}")
        if self.random.random() < 0.25:
            self._import(now, received, channel, procedure, firm)
            return
        request = intake.IntakeRequest(
            procedure_id=procedure,
            case_id=None,
            channel=channel,
            applicant=firm,
            received_at=received,
            confirm_unverified=True,
        )
        self.codes.append(
            intake.receive_dossier(self.session, now=now, actor=self.actor("clerk"), request=request)
        )

    def _import(
        self, now: datetime, received: datetime, channel: Channel, procedure: int, firm: ApplicantInput
    ) -> None:
        """A dossier of another system, known from its own dates on, at times with its own appointment."""
        code = f"000.00.01.H54-{received:%y%m%d}-{len(self.codes) + 1:04d}"
        with transaction(self.session):
            terms = intake.terms_of(self.session, 1, procedure, None, channel, received)
            appointment = None
            if self.random.random() < 0.5:
                appointment = received + timedelta(days=self.random.randrange(2, 40))
            intake.add_dossier(
                self.session,
                now=now,
                actor=self.actor("clerk"),
                terms=terms,
                channel=channel,
                applicant_id=applicants.find_or_add(self.session, firm).id,
                submitter_id=None,
                subject="",
                note="",
                papers=[],
                sets=1,
                submitted_at=received,
                received_at=received,
                given_code=code,
                appointment=appointment,
                imported=True,
            )
        self.codes.append(code)

    def _happen(self, now: datetime) -> None:
        waiting = self.session.scalars(
            select(Dossier.code)
            .join(Extension, Extension.dossier_id == Dossier.id)
            .where(Extension.closed_event_id.is_(None))
        ).all()
        proposed = bool(waiting) and self.random.random() < 0.3
        code = self.random.choice(waiting if proposed else self.codes)
        dossier = self.session.scalars(select(Dossier).where(Dossier.code == code)).one()
        known = (dossier.version, dossier.id)
        posting = _POSTING.get(dossier.state)
        occurred = now - timedelta(hours=self.random.choice([0, 0, 0, 5, 30, 200, 500]))
        last = self.session.scalars(
            select(EventRow.occurred_at).where(EventRow.dossier_id == known[1]).order_by(EventRow.seq.desc())
        ).first()
        assert last is not None
        occurred = min(max(occurred, last), now)
        self.session.rollback()
        if self.random.random() < 0.2:
            self._imported_event(now, occurred, known[1])
            return
        # Two supervisors, so that at times one approves what the other proposed.
        call = Call(
            now, self.actor(self.random.choice(["supervisor", "supervisor2"])), code, known[0], occurred
        )
        verb, arguments = self.random.choice(self._decisions() if proposed else self._verbs(now))
        if posting and self.random.random() < 0.4:
            verb, arguments = posting
        try:
            verb(self.session, call=call, **arguments)
        except DomainError:
            self.refused += 1

    def _verbs(self, now: datetime) -> list[tuple[Callable[..., None], dict[str, Any]]]:
        officer = self.random.choice([3, 4, None])
        mode = self.random.choice([None, *SupplementMode])
        outcome = self.random.choice(list(Outcome))
        returned = outcome is Outcome.REFUSED and self.random.random() < 0.5
        correction = {"correction": self._correction(now), "reason": "Nhập nhầm"}
        return [
            (dossiers.assign_dossier, {"officer_id": officer}),
            (dossiers.start_dossier, {}),
            (dossiers.start_dossier, {}),
            (
                dossiers.request_supplement,
                {"missing": "Bản vẽ", "reason": "", "mode": mode, "again": True},
            ),
            (dossiers.receive_supplement, {}),
            (dossiers.receive_supplement, {}),
            (dossiers.pause_dossier, {"reason": "Chờ ý kiến", "legal_basis": "Văn bản thử nghiệm"}),
            (dossiers.resume_dossier, {}),
            (dossiers.resume_dossier, {}),
            (dossiers.request_payment, {}),
            (dossiers.receive_payment, {}),
            (
                dossiers.resolve_dossier,
                {"outcome": outcome, "returned": returned, "reason": "Chưa đủ điều kiện"},
            ),
            (hand_overs.hand_over_dossier, {"delivery": TAKEN}),
            (dossiers.withdraw_dossier, {"reason": "Theo đề nghị"}),
            (dossiers.stop_dossier, {"reason": "Theo thông báo"}),
            (dossiers.reopen_dossier, {"reason": "Kết thúc nhầm"}),
            *[(extensions.propose_extension, self._proposal(now))] * 3,
            *[(corrections.correct_dossier, correction)] * 3,
        ]

    @staticmethod
    def _decisions() -> list[tuple[Callable[..., None], dict[str, Any]]]:
        """What becomes of a proposal that waits."""
        approved: tuple[Callable[..., None], dict[str, Any]] = (extensions.approve_extension, {})
        return [approved] * 4 + [(extensions.refuse_extension, {"reason": "Còn đủ thời gian"})]

    def _proposal(self, now: datetime) -> dict[str, Any]:
        """A new date that at times is a day off or comes too early, which is refused."""
        return {
            "new_due_on": now.date() + timedelta(days=self.random.randrange(1, 40)),
            "reason": "Chờ ý kiến",
            "override_reason": self.random.choice(["", "Thiên tai"]),
        }

    def _correction(self, now: datetime) -> Correction:
        """Another procedure, channel or time of receipt; at times before what followed, which is refused."""
        procedure = self.procedures[self.random.choice(PROCEDURES)]
        received = now - timedelta(
            days=self.random.choice([0, 1, 5, 20, 60, 90]), hours=self.random.randrange(9)
        )
        return Correction(
            procedure, None, self.random.choice(list(Channel)), received, confirm_unverified=True
        )

    def _imported_event(self, now: datetime, occurred: datetime, dossier_id: int) -> None:
        kind = self.random.choice(
            [EventKind.START, EventKind.RESOLVE, EventKind.HAND_OVER, EventKind.SET_APPOINTMENT]
        )
        payload = {"outcome": Outcome.GRANTED.value} if kind is EventKind.RESOLVE else {}
        appointment = None
        if kind is EventKind.SET_APPOINTMENT:
            appointment = occurred + timedelta(days=self.random.randrange(0, 20))
        what = history.Happening(kind, occurred, payload, appointment=appointment, imported=True)
        try:
            with transaction(self.session):
                dossier = self.session.get_one(Dossier, dossier_id)
                history.record(self.session, now=now, actor=self.actor("clerk"), dossier=dossier, what=what)
        except DomainError:
            self.refused += 1

    def _close_a_period(self, now: datetime) -> None:
        """The next month of the chain, if it has ended: what is entered late for it counts from then on."""
        supervisor = self.actor("supervisor")
        following = closing.next_close(self.session, actor=supervisor, now=now)
        if following is None or not following.ended:
            return
        close_id = closing.close_period(
            self.session,
            now=now,
            actor=supervisor,
            from_on=following.period.from_on,
            to_on=following.period.to_on,
            figures=following.figures,
            vault=self.vault,
            reason="Số liệu đã được đối chiếu",
        )
        self.closed.append(close_id)
        if self.random.random() < 0.2:
            closing.reopen_period(
                self.session, now=now, actor=supervisor, close_id=close_id, reason="Còn hồ sơ chưa nhập"
            )
            self.closed.remove(close_id)
