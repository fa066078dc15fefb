"""The office that speed is measured on: its copies are as lawful as what was lived through."""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.services.retelling import replay, standing_of
from tthc.db.models import Dossier, DossierSpan, DueDateRow, EventRow, SearchEntry
from tthc.db.queries import dossiers as dossier_queries
from tthc.domain.search import index_text
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import Channel
from tthc.services import intake, tallies
from tthc.services.vault import Vault

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import bench_build
import bench_office

LIVED, TIMES = 24, 3


def test_a_copied_office_is_told_by_its_own_events_and_goes_on(
    sqlite_session: Session, tmp_path: Path
) -> None:
    session = sqlite_session
    people = bench_office.open_office(session)
    bench_office.Life(session, people).run(LIVED)
    bench_build.multiply(session, TIMES)

    events: dict[int, list[EventRow]] = defaultdict(list)
    for row in session.scalars(select(EventRow).order_by(EventRow.dossier_id, EventRow.seq)):
        events[row.dossier_id].append(row)
    known: dict[int, list[DossierSpan]] = defaultdict(list)
    spans = select(DossierSpan).where(DossierSpan.known_to.is_(None)).order_by(DossierSpan.valid_from)
    for span in session.scalars(spans):
        known[span.dossier_id].append(span)
    dossiers = session.scalars(select(Dossier)).all()
    assert len(dossiers) == LIVED * TIMES
    for dossier in dossiers:
        told = [(span.valid_from, span.valid_to, standing_of(span)) for span in known[dossier.id]]
        assert told == replay(events[dossier.id]), dossier.code
        promise = session.get_one(DueDateRow, dossier.due_date_id)
        assert (promise.subject_id, promise.due_on) == (dossier.id, dossier.due_on)
        entry = session.get_one(SearchEntry, dossier.id)
        assert index_text([dossier.code]) in entry.folded

    years = session.execute(
        select(
            Dossier.register_year, func.min(Dossier.register_no), func.max(Dossier.register_no), func.count()
        ).group_by(Dossier.register_year)
    ).all()
    assert all((least, most) == (1, count) for _, least, most, count in years)

    bench_build.close_months(session, people["lanh-dao"], Vault(tmp_path), leave=15)
    last = dossier_queries.last_close(session, 1)
    assert last is not None
    assert last.to_on == date(2023, 3, 14)
    whole = tallies.Asked(date(2022, 12, 15), date(2024, 6, 14), "procedure")
    tally = tallies.build_tally(session, actor=people["tong-hop"], today=bench_office.NOW.date(), asked=whole)
    assert all(one.holds for one in tally.identities)
    assert not tally.faulty_rows
    # Three times the office has three times of everything.
    assert {number % TIMES for row in tally.rows for number in row.cells.values()} == {0}
    assert tally.total.cells[CellName.RECEIVED_TOTAL] == LIVED * TIMES

    request = intake.IntakeRequest(
        procedure_id=dossiers[0].procedure_id,
        case_id=None,
        channel=Channel.COUNTER,
        applicant=bench_office.firm(999),
        received_at=dossiers[0].received_at,
        confirm_unverified=True,
    )
    code = intake.receive_dossier(session, now=bench_office.NOW, actor=people["can-bo"], request=request)
    day = code.rpartition("-")[0]
    assert int(code.rpartition("-")[2]) == 1 + sum(one.code.startswith(day) for one in dossiers)
