"""What tests do with the calendar, as its page does it: a change is prepared, looked at and applied."""

from __future__ import annotations

from tests.services.conftest import Office
from tthc.services import calendar_changes, calendar_drafts
from tthc.services.calendar import load_rows
from tthc.services.calendar_changes import ALL, ChangeResult, Choice, Intent, Preview

#: The days are entered and no dossier is moved.
NOBODY = Choice(everyone=False)


def look(office: Office, intent: Intent, by: str = "supervisor") -> Preview:
    return calendar_changes.preview_change(
        office.session, now=office.now, actor=office.person(by), intent=intent
    )


def change_calendar(
    office: Office,
    intent: Intent,
    by: str = "supervisor",
    *,
    base_version_id: int | None = None,
    reason: str = "Theo thông báo",
    choice: Choice = ALL,
) -> ChangeResult:
    """Judged on the newest version, unless another is named. What is refused is not kept for later."""
    actor = office.person(by)
    base = load_rows(office.session).version_id if base_version_id is None else base_version_id
    token = calendar_drafts.prepare_change(office.session, now=office.now, actor=actor, intent=intent)
    try:
        return calendar_drafts.apply_prepared(
            office.session,
            now=office.now,
            actor=actor,
            token=token,
            base_version_id=base,
            reason=reason,
            choice=choice,
        )
    except Exception:
        calendar_drafts.drop_prepared(office.session, actor=actor, token=token)
        raise
