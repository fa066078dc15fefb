"""Taking over the pending figures of the last paper report: what is compared, and when it agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tthc.domain.vocabulary import DomainError

#: More pending dossiers than this no office has in one sector.
MOST = 100_000


@dataclass(frozen=True)
class SectorLine:
    """A sector's pending dossiers at the end of the last paper report: on paper and here."""

    sector_id: int
    name: str
    paper: int
    here: int

    @property
    def difference(self) -> int:
        """How many more there are here than on paper; below zero: fewer."""
        return self.here - self.paper


def compare(
    sectors: Sequence[tuple[int, str]], paper: Mapping[int, int], here: Mapping[int, int]
) -> list[SectorLine]:
    """A line for each sector, in the order of the form."""
    return [SectorLine(key, name, paper.get(key, 0), here.get(key, 0)) for key, name in sectors]


def agrees(lines: Sequence[SectorLine], unmatched: int) -> bool:
    """Whether every sector is equal, and every dossier that the paper names is the one that is here."""
    return not unmatched and all(line.difference == 0 for line in lines)


def check_total(figures: Mapping[int, int], total: int) -> None:
    """Refuse figures that do not add up to the total that the paper report prints."""
    added = sum(figures.values())
    if added != total:
        raise DomainError(
            f"Các lĩnh vực cộng lại là {added}, tổng số trên báo cáo giấy ghi {total}; kiểm tra lại.", "total"
        )
