"""Supplements that nobody brings: who waits too long, and stopping them all at once, or none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.services.settings_desk import change_setting
from tthc.db.models import EventRow, Supplement
from tthc.domain.permissions import NotAllowed
from tthc.domain.settings import STOP_BASIS, UNANSWERED_DAYS
from tthc.domain.vocabulary import DomainError, DossierState, EventKind, SupplementMode
from tthc.services import unanswered_supplements
from tthc.services.unanswered_supplements import UnansweredList, list_unanswered, stop_unanswered

BASIS = "khoản 2 Điều 5 Quy chế thử nghiệm"


def set_to(office: Any, setting: Any, value: Any, when: str) -> None:
    """Set a setting from a day on, as a supervisor does on that day."""
    office.stand(when)
    change_setting(office, setting, value)


def asked(office: Any, when: str, **more: Any) -> str:
    """Received and asked for a supplement on the same day."""
    office.stand(when)
    code: str = office.receive(37, firm=f"Doanh nghiệp {when[:2]}{when[3:5]}")
    office.act("request_supplement", code, by="officer", **more)
    return code


def listed(office: Any, by: str = "supervisor", page: int = 1) -> UnansweredList:
    return list_unanswered(office.session, actor=office.person(by), now=office.now, page=page)


def codes(office: Any) -> list[str]:
    return [row.code for row in listed(office).page.rows]


def shown(office: Any) -> list[tuple[int, int]]:
    return [(row.dossier_id, row.version) for row in listed(office).page.rows]


def stop(office: Any, chosen: Any, by: str = "supervisor", **changes: Any) -> int:
    arguments = {"seen_basis": BASIS, "reason": "Người nộp không bổ sung", **changes}
    return stop_unanswered(
        office.session, now=office.now, actor=office.person(by), chosen=chosen, **arguments
    )


# --- the list -----------------------------------------------------------------------------------------


def test_who_waits_longer_than_the_set_time(office: Any) -> None:
    set_to(office, UNANSWERED_DAYS, 3, "03/06")
    first = asked(office, "10/06", mode=SupplementMode.PAUSE, missing="Bản vẽ")
    second = asked(office, "11/06")
    office.stand("13/06")
    assert codes(office) == [], "three working days, not more"
    office.stand("14/06")
    assert codes(office) == [first]
    office.stand("16/06")
    assert codes(office) == [first], "a weekend is no working day"
    office.stand("17/06")
    found = listed(office, by="auditor")
    assert [row.code for row in found.page.rows] == [first, second], "the oldest first"
    row = found.page.rows[0]
    assert (row.asked_on, row.waited_days, row.mode, row.missing) == (
        office.on("10/06"),
        5,
        SupplementMode.PAUSE,
        "Bản vẽ",
    )
    assert (row.applicant, row.due_on, row.lawful) == ("Doanh nghiệp 1006", office.on("17/06"), True)
    assert (found.days, found.basis, found.page.total) == (3, "", 2)


def test_what_was_answered_or_ended_waits_no_longer(sqlite_office: Any) -> None:
    office = sqlite_office
    set_to(office, UNANSWERED_DAYS, 1, "03/06")
    answered, withdrawn, waits = (asked(office, when) for when in ("10/06", "10/06", "10/06"))
    office.stand("14/06")
    office.act("receive_supplement", answered)
    office.act("withdraw", withdrawn)
    assert codes(office) == [waits]
    office.act("stop", waits)
    office.act("reopen", waits)
    assert codes(office) == []


def test_the_time_is_that_of_today(sqlite_office: Any) -> None:
    office = sqlite_office
    code = asked(office, "03/06")
    office.stand("17/07")
    assert codes(office) == [code], "thirty working days and more"
    office.stand("15/07")
    assert codes(office) == []
    set_to(office, UNANSWERED_DAYS, 20, "15/07")
    assert codes(office) == [code]


def test_a_request_after_the_due_date_is_marked(sqlite_office: Any) -> None:
    office = sqlite_office
    set_to(office, UNANSWERED_DAYS, 1, "03/06")
    office.stand("03/06")
    code = office.receive(37)
    office.stand("13/06")
    office.act("request_supplement", code)
    office.stand("18/06")
    [row] = listed(office).page.rows
    assert (row.lawful, row.asked_on) == (False, office.on("13/06"))


def test_the_list_is_paged_and_its_queries_do_not_grow(
    sqlite_office: Any, counting: Callable[..., Any]
) -> None:
    office = sqlite_office
    set_to(office, UNANSWERED_DAYS, 1, "03/06")
    sizes = []
    for _ in range(2):
        for _ in range(26):
            asked(office, "10/06")
        office.stand("14/06")
        with counting(office.session) as statements:
            listed(office)
        sizes.append(len(statements))
    assert sizes[0] == sizes[1]
    assert [len(listed(office, page=number).page.rows) for number in (1, 2, 3)] == [50, 2, 0]
    both = [row.code for number in (1, 2) for row in listed(office, page=number).page.rows]
    assert len(set(both)) == listed(office).page.total == 52


# --- stopping -----------------------------------------------------------------------------------------


def ready(office: Any) -> list[str]:
    """Three that wait, with a basis entered, on Fri 14/06."""
    set_to(office, UNANSWERED_DAYS, 1, "03/06")
    set_to(office, STOP_BASIS, BASIS, "03/06")
    found = [asked(office, when) for when in ("10/06", "10/06", "11/06")]
    office.stand("14/06")
    return found


def test_without_a_basis_nothing_can_be_stopped(office: Any) -> None:
    set_to(office, UNANSWERED_DAYS, 1, "03/06")
    code = asked(office, "10/06")
    office.stand("14/06")
    before = office.everything()
    for attempt in (
        lambda: stop(office, shown(office), seen_basis=""),
        lambda: unanswered_supplements.preview_stop(
            office.session, actor=office.person("supervisor"), now=office.now
        ),
    ):
        with pytest.raises(DomainError, match="chưa nhập căn cứ"):
            attempt()
    assert office.everything() == before
    assert office.dossier(code).state is DossierState.AWAITING_SUPPLEMENT
    set_to(office, STOP_BASIS, BASIS, "14/06")
    set_to(office, STOP_BASIS, "", "15/06")
    with pytest.raises(DomainError, match="chưa nhập căn cứ"):
        stop(office, shown(office))


def test_each_is_stopped_by_an_event_of_its_own(office: Any) -> None:
    all_three = ready(office)
    seen = unanswered_supplements.preview_stop(
        office.session, actor=office.person("supervisor"), now=office.now
    )
    assert (seen.basis, [row.code for row in seen.page.rows]) == (BASIS, all_three)
    before = office.everything()
    assert stop(office, shown(office)) == 3
    after = office.everything()
    assert after["event"] == before["event"] + 3
    rows = office.session.scalars(select(EventRow).where(EventRow.kind == EventKind.STOP)).all()
    assert {row.reason for row in rows} == {f"Người nộp không bổ sung\nCăn cứ: {BASIS}"}
    assert len({row.action_id for row in rows}) == 1
    assert {row.actor_id for row in rows} == {office.person("supervisor").account_id}
    for code in all_three:
        dossier = office.dossier(code)
        assert (dossier.state, dossier.ended_on) == (DossierState.STOPPED, office.on("14/06"))
    assert office.session.scalars(select(Supplement).where(Supplement.closed_event_id.is_(None))).all() == []
    assert codes(office) == []


def test_only_the_chosen_ones(office: Any) -> None:
    first, second, third = ready(office)
    assert stop(office, shown(office)[1:2]) == 1
    assert [office.dossier(code).state.value for code in (first, second, third)] == [
        "awaiting_supplement",
        "stopped",
        "awaiting_supplement",
    ]


def test_one_that_changed_stops_none(office: Any) -> None:
    first, second, _ = ready(office)
    seen = shown(office)
    office.act("assign", first, officer_id=3)
    before = office.everything()
    with pytest.raises(DomainError, match="01 hồ sơ đã chọn vừa được cập nhật"):
        stop(office, seen)
    assert office.everything() == before
    seen = shown(office)
    office.act("receive_supplement", second)
    before = office.everything()
    with pytest.raises(DomainError, match="01 hồ sơ đã chọn vừa được cập nhật"):
        stop(office, seen)
    assert office.everything() == before


def test_what_is_not_in_the_list_cannot_be_stopped_this_way(sqlite_office: Any) -> None:
    office = sqlite_office
    ready(office)
    fresh = asked(office, "14/06")
    other = office.receive(37)
    before = office.everything()
    for code in (fresh, other):
        dossier = office.dossier(code)
        with pytest.raises(DomainError, match="không còn chờ bổ sung quá hạn"):
            stop(office, [*shown(office), (dossier.id, dossier.version)])
    with pytest.raises(DomainError, match="không còn chờ bổ sung quá hạn"):
        stop(office, [(999_999, 1)])
    assert office.everything() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": " "}, "reason"), ({"reason": "x" * 4001}, "reason"), ({"seen_basis": "cũ"}, None)],
)
def test_what_a_stop_needs(sqlite_office: Any, changes: dict[str, Any], field: str | None) -> None:
    office = sqlite_office
    ready(office)
    before = office.everything()
    with pytest.raises(DomainError) as refusal:
        stop(office, shown(office), **changes)
    assert refusal.value.field == field
    with pytest.raises(DomainError) as refusal:
        stop(office, [])
    assert refusal.value.field == "whom"
    assert office.everything() == before


def test_who_may(sqlite_office: Any) -> None:
    office = sqlite_office
    ready(office)
    for role in ("clerk", "officer", "reporter", "admin", "auditor"):
        assert len(listed(office, by=role).page.rows) == 3
        with pytest.raises(NotAllowed):
            stop(office, shown(office), by=role)
        with pytest.raises(NotAllowed):
            unanswered_supplements.preview_stop(office.session, actor=office.person(role), now=office.now)


def test_a_clock_that_was_set_back_stops_none(sqlite_office: Any) -> None:
    """One of them has an event of later than now: its name is said, and all stay as they were."""
    office = sqlite_office
    first, second, third = ready(office)
    office.act("assign", second, officer_id=3)
    office.stand("14/06 09:00")
    before = office.everything()
    with pytest.raises(DomainError, match=f"Hồ sơ {second}: Thời điểm phải từ 09:30"):
        stop(office, shown(office))
    assert office.everything() == before
    assert {office.dossier(code).state for code in (first, third)} == {DossierState.AWAITING_SUPPLEMENT}


def test_of_two_supervisors_one_stops_them(office: Any, sessions: sessionmaker[Session]) -> None:
    ready(office)
    seen = shown(office)
    now, people = office.now, [office.person(name) for name in ("supervisor", "supervisor2")]
    office.session.rollback()
    barrier = Barrier(2)

    def one(person: Any) -> str:
        with sessions() as session:
            barrier.wait()
            try:
                done = stop_unanswered(
                    session, now=now, actor=person, chosen=seen, seen_basis=BASIS, reason="Không bổ sung"
                )
            except DomainError:
                return "refused"
            return f"{done}"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(one, people))
    assert outcomes == ["3", "refused"]
    assert office.everything()["event"] == 3 + 3 + 3
