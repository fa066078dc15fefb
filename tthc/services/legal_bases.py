"""The articles that papers and warnings name; the day of receipt says which decree holds for a dossier."""

from __future__ import annotations

from datetime import date

#: Decree 118/2025/NĐ-CP took the place of 61/2018/NĐ-CP on this day.
_DECREE_2025_FROM = date(2025, 7, 1)


def supplement_rule(received_on: date) -> str:
    """Where it stands that a request comes within three working days, and that the limit begins anew."""
    if received_on < _DECREE_2025_FROM:
        return "khoản 4 Điều 19 Nghị định 61/2018/NĐ-CP"
    return "Nghị định 118/2025/NĐ-CP (điều khoản chưa xác minh)"


def extension_rule(received_on: date) -> str:
    """Where it stands that a letter comes a day before the limit ends, and that there is one only."""
    if received_on < _DECREE_2025_FROM:
        return "khoản 9 Điều 19 Nghị định 61/2018/NĐ-CP"
    return "Nghị định 118/2025/NĐ-CP (điều khoản chưa xác minh)"


def one_request_rule(received_on: date) -> str:
    """Where it stands that a dossier is supplemented once, completely and correctly."""
    if received_on < _DECREE_2025_FROM:
        return "khoản 3 Điều 15 Nghị định 61/2018/NĐ-CP"
    return "Nghị định 118/2025/NĐ-CP (điều khoản chưa xác minh)"
