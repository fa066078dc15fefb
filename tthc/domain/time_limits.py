"""Time limits: how much time the law gives, in segments; :mod:`tthc.domain.due_dates` counts them."""

from __future__ import annotations

from dataclasses import dataclass

from tthc.domain.vocabulary import DomainError, LimitUnit


@dataclass(frozen=True)
class LimitSegment:
    """A part of a limit: so many units at one agency."""

    amount: int
    unit: LimitUnit
    agency: str = ""

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise DomainError("Thời hạn phải lớn hơn 0; hãy sửa thời hạn của thủ tục.", "amount")

    @property
    def label(self) -> str:
        """The amount in at least two digits, as official papers write it: "05 ngày làm việc"."""
        return f"{self.amount:02d} {self.unit.label}"


@dataclass(frozen=True)
class TimeLimit:
    """A limit: segments in order, each beginning on the last day of the one before.

    Working hours run from a moment and days from a date, so the two cannot be chained: refused.
    """

    segments: tuple[LimitSegment, ...]

    def __post_init__(self) -> None:
        if not self.segments:
            raise DomainError("Thủ tục chưa khai thời hạn; hãy bổ sung thời hạn trong danh mục.", "segments")
        in_hours = {segment.unit is LimitUnit.HOUR for segment in self.segments}
        if len(in_hours) > 1:
            raise DomainError(
                "Không ghép được thời hạn tính bằng giờ với thời hạn tính bằng ngày hoặc tháng; "
                "hãy khai tất cả các đoạn bằng giờ, hoặc bằng ngày và tháng.",
                "segments",
            )

    @property
    def in_hours(self) -> bool:
        """Whether the limit runs in working hours."""
        return self.segments[0].unit is LimitUnit.HOUR

    @property
    def label(self) -> str:
        """What the receipt prints: "25 ngày + 07 ngày làm việc"."""
        return " + ".join(segment.label for segment in self.segments)
