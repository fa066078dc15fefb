"""The columns of the list of dossiers: which there are, and what somebody's own choice of them may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tthc.domain.vocabulary import LabelledEnum


class ListColumn(LabelledEnum):
    """A column, in the order in which all of them are offered."""

    DUE = "due", "Hạn"
    CODE = "code", "Mã hồ sơ"
    MATTER = "matter", "Thủ tục · Chủ hồ sơ"
    WHEREABOUTS = "whereabouts", "Đang ở"
    REMAINING = "remaining", "Còn"
    STATE = "state", "Trạng thái"
    SECTOR = "sector", "Lĩnh vực"
    CHANNEL = "channel", "Kênh"
    RECEIVED = "received", "Tiếp nhận"
    OFFICER = "officer", "Người xử lý"
    STEP_DUE = "step_due", "Hạn bước"
    ENDED = "ended", "Kết thúc"


#: What is shown until somebody chooses.
USUAL = (
    ListColumn.DUE,
    ListColumn.CODE,
    ListColumn.MATTER,
    ListColumn.WHEREABOUTS,
    ListColumn.REMAINING,
)


def arranged(chosen: Iterable[tuple[ListColumn, int | None]]) -> list[ListColumn]:
    """The ticked columns by the places that were typed; those without one follow, as they are offered.

    The code is always there: by it a dossier is opened and marked.
    """
    places = dict(chosen)
    places.setdefault(ListColumn.CODE, None)
    offered = list(ListColumn)
    last = max((place for place in places.values() if place is not None), default=0)

    def key(column: ListColumn) -> tuple[int, int]:
        place = places[column]
        return (last + 1 if place is None else place, offered.index(column))

    return sorted(places, key=key)


def kept(stored: Sequence[str] | None) -> list[ListColumn]:
    """The columns of a stored choice that there still are; the usual ones without a choice."""
    known = {column.value: column for column in ListColumn}
    found = [known[name] for name in stored or () if name in known]
    return found if ListColumn.CODE in found else list(USUAL)
