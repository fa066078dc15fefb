"""An office to measure on: its dossiers are received, worked on and ended by the services, day by day."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tthc.db.models import Dossier
from tthc.domain.hand_overs import Delivery, ReceiptReturn
from tthc.domain.permissions import Actor, system_actor
from tthc.domain.vocabulary import OFFICE_ZONE, ApplicantKind, Channel, DomainError, Outcome, Role
from tthc.services import (
    accounts,
    calendar,
    catalogue,
    consultations,
    corrections,
    dossiers,
    extensions,
    hand_overs,
    intake,
    setup,
    units,
)
from tthc.services.applicants import ApplicantInput
from tthc.services.corrections import Correction
from tthc.services.dossiers import Call

#: Eighteen official months, the last of which has ended and is left open.
FIRST_DAY = date(2022, 12, 15)
NOW = datetime(2024, 6, 17, 2, 30, tzinfo=UTC)
PASSWORD = "mat-khau-do-toc-do"  # noqa: S105 - of a database that is thrown away
PEOPLE = {
    "can-bo": Role.CLERK,
    **{f"chuyen-vien-{number}": Role.OFFICER for number in range(1, 7)},
    "lanh-dao": Role.SUPERVISOR,
    "tong-hop": Role.REPORTER,
}
_HOURS = (time(7, 40), time(8, 15), time(9, 30), time(10, 50), time(14, 5), time(15, 20), time(16, 45))
_Move = Callable[[datetime, str], None]


def firm(number: int) -> ApplicantInput:
    """The applicant of a dossier; none is real."""
    return ApplicantInput(
        ApplicantKind.ENTERPRISE, f"Doanh nghiệp {number:06d}", f"1{number:09d}", f"09{number:08d}"
    )


def open_office(session: Session) -> dict[str, Actor]:
    """The unit, calendar, catalogue and people of an empty database."""
    since = datetime.combine(FIRST_DAY, time(7), OFFICE_ZONE)
    setup.initialise(session, now=since)
    system = system_actor(units.first_unit_id(session))
    people = {}
    for name, role in PEOPLE.items():
        account_id = accounts.add_account(
            session, now=since, actor=system, name=name, role=role, password=PASSWORD
        )
        people[name] = Actor(account_id, system.unit_id, name, frozenset({role}))
    return people


class Life:
    """The days of an office, in order: each dossier is received, worked on, and mostly ended."""

    def __init__(self, session: Session, people: Mapping[str, Actor], seed: int = 4) -> None:
        self.session, self.people = session, people
        self.chance = random.Random(seed)  # noqa: S311 - nothing secret
        self.system = people["lanh-dao"]
        on = NOW.date()
        self.procedures = [
            row.id
            for row in catalogue.list_procedures(session, actor=self.system, on=on)
            if row.withdrawn_on is None
        ]
        self.officers = [actor for name, actor in people.items() if name.startswith("chuyen-vien")]
        self.working = calendar.load_rules(session, self.system.unit_id, on).calendar
        self._waiting: list[tuple[datetime, int, str, _Move]] = []
        self._order = 0

    def run(self, dossiers_wanted: int) -> None:
        """Live until :data:`NOW`."""
        days = (NOW.date() - FIRST_DAY).days
        for number in range(dossiers_wanted):
            day = FIRST_DAY + timedelta(days=number * days // dossiers_wanted)
            self._at(self._moment(day, 0), str(number + 1), self._receive)
        while self._waiting:
            moment, _, name, move = heapq.heappop(self._waiting)
            if moment <= NOW:
                with suppress(DomainError):
                    move(moment, name)

    def _at(self, moment: datetime, name: str, move: _Move) -> None:
        self._order += 1
        heapq.heappush(self._waiting, (moment, self._order, name, move))

    def _moment(self, day: date, working_days: int) -> datetime:
        """Some time of the n-th working day from a day on."""
        while not self.working.is_working_day(day):
            day += timedelta(days=1)
        if working_days:
            day = self.working.add_working_days(day, working_days)
        return datetime.combine(day, self.chance.choice(_HOURS), OFFICE_ZONE)

    def _later(self, moment: datetime, least: int, most: int) -> datetime:
        return self._moment(moment.date(), self.chance.randint(max(1, least), most))

    def _receive(self, moment: datetime, name: str) -> None:
        officer = self.chance.choice(self.officers)
        request = intake.IntakeRequest(
            procedure_id=self.chance.choice(self.procedures),
            case_id=None,
            channel=self.chance.choices(list(Channel), (3, 6, 1))[0],
            applicant=firm(int(name)),
            subject="Hồ sơ đo tốc độ",
            officer_id=officer.account_id,
            confirm_unverified=True,
        )
        code = intake.receive_dossier(self.session, now=moment, actor=self.people["can-bo"], request=request)
        if self.chance.random() < 0.01:
            self._at(moment + timedelta(minutes=20), code, self._correct)
        self._at(self._later(moment, 1, 1), code, self._start)
        for share, least, most, move in (
            (0.12, 2, 3, self._supplement),
            (0.03, 2, 4, self._pause),
            (0.05, 2, 4, self._extend),
            (0.04, 2, 4, self._consult),
        ):
            if self.chance.random() < share:
                self._at(self._later(moment, least, most), code, move)
        if self.chance.random() < 0.985:
            self._at(self._later(moment, 2, 3), code, self._plan_end)

    def _call(self, moment: datetime, code: str, name: str = "") -> Call:
        dossier = self.session.scalars(select(Dossier).where(Dossier.code == code)).one()
        officer = next(one for one in self.officers if one.account_id == dossier.officer_id)
        actor = self.people[name] if name else officer
        return Call(moment, actor, code, dossier.version)

    def _start(self, moment: datetime, code: str) -> None:
        dossiers.start_dossier(self.session, call=self._call(moment, code))

    def _supplement(self, moment: datetime, code: str) -> None:
        dossiers.request_supplement(
            self.session, call=self._call(moment, code), missing="Bản vẽ", reason="Chưa đủ"
        )
        self._at(self._later(moment, 2, 15), code, self._supplemented)

    def _supplemented(self, moment: datetime, code: str) -> None:
        dossiers.receive_supplement(self.session, call=self._call(moment, code))

    def _pause(self, moment: datetime, code: str) -> None:
        dossiers.pause_dossier(
            self.session, call=self._call(moment, code), reason="Chờ kết quả", legal_basis="Văn bản số 12"
        )
        self._at(self._later(moment, 2, 10), code, self._resume)

    def _resume(self, moment: datetime, code: str) -> None:
        dossiers.resume_dossier(self.session, call=self._call(moment, code))

    def _extend(self, moment: datetime, code: str) -> None:
        due_on = self._due_on(code)
        call = self._call(moment, code)
        new_due_on = self.working.add_working_days(due_on, 5)
        extensions.propose_extension(self.session, call=call, new_due_on=new_due_on, reason="Chờ ý kiến")
        self._at(moment + timedelta(minutes=30), code, self._approve)

    def _approve(self, moment: datetime, code: str) -> None:
        extensions.approve_extension(self.session, call=self._call(moment, code, "lanh-dao"))

    def _consult(self, moment: datetime, code: str) -> None:
        call = self._call(moment, code)
        consultations.consult_agency(
            self.session, call=call, agency="Sở 12", question="Ý kiến về dự án", working_days=5
        )
        self._at(self._later(moment, 2, 7), code, self._answered)

    def _answered(self, moment: datetime, code: str) -> None:
        consultations.receive_opinion(
            self.session, call=self._call(moment, code), consultation_id=None, answer="Thống nhất"
        )

    def _correct(self, moment: datetime, code: str) -> None:
        procedure_id = self.chance.choice(self.procedures)
        dossier = self.session.scalars(select(Dossier).where(Dossier.code == code)).one()
        correction = Correction(procedure_id, None, dossier.channel, dossier.received_at, True)
        call = self._call(moment, code, "lanh-dao")
        corrections.correct_dossier(self.session, call=call, correction=correction, reason="Chọn nhầm")

    def _due_on(self, code: str) -> date:
        return self.session.scalars(select(Dossier.due_on).where(Dossier.code == code)).one()

    def _plan_end(self, moment: datetime, code: str) -> None:
        """The end in view of the date that holds now: most before it, some on it, some after it."""
        due_on = self._due_on(code)
        left = max(1, self.working.working_days_between(moment.date(), due_on))
        kind = self.chance.choices(("early", "on time", "late"), (75, 17, 8))[0]
        days = {
            "early": self.chance.randint(1, max(1, left - 1)),
            "on time": left,
            "late": left + self.chance.randint(1, 12),
        }[kind]
        end = self.chance.choices((self._resolve, self._withdraw, self._stop), (96, 3, 1))[0]
        self._at(self._moment(moment.date(), days), code, end)

    def _resolve(self, moment: datetime, code: str) -> None:
        dossier = self.session.scalars(select(Dossier).where(Dossier.code == code)).one()
        if dossier.waiting:
            self._at(self._later(moment, 1, 4), code, self._plan_end)
            return
        refused = self.chance.random() < 0.04
        dossiers.resolve_dossier(
            self.session,
            call=self._call(moment, code),
            outcome=Outcome.REFUSED if refused else Outcome.GRANTED,
            returned=refused,
            reason="Chưa đủ điều kiện" if refused else "",
        )
        if self.chance.random() < 0.005:
            self._at(self._later(moment, 1, 3), code, self._reopen)
        elif self.chance.random() < 0.85:
            self._at(self._later(moment, 1, 3), code, self._hand_over)

    def _hand_over(self, moment: datetime, code: str) -> None:
        taken = Delivery(name="Người nhận", identity_checked=True, receipt=ReceiptReturn.TAKEN_BACK)
        hand_overs.hand_over_dossier(self.session, call=self._call(moment, code, "can-bo"), delivery=taken)

    def _withdraw(self, moment: datetime, code: str) -> None:
        call = self._call(moment, code, "can-bo")
        dossiers.withdraw_dossier(self.session, call=call, reason="Theo đề nghị")

    def _stop(self, moment: datetime, code: str) -> None:
        call = self._call(moment, code, "lanh-dao")
        dossiers.stop_dossier(self.session, call=call, reason="Theo thông báo")

    def _reopen(self, moment: datetime, code: str) -> None:
        call = self._call(moment, code, "lanh-dao")
        dossiers.reopen_dossier(self.session, call=call, reason="Kết thúc nhầm")
        self._at(self._later(moment, 1, 5), code, self._plan_end)
