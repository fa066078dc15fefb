"""An office driven in any order (hypothesis): after every step all numbers add up and nothing closed changed.

The machine receives, asks for supplements, pauses, extends, resolves, withdraws, stops, corrects, reopens,
enters late, closes and reopens months through the real services. The spans are compared with a retelling that
reads the event rows alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from tests.services.retelling import assert_retold
from tthc.db.models import Account, Dossier, DossierSpan, EventRow, Membership, PeriodClose, Procedure
from tthc.db.session import engine_options, prepare_engine
from tthc.domain import closing as chain
from tthc.domain.permissions import Actor
from tthc.domain.tallies import CELLS, CellName, Tally
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    ApplicantKind,
    Channel,
    DomainError,
    Outcome,
    PeriodCutoff,
    SupplementMode,
)
from tthc.services import closing, closing_papers, corrections, dossiers, extensions, intake, tallies
from tthc.services.applicants import ApplicantInput
from tthc.services.corrections import Correction
from tthc.services.dossiers import Call
from tthc.services.transaction import transaction
from tthc.services.vault import Vault

LONG = bool(os.environ.get("TTHC_TEST_LONG"))
#: (How many offices, how many steps each), on each database.
SIZES = {
    "sqlite": (80, 60) if LONG else (6, 14),
    "postgresql": (10, 60) if LONG else (2, 14),
}
FIRST_MOMENT = datetime(2024, 2, 1, 8, 0, tzinfo=OFFICE_ZONE)
#: Of five sectors, with limits from 3 working days to 25 days.
PROCEDURES = (2, 15, 30, 36, 37, 41)
N = CellName

which = st.integers(0, 999)
shifts = st.sampled_from([0, 0, 0, 1, 3, 20, 45])


@dataclass
class Seen:
    """What must not change any more: closings by id, and tallies as known on a date that has passed."""

    closings: dict[int, Any] = field(default_factory=dict)
    known: dict[date, Any] = field(default_factory=dict)


class OfficeMachine(RuleBasedStateMachine):
    """Some weeks of an office."""

    #: A new database and a folder for files; set by the test.
    office: ClassVar[Callable[[], tuple[Engine, Path]]]
    steps: ClassVar[int] = 0
    done: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.engine, folder = type(self).office()
        self.session = Session(self.engine)
        self.vault = Vault(folder)
        self.now = FIRST_MOMENT
        self.touched: str | None = None
        self.codes: list[str] = []
        self.seen = Seen()
        rows = self.session.execute(
            select(Account.name, Account.id, Membership.role).join(
                Membership, Membership.account_id == Account.id
            )
        )
        self.people = {name: Actor(key, 1, name, frozenset({role})) for name, key, role in rows}
        found = self.session.execute(select(Procedure.local_no, Procedure.id))
        self.procedures = {number: key for number, key in found if number in PROCEDURES}
        self.session.rollback()

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()

    # --- what may happen ------------------------------------------------------------------------------

    @initialize()
    def the_first_dossiers(self) -> None:
        for local_no in (37, 41):
            self._receive(local_no, Channel.ONLINE, 0)

    @rule(local_no=st.sampled_from(PROCEDURES), channel=st.sampled_from(Channel), days=shifts)
    def receive(self, local_no: int, channel: Channel, days: int) -> None:
        """On the day, or entered late: then it may lie in a closed month."""
        self._receive(local_no, channel, days)

    @rule(days=st.integers(1, 16))
    def days_pass(self, days: int) -> None:
        today = self.today
        self.now += timedelta(days=days)
        self.seen.known[today] = self._as_known(today)
        self.touched = None

    @rule(one=which, late=shifts, mode=st.sampled_from([None, *SupplementMode]))
    def request_supplement(self, one: int, late: int, mode: SupplementMode | None) -> None:
        self._act(dossiers.request_supplement, one, late, missing="Bản vẽ", reason="", mode=mode, again=True)

    @rule(one=which, late=shifts)
    def receive_supplement(self, one: int, late: int) -> None:
        self._act(dossiers.receive_supplement, one, late)

    @rule(one=which, late=shifts)
    def pause(self, one: int, late: int) -> None:
        self._act(dossiers.pause_dossier, one, late, reason="Chờ ý kiến", legal_basis="Văn bản thử nghiệm")

    @rule(one=which, late=shifts)
    def resume(self, one: int, late: int) -> None:
        self._act(dossiers.resume_dossier, one, late)

    @rule(one=which, days=st.integers(1, 40), approved=st.booleans())
    def extend(self, one: int, days: int, approved: bool) -> None:
        proposal = {"new_due_on": self.today + timedelta(days=days), "override_reason": "Thiên tai"}
        if self._act(extensions.propose_extension, one, 0, reason="Chờ ý kiến", **proposal):
            verb, arguments = (
                (extensions.approve_extension, {})
                if approved
                else (extensions.refuse_extension, {"reason": "Còn đủ thời gian"})
            )
            self._act(verb, one, 0, by="supervisor2", **arguments)

    @rule(one=which, late=shifts, outcome=st.sampled_from(Outcome))
    def resolve(self, one: int, late: int, outcome: Outcome) -> None:
        self._act(dossiers.resolve_dossier, one, late, outcome=outcome, reason="Chưa đủ điều kiện")

    @rule(one=which, late=shifts)
    def withdraw(self, one: int, late: int) -> None:
        self._act(dossiers.withdraw_dossier, one, late, reason="Theo đề nghị")

    @rule(one=which, late=shifts)
    def stop(self, one: int, late: int) -> None:
        self._act(dossiers.stop_dossier, one, late, reason="Theo thông báo")

    @rule(one=which)
    def reopen(self, one: int) -> None:
        self._act(dossiers.reopen_dossier, one, 0, reason="Kết thúc nhầm")

    @rule(one=which, officer=st.sampled_from([3, 4, None]))
    def assign(self, one: int, officer: int | None) -> None:
        self._act(dossiers.assign_dossier, one, 0, officer_id=officer)

    @rule(
        one=which,
        local_no=st.sampled_from(PROCEDURES),
        channel=st.sampled_from(Channel),
        days=st.sampled_from([0, 1, 5, 20, 60]),
    )
    def correct(self, one: int, local_no: int, channel: Channel, days: int) -> None:
        """Another procedure, channel or time of receipt; at times after what followed, which is refused."""
        correction = Correction(
            self.procedures[local_no],
            None,
            channel,
            self.now - timedelta(days=days, hours=2),
            confirm_unverified=True,
        )
        self._act(corrections.correct_dossier, one, None, correction=correction, reason="Nhập nhầm")

    @rule()
    def close_a_month(self) -> None:
        """The next of the chain, after its end."""
        supervisor = self.people["supervisor"]
        following = closing.next_close(self.session, actor=supervisor, now=self.now)
        self.touched = None
        if following is None or not following.ended or following.blocked:
            return
        close_id = closing.close_period(
            self.session,
            now=self.now,
            actor=supervisor,
            from_on=following.period.from_on,
            to_on=following.period.to_on,
            figures=following.figures,
            vault=self.vault,
            reason="Đã đối chiếu",
        )
        self.seen.closings[close_id] = self._bytes_of(close_id)
        self.done.add("close")

    @precondition(lambda self: self.seen.closings)
    @rule(really=st.sampled_from([False, False, True]))
    def reopen_a_month(self, really: bool) -> None:
        """The newest of the chain, one time in three: else hardly any would stay closed."""
        last = self._closed()[-1:]
        if not really or not last:
            return
        closing.reopen_period(
            self.session,
            now=self.now,
            actor=self.people["supervisor"],
            close_id=last[0].id,
            reason="Còn hồ sơ chưa nhập",
        )
        self.touched = None
        self.done.add("reopen_period")

    # --- what must hold -------------------------------------------------------------------------------

    @invariant()
    def the_spans_are_what_the_events_say(self) -> None:
        type(self).steps += 1
        if self.touched is None:
            return
        key = self.session.scalars(select(Dossier.id).where(Dossier.code == self.touched)).one()
        rows = self.session.scalars(
            select(EventRow).where(EventRow.dossier_id == key).order_by(EventRow.seq)
        ).all()
        assert_retold(rows, self.session.scalars(select(DossierSpan).filter_by(dossier_id=key)).all())
        if rows[-1].adjusts_close_id:
            self.done.add("late")
        self.done.add(rows[-1].kind.value)
        self.session.rollback()

    @invariant()
    def every_identity_holds(self) -> None:
        month = chain.month_start(self.today, PeriodCutoff.OFFICIAL)
        periods = [(month, self.today), (FIRST_MOMENT.date() - timedelta(days=50), self.today)]
        periods += [(close.from_on, close.to_on) for close in self._closed()[-1:]]
        for from_on, to_on in periods:
            for by in ("sector", "procedure"):
                tally = self._tally(from_on, to_on, by)
                assert all(one.holds for one in tally.identities), (from_on, to_on, by, tally.identities)
                assert not tally.faulty_rows, (from_on, to_on, by)
                for name in CELLS:
                    assert tally.total.cells[name] == sum(row.cells[name] for row in tally.rows)

    @invariant()
    def pending_of_a_closed_month_is_carried_over(self) -> None:
        """(6) of each month is (11) of the one before and what is printed, in every line."""
        closed = self._closed()
        for before, after in pairwise(closed):
            for by in ("sector", "procedure"):
                pending = {
                    row["key"]: row["cells"]["pending_total"] for row in before.figures_json[by]["rows"]
                }
                for row in after.figures_json[by]["rows"]:
                    adjusted = pending.pop(row["key"], 0) + row["adjustments"]
                    assert row["cells"]["carried_over"] == adjusted, (after.from_on, by, row["label"])
        self.session.rollback()

    @invariant()
    def a_number_is_the_size_of_its_list(self) -> None:
        if not self.codes:
            return
        chosen = (self.steps * 7) % len(CELLS)
        name = tuple(CELLS)[chosen]
        month = chain.month_start(self.today, PeriodCutoff.OFFICIAL)
        by = ("sector", "procedure", "channel", "officer")[self.steps % 4]
        tally = self._tally(month, self.today, by)
        for row in tally.rows:
            listed = tallies.list_cell(
                self.session,
                actor=self.people["reporter"],
                today=self.today,
                asked=tallies.Asked(month, self.today, by),
                row_key=row.key,
                cell=name,
                size=None,
            )
            assert listed.total == len({one.code for one in listed.rows}) == row.cells[name], (by, name)
            assert all(one.why for one in listed.rows)

    @invariant()
    def nothing_closed_changes(self) -> None:
        for close_id, before in self.seen.closings.items():
            assert self._bytes_of(close_id) == before
        for close in self._closed():
            assert closing.is_whole(self.session, actor=self.people["auditor"], close_id=close.id)

    @invariant()
    def what_was_known_on_a_date_stays(self) -> None:
        for day, before in list(self.seen.known.items())[-3:]:
            assert self._as_known(day) == before, day

    # --- how ------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.now.astimezone(OFFICE_ZONE).date()

    def _receive(self, local_no: int, channel: Channel, days: int) -> None:
        request = intake.IntakeRequest(
            procedure_id=self.procedures[local_no],
            case_id=None,
            channel=channel,
            applicant=ApplicantInput(ApplicantKind.ENTERPRISE, f"Doanh nghiệp {900 + len(self.codes) % 9}"),
            received_at=self.now - timedelta(days=days),
            confirm_unverified=True,
        )
        code = intake.receive_dossier(self.session, now=self.now, actor=self.people["clerk"], request=request)
        self.codes.append(code)
        self.touched = code

    def _act(
        self, verb: Callable[..., Any], one: int, late: int | None, *, by: str = "supervisor", **more: Any
    ) -> bool:
        """One act on a dossier, ``late`` days after it happened; whether it was taken."""
        self.touched = None
        code = self.codes[one % len(self.codes)]
        dossier = self.session.scalars(select(Dossier).where(Dossier.code == code)).one()
        last = self.session.scalars(
            select(EventRow.occurred_at)
            .where(EventRow.dossier_id == dossier.id)
            .order_by(EventRow.seq.desc())
        ).first()
        assert last is not None
        occurred = None if late is None else max(last, self.now - timedelta(days=late))
        call = Call(self.now, self.people[by], code, dossier.version, occurred)
        self.session.rollback()
        try:
            verb(self.session, call=call, **more)
        except DomainError:
            self.session.rollback()
            return False
        self.touched = code
        return True

    def _tally(self, from_on: date, to_on: date, by: str, known_on: date | None = None) -> Tally:
        return tallies.build_tally(
            self.session,
            actor=self.people["reporter"],
            today=self.today,
            asked=tallies.Asked(from_on, to_on, by, known_on),
        )

    def _as_known(self, day: date) -> Any:
        """What was known at the end of a day of the weeks before it."""
        found = self._tally(day - timedelta(days=30), day, "procedure", day)
        return {row.key: row.cells for row in found.rows}, found.total.cells

    def _closed(self) -> list[PeriodClose]:
        """The closed months, in order."""
        query = select(PeriodClose).where(PeriodClose.state == "closed").order_by(PeriodClose.from_on)
        return list(self.session.scalars(query))

    def _bytes_of(self, close_id: int) -> Any:
        """Everything that a closing keeps, as it stands in the database and on the disk."""
        with transaction(self.session):
            row = self.session.execute(
                text("SELECT figures_json, checksum, at, by, reason FROM period_close WHERE id = :id"),
                {"id": close_id},
            ).one()
            members = self.session.execute(
                text("SELECT * FROM period_member WHERE close_id = :id ORDER BY id"), {"id": close_id}
            ).all()
        files = [
            closing_papers.open_paper(
                self.session,
                actor=self.people["auditor"],
                vault=self.vault,
                close_id=close_id,
                kind=kind,
                signature=signature,
            )
            for kind in ("xlsx", "pdf")
            for signature in (False, True)
        ]
        self.session.rollback()
        return str(row), [tuple(one) for one in members], files


@pytest.mark.long
@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_an_office_in_any_order(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    databases = request.getfixturevalue(f"{backend}_databases")
    urls: list[str] = []

    def office() -> tuple[Engine, Path]:
        folder = tmp_path_factory.mktemp("office")
        url = databases.lend("seeded", folder)
        urls.append(url)
        engine = create_engine(url, **engine_options(url))
        prepare_engine(engine)
        return engine, folder

    offices, steps = SIZES[backend]
    machine = type("Machine", (OfficeMachine,), {"office": staticmethod(office), "steps": 0, "done": set()})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=offices,
                stateful_step_count=steps,
                deadline=None,
                derandomize=not LONG,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        for url in urls:
            databases.take_back(url)
    print(f"{backend}: {machine.steps} steps of {len(urls)} offices; {sorted(machine.done)}")
    if LONG:
        # Not every history is as long as it may be.
        assert machine.steps > offices * steps // 3
        assert machine.done >= {
            *("receive", "request_supplement", "receive_supplement", "pause", "resume", "extend", "resolve"),
            *("withdraw", "stop", "correct", "reopen", "close", "reopen_period", "late"),
        }
