"""How reports follow the closing chain: final with it, drafts again when it is reopened, corrected once sent.

Everything here runs inside the caller's transaction, while nobody else writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import PeriodClose, Report
from tthc.db.queries import reports as queries
from tthc.domain import closing
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import ReportState
from tthc.services import audit, readiness, report_annexed, tallies

#: What a report keeps the figures of; those of the chain are checked, channels are for the sentence.
GROUPS = ("sector", "procedure", "channel")
_CHECKED = ("sector", "procedure")
#: The closings that the figures were read from; empty for a draft.
CLOSES = "closes"


@dataclass(frozen=True)
class Followed:
    """How many reports became final, became drafts again, and were corrected."""

    final: int = 0
    reopened: int = 0
    corrections: int = 0


def period_of(report: Report) -> ReportPeriod:
    """The period of a report with its name."""
    return ReportPeriod(report.from_on, report.to_on, closing.title(report.from_on, report.to_on))


def fill(
    session: Session, *, now: datetime, actor: Actor, report: Report, closes: Sequence[PeriodClose]
) -> None:
    """Draw the report up anew: figures and readiness list, final if its period is closed."""
    figures = figures_of(session, actor=actor, period=period_of(report), closes=closes)
    report.figures_json = figures
    report.readiness_json = [
        {
            "key": point.key,
            "label": point.label,
            "count": point.count,
            "blocks": point.blocks,
            "listed": point.listed,
        }
        for point in readiness.points(
            session,
            actor=actor,
            now=now,
            period=period_of(report),
            figures={by: figures[by] for by in _CHECKED},
        )
    ]
    report.state = ReportState.FINAL if closes else ReportState.DRAFT
    report.prepared_at, report.prepared_by = now, actor.account_id


def figures_of(
    session: Session, *, actor: Actor, period: ReportPeriod, closes: Sequence[PeriodClose]
) -> dict[str, Any]:
    """The figures of a period in every grouping, what stands beside them, and which closings they are of."""
    figures = tallies.figures_of(session, actor=actor, period=period, groups=GROUPS, closes=closes)
    figures |= report_annexed.figures_of(session, unit_id=actor.unit_id, period=period)
    figures[CLOSES] = [one.id for one in closes]
    return figures


def follow(session: Session, *, now: datetime, actor: Actor) -> Followed:
    """Bring every report into line with what is closed now."""
    chain = queries.closed_chain(session, actor.unit_id)
    final, reopened = 0, 0
    for report in queries.unsent(session, actor.unit_id):
        ids = _ids_of(chain, report)
        if ids and ids != report.figures_json[CLOSES]:
            closes = tallies.closes_of(session, report.unit_id, report.from_on, report.to_on)
            fill(session, now=now, actor=actor, report=report, closes=closes)
            note(session, now, actor, "finalise_report", report)
            final += 1
        elif not ids and report.state is ReportState.FINAL:
            report.state = ReportState.DRAFT
            report.figures_json = {**report.figures_json, CLOSES: []}
            note(session, now, actor, "reopen_report", report)
            reopened += 1
        else:
            continue
        report.version += 1
    return Followed(final, reopened, _correct(session, now, actor, chain))


def note(
    session: Session, now: datetime, actor: Actor, action: str, report: Report, **more: str | None
) -> None:
    """Put on record what was done with a report."""
    session.flush()
    audit.record(
        session,
        unit_id=report.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"report:{report.id}",
        detail={
            "kind": report.kind.value,
            "from_on": report.from_on.isoformat(),
            "to_on": report.to_on.isoformat(),
            "correction_no": report.correction_no,
            **more,
        },
    )


def _correct(session: Session, now: datetime, actor: Actor, chain: Sequence[Any]) -> int:
    """A correction of every sent report of a closed period whose figures are others now.

    Its period was closed again, or petitions or certificates of it were corrected.
    """
    if not chain:
        return 0
    made = 0
    for sent in queries.sent_last(session, actor.unit_id, chain[0].from_on, chain[-1].to_on):
        ids = _ids_of(chain, sent)
        if not ids or not sent.figures_json[CLOSES]:
            continue
        if ids == sent.figures_json[CLOSES] and not annexed_changed(session, sent):
            continue
        closes = tallies.closes_of(session, sent.unit_id, sent.from_on, sent.to_on)
        figures = figures_of(session, actor=actor, period=period_of(sent), closes=closes)
        if same_figures(figures, sent.figures_json, period_of(sent)):
            continue
        report = Report(
            unit_id=sent.unit_id,
            kind=sent.kind,
            from_on=sent.from_on,
            to_on=sent.to_on,
            correction_no=sent.correction_no + 1,
            signer=sent.signer,
            recipient=sent.recipient,
        )
        fill(session, now=now, actor=actor, report=report, closes=closes)
        session.add(report)
        note(session, now, actor, "correct_report", report)
        made += 1
    return made


def same_figures(one: Mapping[str, Any], other: Mapping[str, Any], period: ReportPeriod) -> bool:
    """Whether two drawings of a report give the same numbers in the same rows."""
    return all(numbers(one[by]) == numbers(other[by]) for by in GROUPS) and report_annexed.same(
        one, other, period
    )


def annexed_changed(session: Session, report: Report) -> bool:
    """Whether petitions or certificates of a report's period are others than it keeps."""
    period = period_of(report)
    now = report_annexed.figures_of(session, unit_id=report.unit_id, period=period)
    return not report_annexed.same(now, report.figures_json, period)


def numbers(kept: Mapping[str, Any]) -> dict[Any, Any]:
    """The numbers of one grouping by row, without the rows that have none."""
    rows: Iterable[Mapping[str, Any]] = kept["rows"]
    return {row["key"]: row["cells"] for row in rows if any(row["cells"].values())}


def _ids_of(chain: Sequence[Any], report: Report) -> list[int]:
    """The closings that together are the report's period; none if a month of it is open."""
    within = [one for one in chain if report.from_on <= one.from_on and one.to_on <= report.to_on]
    if not within or within[0].from_on != report.from_on or within[-1].to_on != report.to_on:
        return []
    return [one.id for one in within]


def starts_within(first: date, period: ReportPeriod) -> bool:
    """Whether a period begins with the month of the first dossier or later, so that its figures are whole."""
    cutoff = closing.cutoff_of(period)
    return cutoff is not None and period.from_on >= closing.month_start(first, cutoff)
