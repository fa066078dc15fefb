"""Office rules by key and date: what holds, and how it is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.conftest import Office
from tests.services.settings_desk import change_setting
from tthc.db.models import AuditEntry, Setting
from tthc.domain.permissions import NotAllowed
from tthc.domain.settings import (
    ALERT_ANSWER_DAYS,
    ANSWER_HOURS,
    CALENDAR_AHEAD,
    COLLECT_DAYS,
    DAYS_AHEAD,
    DIGEST_AT,
    ESCALATION_DAYS,
    ESCALATIONS_ANYTIME,
    KEEP_DRAFTS,
    KEEP_PASSING,
    KEEP_RUNS,
    KNOWN,
    LOOKUP_ADDRESS,
    PETITION_NOTICE,
    REPORT_CUTOFFS,
    SEND_WITHIN,
    STOP_BASIS,
    TALLY_CUTOFF,
    TALLY_ENDS,
    TELL_APPLICANTS,
    TELL_WEBHOOK,
    UNANSWERED_DAYS,
    KnownSetting,
)
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, settings, tally_forms
from tthc.services.transaction import NotFound

DAYS = KnownSetting("test.days", "so-ngay", "Số ngày", "", default=30)
WORDS = KnownSetting("test.words", "can-cu", "Căn cứ", "", default="")


def keep(
    session: Session,
    now: datetime,
    setting: KnownSetting[Any],
    value: object,
    *,
    unit_id: int | None,
    since: date | None,
) -> None:
    session.add(
        Setting(
            unit_id=unit_id, key=setting.key, value_json={"value": value}, valid_from=since, recorded_at=now
        )
    )
    session.commit()


def test_the_newest_row_at_or_before_a_date_holds(session: Session, now: datetime) -> None:
    assert settings.get(session, 1, DAYS, date(2024, 6, 14)) == 30
    keep(session, now, DAYS, 20, unit_id=1, since=date(2025, 1, 1))
    keep(session, now, DAYS, 10, unit_id=1, since=None)
    assert settings.get(session, 1, DAYS, date(2024, 12, 31)) == 10
    assert settings.get(session, 1, DAYS, date(2025, 1, 1)) == 20
    assert settings.get(session, 1, WORDS, date(2025, 1, 1)) == ""


def test_a_correction_for_the_same_day_is_the_later_row(session: Session, now: datetime) -> None:
    keep(session, now, DAYS, 1, unit_id=1, since=date(2025, 1, 1))
    keep(session, now, DAYS, 2, unit_id=1, since=date(2025, 1, 1))
    assert settings.get(session, 1, DAYS, date(2025, 1, 1)) == 2


def test_the_units_own_row_stands_before_the_general_one(session: Session, now: datetime) -> None:
    keep(session, now, WORDS, "own", unit_id=1, since=None)
    keep(session, now, WORDS, "general", unit_id=None, since=date(2025, 1, 1))
    assert settings.get(session, 1, WORDS, date(2026, 1, 1)) == "own"
    assert settings.get(session, 2, WORDS, date(2026, 1, 1)) == "general"


@pytest.mark.parametrize("value", ["20", True, None, 2.5])
def test_a_value_of_the_wrong_type_does_not_pass_in_silence(
    session: Session, now: datetime, value: object
) -> None:
    keep(session, now, DAYS, value, unit_id=1, since=None)
    with pytest.raises(TypeError, match=r"test\.days"):
        settings.get(session, 1, DAYS, date(2025, 1, 1))


def test_what_the_office_has_not_set_reads_as_the_table_says(session: Session) -> None:
    on = date(2026, 11, 22)
    assert settings.get(session, 1, UNANSWERED_DAYS, on) == 30
    assert settings.get(session, 1, STOP_BASIS, on) == ""
    assert settings.get(session, 1, TALLY_ENDS, on) == "folded"


# --- changing -----------------------------------------------------------------------------------------


def view(office: Office, by: str = "auditor", page: int = 1) -> settings.SettingsView:
    return settings.get_settings(office.session, actor=office.person(by), today=office.today, page=page)


def test_a_change_holds_from_its_date_on(office: Office) -> None:
    change_setting(office, UNANSWERED_DAYS, 20, "01/07/2024")
    for on, days in (("30/06/2024", 30), ("01/07/2024", 20), ("01/01/2030", 20)):
        assert settings.get(office.session, 1, UNANSWERED_DAYS, office.on(on)) == days
    assert not tally_forms.ends_apart(office.session, unit_id=1, on=office.today)
    change_setting(office, TALLY_ENDS, "separate", "14/06/2024", by="admin")
    assert tally_forms.ends_apart(office.session, unit_id=1, on=office.today)
    assert not tally_forms.ends_apart(office.session, unit_id=1, on=office.on("13/06/2024"))


@pytest.mark.parametrize(
    ("setting", "value", "valid_from", "reason", "field"),
    [
        (UNANSWERED_DAYS, 0, "14/06/2024", "Vì", "value"),
        (UNANSWERED_DAYS, 251, "14/06/2024", "Vì", "value"),
        (UNANSWERED_DAYS, 30, "14/06/2024", "Vì", "value"),
        (TALLY_ENDS, "both", "14/06/2024", "Vì", "value"),
        (STOP_BASIS, "a" * 501, "14/06/2024", "Vì", "value"),
        (STOP_BASIS, "", "14/06/2024", "Vì", "value"),
        (UNANSWERED_DAYS, 20, "13/06/2024", "Vì", "valid_from"),
        (UNANSWERED_DAYS, 20, "14/06/2024", " ", "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_kept(
    sqlite_office: Office,
    setting: KnownSetting[Any],
    value: object,
    valid_from: str,
    reason: str,
    field: str,
) -> None:
    before = sqlite_office.everything()
    with pytest.raises(DomainError) as refusal:
        change_setting(sqlite_office, setting, value, valid_from, reason=reason)
    assert refusal.value.field == field
    assert sqlite_office.everything() == before


def test_who_may_change_what(sqlite_office: Office) -> None:
    for role in ("clerk", "officer", "reporter", "auditor"):
        with pytest.raises(NotAllowed):
            change_setting(sqlite_office, UNANSWERED_DAYS, 20, "14/06/2024", by=role)
    # The legal basis opens the way to ending dossiers, which an administrator does not do.
    with pytest.raises(NotAllowed):
        change_setting(sqlite_office, STOP_BASIS, "Quy chế", "14/06/2024", by="admin")
    change_setting(sqlite_office, STOP_BASIS, "Quy chế", "14/06/2024")
    assert all(one.may_change for one in view(sqlite_office, "supervisor").settings)
    kept_from = [one.setting for one in view(sqlite_office, "admin").settings if not one.may_change]
    assert kept_from == [STOP_BASIS]
    assert not any(one.may_change for one in view(sqlite_office, "reporter").settings)
    for role in ("clerk", "officer"):
        with pytest.raises(NotAllowed):
            view(sqlite_office, role)


def test_the_view_tells_today_what_is_coming_and_what_was(office: Office) -> None:
    change_setting(office, STOP_BASIS, "  Điều 5  Quy chế 12/QC-BQL ", "14/06/2024", reason="Quy chế mới")
    change_setting(office, STOP_BASIS, "", "01/07/2024")
    change_setting(office, UNANSWERED_DAYS, 20, "01/08/2024", by="admin")
    seen = view(office)
    assert [(one.setting, one.told, [each.after for each in one.coming]) for one in seen.settings] == [
        (TALLY_ENDS, "Gộp vào các cột (8), (9), (10)", []),
        (TALLY_CUTOFF, "Ngày 14 hằng tháng (Điều 12 Nghị định 09/2019/NĐ-CP)", []),
        (REPORT_CUTOFFS, "Ngày chốt số liệu báo cáo tháng", []),
        (SEND_WITHIN, "chưa nhập, báo cáo không có hạn gửi", []),
        (UNANSWERED_DAYS, "30 ngày làm việc", ["20 ngày làm việc"]),
        (STOP_BASIS, "Điều 5 Quy chế 12/QC-BQL", ["chưa nhập, không áp dụng"]),
        (PETITION_NOTICE, "2 ngày làm việc", []),
        (ESCALATION_DAYS, "1, 3, 5, 10, 20 ngày làm việc", []),
        (ALERT_ANSWER_DAYS, "2 ngày làm việc", []),
        (ANSWER_HOURS, "8 giờ làm việc", []),
        (DIGEST_AT, "07 giờ 30 phút", []),
        (ESCALATIONS_ANYTIME, "chỉ gửi trong giờ làm việc", []),
        (TELL_APPLICANTS, "không gửi", []),
        (TELL_WEBHOOK, "không gửi", []),
        (COLLECT_DAYS, "5 ngày làm việc", []),
        (LOOKUP_ADDRESS, "chưa nhập, mã QR chứa mã hồ sơ", []),
        (CALENDAR_AHEAD, "3 tháng", []),
        (DAYS_AHEAD, "30 ngày", []),
        (KEEP_DRAFTS, "7 ngày", []),
        (KEEP_PASSING, "1 ngày", []),
        (KEEP_RUNS, "400 ngày", []),
    ]
    assert [(one.before, one.after, one.standing, one.by, one.reason) for one in seen.history.rows] == [
        ("30 ngày làm việc", "20 ngày làm việc", "sắp áp dụng", "Quản trị 01", "Theo quy chế mới"),
        (
            "Điều 5 Quy chế 12/QC-BQL",
            "chưa nhập, không áp dụng",
            "sắp áp dụng",
            "Lãnh đạo 01",
            "Theo quy chế mới",
        ),
        (
            "chưa nhập, không áp dụng",
            "Điều 5 Quy chế 12/QC-BQL",
            "đang áp dụng",
            "Lãnh đạo 01",
            "Quy chế mới",
        ),
    ]


def test_the_history_is_paged_and_asks_no_more_for_more_rows(
    sqlite_office: Office, counting: Callable[..., Any]
) -> None:
    asked = []
    for numbers in (range(1, 2), range(2, 29), range(31, 54)):
        for number in numbers:
            change_setting(sqlite_office, UNANSWERED_DAYS, number, "14/06/2024")
        with counting(sqlite_office.session) as statements:
            view(sqlite_office)
        asked.append(len(statements))
    assert len(set(asked)) == 1
    assert [len(view(sqlite_office, page=number).history.rows) for number in (1, 2, 3)] == [50, 1, 0]


def test_a_change_stands_in_the_audit_chain(office: Office) -> None:
    row_id = change_setting(office, UNANSWERED_DAYS, 20, "01/07/2024")
    entry = office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (entry.action, entry.subject) == ("change_setting", f"setting:{row_id}")
    assert entry.detail_json == {
        "key": "supplement.unanswered_days",
        "valid_from": "2024-07-01",
        "before": 30,
        "after": 20,
        "reason": "Theo quy chế mới",
    }
    assert audit.verify(office.session, 1)


def test_an_address_names_a_known_setting() -> None:
    assert [settings.known(one.slug) for one in KNOWN] == list(KNOWN)
    with pytest.raises(NotFound):
        settings.known("khong-co")
