"""The tally through the services: cells and lists on chosen days, reopening, closed periods, its queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.dossier_desk import received
from tthc.db.models import DossierSpan, EventRow, PeriodClose
from tthc.domain.permissions import Actor
from tthc.domain.tallies import CELLS, CellName, Tally
from tthc.domain.vocabulary import Channel, CloseState, DomainError
from tthc.services import tallies, tally_forms
from tthc.services.tallies import Asked
from tthc.services.transaction import transaction

N = CellName


def build(office: Any, from_text: str, to_text: str, *, by: str = "sector", today: str = "31/12") -> Tally:
    return tallies.build_tally(
        office.session,
        actor=office.person("reporter"),
        today=office.on(today),
        asked=Asked(office.on(from_text), office.on(to_text), by),
    )


def cell(
    office: Any,
    from_text: str,
    to_text: str,
    name: CellName,
    *,
    by: str = "sector",
    row_key: int | None = None,
) -> Any:
    return tallies.list_cell(
        office.session,
        actor=office.person("reporter"),
        today=office.on("31/12"),
        asked=Asked(office.on(from_text), office.on(to_text), by),
        row_key=row_key,
        cell=name,
    )


def some(tally: Tally, *names: CellName) -> list[int]:
    return [tally.total.cells[name] for name in names]


def test_the_edges_of_a_period_are_local_days(office: Any) -> None:
    received(office, "14/05 23:59:59")
    received(office, "15/05 00:00", channel=Channel.ONLINE)
    received(office, "14/06 23:59:59", channel=Channel.POST)
    received(office, "15/06 00:00")
    june = build(office, "15/05", "14/06")
    assert some(june, N.RECEIVED_TOTAL, N.RECEIVED_ONLINE, N.RECEIVED_COUNTER_POST, N.CARRIED_OVER) == [
        3,
        1,
        1,
        1,
    ]
    assert some(june, N.PENDING_TOTAL, N.WITHIN, N.OVERDUE) == [3, 1, 2]
    assert all(one.holds for one in june.identities)
    july = build(office, "15/06", "14/07")
    assert some(july, N.RECEIVED_TOTAL, N.CARRIED_OVER) == [4, 3]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ("16/06 23:59:59", N.EARLY),
        ("17/06 00:00", N.ON_TIME),
        ("17/06 23:59:59", N.ON_TIME),
        ("18/06 00:00", N.LATE),
    ],
)
def test_the_class_of_an_end_is_by_the_local_date(sqlite_office: Any, ended: str, expected: CellName) -> None:
    code = received(sqlite_office, "10/06")
    sqlite_office.stand(ended)
    sqlite_office.act("resolve", code)
    tally = build(sqlite_office, "15/05", "14/07")
    assert [name for name in (N.EARLY, N.ON_TIME, N.LATE) if tally.total.cells[name]] == [expected]


def test_waiting_counts_as_within_only_when_it_was_lawful(sqlite_office: Any) -> None:
    office = sqlite_office
    lawful, late = received(office, "10/06"), received(office, "10/06")
    office.stand("17/06")
    office.act("pause", lawful)
    office.stand("18/06")
    office.act("pause", late)
    assert some(build(office, "15/06", "14/07"), N.WITHIN, N.OVERDUE) == [1, 1]
    assert some(build(office, "01/06", "16/06"), N.WITHIN, N.OVERDUE) == [2, 0]
    assert [row.code for row in cell(office, "15/06", "14/07", N.OVERDUE).rows] == [late]


def test_withdrawn_while_waiting_is_no_late_end(office: Any) -> None:
    code = received(office, "10/06")
    office.stand("12/06")
    office.act("request_supplement", code)
    office.stand("08/07")
    office.act("withdraw", code)
    tally = build(office, "15/06", "14/07")
    assert some(tally, N.WITHDRAWN, N.ENDED_TOTAL, N.ENDED_EARLY, N.ENDED_LATE, N.RESOLVED_TOTAL) == [
        1,
        1,
        1,
        0,
        0,
    ]
    why = cell(office, "15/06", "14/07", N.WITHDRAWN).rows[0].why
    assert why == "Tiếp nhận 10/06/2024; kỳ trước chuyển sang; rút hồ sơ 08/07/2024; hẹn trả 11/07/2024"


def test_a_past_period_is_told_from_the_events_not_from_today(office: Any) -> None:
    code = received(office, "10/06")
    then = build(office, "15/05", "14/06", today="14/06")
    office.stand("20/06")
    office.act("resolve", code)
    assert build(office, "15/05", "14/06").total.cells == then.total.cells
    assert some(build(office, "15/06", "14/07"), N.CARRIED_OVER, N.LATE, N.PENDING_TOTAL) == [1, 1, 0]
    office.stand("25/06")
    office.act("resolve", received(office, "25/06"), occurred="25/06")
    assert build(office, "15/05", "14/06").total.cells == then.total.cells


def test_reopening_in_the_period_of_the_end_takes_the_end_back(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office, "20/05")
    office.stand("22/05")
    office.act("resolve", code)
    office.stand("23/05")
    office.act("reopen", code)
    tally = build(office, "15/05", "14/06")
    assert some(tally, N.RESOLVED_TOTAL, N.PENDING_TOTAL) == [0, 1]
    assert all(one.holds for one in tally.identities)


@pytest.mark.parametrize(("ends_again", "reopened"), [(False, "15/06"), (True, "20/06")])
def test_reopening_later_is_an_adjustment(office: Any, ends_again: bool, reopened: str) -> None:
    code, other = received(office, "20/05"), received(office, "20/05")
    office.stand("22/05")
    office.act("resolve", code)
    office.act("resolve", other)
    may = build(office, "15/05", "14/06")
    office.stand(reopened)
    office.act("reopen", code)
    if ends_again:
        office.stand("21/06")
        office.act("resolve", code)
        office.act("reopen", code)
        office.act("resolve", code)
    assert build(office, "15/05", "14/06").total.cells == may.total.cells
    june = build(office, "15/06", "14/07")
    assert some(june, N.CARRIED_OVER, N.RESOLVED_TOTAL, N.PENDING_TOTAL) == (
        [1, 1, 0] if ends_again else [1, 0, 1]
    )
    assert all(one.holds for one in june.identities)
    carried = june.identities[-1]
    assert (carried.left, carried.right) == (1, 1)


def close_until(office: Any, to_text: str) -> None:
    with transaction(office.session):
        office.session.add(
            PeriodClose(
                unit_id=1,
                from_on=date(2023, 12, 15),
                to_on=office.on(to_text),
                no=1,
                state=CloseState.CLOSED,
                figures_json={},
                checksum="0" * 64,
                at=office.now,
            )
        )


def test_what_is_entered_late_for_a_closed_period_counts_in_the_open_one(office: Any) -> None:
    code = received(office, "03/06")
    office.stand("17/06")
    close_until(office, "14/06")
    before = build(office, "15/05", "14/06")
    office.act("resolve", code, occurred="12/06")  # due 10/06
    late_entry = office.receive(37, received_at=office.at("13/06 10:00"))
    assert build(office, "15/05", "14/06").total.cells == before.total.cells
    june = build(office, "15/06", "14/07")
    assert some(june, N.CARRIED_OVER, N.LATE, N.RECEIVED_COUNTER_POST) == [1, 1, 1]
    assert all(one.holds for one in june.identities)
    row = cell(office, "15/06", "14/07", N.LATE).rows[0]
    assert (row.code, row.ended_on) == (code, office.on("12/06")), "timeliness by the true dates"
    events = {row.kind.value: row for row in office.session.scalars(select(EventRow))}
    assert events["resolve"].counted_on == office.on("15/06")
    assert events["resolve"].adjusts_close_id is not None
    spans = office.session.scalars(
        select(DossierSpan).where(DossierSpan.dossier_id == office.dossier(late_entry).id)
    ).all()
    assert [(span.received_on, span.received_counted_on) for span in spans] == [
        (office.on("13/06"), office.on("15/06"))
    ]


def test_events_count_in_their_order_also_after_a_period_was_opened_again(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office, "03/06")
    office.stand("17/06")
    close_until(office, "14/06")
    office.act("resolve", code, occurred="12/06")
    office.session.scalars(select(PeriodClose)).one().state = CloseState.REOPENED
    office.session.commit()
    office.act("hand_over", code, occurred="13/06")
    counted = office.session.scalars(select(EventRow.counted_on).order_by(EventRow.seq)).all()
    assert counted == [office.on("03/06"), office.on("15/06"), office.on("15/06")]
    assert some(build(office, "15/05", "14/06"), N.PENDING_TOTAL) == [1]
    assert some(build(office, "15/06", "14/07"), N.CARRIED_OVER, N.LATE) == [1, 1]


def test_an_open_period_is_judged_today_and_a_future_one_refused(sqlite_office: Any) -> None:
    office = sqlite_office
    received(office, "03/06")
    assert some(build(office, "15/05", "14/06", today="10/06"), N.WITHIN, N.OVERDUE) == [1, 0]
    today = build(office, "15/05", "14/06", today="11/06")
    assert (some(today, N.WITHIN, N.OVERDUE), today.at_on) == ([0, 1], office.on("11/06"))
    for from_text, to_text, field in [("12/06", "14/06", "from_on"), ("14/06", "15/05", "from_on")]:
        with pytest.raises(DomainError) as refusal:
            build(office, from_text, to_text, today="11/06")
        assert refusal.value.field == field
    with pytest.raises(DomainError) as refusal:
        build(office, "15/05", "14/06", by="week")
    assert refusal.value.field == "by"
    with pytest.raises(DomainError) as refusal:
        cell(office, "15/05", "14/06", N.LATE, by="x")
    assert refusal.value.field == "by"


def test_every_sector_has_its_row_and_procedures_only_when_they_count(sqlite_office: Any) -> None:
    office = sqlite_office
    received(office, "03/06", 37)
    received(office, "03/06", 41)
    sectors = build(office, "15/05", "14/06")
    assert len(sectors.rows) == 7
    assert sum(row.cells[N.RECEIVED_TOTAL] for row in sectors.rows) == 2
    procedures = build(office, "15/05", "14/06", by="procedure")
    assert [(row.code, row.cells[N.RECEIVED_TOTAL]) for row in procedures.rows] == [
        ("2.000450", 1),
        ("2.001955", 1),
    ]
    assert procedures.total.cells == sectors.total.cells
    key = procedures.rows[0].key
    assert cell(office, "15/05", "14/06", N.RECEIVED_TOTAL, by="procedure", row_key=key).total == 1


def test_nobody_without_a_role_sees_numbers(sqlite_office: Any) -> None:
    nobody = Actor(account_id=3, unit_id=1, name="Cán bộ 98", roles=frozenset())
    period = {"today": date(2024, 6, 14), "asked": Asked(date(2024, 5, 15), date(2024, 6, 14))}
    for read in (
        lambda: tallies.build_tally(sqlite_office.session, actor=nobody, **period),
        lambda: tallies.list_cell(sqlite_office.session, actor=nobody, row_key=None, cell=N.LATE, **period),
        lambda: tally_forms.export_ii06a(sqlite_office.session, actor=nobody, **period),
    ):
        with pytest.raises(DomainError, match="không có quyền"):
            read()


# --- size ---------------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow(sqlite_office: Any, counting: Callable[..., Any]) -> None:
    office = sqlite_office
    received(office, "03/06")

    def asked() -> list[int]:
        found = []
        for look in (
            lambda: build(office, "15/05", "14/06"),
            lambda: build(office, "15/05", "14/06", by="procedure"),
            lambda: cell(office, "15/05", "14/06", N.RECEIVED_TOTAL),
        ):
            with counting(office.session) as statements:
                look()
            found.append(len(statements))
        return found

    few = asked()
    for number in range(10):
        received(office, "04/06", 36 + number % 6, firm=f"Doanh nghiệp {900 + number}")
    assert asked() == few
    assert max(few) <= 8


def test_the_tally_reads_ranges_of_one_covering_index(
    sqlite_office: Any, counting: Callable[..., Any]
) -> None:
    office = sqlite_office
    received(office, "03/06")
    with counting(office.session) as statements:
        build(office, "15/05", "14/06")
    counted = next(one for one in statements if "GROUP BY" in one)
    office.session.rollback()
    raw = office.session.connection().connection.driver_connection
    plan = " ".join(
        str(step[3])
        for step in raw.execute(f"EXPLAIN QUERY PLAN {counted}", ["1"] * counted.count("?")).fetchall()
    )
    assert plan.count("SEARCH dossier_span USING COVERING INDEX ix_dossier_span_tally") == 3, plan
    assert "SCAN dossier_span" not in plan, plan
    for name in CELLS:
        assert cell(office, "15/05", "14/06", name).total <= 1
