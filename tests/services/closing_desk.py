"""What tests do with periods: close what comes next, reopen it, count."""

from __future__ import annotations

from typing import Any

from tthc.domain.tallies import CellName, Tally
from tthc.services import (
    closing,
    tallies,
)
from tthc.services.closing import NextClose

N = CellName
REASON = "Đã đối chiếu với sổ giấy"


def following(office: Any, by: str = "reporter") -> NextClose:
    found = closing.next_close(office.session, actor=office.person(by), now=office.now)
    assert found is not None
    return found


def close(office: Any, *, by: str = "supervisor", reason: str = REASON, **other: Any) -> int:
    """Close what comes next, or with other values than the page shows."""
    shown = following(office)
    office.session.rollback()
    values = {
        "from_on": shown.period.from_on,
        "to_on": shown.period.to_on,
        "figures": shown.figures,
        "vault": office.vault,
        **other,
    }
    return closing.close_period(
        office.session, now=office.now, actor=office.person(by), reason=reason, **values
    )


def reopen(office: Any, close_id: int, reason: str = "Còn hồ sơ chưa nhập", by: str = "supervisor") -> None:
    closing.reopen_period(
        office.session, now=office.now, actor=office.person(by), close_id=close_id, reason=reason
    )


def span(found: NextClose) -> str:
    return f"{found.period.from_on:%d/%m/%Y}–{found.period.to_on:%d/%m/%Y}"


def tally(office: Any, from_text: str, to_text: str, by: str = "sector") -> Tally:
    return tallies.build_tally(
        office.session,
        actor=office.person("reporter"),
        today=office.today,
        asked=tallies.Asked(office.on(from_text), office.on(to_text), by),
    )


def some(built: Tally, *names: CellName) -> list[int]:
    return [built.total.cells[name] for name in names]


def resolved_and_received(office: Any) -> tuple[str, str]:
    office.stand("20/05")
    first = office.receive()
    office.stand("22/05")
    office.act("resolve", first)
    office.stand("12/06")
    second = office.receive(41)
    office.stand("15/06")
    return first, second
