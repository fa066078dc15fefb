"""What a version of a procedure says (domain.md 2), and all that is wrong with one before it is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tthc.domain.text import fold, nfc, squeeze
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import Channel, DomainError, LabelledEnum, OnlineLevel, SupplementMode

#: The national code of a procedure as portals print it, with or without the code of the locality that some
#: of them add: 1.009742, 1.009979.000.00.00.H10.
_NATIONAL_CODE = re.compile(r"\d\.\d{6}(\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?", re.ASCII)

#: The longest name in the national catalogue has some 400 characters.
NAME_LENGTH = 1000
LINE_LENGTH = 300
TEXT_LENGTH = 4000
MOST_CASES = 30
MOST_SEGMENTS = 9
MOST_PAPERS = 60
MOST_UNITS = 999
MOST_NOTICE = 60
MOST_FIELDS = 9999
MOST_FEE = 999_999_999

#: Where in a version something is: ("name",), ("cases", 0, "statutory", 1, "agency").
Place = tuple[str | int, ...]


class CatalogueMark(LabelledEnum):
    """What a list of procedures can be narrowed down to."""

    UNVERIFIED = "unverified", "Chưa xác minh"
    REDUCED = "reduced", "Đã cắt giảm thông tin khai"
    PLANNED = "planned", "Có phiên bản sắp áp dụng"
    REPLACED = "replaced", "Đã được thay thế"
    WITHDRAWN = "withdrawn", "Đã bãi bỏ"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one part of a version; numbers in ``place`` count from 0."""

    place: Place
    message: str


class ContentRefused(DomainError):
    """A version that cannot be kept; :attr:`faults` says everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message, str(faults[0].place[0]))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class CaseContent:
    """A case (trường hợp) of one channel or of all (``None``).

    ``statutory`` is what the law allows, ``committed`` what the board promises, which may be less.
    """

    name: str
    channel: Channel | None
    is_default: bool
    statutory: tuple[LimitSegment, ...]
    committed: tuple[LimitSegment, ...] = ()

    @property
    def key(self) -> tuple[str, Channel | None]:
        """What tells the cases of a version apart: capitals and blanks do not."""
        return squeeze(self.name).casefold(), self.channel

    @property
    def title(self) -> str:
        """The case as a sentence names it."""
        return f"“{self.name}”" + (f" ({self.channel.label})" if self.channel else "")


@dataclass(frozen=True)
class PaperContent:
    """A required paper (giấy tờ) with the number of each kind of copy."""

    name: str
    originals: int
    certified: int
    copies: int
    required: bool

    @property
    def counts(self) -> str:
        """The numbers in words: "01 bản chính, 02 bản sao, nếu có"."""
        kinds = (
            (self.originals, "bản chính"),
            (self.certified, "bản sao chứng thực"),
            (self.copies, "bản sao"),
        )
        parts = [f"{number:02d} {kind}" for number, kind in kinds if number]
        return ", ".join([*parts, *([] if self.required else ["nếu có"])])


@dataclass(frozen=True)
class VersionContent:
    """Everything that a version says of its procedure.

    ``sector`` is its name. ``legal_basis`` lists documents, separated by ";". ``fee`` is in đồng (``None``:
    set elsewhere or unknown). ``declared_cut_percent`` is the published cut of declared information, which
    may be known where the numbers of fields are not.
    """

    name: str
    sector: str
    legal_basis: str
    result: str
    online_level: OnlineLevel
    supplement_mode: SupplementMode
    financial_stops_clock: bool
    due_soon_days: int
    fee: int | None
    declaration_reduced: bool
    declared_cut_percent: int | None
    fields_before: int | None
    fields_after: int | None
    code_confirmed: bool
    limit_confirmed: bool
    cases: tuple[CaseContent, ...]
    papers: tuple[PaperContent, ...]

    @property
    def reduction(self) -> Reduction:
        """The review of the declared information."""
        return Reduction(self.declared_cut_percent, self.fields_before, self.fields_after)


@dataclass(frozen=True)
class Reduction:
    """The review of what applicants must declare: published cut in per cent, fields before and after."""

    published_percent: int | None
    before: int | None
    after: int | None

    @property
    def label(self) -> str:
        """ "giảm 15 %", by the numbers of fields where they are known, else as published."""
        tenths = self.tenths
        if tenths is None:
            return f"giảm {self.published_percent} %" if self.published_percent else ""
        whole, tenth = divmod(tenths, 10)
        return f"giảm {whole},{tenth} %" if tenth else f"giảm {whole} %"

    @property
    def tenths(self) -> int | None:
        """The cut in tenths of a per cent, rounded half up: 20 fields before, 17 after is 150."""
        if self.before is None or self.after is None:
            return None
        return ((self.before - self.after) * 2000 + self.before) // (2 * self.before)

    @property
    def agrees(self) -> bool | None:
        """Whether the fields give the published cut in whole per cent; ``None`` where one is not known."""
        if self.published_percent is None or self.before is None or self.after is None:
            return None
        return ((self.before - self.after) * 200 + self.before) // (2 * self.before) == self.published_percent


def national_code(text: str, field: str) -> str | None:
    """The code as it is kept, ``None`` for an empty text; ``field`` is named in a refusal."""
    code = squeeze(text).upper()
    if code and not _NATIONAL_CODE.fullmatch(code):
        raise DomainError(
            "Mã quốc gia gồm một chữ số, dấu chấm và sáu chữ số, ví dụ 1.009742 "
            "(có thể kèm mã địa phương, ví dụ 1.009979.000.00.00.H10).",
            field,
        )
    return code or None


def limit_label(segments: Sequence[LimitSegment]) -> str:
    """A limit with its agencies: "25 ngày (Ban Quản lý) + 07 ngày làm việc (UBND cấp tỉnh)"."""
    return " + ".join(f"{one.label} ({one.agency})" if one.agency else one.label for one in segments)


def tidy(content: VersionContent) -> VersionContent:
    """The same with its texts in NFC and without superfluous blanks."""
    documents = (squeeze(part) for part in content.legal_basis.replace("\n", ";").split(";"))
    return replace(
        content,
        name=squeeze(content.name),
        sector=squeeze(content.sector),
        legal_basis="; ".join(part for part in documents if part),
        result=nfc(content.result).strip(),
        cases=tuple(
            replace(
                case,
                name=squeeze(case.name),
                statutory=_tidy_segments(case.statutory),
                committed=_tidy_segments(case.committed),
            )
            for case in content.cases
        ),
        papers=tuple(replace(paper, name=squeeze(paper.name)) for paper in content.papers),
    )


def faults_of(content: VersionContent) -> list[Fault]:
    """Everything that is wrong with a tidied version."""
    return [*_general(content), *_cases(content.cases), *_papers(content.papers)]


def _tidy_segments(segments: Sequence[LimitSegment]) -> tuple[LimitSegment, ...]:
    return tuple(replace(one, agency=squeeze(one.agency)) for one in segments)


def _general(content: VersionContent) -> Iterator[Fault]:
    if not content.name:
        yield Fault(("name",), "Nhập tên thủ tục.")
    for field, text, most in (
        ("name", content.name, NAME_LENGTH),
        ("sector", content.sector, LINE_LENGTH),
        ("legal_basis", content.legal_basis, TEXT_LENGTH),
        ("result", content.result, NAME_LENGTH),
    ):
        if len(text) > most:
            yield Fault((field,), f"Viết ngắn hơn: tối đa {most} ký tự.")
    if not content.sector:
        yield Fault(("sector",), "Chọn lĩnh vực.")
    if not 0 <= content.due_soon_days <= MOST_NOTICE:
        yield Fault(("due_soon_days",), f"Nhập số ngày làm việc từ 0 đến {MOST_NOTICE}.")
    if content.fee is not None and not 0 <= content.fee <= MOST_FEE:
        yield Fault(("fee",), "Nhập lệ phí bằng đồng, từ 0 đến 999.999.999.")
    yield from _declaration(content)


def _declaration(content: VersionContent) -> Iterator[Fault]:
    before, after, percent = content.fields_before, content.fields_after, content.declared_cut_percent
    if percent is not None and not 1 <= percent <= 100:
        yield Fault(("declared_cut_percent",), "Nhập tỷ lệ từ 1 đến 100.")
    elif percent is not None and not content.declaration_reduced:
        yield Fault(
            ("declared_cut_percent",),
            "Chỉ ghi tỷ lệ khi thủ tục đã cắt giảm thông tin khai; đánh dấu ô trên.",
        )
    if before is None and after is None:
        return
    if before is None or not 1 <= before <= MOST_FIELDS:
        yield Fault(("fields_before",), f"Nhập số trường trước rà soát, từ 1 đến {MOST_FIELDS}.")
    elif after is None or not 0 <= after <= before:
        yield Fault(("fields_after",), "Nhập số trường sau rà soát, không lớn hơn số trường trước.")
    elif content.declaration_reduced and after == before:
        yield Fault(("fields_after",), "Thủ tục đã cắt giảm thì số trường sau rà soát phải nhỏ hơn trước.")
    elif not content.declaration_reduced and after < before:
        yield Fault(
            ("declaration_reduced",),
            "Số trường đã giảm; đánh dấu “Đã cắt giảm thông tin khai” hoặc sửa số trường.",
        )


def _cases(cases: Sequence[CaseContent]) -> Iterator[Fault]:
    if not cases:
        yield Fault(("cases",), "Khai ít nhất một trường hợp có thời hạn, ví dụ “Trường hợp chung”.")
        return
    if len(cases) > MOST_CASES:
        yield Fault(("cases",), f"Tối đa {MOST_CASES} trường hợp.")
    seen = Counter[tuple[str, Channel | None]]()
    defaults = Counter[Channel | None]()
    for number, case in enumerate(cases):
        seen[case.key] += 1
        if not case.name:
            yield Fault(("cases", number, "name"), "Nhập tên trường hợp.")
        elif len(case.name) > LINE_LENGTH:
            yield Fault(("cases", number, "name"), f"Viết ngắn hơn: tối đa {LINE_LENGTH} ký tự.")
        elif seen[case.key] > 1:
            yield Fault(
                ("cases", number, "name"), f"Trường hợp {case.title} đã có ở trên; đổi tên, đổi kênh hoặc bỏ."
            )
        defaults[case.channel] += case.is_default
        if case.is_default and defaults[case.channel] > 1:
            channel = f"kênh {case.channel.label.lower()}" if case.channel else "mọi kênh"
            yield Fault(("cases", number, "is_default"), f"Chỉ một trường hợp là mặc định cho {channel}.")
        yield from _limits(("cases", number), case)
    lacking = [channel.label.lower() for channel in Channel if not defaults[channel]]
    if not defaults[None] and lacking:
        yield Fault(
            ("cases",),
            f"Chọn trường hợp mặc định: kênh {', '.join(lacking)} chưa có thời hạn nào được áp dụng khi "
            "không chọn trường hợp.",
        )


def _limits(place: Place, case: CaseContent) -> Iterator[Fault]:
    if not case.statutory:
        yield Fault((*place, "statutory", 0, "amount"), "Nhập thời hạn theo quy định.")
    for kind, segments in (("statutory", case.statutory), ("committed", case.committed)):
        if len(segments) > MOST_SEGMENTS:
            yield Fault((*place, kind, 0, "amount"), f"Tối đa {MOST_SEGMENTS} đoạn thời hạn.")
        for number, segment in enumerate(segments):
            if segment.amount > MOST_UNITS:
                yield Fault((*place, kind, number, "amount"), f"Nhập số nguyên từ 1 đến {MOST_UNITS}.")
            if len(segment.agency) > LINE_LENGTH:
                yield Fault((*place, kind, number, "agency"), f"Viết ngắn hơn: tối đa {LINE_LENGTH} ký tự.")
            elif len(segments) > 1 and not segment.agency:
                # Whose delay it is can only be told where each part has its agency.
                yield Fault(
                    (*place, kind, number, "agency"),
                    "Thời hạn nhiều đoạn: ghi cơ quan thực hiện của từng đoạn.",
                )
        if segments:
            try:
                TimeLimit(segments)
            except DomainError as error:
                yield Fault((*place, kind, 0, "unit"), error.message)
    if _longer(case.committed, case.statutory):
        yield Fault(
            (*place, "committed", 0, "amount"),
            f"Thời hạn cam kết ({limit_label(case.committed)}) không được dài hơn thời hạn theo quy định "
            f"({limit_label(case.statutory)}).",
        )


def _longer(committed: Sequence[LimitSegment], statutory: Sequence[LimitSegment]) -> bool:
    """Whether a promise surely exceeds the law: only limits in one and the same unit can be compared."""
    units = {one.unit for one in (*committed, *statutory)}
    return len(units) == 1 and sum(one.amount for one in committed) > sum(one.amount for one in statutory)


def _papers(papers: Sequence[PaperContent]) -> Iterator[Fault]:
    if len(papers) > MOST_PAPERS:
        yield Fault(("papers",), f"Tối đa {MOST_PAPERS} giấy tờ.")
    seen: set[str] = set()
    for number, paper in enumerate(papers):
        key = fold(paper.name)
        if not paper.name:
            yield Fault(("papers", number, "name"), "Nhập tên giấy tờ.")
        elif len(paper.name) > NAME_LENGTH:
            yield Fault(("papers", number, "name"), f"Viết ngắn hơn: tối đa {NAME_LENGTH} ký tự.")
        elif key in seen:
            yield Fault(("papers", number, "name"), "Giấy tờ này đã có ở trên; bỏ dòng trùng.")
        seen.add(key)
        amounts = {"originals": paper.originals, "certified": paper.certified, "copies": paper.copies}
        for field, amount in amounts.items():
            if not 0 <= amount <= MOST_UNITS:
                yield Fault(("papers", number, field), f"Nhập số nguyên từ 0 đến {MOST_UNITS}.")
        if not any(amounts.values()):
            yield Fault(("papers", number, "originals"), "Nhập số bản của ít nhất một loại.")
