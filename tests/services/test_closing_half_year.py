"""The published half-year closed month by month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.closing_desk import REASON, N, close, following, some, tally
from tests.services.conftest import published_half_year
from tthc.db.models import PeriodClose
from tthc.domain.vocabulary import TimeUnit
from tthc.services import (
    closing,
    closing_page,
    tallies,
    tally_lists,
)

MONTHS = ("15/12/2023", "15/01", "15/02", "15/03", "15/04", "15/05", "15/06")


def closed_month_by_month(office: Any) -> None:
    published_half_year(office)
    office.stand("20/06")
    while following(office).ended:
        close(office)


@pytest.fixture
def half(office: Any, prepared: Any) -> Any:
    """The published half-year, closed month by month on the days after."""
    prepared(office, closed_month_by_month)
    return office


def test_the_published_half_year_closed_month_by_month(half: Any) -> None:
    chain = half.session.scalars(select(PeriodClose).order_by(PeriodClose.from_on)).all()
    spans = [f"{one.from_on:%d/%m/%Y}" for one in chain]
    assert spans[-6:] == [f"{half.on(text):%d/%m/%Y}" for text in MONTHS[:6]]
    online = counter = 0
    pending = None
    for one in chain:
        built = tallies.closed_tally(one, by="sector")
        for by in ("sector", "procedure"):
            kept = tallies.closed_tally(one, by=by)
            assert all(identity.holds for identity in kept.identities)
            assert not kept.faulty_rows
        assert closing.is_whole(half.session, actor=half.person("auditor"), close_id=one.id)
        if pending is not None:
            assert built.total.cells[N.CARRIED_OVER] == pending
        pending = built.total.cells[N.PENDING_TOTAL]
        if one.from_on >= date(2023, 12, 15):
            online += built.total.cells[N.RECEIVED_ONLINE]
            counter += built.total.cells[N.RECEIVED_COUNTER_POST]
    assert (online, counter, pending) == (110, 7, 11)
    whole = tally(half, "15/12/2023", "14/06")
    assert whole.closed_at == chain[-1].at
    assert some(whole, N.RECEIVED_TOTAL, N.ENDED_TOTAL, N.PENDING_TOTAL) == [130, 119, 11]
    assert all(identity.holds for identity in whole.identities)
    assert not whole.faulty_rows


def test_the_half_year_by_its_months(half: Any) -> None:
    asked = tallies.Asked(half.on("15/12/2023"), half.on("14/06"))
    built = tallies.build_parts(
        half.session, actor=half.person("reporter"), today=half.today, asked=asked, unit=TimeUnit.MONTH
    )
    assert [f"{one.period.from_on:%d/%m/%Y}" for one in built.parts] == [
        f"{half.on(text):%d/%m/%Y}" for text in MONTHS[:6]
    ]
    assert all(one.closed_at for one in built.parts)
    for name in (N.RECEIVED_ONLINE, N.RECEIVED_COUNTER_POST, N.ENDED_TOTAL):
        assert sum(one.total.cells[name] for one in built.parts) == built.whole.total.cells[name]
    assert built.parts[0].total.cells[N.CARRIED_OVER] == built.whole.total.cells[N.CARRIED_OVER] == 13
    assert built.parts[-1].total.cells[N.PENDING_TOTAL] == 11
    quarters = tallies.build_parts(
        half.session, actor=half.person("reporter"), today=half.today, asked=asked, unit=TimeUnit.QUARTER
    )
    assert [f"{one.period.from_on:%d/%m/%Y}" for one in quarters.parts] == ["15/12/2023", "15/03/2024"]
    for parted in (built, quarters):
        carried = 13
        for one in parted.parts:
            assert all(identity.holds for identity in one.identities)
            assert not one.faulty_rows
            assert one.total.cells[N.CARRIED_OVER] == carried
            carried = one.total.cells[N.PENDING_TOTAL]
        for name, number in ((N.RECEIVED_ONLINE, 110), (N.RECEIVED_COUNTER_POST, 7), (N.ENDED_TOTAL, 119)):
            assert sum(one.total.cells[name] for one in parted.parts) == number
        assert carried == 11
    for one in (*built.parts, *quarters.parts):
        for name in (N.RECEIVED_TOTAL, N.PENDING_TOTAL):
            found = tally_lists.open_cell(
                half.session,
                actor=half.person("reporter"),
                today=half.today,
                asked=tallies.Asked(one.period.from_on, one.period.to_on),
                row_key=None,
                cell=name,
            )
            assert found.page.total == one.total.cells[name]


def test_the_queries_do_not_grow_with_the_dossiers(
    sqlite_office: Any, counting: Callable[[Session], Any]
) -> None:
    office = sqlite_office

    def lived(number: int) -> list[int]:
        """Late entries and adjustments of a month, then how much closing and looking at it asks."""
        for one in range(number):
            code = office.receive(received_at=office.at("12/06 10:00"), firm=f"Doanh nghiệp {900 + one}")
            office.act("resolve", code, occurred="13/06")
            office.act("reopen", code)
        asked = []
        with counting(office.session) as statements:
            shown = following(office)
        asked.append(len(statements))
        with counting(office.session) as statements:
            close_id = closing.close_period(
                office.session,
                now=office.now,
                actor=office.person("supervisor"),
                from_on=shown.period.from_on,
                to_on=shown.period.to_on,
                figures=shown.figures,
                vault=office.vault,
                reason=REASON,
            )
        asked.append(len(statements))
        with counting(office.session) as statements:
            closing_page.get_closing(office.session, actor=office.person("auditor"), close_id=close_id)
        asked.append(len(statements))
        return asked

    office.stand("12/06 10:00")
    office.receive()
    office.stand("15/06")
    close(office)
    office.stand("15/07")
    lived(2)
    # What a month reopens after its end is an adjustment of the next: two, two, and then nine.
    office.stand("15/08")
    few = lived(2)
    office.stand("15/09")
    assert lived(9) == few
    office.stand("15/10")
    assert lived(2) == few
