"""The register of petitions, the numbers of a period, and both as files."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.services.conftest import Office
from tests.services.petition_desk import (
    ANSWERED,
    AWAY,
    BASIS,
    CONDUCT,
    FIRM,
    PENDING,
    REGULATION,
    answer,
    listed,
    publish,
    record,
    refusal,
    transfer,
    view,
)
from tests.services.settings_desk import change_setting
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import NotAllowed
from tthc.domain.petitions import COLUMNS, PetitionCell, PetitionFacts, count
from tthc.domain.settings import PETITION_NOTICE
from tthc.domain.vocabulary import PetitionHandling, PetitionKind
from tthc.services import petition_export, petitions
from tthc.services.petitions import PetitionFilter
from tthc.services.transaction import transaction

# --- the register -------------------------------------------------------------------------------------


def test_the_register_shows_what_is_urgent_first(office: Office) -> None:
    far = record(office, due_on=date(2024, 7, 1))
    near = record(office, due_on=date(2024, 6, 17))
    old = record(office, received_at=office.at("03/06"), due_on=date(2024, 6, 28))
    done = record(office)
    answer(office, done)
    assert listed(office) == [near, old, far, done]


def test_the_register_is_narrowed_down(office: Office) -> None:
    one = record(office)
    two = record(office, kind=REGULATION, applicant=None, subject="Kiến nghị bỏ giấy tờ")
    old = record(office, received_at=office.at("14/05"), due_on=date(2024, 5, 28), subject="Phản ánh cũ")
    answer(office, one)
    transfer(office, two)
    assert listed(office, state=PENDING) == [old]
    assert listed(office, state=ANSWERED) == [one]
    assert listed(office, state=AWAY) == [two]
    assert listed(office, kind=REGULATION) == [two]
    assert listed(office, q="giay to bo") == [two], "words in any order, without marks"
    assert listed(office, q="0912345678") == [old, one]
    assert listed(office, q="PAKN-2024-0002") == [two]
    assert listed(office, q="100%") == []
    month = {"from_on": date(2024, 5, 15), "to_on": date(2024, 6, 14)}
    assert listed(office, **month) == [two, one]
    assert listed(office, **month, cell=PetitionCell.CARRIED_OVER) == [old]
    assert listed(office, **month, kind=CONDUCT, cell=PetitionCell.RECEIVED_TOTAL) == [old, one]


@pytest.mark.parametrize(
    ("criteria", "field"),
    [
        ({"from_on": date(2024, 6, 1)}, "to_on"),
        ({"to_on": date(2024, 6, 1)}, "from_on"),
        ({"cell": PetitionCell.ANSWERED}, "from_on"),
        ({"from_on": date(2024, 6, 2), "to_on": date(2024, 6, 1)}, "from_on"),
        ({"from_on": date(2024, 6, 15), "to_on": date(2024, 6, 30)}, "from_on"),
    ],
)
def test_half_a_period_is_refused(sqlite_office: Office, criteria: dict[str, Any], field: str) -> None:
    assert refusal(lambda: listed(sqlite_office, **criteria))[0] == field


def test_the_register_has_pages(sqlite_office: Office) -> None:
    office = sqlite_office
    ids = [record(office) for _ in range(52)]
    assert listed(office) == ids[:1:-1]
    assert listed(office, page=2) == [ids[1], ids[0]]
    assert listed(office, page=3) == []


def test_no_query_more_for_more_petitions(sqlite_office: Office, counting: Callable[..., Any]) -> None:
    office = sqlite_office
    procedure_id = office.procedure_id(37)
    supervisor = office.person("supervisor")
    month = {"from_on": date(2024, 6, 1), "to_on": date(2024, 6, 14)}
    sizes = []
    for _ in range(2):
        for number in range(4):
            firm = replace(FIRM, name=f"Doanh nghiệp {number}")
            petition_id = record(office, applicant=firm, procedure_id=procedure_id)
        with counting(office.session) as lists:
            assert listed(office)
        with counting(office.session) as tallies:
            petitions.tally(office.session, actor=supervisor, today=office.today, **month)
        with counting(office.session) as pages:
            view(office, petition_id)
        with counting(office.session) as files:
            petition_export.export_list(
                office.session,
                actor=supervisor,
                today=office.today,
                criteria=PetitionFilter(),
                format="csv",
            )
        sizes.append([len(one) for one in (lists, tallies, pages, files)])
    assert sizes[0] == sizes[1]


# --- the numbers of a period --------------------------------------------------------------------------


def tally(office: Office, from_on: str, to_on: str, by: str = "reporter") -> Any:
    return petitions.tally(
        office.session,
        actor=office.person(by),
        today=office.today,
        from_on=office.on(from_on),
        to_on=office.on(to_on),
    )


def test_the_numbers_of_a_month(office: Office) -> None:
    """Three are carried over, four come in; two are answered in time, one late, one is handed on."""
    office.stand("14/05")
    old = [record(office, due_on=office.on("20/05")) for _ in range(3)]
    office.stand("20/05")
    answer(office, old[0])
    office.stand("22/05")
    answer(office, old[1])
    new = [record(office, due_on=office.on("05/06")) for _ in range(3)]
    new.append(record(office, kind=REGULATION, due_on=office.on("20/06")))
    office.stand("03/06")
    answer(office, new[0])
    publish(office, new[0])
    transfer(office, new[1])
    office.stand("20/06")
    answer(office, new[2])
    table = tally(office, "15/05", "14/06")
    cells = table.total.cells
    assert {name.value: cells[name] for name in COLUMNS} == {
        "received_total": 7,
        "carried_over": 3,
        "received_new": 4,
        "answered": 3,
        "answered_on_time": 2,
        "answered_late": 1,
        "transferred": 1,
        "pending": 3,
        "pending_within": 1,
        "pending_overdue": 2,
        "published": 1,
    }
    assert [row.cells[PetitionCell.RECEIVED_TOTAL] for row in table.rows] == [6, 1]
    assert all(one.holds for one in table.identities)
    period = ReportPeriod(office.on("15/05"), office.on("14/06"))
    with transaction(office.session) as session:
        assert petitions.tally_of(session, 1, period, today=office.today) == table, "what a report keeps"
    following = tally(office, "15/06", "14/07")
    assert following.total.cells[PetitionCell.CARRIED_OVER] == 3
    assert (following.total.cells[PetitionCell.ANSWERED_LATE], following.at_on) == (1, office.on("20/06"))
    assert tally(office, "01/01", "31/01").none
    assert not table.none


def test_a_period_that_has_not_begun_or_ends_before_it_begins(sqlite_office: Office) -> None:
    assert refusal(lambda: tally(sqlite_office, "15/06", "14/07"))[0] == "from_on"
    assert refusal(lambda: tally(sqlite_office, "14/06", "13/06"))[0] == "from_on"


def fill_at_random(office: Office, chance: random.Random, size: int) -> list[PetitionFacts]:
    """Petitions of May and June 2024 with whatever may become of them; their facts as they were made."""
    office.stand("30/06")
    working = [day for number in range(1, 31) if (day := date(2024, 6, number)).weekday() < 5]
    made = []
    for _ in range(size):
        received = date(2024, 5, 1) + timedelta(days=chance.randrange(55))
        due = chance.choice([day for day in working if day >= received])
        ended = min(received + timedelta(days=chance.randrange(25)), office.today)
        fate = chance.choice(["pending", "answered", "published", "away", "away at once"])
        kind = chance.choice(list(PetitionKind))
        at_once = fate == "away at once"
        petition_id = record(
            office,
            kind=kind,
            received_at=office.at(f"{received:%d/%m}"),
            due_on=None if at_once else due,
            legal_basis="" if at_once else BASIS,
            state=AWAY if at_once else PENDING,
            transferred_to="Sở Công Thương" if at_once else "",
            ended_on=ended if at_once else None,
        )
        published = None
        if fate == "away":
            transfer(office, petition_id, ended_on=ended)
        elif fate in ("answered", "published"):
            answer(office, petition_id, ended_on=ended)
        if fate == "published":
            published = min(ended + timedelta(days=chance.randrange(9)), office.today)
            publish(office, petition_id, published_on=published)
        handled = PetitionHandling.TRANSFERRED if "away" in fate else PetitionHandling.HERE
        made.append(
            PetitionFacts(
                kind,
                received,
                handled,
                None if fate == "pending" else ended,
                None if at_once else due,
                published,
            )
        )
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_and_lists_are_what_the_domain_counts(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    made = fill_at_random(office, chance, 30)
    for _ in range(6):
        from_on, to_on = sorted(date(2024, 5, 1) + timedelta(days=chance.randrange(61)) for _ in range(2))
        table = petitions.tally(
            office.session, actor=office.person("auditor"), today=office.today, from_on=from_on, to_on=to_on
        )
        wanted = count(made, from_on=from_on, at_on=to_on)
        assert {row.kind: dict(row.cells) for row in table.rows} == wanted
        assert all(one.holds for one in table.identities)
        for kind in PetitionKind:
            for cell, number in wanted[kind].items():
                found = listed(office, kind=kind, from_on=from_on, to_on=to_on, cell=cell)
                assert len(found) == number, (kind, cell)


# --- files --------------------------------------------------------------------------------------------


def export(office: Office, format: str, by: str = "reporter", **criteria: Any) -> bytes:  # noqa: A002
    return petition_export.export_list(
        office.session,
        actor=office.person(by),
        today=office.today,
        criteria=PetitionFilter(**criteria),
        format=format,
    )


def test_the_register_as_a_sheet_has_typed_cells_and_no_formula(office: Office) -> None:
    petition_id = record(office, subject='=HYPERLINK("http://x")', procedure_id=office.procedure_id(37))
    record(office, kind=REGULATION, applicant=None)
    answer(office, petition_id)
    sheet = load_workbook(BytesIO(export(office, "xlsx"))).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(number for number, row in enumerate(rows) if "Số" in row)
    assert rows[head][:5] == ["Số", "Loại", "Người phản ánh, kiến nghị", "Nội dung", "Thủ tục liên quan"]
    first, second = rows[head + 1], rows[head + 2]
    assert (first[0], second[0]) == ("PAKN-2024-0002", "PAKN-2024-0001")
    assert first[2] == "Không nêu tên"
    assert second[3] == '=HYPERLINK("http://x")'
    [cell] = [one for row in sheet.iter_rows() for one in row if one.value == second[3]]
    assert cell.data_type == "s"
    assert second[6].date() == date(2024, 6, 24)
    assert "phản ánh, kiến nghị" in str(rows[:head])


def test_the_register_as_csv_opens_no_formula_either(office: Office) -> None:
    record(office, subject="=1+1")
    record(office, subject="Phản ánh, có dấu phẩy")
    lines = export(office, "csv").decode("utf-8-sig").splitlines()
    assert lines[0].startswith('Số,Loại,"Người phản ánh, kiến nghị",Nội dung,')
    assert '"Phản ánh, có dấu phẩy"' in lines[1]
    assert ",'=1+1," in lines[2]
    assert "14/06/2024 09:30" in lines[1]
    assert len(export(office, "csv", q="dau phay").splitlines()) == 2


def test_an_empty_register_can_be_exported(sqlite_office: Office) -> None:
    assert export(sqlite_office, "csv").decode("utf-8-sig").count("\n") == 1
    sheet = load_workbook(BytesIO(export(sqlite_office, "xlsx"))).active
    assert any("Không có dữ liệu" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_who_may_take_the_register_away(sqlite_office: Office) -> None:
    for name in ("clerk", "officer"):
        with pytest.raises(NotAllowed):
            export(sqlite_office, "csv", by=name)
    assert refusal(lambda: export(sqlite_office, "pdf"))[0] == "format"


def test_the_tally_as_a_sheet_says_the_same_numbers(office: Office) -> None:
    office.stand("10/05")
    record(office, due_on=office.on("20/05"))
    office.stand("20/05")
    record(office, kind=REGULATION, due_on=office.on("05/06"))
    answer(office, record(office, due_on=office.on("05/06")))
    office.stand("14/06")
    month = {"from_on": office.on("15/05"), "to_on": office.on("14/06")}
    content = petition_export.export_tally(
        office.session,
        actor=office.person("reporter"),
        today=office.today,
        title="Tháng 06 năm 2024",
        **month,
    )
    rows = [
        list(row)
        for row in load_workbook(BytesIO(content), data_only=True).active.iter_rows(values_only=True)
    ]
    total = next(row for row in rows if "TỔNG CỘNG" in row)
    assert total[2:13] == [3, 1, 2, 1, 1, 0, 0, 2, 0, 2, 0]
    assert any("Tháng 06 năm 2024" in str(cell) for row in rows for cell in row)


# --- the setting --------------------------------------------------------------------------------------


def test_the_office_says_how_early_it_wants_to_know(sqlite_office: Office) -> None:
    office = sqlite_office
    petition_id = record(office)
    assert not view(office, petition_id).row.due_soon
    change_setting(office, PETITION_NOTICE, 6)
    assert view(office, petition_id).row.due_soon
