"""What tests do with settings: set one from a day on."""

from __future__ import annotations

from typing import Any

from tests.services.conftest import Office
from tthc.domain.settings import KnownSetting
from tthc.services import settings


def change_setting(
    office: Office,
    setting: KnownSetting[Any],
    value: object,
    valid_from: str | None = None,
    by: str = "supervisor",
    reason: str = "Theo quy chế mới",
) -> int:
    """From today on where no day is named."""
    return settings.change_setting(
        office.session,
        now=office.now,
        actor=office.person(by),
        setting=setting,
        value=value,
        valid_from=office.on(valid_from) if valid_from else office.today,
        reason=reason,
    )
