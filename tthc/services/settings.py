"""Office rules by key, each with the date from which it holds; which keys there are stands in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from tthc.db.queries import rules
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import TallyEnds

T = TypeVar("T", int, str)


@dataclass(frozen=True)
class KnownSetting(Generic[T]):
    """A rule that an office may set: how the page names it, what it may be, and what holds until it is set.

    Its type is that of ``default``: a whole number from ``least`` to ``most``, or a text of at most ``most``
    characters, with ``choices`` (value, words) one of these. ``none`` is how an empty text reads.
    """

    key: str
    label: str
    help: str
    default: T
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 300
    none: str = ""
    change: Action = Action.CHANGE_SETTINGS


TALLY_ENDS = KnownSetting(
    "tally_ends",
    "Hồ sơ rút và hồ sơ dừng giải quyết trong Biểu II.06a",
    "Gộp: tính vào các cột (8), (9), (10) theo ngày kết thúc. Tách: ghi riêng tại cột (14), (15), không tính "
    "vào cột (7).",
    default=TallyEnds.FOLDED.value,
    choices=tuple((one.value, one.label) for one in TallyEnds),
)
UNANSWERED_DAYS = KnownSetting(
    "supplement.unanswered_days",
    "Số ngày làm việc chờ bổ sung thì liệt kê",
    "Yêu cầu bổ sung chưa được trả lời sau số ngày làm việc này được đưa vào danh sách để xem xét.",
    default=30,
    least=1,
    most=250,
)
STOP_BASIS = KnownSetting(
    "supplement.stop_basis",
    "Căn cứ dừng giải quyết hồ sơ không bổ sung",
    "Văn bản và điều khoản cho phép dừng giải quyết hồ sơ quá thời gian chờ bổ sung; được ghi vào thông báo "
    "dừng giải quyết hồ sơ. Để trống: không dừng hồ sơ theo cách này.",
    default="",
    most=500,
    none="chưa nhập, không áp dụng",
    # Not for whoever keeps the machine: it opens the way to ending dossiers.
    change=Action.STOP_DOSSIER,
)

#: Every setting there is, in the order of the page. A further one is one entry here.
KNOWN: tuple[KnownSetting[Any], ...] = (TALLY_ENDS, UNANSWERED_DAYS, STOP_BASIS)


def get(session: Session, unit_id: int, setting: KnownSetting[T], on: date) -> T:
    """What holds for a unit on a date: its rows first, then those for all units, else the default.

    The row keeps ``{"value": …}``. A value of another type than the default is an error of the program that
    wrote it, not of whoever reads.
    """
    kept = rules.setting_on(session, unit_id, setting.key, on)
    if kept is None:
        return setting.default
    value: T = kept["value"]
    if type(value) is not type(setting.default):
        raise TypeError(
            f"setting {setting.key} holds {type(value).__name__}, not {type(setting.default).__name__}"
        )
    return value
