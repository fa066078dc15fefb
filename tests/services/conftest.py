"""An office in which tests receive dossiers and work on them, through the services alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from tests.prepared import Preparations
from tthc.db.base import Base
from tthc.db.models import Alert, Dossier, EventRow, Procedure
from tthc.domain.hand_overs import Delivery, ReceiptReturn
from tthc.domain.permissions import Actor, system_actor
from tthc.domain.vocabulary import OFFICE_ZONE, AlertStage, ApplicantKind, Channel, Outcome
from tthc.resources import seeds_folder
from tthc.services import alerts, calendar, dossier_page, dossiers, hand_overs, intake, register, worklists
from tthc.services.applicants import ApplicantInput
from tthc.services.dossier_views import DossierView
from tthc.services.dossiers import Call
from tthc.services.vault import Vault
from tthc.services.views import DossierRow

#: Somebody came, showed who he is, and gave the receipt back.
TAKEN = Delivery(name="Người nhận 01", identity_checked=True, receipt=ReceiptReturn.TAKEN_BACK)
#: It went by post, to the applicant.
POSTED = Delivery(way=Channel.POST, carrier="Bưu điện tỉnh", tracking_no="RA123456789VN")


class Clock(Protocol):
    """What the tests need of the standing clock."""

    moment: datetime

    def __call__(self) -> datetime: ...


def moment(text: str) -> datetime:
    """ "14/06/2024 17:40" in the office; the year 2024 and 09:30 where they are left out."""
    day, _, clock = text.partition(" ")
    number, month, year = (int(part) for part in [*day.split("/"), "2024"][:3])
    hour, minute, *second = (int(part) for part in (clock or "09:30").split(":"))
    return datetime(year, month, number, hour, minute, *second, tzinfo=OFFICE_ZONE)


@dataclass
class Office:
    """One office: its database, its clock, its people; every act is one call of a service.

    Procedures by local number: 37 and 38 have 05 working days (sector "Thương mại quốc tế"), 41 has 07
    ("Lao động"), 2 has 25 days ("Đầu tư tại Việt Nam"); the limit of 15 and 17 is not confirmed.
    """

    session: Session
    clock: Clock
    person: Callable[[str], Actor]
    vault: Vault

    @property
    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.clock()

    @property
    def today(self) -> date:
        """The office's date."""
        return self.now.astimezone(OFFICE_ZONE).date()

    @staticmethod
    def at(text: str) -> datetime:
        """See :func:`moment`."""
        return moment(text)

    @staticmethod
    def on(text: str) -> date:
        """The date of :func:`moment`."""
        return moment(text).date()

    def stand(self, text: str) -> datetime:
        """Move the clock."""
        self.clock.moment = moment(text)
        return self.now

    def procedure_id(self, local_no: int) -> int:
        """The id of a procedure by its local number."""
        return self.session.scalars(select(Procedure.id).where(Procedure.local_no == local_no)).one()

    def request(
        self, local_no: int = 37, *, firm: str = "Doanh nghiệp 900", **more: Any
    ) -> intake.IntakeRequest:
        """What a clerk types for a firm."""
        typed = intake.IntakeRequest(
            procedure_id=self.procedure_id(local_no),
            case_id=None,
            channel=Channel.COUNTER,
            applicant=ApplicantInput(ApplicantKind.ENTERPRISE, firm),
        )
        return replace(typed, **more)

    def receive(self, local_no: int = 37, *, by: str = "clerk", **more: Any) -> str:
        """Receive a dossier; its code."""
        return intake.receive_dossier(
            self.session, now=self.now, actor=self.person(by), request=self.request(local_no, **more)
        )

    def dossier(self, code: str) -> Dossier:
        """The stored row, as it is in the database now."""
        self.session.rollback()
        return self.session.scalars(select(Dossier).where(Dossier.code == code)).one()

    def call(self, code: str, by: str = "supervisor", occurred: str | None = None) -> Call:
        """A call on the dossier as it stands."""
        return Call(
            now=self.now,
            actor=self.person(by),
            code=code,
            version=self.dossier(code).version,
            occurred_at=moment(occurred) if occurred else None,
        )

    def act(
        self, verb: str, code: str, *, by: str = "supervisor", occurred: str | None = None, **arguments: Any
    ) -> Dossier:
        """One verb of the services by its first word ("start"), with usual arguments."""
        usual: dict[str, dict[str, Any]] = {
            "request_supplement": {"missing": "Bản sao giấy phép", "reason": "Thiếu giấy tờ"},
            "pause_dossier": {"reason": "Chờ ý kiến", "legal_basis": "Khoản 1 Điều 1 văn bản thử nghiệm"},
            "resolve_dossier": {"outcome": Outcome.GRANTED},
            "withdraw_dossier": {"reason": "Theo đề nghị của người nộp"},
            "stop_dossier": {"reason": "Theo thông báo dừng giải quyết"},
            "reopen_dossier": {"reason": "Kết thúc nhầm"},
            "hand_over_dossier": {"delivery": TAKEN},
        }
        services = hand_overs if verb == "hand_over" else dossiers
        name = verb if hasattr(services, verb) and services is dossiers else f"{verb}_dossier"
        getattr(services, name)(
            self.session, call=self.call(code, by, occurred), **{**usual.get(name, {}), **arguments}
        )
        return self.dossier(code)

    def listed(self, by: str = "supervisor", **criteria: Any) -> list[DossierRow]:
        """The rows of a list."""
        page = worklists.list_dossiers(
            self.session,
            actor=self.person(by),
            now=self.now,
            criteria=worklists.DossierFilter(**criteria),
        )
        assert page.total >= len(page.rows)
        return list(page.rows)

    def codes(self, **criteria: Any) -> list[str]:
        """The codes of a list."""
        return [row.code for row in self.listed(**criteria)]

    def view(self, code: str, by: str = "supervisor") -> DossierView:
        """A dossier's page."""
        return dossier_page.get_dossier(self.session, actor=self.person(by), now=self.now, code=code)

    def sweep(self) -> alerts.SweepResult:
        """Run the daily sweep now."""
        return alerts.sweep(self.session, now=self.now, actor=system_actor(1))

    def everything(self) -> dict[str, int]:
        """How many rows each table has."""
        self.session.rollback()
        return {
            name: self.session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }

    def kinds(self, code: str) -> list[str]:
        """What happened to a dossier, in order."""
        return list(
            self.session.scalars(
                select(EventRow.kind)
                .join(Dossier, Dossier.id == EventRow.dossier_id)
                .where(Dossier.code == code)
                .order_by(EventRow.seq)
            )
        )


def in_brief(alert: Alert) -> str:
    """ "13/06 soon 2", "17/06 today", "18/06 overdue", "20/06 late 3"; "gone" when it was withdrawn."""
    stage = {
        AlertStage.DUE_SOON: f"soon {alert.threshold}",
        AlertStage.DUE_TODAY: "today",
        AlertStage.OVERDUE: "overdue",
        AlertStage.ESCALATED: f"late {alert.threshold}",
    }[alert.stage]
    return f"{alert.for_on:%d/%m} {stage}{' gone' if alert.withdrawn_at else ''}"


def swept(office: Office, when: str) -> dict[str, int]:
    """What a sweep at a moment did, without what it did not do; steps are left out."""
    office.stand(when)
    done = office.sweep()
    return {
        **done.raised,
        **{name: count for name in ("withdrawn", "failed") if (count := getattr(done, name))},
    }


@pytest.fixture
def office(session: Session, clock: Clock, actor: Callable[[str], Actor], tmp_path: Path) -> Office:
    """An office on a seeded database, Friday 14/06/2024 09:30; the test runs on both databases."""
    return Office(session, clock, actor, Vault(tmp_path))


@pytest.fixture
def sqlite_office(
    sqlite_session: Session, clock: Clock, actor: Callable[[str], Actor], tmp_path: Path
) -> Office:
    """An office on SQLite only: for what cannot differ between the two."""
    return Office(sqlite_session, clock, actor, Vault(tmp_path))


@pytest.fixture
def prepared(
    request: pytest.FixtureRequest, preparations: Preparations
) -> Callable[[Office, Callable[[Office], Any]], Any]:
    """``prepared(office, act)``: brings a new office to where ``act(office)`` leaves it.

    The act happens once for either kind of database; from then on offices get a copy of what it left.
    What it returns is given back, and must be plain: codes, not rows.
    """

    def prepare(office: Office, act: Callable[[Office], Any]) -> Any:
        def acted() -> Any:
            gave = act(office)
            office.session.close()
            return gave

        office.session.close()
        engine = office.session.get_bind()
        return preparations.bring(
            request.getfixturevalue(f"{engine.dialect.name}_databases"),
            engine,
            clock=office.clock,
            files=office.vault.folder,
            name=f"{act.__module__}.{act.__qualname__}",
            act=acted,
        )

    return prepare


def published_half_year(office: Office) -> None:
    """Import the register of the published half-year at the end of its last day."""
    office.stand("14/06/2024 17:00")
    done = register.import_register(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        content=(seeds_folder() / "register-2024-h1.csv").read_bytes(),
        filename="so-ho-so.csv",
        dry_run=False,
    )
    assert not done.errors


@pytest.fixture
def counting() -> Callable[[Session], Any]:
    """``with counting(session) as statements``: the SQL statements that a block sends."""

    @contextmanager
    def counted(session: Session) -> Iterator[list[str]]:
        session.rollback()
        # What a process reads once and keeps is no part of what grows.
        calendar.newest_rows(session)
        session.rollback()
        engine = session.get_bind()
        assert isinstance(engine, Engine)
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counted
