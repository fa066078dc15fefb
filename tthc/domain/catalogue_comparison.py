"""Two versions of a procedure set side by side, part by part, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tthc.domain.catalogue import CaseContent, PaperContent, VersionContent, limit_label
from tthc.domain.text import fold
from tthc.domain.vocabulary import LabelledEnum

K = TypeVar("K")
T = TypeVar("T")


class DifferenceKind(LabelledEnum):
    """What became of a part from one version to the other."""

    ADDED = "added", "Thêm"
    REMOVED = "removed", "Bỏ"
    CHANGED = "changed", "Sửa"
    SAME = "same", "Giữ nguyên"


@dataclass(frozen=True)
class Difference:
    """One part of a version before and after; an empty text where it is not there."""

    label: str
    before: str
    after: str

    @property
    def kind(self) -> DifferenceKind:
        """What became of it."""
        if self.before == self.after:
            return DifferenceKind.SAME
        if not self.before:
            return DifferenceKind.ADDED
        return DifferenceKind.CHANGED if self.after else DifferenceKind.REMOVED


@dataclass(frozen=True)
class Section:
    """Differences of one kind of parts."""

    title: str
    rows: Sequence[Difference]

    @property
    def changed(self) -> Sequence[Difference]:
        """The parts that differ."""
        return [row for row in self.rows if row.kind is not DifferenceKind.SAME]

    @property
    def same(self) -> Sequence[Difference]:
        """The parts that do not."""
        return [row for row in self.rows if row.kind is DifferenceKind.SAME]


@dataclass(frozen=True)
class Comparison:
    """All parts of two versions."""

    sections: Sequence[Section]

    @property
    def empty(self) -> bool:
        """Whether the versions say the same."""
        return not any(section.changed for section in self.sections)

    @property
    def changes(self) -> int:
        """In how many parts they differ."""
        return sum(len(section.changed) for section in self.sections)


def compare(old: VersionContent, new: VersionContent) -> Comparison:
    """Every part of two tidied versions; cases are told apart by name and channel, papers by name."""
    return Comparison(
        (
            Section("Thông tin chung", [*_pairs(_general(old), _general(new))]),
            Section("Căn cứ pháp lý", [*_documents(old.legal_basis, new.legal_basis)]),
            Section("Trường hợp và thời hạn", [*_cases(old.cases, new.cases)]),
            Section("Giấy tờ phải nộp", [*_papers(old.papers, new.papers)]),
        )
    )


def fee_label(fee: int | None) -> str:
    """ "3.000.000 đồng"."""
    if fee is None:
        return "chưa có thông tin"
    return f"{fee:,} đồng".replace(",", ".") if fee else "không"


def _general(content: VersionContent) -> dict[str, str]:
    return {
        "Tên thủ tục": content.name,
        "Lĩnh vực": content.sector,
        "Kết quả": content.result,
        "Mức độ trực tuyến": content.online_level.label,
        "Lệ phí": fee_label(content.fee),
        "Khi yêu cầu bổ sung": content.supplement_mode.label,
        "Chờ nghĩa vụ tài chính": _yes(
            content.financial_stops_clock, "tạm dừng tính thời hạn", "vẫn tính thời hạn"
        ),
        "Báo sắp đến hạn": f"trước {content.due_soon_days:02d} ngày làm việc",
        "Thông tin khai": _declaration(content),
        "Mã thủ tục": _yes(content.code_confirmed, "đã xác minh", "chưa xác minh"),
        "Thời hạn": _yes(content.limit_confirmed, "đã xác minh", "chưa xác minh"),
    }


def _declaration(content: VersionContent) -> str:
    parts = ["đã cắt giảm" if content.declaration_reduced else "chưa cắt giảm"]
    if content.declared_cut_percent is not None:
        parts.append(f"công bố giảm {content.declared_cut_percent} %")
    if content.fields_before is not None:
        parts.append(f"{content.fields_before} trường trước, {content.fields_after} trường sau rà soát")
    return "; ".join(parts)


def _documents(old: str, new: str) -> Iterator[Difference]:
    """Each document by itself: the list is long, and one of them is replaced."""
    before, after = (dict.fromkeys(part for part in text.split("; ") if part) for text in (old, new))
    for name in {**before, **after}:
        yield Difference("Văn bản", name if name in before else "", name if name in after else "")


def _cases(old: Iterable[CaseContent], new: Iterable[CaseContent]) -> Iterator[Difference]:
    for one, other in _matched({case.key: case for case in old}, {case.key: case for case in new}):
        case = other or one
        assert case is not None  # noqa: S101 - a key is in at least one of the two
        if one is None or other is None:
            yield Difference(f"Trường hợp {case.title}", _case(one), _case(other))
            continue
        before, after = _case_parts(one), _case_parts(other)
        yield from (Difference(f"{case.title}: {label}", before[label], after[label]) for label in before)


def _case(case: CaseContent | None) -> str:
    if case is None:
        return ""
    return "; ".join(f"{label} {text}" for label, text in _case_parts(case).items() if text)


def _case_parts(case: CaseContent) -> dict[str, str]:
    return {
        "theo quy định": limit_label(case.statutory),
        "cam kết": limit_label(case.committed),
        "mặc định": _yes(case.is_default, "có", "không"),
    }


def _papers(old: Iterable[PaperContent], new: Iterable[PaperContent]) -> Iterator[Difference]:
    before, after = ({fold(paper.name): paper for paper in papers} for papers in (old, new))
    for one, other in _matched(before, after):
        paper = other or one
        assert paper is not None  # noqa: S101 - a key is in at least one of the two
        respelled = one is not None and other is not None and one.name != other.name
        texts = [
            "" if each is None else f"{each.name}: {each.counts}" if respelled else each.counts
            for each in (one, other)
        ]
        yield Difference(paper.name, *texts)


def _matched(old: Mapping[K, T], new: Mapping[K, T]) -> Iterator[tuple[T | None, T | None]]:
    """The parts of both in the order of the new version, those that went last."""
    for key, part in new.items():
        yield old.get(key), part
    for key, part in old.items():
        if key not in new:
            yield part, None


def _pairs(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for label, text in old.items():
        yield Difference(label, text, new[label])


def _yes(value: bool, yes: str, no: str) -> str:
    return yes if value else no
