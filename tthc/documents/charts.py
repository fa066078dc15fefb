"""Charts laid out for SVG: places across are per cent of the width, places down are px.

So that letters keep their size on every screen, nothing is scaled: the layout leaves room for the narrowest
place in which a chart is shown. Colour never stands alone: bars have words, kinds differ by their pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthc.domain.amounts import show_count
from tthc.domain.charts import scale_end

#: Columns: the height of the field, what stands above and below it, the share of a group that its bars take.
_FIELD, _ABOVE, _BELOW = 180, 18, 38
_FILLED = 0.72
#: What the numbers of the axis take of the width.
_AXIS = 10.0
#: At most so many labels of groups side by side on the narrowest screen.
_MOST_LABELS = 12
#: Rows: the line of the label, the bar, the gap to the next; a line of words between label and bar.
_LABEL, _BAR, _GAP, _WORDS = 18, 14, 12, 17
#: Up to so many letters of a label and of words fit the narrowest screen.
_LETTERS = 44
#: What is left of the width for words behind the longest bar.
_BESIDE, _BESIDE_GAP = 58.0, 6
_WHOLE = 98.0


@dataclass(frozen=True)
class Column:
    """One column of a group; ``title`` says it in words."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Tick:
    """A line across at ``y`` with its number, or a label below at ``x`` with its second line."""

    at: float
    label: str
    under: str = ""


@dataclass(frozen=True)
class ColumnChart:
    """Groups of columns over an axis."""

    title: str
    description: str
    columns: Sequence[Column]
    lines: Sequence[Tick]
    labels: Sequence[Tick]
    legend: Sequence[tuple[str, str]]

    @property
    def base(self) -> int:
        """Where the columns stand."""
        return _ABOVE + _FIELD

    @property
    def height(self) -> int:
        """The height of everything."""
        return _ABOVE + _FIELD + _BELOW


@dataclass(frozen=True)
class Group:
    """What stands side by side: a short label, a second line under it, its full name, one number a kind."""

    label: str
    under: str
    name: str
    numbers: Sequence[int]


def columns(title: str, groups: Sequence[Group], kinds: Sequence[tuple[str, str]]) -> ColumnChart:
    """Groups of columns; ``kinds`` are the name of the pattern and the words of each number of a group."""
    top = scale_end([number for group in groups for number in group.numbers])
    each = (100.0 - _AXIS) / max(1, len(groups))
    wide = each * _FILLED / len(kinds)
    found = []
    for place, group in enumerate(groups):
        left = _AXIS + place * each + each * (1 - _FILLED) / 2
        for index, ((kind, words), number) in enumerate(zip(kinds, group.numbers, strict=True)):
            high = _FIELD * number / top
            found.append(
                Column(
                    kind,
                    round(left + index * wide, 3),
                    round(_ABOVE + _FIELD - high, 2),
                    round(wide, 3),
                    round(high, 2),
                    f"{group.name}: {words.lower()} {show_count(number)} hồ sơ",
                )
            )
    step = -(-len(groups) // _MOST_LABELS)
    return ColumnChart(
        title,
        _told_groups(groups, kinds),
        found,
        [
            Tick(round(_ABOVE + _FIELD * (1 - part / 4), 2), show_count(top * part // 4))
            for part in range(1, 5)
        ],
        [
            Tick(round(_AXIS + (place + 0.5) * each, 3), group.label, group.under)
            for place, group in enumerate(groups)
            if place % step == 0
        ],
        kinds,
    )


def _told_groups(groups: Sequence[Group], kinds: Sequence[tuple[str, str]]) -> str:
    sums = [
        f"{words.lower()} {show_count(sum(group.numbers[index] for group in groups))} hồ sơ"
        for index, (_, words) in enumerate(kinds)
    ]
    told = f"{len(groups)} tháng, cộng lại {', '.join(sums)}."
    if groups:
        first = max(groups, key=lambda group: group.numbers[0])
        told += f" {kinds[0][1]} nhiều nhất: {first.name}, {show_count(first.numbers[0])} hồ sơ."
    return told


@dataclass(frozen=True)
class Row:
    """One bar to draw: its label, how long it is, the words that say it, and marks at other values."""

    label: str
    value: float
    words: str
    kind: str
    marks: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True)
class Mark:
    """A sign on the line of a bar: ``most`` a stroke across it, ``ninetieth`` a diamond."""

    kind: str
    x: float


@dataclass(frozen=True)
class Bar:
    """One row in its place; ``full`` is its label without the cut."""

    kind: str
    label: str
    full: str
    label_y: int
    y: int
    width: float
    words: str
    words_x: float
    words_y: int
    marks: Sequence[Mark]


@dataclass(frozen=True)
class BarChart:
    """Bars one under the other."""

    title: str
    description: str
    bars: Sequence[Bar]
    height: int
    legend: Sequence[tuple[str, str]]
    #: How far from the end of the bar its words begin.
    words_off: int
    thick: int = _BAR


def bars(
    title: str,
    description: str,
    rows: Sequence[Row],
    *,
    end: float | None = None,
    legend: Sequence[tuple[str, str]] = (),
    words_above: bool = False,
) -> BarChart:
    """Bars from 0 to ``end`` (by default the longest value); words behind the bar, or in a line above it."""
    longest = max((value for row in rows for value in (row.value, *(at for _, at in row.marks))), default=0)
    most = end or longest or 1
    room = _WHOLE if words_above else _BESIDE
    high = _LABEL + _BAR + _GAP + (_WORDS if words_above else 0)
    found = []
    for place, row in enumerate(rows):
        top = place * high
        y = top + _LABEL + (_WORDS if words_above else 0)
        width = round(room * row.value / most, 3)
        found.append(
            Bar(
                kind=row.kind,
                label=_cut(row.label),
                full=row.label,
                label_y=top + _LABEL - 5,
                y=y,
                width=width,
                words=row.words,
                words_x=0.0 if words_above else width,
                words_y=top + _LABEL + _WORDS - 5 if words_above else y + _BAR - 3,
                marks=[Mark(kind, round(room * at / most, 3)) for kind, at in row.marks],
            )
        )
    height = max(high, len(rows) * high)
    return BarChart(title, description, found, height, legend, 0 if words_above else _BESIDE_GAP)


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1].rstrip()}…"
