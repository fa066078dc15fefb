"""Each thing that is done to a dossier: what it changes, what it refuses, and what a refusal leaves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from tests.services.conftest import TAKEN
from tests.services.dossier_desk import S, promises, received
from tthc.db.models import Account, DueDateRow, EventRow, PauseRow, Supplement
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import (
    DomainError,
    DueCause,
    EndKind,
    EventKind,
    Outcome,
    SupplementMode,
)
from tthc.services import dossiers
from tthc.services.transaction import NotFound, StaleVersion, transaction

# --- the whole way ------------------------------------------------------------------------------------


def test_from_receipt_to_hand_over(office: Any) -> None:
    code = received(office)
    office.act("assign", code, officer_id=3, note="Giao Cán bộ 03")
    office.stand("11/06 08:00")
    assert office.act("start", code, by="officer").state is S.PROCESSING
    office.stand("17/06 16:59")
    done = office.act("resolve", code, by="officer")
    assert (done.state, done.end_kind, done.outcome) == (S.RESOLVED, EndKind.RESOLVED, Outcome.GRANTED)
    assert (done.ended_at, done.ended_on, done.handed_over_at) == (office.now, office.on("17/06"), None)
    office.stand("20/06 08:00")
    given = office.act("hand_over", code, by="clerk", delivery=replace(TAKEN, note="Nhận tại quầy"))
    assert (given.state, given.handed_over_on) == (S.HANDED_OVER, office.on("20/06"))
    assert given.ended_on == office.on("17/06"), "handing over decides nothing about lateness"
    assert given.version == 5
    assert office.kinds(code) == ["receive", "assign", "start", "resolve", "hand_over"]
    last = office.view(code).timeline[-1]
    assert last.note == "Nhận tại quầy"
    assert ("Người nhận", "Người nhận 01") in last.details
    payloads = [row.payload_json for row in office.session.scalars(select(EventRow))]
    assert payloads[-1] == {"method": "counter"}, "an event holds no personal data"


def test_a_refusal_needs_a_reason_and_can_send_back(office: Any) -> None:
    code = received(office)
    for arguments, field in [
        ({"outcome": Outcome.REFUSED}, "reason"),
        ({"outcome": Outcome.REFUSED, "reason": " \n"}, "reason"),
        ({"outcome": Outcome.GRANTED, "returned": True}, "returned"),
    ]:
        before = office.everything()
        with pytest.raises(DomainError) as refusal:
            office.act("resolve", code, **arguments)
        assert refusal.value.field == field
        assert office.everything() == before
    sent = office.act("resolve", code, outcome=Outcome.REFUSED, returned=True, reason="Chưa đủ điều kiện")
    assert (sent.outcome, sent.returned, sent.end_kind) == (Outcome.REFUSED, True, EndKind.RESOLVED)


# --- refusals that every verb shares ------------------------------------------------------------------

#: Each verb, what brings a dossier there, and who may not do it.
VERBS: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("assign", (), ("officer", "reporter", "admin", "auditor")),
    ("start", (), ("reporter", "admin", "auditor")),
    ("request_supplement", (), ("reporter", "admin", "auditor")),
    ("receive_supplement", ("request_supplement",), ("reporter", "admin", "auditor")),
    ("request_payment", (), ("reporter", "admin", "auditor")),
    ("receive_payment", ("request_payment",), ("reporter", "admin", "auditor")),
    ("pause", (), ("reporter", "admin", "auditor")),
    ("resume", ("pause",), ("reporter", "admin", "auditor")),
    ("resolve", (), ("reporter", "admin", "auditor")),
    ("hand_over", ("resolve",), ("officer", "reporter", "admin", "auditor")),
    ("withdraw", (), ("officer", "reporter", "admin", "auditor")),
    ("stop", (), ("clerk", "officer", "reporter", "admin", "auditor")),
    ("reopen", ("stop",), ("clerk", "officer", "reporter", "admin", "auditor")),
]
_EXTRA: dict[str, dict[str, Any]] = {"assign": {"officer_id": 3}}


#: Verbs with services and tests of their own: items that come back, extensions, corrections, consultations.
ELSEWHERE = {
    EventKind.COME_BACK,
    EventKind.PROPOSE_EXTENSION,
    EventKind.EXTEND,
    EventKind.REFUSE_EXTENSION,
    EventKind.CORRECT,
    EventKind.CONSULT,
    EventKind.RECEIVE_OPINION,
}


def test_every_verb_is_tested() -> None:
    """A verb that is added must come into the table above."""
    tested = {EventKind(verb) for verb, _, _ in VERBS}
    assert tested == set(dossiers.NEEDS) - ELSEWHERE


@pytest.mark.parametrize(("verb", "way", "nobody"), VERBS, ids=[one[0] for one in VERBS])
def test_a_verb_refused_leaves_nothing_and_done_records_one_event(
    sqlite_office: Any, verb: str, way: tuple[str, ...], nobody: tuple[str, ...]
) -> None:
    office = sqlite_office
    code = received(office)
    for step in way:
        office.act(step, code)
    extra = _EXTRA.get(verb, {})
    before, version = office.everything(), office.dossier(code).version
    for role in nobody:
        with pytest.raises(NotAllowed):
            office.act(verb, code, by=role, **extra)
    with pytest.raises(DomainError, match="không được sau hiện tại") as refusal:
        office.act(verb, code, occurred="10/06 09:30:01", **extra)
    assert refusal.value.field == "occurred_at"
    with pytest.raises(DomainError, match="từ 09:30 ngày 10/06/2024 trở đi") as refusal:
        office.act(verb, code, occurred="10/06 09:29", **extra)
    assert refusal.value.field == "occurred_at"
    assert office.everything() == before
    assert office.dossier(code).version == version
    done = office.act(verb, code, **extra)
    assert done.version == version + 1
    assert office.kinds(code)[-1] == EventKind(verb)
    assert office.everything()["event"] == before["event"] + 1


@pytest.mark.parametrize(("verb", "way", "_nobody"), VERBS, ids=[one[0] for one in VERBS])
def test_a_verb_out_of_turn_is_refused(
    sqlite_office: Any, verb: str, way: tuple[str, ...], _nobody: tuple[str, ...]
) -> None:
    office = sqlite_office
    code = received(office)
    if not way:
        office.act("withdraw", code)
    before = office.everything()
    with pytest.raises(DomainError, match="không thể ghi"):
        office.act(verb, code, **_EXTRA.get(verb, {}))
    assert office.everything() == before


@pytest.mark.parametrize(
    ("verb", "arguments", "field"),
    [
        ("request_supplement", {"missing": " "}, "missing"),
        ("request_supplement", {"missing": "x" * 4001}, "missing"),
        ("pause", {"reason": ""}, "reason"),
        ("pause", {"legal_basis": " "}, "legal_basis"),
        ("withdraw", {"reason": ""}, "reason"),
        ("stop", {"reason": "\t"}, "reason"),
        ("stop", {"reason": "x" * 4001}, "reason"),
        ("assign", {"officer_id": 7}, "officer_id"),
        ("assign", {"officer_id": None}, "officer_id"),
    ],
)
def test_what_a_verb_needs(sqlite_office: Any, verb: str, arguments: dict[str, Any], field: str) -> None:
    office = sqlite_office
    code = received(office)
    before = office.everything()
    with pytest.raises(DomainError) as refusal:
        office.act(verb, code, **arguments)
    assert refusal.value.field == field
    assert office.everything() == before


def test_reopening_needs_a_reason(sqlite_office: Any) -> None:
    code = received(sqlite_office)
    sqlite_office.act("resolve", code)
    with pytest.raises(DomainError) as refusal:
        sqlite_office.act("reopen", code, reason=" ")
    assert refusal.value.field == "reason"
    assert sqlite_office.dossier(code).state is S.RESOLVED


def test_a_stale_page_is_refused(office: Any) -> None:
    code = received(office)
    seen = office.call(code)
    office.act("start", code)
    before = office.everything()
    with pytest.raises(StaleVersion, match="người khác cập nhật"):
        dossiers.resolve_dossier(office.session, call=seen, outcome=Outcome.GRANTED)
    assert office.everything() == before
    with pytest.raises(NotFound):
        dossiers.start_dossier(office.session, call=replace(seen, code="000.00.99.H54-240610-9999"))


def test_of_two_at_once_one_wins(office: Any, sessions: sessionmaker[Session]) -> None:
    code = received(office)
    call = office.call(code)
    office.session.rollback()
    barrier = Barrier(2)

    def one(verb: Callable[..., None]) -> str:
        with sessions() as session:
            barrier.wait()
            try:
                verb(session, call=call)
            except StaleVersion:
                return "stale"
            return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(one, [dossiers.start_dossier, dossiers.request_payment]))
    assert sorted(outcomes) == ["done", "stale"]
    assert len(office.kinds(code)) == 2


# --- endings and reopening ----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["withdraw", "stop"])
@pytest.mark.parametrize("mode", list(SupplementMode), ids=str)
def test_an_ending_while_waiting_closes_the_request(
    sqlite_office: Any, verb: str, mode: SupplementMode
) -> None:
    """Asked on Wed, two working days of five used; ended on Mon 24/06: due Wed 26/06 as after any pause."""
    office = sqlite_office
    code = received(office)
    office.stand("12/06 18:00")
    office.act("request_supplement", code, mode=mode)
    office.stand("24/06 10:00")
    ended = office.act(verb, code)
    assert (ended.waiting, ended.ended_on, ended.due_on) == (False, office.on("24/06"), office.on("26/06"))
    assert office.session.scalars(select(Supplement.closed_event_id)).one() is not None
    assert office.listed(q=code)[0].timeliness.value == "early"


def test_an_ending_during_a_pause_closes_it(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.act("pause", code)
    office.stand("24/06")
    office.act("withdraw", code)
    assert office.session.scalars(select(PauseRow.closed_event_id)).one() is not None
    office.act("reopen", code)
    office.act("pause", code)
    assert office.dossier(code).state is S.PAUSED


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop"])
def test_reopening_makes_a_dossier_pending_again(office: Any, verb: str) -> None:
    code = received(office)
    office.stand("12/06")
    office.act(verb, code)
    if verb == "resolve":
        office.act("hand_over", code)
    office.stand("18/06")
    again = office.act("reopen", code)
    assert (again.state, again.ended_at, again.end_kind, again.outcome) == (S.PROCESSING, None, None, None)
    assert (again.handed_over_at, again.handed_over_on, again.due_on) == (None, None, office.on("17/06"))
    assert again.first_due_on == office.on("17/06")
    assert promises(office, code) == [(DueCause.INTAKE, "17/06"), (DueCause.CORRECTION, "17/06")]
    assert office.codes(bucket="overdue") == [code], "nothing cures a passed due date"
    assert office.act("resolve", code).ended_on == office.on("18/06")


# --- officers -----------------------------------------------------------------------------------------


def test_an_assignment_to_the_same_person_is_refused(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office, officer_id=3)
    with pytest.raises(DomainError, match="chọn người khác") as refusal:
        office.act("assign", code, officer_id=3)
    assert refusal.value.field == "officer_id"
    assert office.act("assign", code, officer_id=None).officer_id is None


def test_the_history_names_an_officer_who_has_left(office: Any) -> None:
    code = received(office)
    office.act("assign", code, officer_id=3)
    account = office.session.get_one(Account, 3)
    name, account.active = account.full_name, False
    office.session.commit()
    assert dict(office.view(code).timeline[-1].details)["Người xử lý"] == name
    assert office.listed(q=code)[0].officer == name
    assert office.codes(officer_id=3) == [code]
    assert "3" not in {choice.value for choice in office.view(code).officers}
    other = office.receive(37)
    with pytest.raises(DomainError) as refusal:
        office.act("assign", other, officer_id=3)
    assert refusal.value.field == "officer_id"
    assert office.act("assign", code, officer_id=4).officer_id == 4


# --- what cannot be changed ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", [EventRow, DueDateRow], ids=["event", "due_date"])
def test_history_can_be_neither_changed_nor_deleted(office: Any, model: type[Any]) -> None:
    code = received(office)
    office.act("start", code)
    session: Session = office.session
    for attempt in (
        lambda: session.execute(delete(model)),
        lambda: session.execute(update(model).values({list(model.__table__.c)[-1].name: None})),
        lambda: session.execute(text(f"DELETE FROM {model.__tablename__}")),
        lambda: _change_first(session, model),
    ):
        before = office.everything()
        with pytest.raises(DatabaseError, match="append-only"):
            attempt()
        session.rollback()
        assert office.everything() == before


def _change_first(session: Session, model: type[Any]) -> None:
    row = session.scalars(select(model)).first()
    assert row is not None
    if isinstance(row, EventRow):
        row.reason = "Sửa lại"
    else:
        row.due_on += timedelta(days=1)
    session.flush()


def test_a_use_case_inside_another_is_a_mistake_of_the_program(sqlite_office: Any) -> None:
    with (
        pytest.raises(RuntimeError, match="inside its transaction"),
        transaction(sqlite_office.session),
    ):
        sqlite_office.receive(37)
    assert sqlite_office.everything()["dossier"] == 0
