"""When a daily job is due, and when it has stayed away for too long."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tthc.domain.vocabulary import OFFICE_ZONE

#: So long after its time a daily job may still be on its way: the machine starts, the run takes a while.
GRACE = timedelta(hours=2)
#: So long after a failure a job is left alone, so that the same error does not fill the log.
RETRY_AFTER = timedelta(hours=1)


def last_due(now: datetime, at: time) -> datetime:
    """The newest moment at or before ``now`` at which a daily job is due."""
    local = now.astimezone(OFFICE_ZONE)
    due = datetime.combine(local.date(), at, OFFICE_ZONE)
    return due if due <= local else due - timedelta(days=1)


def next_due(now: datetime, at: time) -> datetime:
    """The first moment after ``now`` at which a daily job is due."""
    return last_due(now, at) + timedelta(days=1)


def is_late(last_done: datetime | None, now: datetime, at: time) -> bool:
    """Whether a daily job should have been done since it was: due at 06:30, it is late from 08:30 on."""
    return last_done is None or last_done < last_due(now - GRACE, at)
