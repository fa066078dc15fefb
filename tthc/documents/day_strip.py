"""The days from receipt to due date as one horizontal strip: where everything lies, on page and paper.

Places along the strip are per cent of its width and heights are px, so that letters keep their size while the
days shrink with the screen. Labels are laid out for the narrowest place in which the strip is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from tthc.domain.calendar import weekday_name
from tthc.domain.due_dates import ExplainedDay
from tthc.domain.vocabulary import DayMark

_ONE_DAY = timedelta(days=1)

#: The narrowest strip, and what a letter takes of it at the most, in px.
_NARROWEST, _LETTER = 280, 6.8
_LANE, _BAR, _GAP = 16, 26, 4
#: Up to so many days each has its number, and so many each its own cell; then weeks and stretches.
_NUMBERED, _SINGLE = 16, 62
_MOST_WEEKS = 6
#: What is left for the days after the due date, in per cent.
_TAIL = 8.0
_LEAST_BAR = 0.25

STOPPED, BEFORE, BEYOND = "stopped", "before", "beyond"
#: Kind of a day -> how high its bar is, and what the legend says of such days.
_KINDS: dict[str, tuple[float, str]] = {
    DayMark.COUNTED: (1.0, DayMark.COUNTED.label),
    DayMark.OFF: (0.4, DayMark.OFF.label),
    DayMark.PAUSED: (0.75, DayMark.PAUSED.label),
    STOPPED: (0.75, "ngày đang dừng, ngày hẹn trả được tính lại khi tiếp tục"),
    DayMark.UNCOUNTED: (0.4, DayMark.UNCOUNTED.label),
    BEFORE: (0.2, "ngày trước khi tính lại từ đầu"),
    BEYOND: (0.2, "ngày ngoài bảng tính từng ngày"),
}


@dataclass(frozen=True)
class Cell:
    """A day, or several of one kind; ``height`` is the share of the full bar."""

    x: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True)
class Label:
    """Words at a place; ``anchor`` is the side of the words that is there: start, middle or end."""

    x: float
    anchor: str
    words: str
    lane: int = 0


@dataclass(frozen=True)
class DayStrip:
    """The strip with its labels: ``above`` in lanes counted from the bars up, ``now`` under the dates."""

    cells: tuple[Cell, ...]
    above: tuple[Label, ...]
    dates: tuple[Label, ...]
    now: Label | None
    legend: tuple[tuple[str, str], ...]
    title: str
    description: str

    @property
    def top(self) -> int:
        """Where the bars begin."""
        return (max(label.lane for label in self.above) + 1) * _LANE + _GAP

    @property
    def bottom(self) -> int:
        """Where the bars end."""
        return self.top + _BAR

    @property
    def height(self) -> int:
        """The height of everything."""
        return self.bottom + (2 if self.now else 1) * _LANE + _GAP

    def lane_y(self, label: Label) -> int:
        """The base line of a label above."""
        return self.top - _GAP - 2 - label.lane * _LANE

    def bar_y(self, cell: Cell) -> float:
        """Where the bar of a cell begins."""
        return round(self.bottom - _BAR * cell.height, 2)

    def bar_height(self, cell: Cell) -> float:
        """How high the bar of a cell is."""
        return round(_BAR * cell.height, 2)

    @staticmethod
    def key_height(kind: str) -> float:
        """How high the bar of a kind is in the legend, of 12 px."""
        return round(12 * _KINDS[kind][0], 1)


@dataclass(frozen=True)
class StripFacts:
    """What a strip shows, before it is laid out: much less than the strip, and the same for many dossiers."""

    days: tuple[ExplainedDay, ...]
    received_on: date
    due_on: date
    first_due_on: date | None = None
    now_on: date | None = None
    now_words: str = "Hôm nay"
    stopped_since: date | None = None

    def laid_out(self) -> DayStrip | None:
        """The strip."""
        return lay_out(
            self.days,
            received_on=self.received_on,
            due_on=self.due_on,
            first_due_on=self.first_due_on,
            now_on=self.now_on,
            now_words=self.now_words,
            stopped_since=self.stopped_since,
        )


def lay_out(
    days: Sequence[ExplainedDay],
    *,
    received_on: date,
    due_on: date,
    first_due_on: date | None = None,
    now_on: date | None = None,
    now_words: str = "Hôm nay",
    stopped_since: date | None = None,
) -> DayStrip | None:
    """The strip of an explanation; ``None`` where there is none.

    ``stopped_since`` is the date from which the clock stands until ``now_on``, which the explanation of the
    promise in force cannot know yet.
    """
    if not days:
        return None
    first, last = min(received_on, days[0].date), max(due_on, days[-1].date)
    dates = [first + _ONE_DAY * number for number in range((last - first).days + 1)]
    rows = {row.date: row for row in days}
    until = now_on if stopped_since else None
    kinds = [_kind(day, rows, days[0].date, stopped_since, until) for day in dates]
    tail = _TAIL if now_on is not None and now_on > last else 0.0
    scale = _Scale(first, len(dates), (100.0 - tail) / len(dates))
    marks = [(scale.left(received_on), "Tiếp nhận", received_on)]
    if first_due_on is not None and first_due_on != due_on and first <= first_due_on <= last:
        marks.append((scale.right(first_due_on), "Hẹn lần đầu", first_due_on))
    # Last, so that if one of the two has to stand higher, it is the one whose line runs at the edge.
    marks.append((scale.right(due_on), "Hẹn trả", due_on))
    now = None
    if now_on is not None and now_on >= first:
        place = 100.0 - tail / 2 if tail else scale.middle(now_on)
        now = _label(place, f"{now_words} {_short(now_on, first)}")
    legend = _legend(kinds, days)
    return DayStrip(
        cells=tuple(_cells(dates, kinds, rows, scale)),
        above=tuple(
            _in_lanes([_label(place, f"{words} {_short(day, first)}") for place, words, day in marks])
        ),
        dates=tuple(_dates(dates, scale)),
        now=now,
        legend=tuple(legend),
        title="Dải ngày từ khi tiếp nhận đến ngày hẹn trả",
        description=_description(marks, now_on if now else None, now_words, legend),
    )


@dataclass(frozen=True)
class _Scale:
    first: date
    count: int
    unit: float

    def left(self, day: date) -> float:
        return round((day - self.first).days * self.unit, 3)

    def middle(self, day: date) -> float:
        return round(((day - self.first).days + 0.5) * self.unit, 3)

    def right(self, day: date) -> float:
        return round(((day - self.first).days + 1) * self.unit, 3)


def _kind(
    day: date, rows: dict[date, ExplainedDay], counted_from: date, since: date | None, until: date | None
) -> str:
    if since is not None and until is not None and since <= day <= until:
        return STOPPED
    row = rows.get(day)
    if row is not None and row.mark is not None:
        return row.mark.value
    return BEFORE if day < counted_from else BEYOND


def _cells(
    dates: Sequence[date], kinds: Sequence[str], rows: dict[date, ExplainedDay], scale: _Scale
) -> list[Cell]:
    if len(dates) <= _SINGLE:
        most = max(row.amount for row in rows.values())
        return [
            Cell(
                scale.left(day),
                round(scale.unit, 3),
                _height(kind, rows.get(day), most),
                kind,
                _told(day, rows),
            )
            for day, kind in zip(dates, kinds, strict=True)
        ]
    found = []
    for kind, group in groupby(zip(dates, kinds, strict=True), key=lambda pair: pair[1]):
        days = [day for day, _ in group]
        words = f"{days[0]:%d/%m/%Y} – {days[-1]:%d/%m/%Y}: {_number(len(days))} {_KINDS[kind][1]}"
        width = round(scale.right(days[-1]) - scale.left(days[0]), 3)
        found.append(Cell(scale.left(days[0]), width, _KINDS[kind][0], kind, words))
    return found


def _height(kind: str, row: ExplainedDay | None, most: int) -> float:
    full = _KINDS[kind][0]
    if kind != DayMark.COUNTED or row is None:
        return full
    # Only a limit in hours has amounts above one: minutes, shown by the height.
    return round(max(row.amount / most, _LEAST_BAR), 3)


def _told(day: date, rows: dict[date, ExplainedDay]) -> str:
    row = rows.get(day)
    return f"{weekday_name(day)} {day:%d/%m/%Y}" + (f": {row.reason}" if row else "")


def _dates(dates: Sequence[date], scale: _Scale) -> list[Label]:
    if len(dates) <= _NUMBERED:
        return [Label(scale.middle(day), "middle", f"{day.day}") for day in dates]
    mondays = [day for day in dates if day.weekday() == 0]
    step = -(-len(mondays) // _MOST_WEEKS)
    labels = [Label(scale.left(day), "start", f"{day:%d/%m}") for day in mondays[::step]]
    return [label for label in labels if label.x + _width(label.words) <= 100]


def _short(day: date, first: date) -> str:
    """A date, with its year where it is another than that of the receipt."""
    return f"{day:%d/%m}" if day.year == first.year else f"{day:%d/%m/%Y}"


def _label(x: float, words: str) -> Label:
    half = _width(words) / 2
    anchor = "start" if x < half else "end" if x > 100 - half else "middle"
    return Label(x, anchor, words)


def _in_lanes(labels: Sequence[Label]) -> list[Label]:
    """Each label in the lowest lane in which it meets no other."""
    placed: list[Label] = []
    for label in labels:
        lane = 0
        while any(one.lane == lane and _meet(one, label) for one in placed):
            lane += 1
        placed.append(Label(label.x, label.anchor, label.words, lane))
    return placed


def _meet(one: Label, other: Label) -> bool:
    (left, right), (start, end) = _extent(one), _extent(other)
    return left < end and start < right


def _extent(label: Label) -> tuple[float, float]:
    width = _width(label.words)
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return left, left + width


def _width(words: str) -> float:
    return (len(words) + 1) * _LETTER / _NARROWEST * 100


def _legend(kinds: Sequence[str], days: Sequence[ExplainedDay]) -> list[tuple[str, str]]:
    numbers = Counter(kinds)
    found = [
        (str(kind), f"{_number(numbers[kind])} {words}")
        for kind, (_, words) in _KINDS.items()
        if numbers[kind]
    ]
    if any(day.amount > 1 for day in days):
        hours, minutes = divmod(sum(day.amount for day in days), 60)
        amount = f"{_number(hours)} giờ" + (f" {_number(minutes)} phút" if minutes else "")
        found = [
            (
                kind,
                f"{amount} được tính trong {_number(numbers[kind])} ngày"
                if kind == DayMark.COUNTED
                else words,
            )
            for kind, words in found
        ]
    return found


def _description(
    marks: Sequence[tuple[float, str, date]],
    now_on: date | None,
    now_words: str,
    legend: Sequence[tuple[str, str]],
) -> str:
    told = [f"{words} {weekday_name(day)} {day:%d/%m/%Y}" for _, words, day in marks]
    if now_on is not None:
        told.append(f"{now_words} {now_on:%d/%m/%Y}")
    return f"{'; '.join(told)}. Gồm {', '.join(words for _, words in legend)}."


def _number(number: int) -> str:
    return f"{number:02d}"
