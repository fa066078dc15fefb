"""The indicators of Decision 766/QĐ-TTg that the office's own data can give, as data.

An indicator is a share: two sets of dossiers, each a predicate over the facts of one dossier as the cells of
:mod:`tthc.domain.tallies` are. :func:`is_in` evaluates a set for one dossier;
``tthc/db/queries/dossier_sets.py`` compiles the very same one to SQL for the count and for the list. The
official text of the formulas has not been seen; they follow "Mô tả công thức tính chỉ số 766" of the national
portal as quoted in public sources. Points are only spoken of where that gives the threshold of the maximum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tthc.domain.predicates import Comparison, Condition, FactRef, Predicate, both, holds, when
from tthc.domain.tallies import CELLS, CellName, DossierFacts


@dataclass(frozen=True)
class SetFacts(DossierFacts):
    """What a set may know of a dossier at the end of a period beside the facts of the tally.

    ``asked_twice``: a second request to supplement it had been made. ``papers_digitised`` and
    ``result_digitised``: an electronic copy of a paper handed in, of the result, was on record.
    """

    asked_twice: bool = False
    papers_digitised: bool = False
    result_digitised: bool = False


class SetName(StrEnum):
    """The sets, by the names that addresses use."""

    HANDLED = "handled"
    HANDLED_ON_TIME = "handled_on_time"
    ASKED_TWICE = "asked_twice"
    HANDLED_LATE = "handled_late"
    RECEIVED_NEW = "received_new"
    RECEIVED_ONLINE = "received_online"
    ONLINE_WITH_RESULT = "online_with_result"
    PAPERS_DIGITISED = "papers_digitised"
    RESOLVED = "resolved"
    RESULT_DIGITISED = "result_digitised"


@dataclass(frozen=True)
class DossierSet:
    """A set of dossiers: its words, and which dossiers are in it."""

    label: str
    predicate: Predicate


_C = Condition
_EQ = Comparison.EQ


def _cell(*names: CellName) -> Predicate:
    """What any of these cells of the tally counts."""
    return tuple(every for name in names for every in CELLS[name].predicate)


_N = CellName
_NEW = _cell(_N.RECEIVED_ONLINE, _N.RECEIVED_COUNTER_POST)
_ONLINE = _cell(_N.RECEIVED_ONLINE)
_TWICE = when(_C("asked_twice", _EQ, True))
_PAPERS = when(_C("papers_digitised", _EQ, True))
_RESULT = when(_C("result_digitised", _EQ, True))
#: Its end is not after its appointment; what waits lawfully "ended" when its clock was stopped, in time.
_BY_APPOINTMENT = both(_cell(_N.ENDED_TOTAL), when(_C("ended_on", Comparison.LE, FactRef("due_on")))) + _cell(
    _N.WITHIN
)

#: Every set, as (official) tables and lists call it.
SETS: Mapping[SetName, DossierSet] = {
    SetName.HANDLED: DossierSet(
        "Hồ sơ phải giải quyết trong kỳ (mới và từ kỳ trước chuyển sang)", _cell(_N.RECEIVED_TOTAL)
    ),
    SetName.HANDLED_ON_TIME: DossierSet(
        "Hồ sơ được tính đúng hạn",
        both(_BY_APPOINTMENT, when(_C("asked_twice", _EQ, False))),
    ),
    SetName.ASKED_TWICE: DossierSet(
        "Hồ sơ bị yêu cầu bổ sung quá một lần", both(_cell(_N.RECEIVED_TOTAL), _TWICE)
    ),
    SetName.HANDLED_LATE: DossierSet(
        "Hồ sơ giải quyết quá hạn và đang giải quyết quá hạn", _cell(_N.ENDED_LATE, _N.OVERDUE)
    ),
    SetName.RECEIVED_NEW: DossierSet("Hồ sơ mới tiếp nhận trong kỳ", _NEW),
    SetName.RECEIVED_ONLINE: DossierSet("Hồ sơ mới tiếp nhận trực tuyến", _ONLINE),
    SetName.ONLINE_WITH_RESULT: DossierSet(
        "Hồ sơ mới tiếp nhận trực tuyến đã có kết quả điện tử", both(_ONLINE, _RESULT)
    ),
    SetName.PAPERS_DIGITISED: DossierSet("Hồ sơ mới tiếp nhận có giấy tờ đã số hóa", both(_NEW, _PAPERS)),
    SetName.RESOLVED: DossierSet("Hồ sơ đã giải quyết trong kỳ", _cell(_N.RESOLVED_TOTAL)),
    SetName.RESULT_DIGITISED: DossierSet(
        "Hồ sơ đã giải quyết có kết quả điện tử", both(_cell(_N.RESOLVED_TOTAL), _RESULT)
    ),
}


def is_in(name: SetName, facts: SetFacts, *, from_on: date, at_on: date) -> bool:
    """Whether a set of the period has a dossier with these facts, judged on ``at_on``."""
    return holds(SETS[name].predicate, facts, from_on=from_on, at_on=at_on)


@dataclass(frozen=True)
class Indicator:
    """A share: numerator over denominator, the formula in words and its source.

    ``code`` is the number in the decision, empty where it is not known. ``full_marks_from``: from which share
    on the maximum of points is given; ``None``: not known. Without sets the data cannot give it, and ``note``
    says why.
    """

    key: str
    code: str
    label: str
    formula: str
    source: str
    numerator: SetName | None = None
    denominator: SetName | None = None
    full_marks_from: float | None = None
    note: str = ""


_PORTAL = "Mô tả công thức tính chỉ số 766 của Cổng Dịch vụ công quốc gia"
_DECISION = "Quyết định 766/QĐ-TTg ngày 23/6/2022"
_SOURCE = f"{_DECISION}; {_PORTAL}"

#: Every indicator of which the office's data say anything, in the order of the decision.
INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "dong-bo",
        "1.4",
        "Tỷ lệ hồ sơ được đồng bộ lên Cổng Dịch vụ công quốc gia",
        "Hồ sơ đã đồng bộ đầy đủ, đúng mã và đúng ngày / hồ sơ tiếp nhận và giải quyết trong kỳ",
        _SOURCE,
        note=(
            "Dữ liệu trên hệ thống chưa cho biết hồ sơ nào đã đồng bộ: hồ sơ được đồng bộ từ phần mềm một "
            "cửa của tỉnh, kết quả đối chiếu theo mã và ngày chưa được lưu ở đây."
        ),
    ),
    Indicator(
        "dung-han",
        "2.1",
        "Tỷ lệ hồ sơ giải quyết đúng hạn",
        "Hồ sơ có ngày kết thúc xử lý không sau ngày hẹn trả và không bị yêu cầu bổ sung quá một lần / hồ sơ "
        "phải giải quyết trong kỳ. Hồ sơ rút, dừng, từ chối lấy ngày kết thúc; hồ sơ đang chờ bổ sung hoặc "
        "tạm dừng lấy ngày yêu cầu; hồ sơ còn lại lấy ngày cuối kỳ",
        _SOURCE,
        SetName.HANDLED_ON_TIME,
        SetName.HANDLED,
        note=(
            "Khác Biểu II.06a ở hai điểm: tính cả hồ sơ đang giải quyết; bổ sung quá một lần là quá hạn dù "
            "xong trước ngày hẹn. Mọi hồ sơ ở đây đều có ngày hẹn trả, thời gian chờ bổ sung đã nằm trong "
            "ngày đó, nên không dùng đến cách tính theo số ngày."
        ),
    ),
    Indicator(
        "bo-sung-nhieu-lan",
        "",
        "Trong đó: hồ sơ bị yêu cầu bổ sung quá một lần",
        "Hồ sơ có từ hai lần yêu cầu bổ sung đến cuối kỳ / hồ sơ phải giải quyết trong kỳ",
        f"{_PORTAL} (quá một lần: tính quá hạn)",
        SetName.ASKED_TWICE,
        SetName.HANDLED,
    ),
    Indicator(
        "truc-tuyen",
        "3.3",
        "Tỷ lệ hồ sơ trực tuyến",
        "Hồ sơ mới tiếp nhận qua kênh trực tuyến / hồ sơ mới tiếp nhận trong kỳ",
        _SOURCE,
        SetName.RECEIVED_ONLINE,
        SetName.RECEIVED_NEW,
        full_marks_from=0.5,
    ),
    Indicator(
        "truc-tuyen-co-ket-qua",
        "3.3",
        "Tỷ lệ hồ sơ trực tuyến có kết quả điện tử",
        "Hồ sơ mới tiếp nhận qua kênh trực tuyến và đã có kết quả điện tử / hồ sơ mới tiếp nhận trong kỳ",
        _SOURCE,
        SetName.ONLINE_WITH_RESULT,
        SetName.RECEIVED_NEW,
        full_marks_from=0.5,
        note=(
            "Cách tính của Cổng: kênh thực hiện là 2 và có kết quả điện tử. Kết quả điện tử đếm theo bản số "
            "hóa lưu trong hồ sơ trên hệ thống này."
        ),
    ),
    Indicator(
        "so-hoa-giay-to",
        "",
        "Tỷ lệ hồ sơ có giấy tờ được số hóa khi tiếp nhận",
        "Hồ sơ mới tiếp nhận có ít nhất một giấy tờ đã số hóa / hồ sơ mới tiếp nhận trong kỳ",
        f"{_DECISION}, nhóm Số hóa hồ sơ; số thứ tự chỉ số chưa xác minh",
        SetName.PAPERS_DIGITISED,
        SetName.RECEIVED_NEW,
        note="Đếm theo bản số hóa lưu trong hồ sơ trên hệ thống này.",
    ),
    Indicator(
        "so-hoa-ket-qua",
        "",
        "Tỷ lệ kết quả giải quyết được số hóa",
        "Hồ sơ đã giải quyết có kết quả điện tử / hồ sơ đã giải quyết trong kỳ (không gồm rút, dừng)",
        f"{_DECISION}, nhóm Số hóa hồ sơ; số thứ tự chỉ số chưa xác minh",
        SetName.RESULT_DIGITISED,
        SetName.RESOLVED,
        note="Đếm theo bản số hóa lưu trong hồ sơ trên hệ thống này.",
    ),
    Indicator(
        "qua-han",
        "5.4",
        "Tỷ lệ hồ sơ quá hạn, để tính mức độ hài lòng",
        "Hồ sơ giải quyết quá hạn và đang giải quyết quá hạn / hồ sơ phải giải quyết trong kỳ. "
        "Mức độ hài lòng = 100 % − (tỷ lệ quá hạn + tỷ lệ phản ánh về chất lượng phục vụ), từ 90 % được điểm "
        "tối đa",
        _SOURCE,
        SetName.HANDLED_LATE,
        SetName.HANDLED,
        note="Tỷ lệ phản ánh về chất lượng phục vụ do Cổng tính, không có trên hệ thống này.",
    ),
)


def share(numerator: int, denominator: int) -> float | None:
    """The share between 0 and 1; ``None`` over an empty denominator. 1 of 4 is 0.25."""
    return None if denominator == 0 else numerator / denominator


def marks(indicator: Indicator, value: float | None) -> str:
    """What is known of the points: whether the share reaches that of the maximum; empty where nothing is."""
    if indicator.full_marks_from is None or value is None:
        return ""
    threshold = f"{indicator.full_marks_from:.0%}".replace("%", " %")
    if value >= indicator.full_marks_from:
        return f"Đạt điểm tối đa (từ {threshold})"
    return f"Chưa đạt điểm tối đa (từ {threshold})"
