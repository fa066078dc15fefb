"""The bell in the head of every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import Reader
from tthc.domain.vocabulary import Outcome
from tthc.services import alerts, dossiers, own_alerts


def test_the_bell_rings_until_one_looks(
    signed_in: Callable[[str], Reader],
    received: Any,
    done_to: Any,
    in_session: Any,
    now: Any,
    supervisor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = received(37, now - timedelta(days=40))
    reader = signed_in("supervisor")
    assert reader.text(".bell") == "Chuông"
    in_session(lambda session: alerts.sweep(session, now=now, actor=supervisor))
    reader.get("/ho-so")
    assert reader.text(".bell") == "Chuông 1 cảnh báo mới"
    reader.get("/canh-bao/cua-toi")
    [row] = reader.rows()
    assert code in row
    assert row[-1].endswith("mới")
    reader.get("/ho-so")
    assert reader.text(".bell") == "Chuông"
    # Another supervisor has not looked; for him it is over once the dossier has ended.
    other = signed_in("supervisor2")
    assert other.text(".bell") == "Chuông 1 cảnh báo mới"
    # What nobody counts is not counted on.
    monkeypatch.setattr(own_alerts, "MOST_NEW", 0)
    other.get("/")
    assert other.text(".bell") == "Chuông 0+ cảnh báo mới"
    done_to(code, 1, dossiers.resolve_dossier, outcome=Outcome.GRANTED)
    other.get("/")
    assert other.text(".bell") == "Chuông"
    other.get("/canh-bao/cua-toi")
    assert "Không có cảnh báo nào cho bạn." in other.text("main")
