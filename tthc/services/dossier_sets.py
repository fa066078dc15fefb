"""Sets of dossiers beside the cells of the tally: indicators and charts count with them and list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tthc.db.queries import dossier_sets as queries
from tthc.db.queries import tallies as tally_queries
from tthc.domain.charts import Band, bands
from tthc.domain.indicators import SETS, SetName
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.predicates import Predicate
from tthc.domain.tallies import CELLS, CellName
from tthc.services import calendar, catalogue, tallies, tally_cells, tally_lists
from tthc.services.transaction import NotFound, begin_snapshot
from tthc.services.views import PAGE_SIZE, CellRow, Page


@dataclass(frozen=True)
class SetAsked:
    """Which set of a period: one of the indicators, a band of age, or what was resolved under a case."""

    period: ReportPeriod
    name: SetName | Band | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class SetList:
    """The dossiers of a set with its words."""

    asked: SetAsked
    title: str
    page: Page[CellRow]


@dataclass(frozen=True)
class Reading:
    """From where the sets of a period are read, and of which day pending is judged."""

    period: ReportPeriod
    at_on: date
    source: tally_queries.Source

    def query(self, predicate: Predicate, cases: Sequence[int] | None = None) -> queries.SetQuery:
        """One set of the period."""
        return queries.SetQuery(self.source, self.period.from_on, self.at_on, predicate, cases)

    def count(self, session: Session, predicates: Mapping[queries.K, Predicate]) -> dict[queries.K, int]:
        """How many dossiers each of some sets has."""
        return queries.count_sets(
            session, self.source, from_on=self.period.from_on, at_on=self.at_on, predicates=predicates
        )


def read(session: Session, unit_id: int, period: ReportPeriod, today: date) -> Reading:
    """A period as its tally is read: from its closings if it is closed, else from the spans as they are."""
    at_on = period.judged_on(today)
    closes = tallies.closes_of(session, unit_id, period.from_on, period.to_on)
    if closes:
        return Reading(period, at_on, tally_queries.closed([close.id for close in closes]))
    return Reading(period, at_on, tally_queries.living(unit_id, at_on))


def bands_on(session: Session, unit_id: int, on: date) -> dict[Band, Predicate]:
    """The bands of age by the office's calendar; raises CalendarNotCovered where that does not reach."""
    return bands(on, calendar.load_rules(session, unit_id, on).calendar)


def same_cases(session: Session, case_id: int) -> Sequence[int]:
    """The cases that a time is measured with: same procedure, same name, same limit, whatever the version."""
    like = queries.cases_like(session, case_id)
    limits = catalogue.limits_of(session, like)
    if case_id not in limits:
        raise NotFound("Không có trường hợp này.")
    return [one for one in like if one in limits and limits[one].label == limits[case_id].label]


def open_set(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: SetAsked,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> SetList:
    """The dossiers of a set; ``size`` ``None``: all of them."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    reading = read(session, actor.unit_id, asked.period, today)
    title, query = _query(session, actor, reading, asked)
    return SetList(asked, title, tally_cells.page_of(session, query, page=page, size=size))


def export_set(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: SetAsked,
    format: str,  # noqa: A002
) -> bytes:
    """The same list whole, as "xlsx" or "csv"."""
    found = open_set(session, actor=actor, today=today, asked=asked, size=None)
    period = asked.period
    return tally_lists.write(
        session,
        actor=actor,
        title=found.title,
        subtitle=tally_lists.subtitle(tallies.Asked(period.from_on, period.to_on, title=period.title)),
        on=period.to_on,
        rows=found.page.rows,
        format=format,
    )


def _query(session: Session, actor: Actor, reading: Reading, asked: SetAsked) -> tuple[str, queries.SetQuery]:
    """The words and the conditions of a set."""
    if isinstance(asked.name, SetName):
        return SETS[asked.name].label, reading.query(SETS[asked.name].predicate)
    if isinstance(asked.name, Band):
        found = bands_on(session, actor.unit_id, reading.at_on)
        return f"Đang giải quyết: {asked.name.label.lower()}", reading.query(found[asked.name])
    if asked.case_id is None:
        raise NotFound("Không có tập hồ sơ này.")
    cases = same_cases(session, asked.case_id)
    ((_, procedure_id, case, usual),) = queries.cases(session, [asked.case_id])
    ((_, _, procedure),) = tally_queries.procedure_names(session, [procedure_id], reading.at_on)
    name = procedure if usual else f"{procedure} – {case}"
    return f"Đã giải quyết: {name}", reading.query(CELLS[CellName.RESOLVED_TOTAL].predicate, cases)
