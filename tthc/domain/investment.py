"""Results of investment procedures: certificates, their tally, the standing total and the yearly plan.

Law on Investment 61/2020/QH14, articles 37–41: a certificate is issued for a new project and adjusted
afterwards. The unit's report counts certificates by kind and origin and adds up the registered capital, in
million US dollars and in billion đồng side by side; one is never computed from the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from tthc.domain.periods import ReportPeriod, calendar_period, official_period
from tthc.domain.text import fold, squeeze
from tthc.domain.vocabulary import DomainError, LabelledEnum

ZERO = Decimal(0)

#: The first law on foreign investment is of 29/12/1987; an earlier date is a slip of the finger.
FIRST_DAY = date(1988, 1, 1)
NUMBER_LENGTH = 32
PROJECT_LENGTH = 300
NOTE_LENGTH = 2000

#: The sector whose dossiers may give a certificate.
SECTOR = "Đầu tư tại Việt Nam"
#: What the name of a procedure that always gives one says, folded as the catalogue keeps names.
CERTIFICATE_WORDS = fold("Giấy chứng nhận đăng ký đầu tư")


class InvestmentOrigin(LabelledEnum):
    """Whose capital it is (nguồn vốn)."""

    FDI = "FDI", "Đầu tư nước ngoài (FDI)"
    DDI = "DDI", "Đầu tư trong nước (DDI)"


class CertificateKind(LabelledEnum):
    """What a certificate does."""

    NEW = "new", "Cấp mới"
    CAPITAL_INCREASE = "capital_increase", "Điều chỉnh tăng vốn"
    OTHER_ADJUSTMENT = "other_adjustment", "Điều chỉnh khác"


class CertificateChangeKind(LabelledEnum):
    """What happened to an entry."""

    RECORDED = "recorded", "Ghi nhận"
    CORRECTED = "corrected", "Đính chính"
    CANCELLED = "cancelled", "Hủy"


class PlanScope(LabelledEnum):
    """For which capital a plan is made."""

    FDI = "FDI", InvestmentOrigin.FDI.label
    DDI = "DDI", InvestmentOrigin.DDI.label
    ALL = "ALL", "Tổng cộng"

    @property
    def origin(self) -> InvestmentOrigin | None:
        """The origin that it speaks of; ``None``: both."""
        return None if self is PlanScope.ALL else InvestmentOrigin(self.value)


class Measure(LabelledEnum):
    """What is planned and what an opening balance says."""

    PROJECTS = "projects", "Số dự án"
    USD = "usd", "Vốn đăng ký (triệu USD)"
    VND = "vnd", "Vốn đăng ký (tỷ đồng)"


def figure_name(scope: PlanScope | InvestmentOrigin, measure: Measure) -> str:
    """How forms and records call a figure: ``fdi_vnd``."""
    return f"{scope.value.lower()}_{measure.value}"


#: Every figure by its name.
FIGURES: Mapping[str, tuple[PlanScope, Measure]] = {
    figure_name(scope, measure): (scope, measure) for scope in PlanScope for measure in Measure
}


# --- a certificate ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Certificate:
    """What a certificate says: capital in million US dollars and in billion đồng, ``None`` if not stated."""

    number: str
    kind: CertificateKind
    origin: InvestmentOrigin
    issued_on: date
    usd: Decimal | None = None
    vnd: Decimal | None = None
    project: str = ""
    note: str = ""


class InvestmentRefused(DomainError):
    """What cannot be put on record; ``faults`` are all the reasons, each at its field."""

    def __init__(self, faults: Sequence[DomainError]) -> None:
        super().__init__(faults[0].message, faults[0].field)
        self.faults = faults


def checked(certificate: Certificate, today: date) -> Certificate:
    """The certificate in clean text; raises :class:`InvestmentRefused` with everything that is wrong."""
    clean = Certificate(
        number=squeeze(certificate.number),
        kind=certificate.kind,
        origin=certificate.origin,
        issued_on=certificate.issued_on,
        usd=certificate.usd,
        vnd=certificate.vnd,
        project=squeeze(certificate.project),
        note=certificate.note.strip(),
    )
    faults = [*_text_faults(clean), *_capital_faults(clean)]
    if clean.issued_on > today:
        faults.append(DomainError("Ngày cấp không được sau hôm nay.", "issued_on"))
    elif clean.issued_on < FIRST_DAY:
        faults.append(DomainError("Ngày cấp trước năm 1988; kiểm tra lại năm.", "issued_on"))
    if faults:
        raise InvestmentRefused(faults)
    return clean


def _text_faults(one: Certificate) -> list[DomainError]:
    faults = []
    if not one.number:
        faults.append(DomainError("Nhập số Giấy chứng nhận.", "number"))
    for name, text, most in (
        ("number", one.number, NUMBER_LENGTH),
        ("project", one.project, PROJECT_LENGTH),
        ("note", one.note, NOTE_LENGTH),
    ):
        if len(text) > most:
            faults.append(DomainError(f"Viết ngắn hơn: tối đa {most} ký tự.", name))
    return faults


def _capital_faults(one: Certificate) -> list[DomainError]:
    """New projects and increases bring capital; another adjustment may bring none, or take some away."""
    if one.kind is CertificateKind.OTHER_ADJUSTMENT:
        return []
    what = one.kind.label.lower()
    faults = []
    if one.vnd is None:
        faults.append(DomainError(f"Nhập vốn đăng ký bằng tỷ đồng: {what} phải có vốn.", "vnd"))
    for name, amount in (("usd", one.usd), ("vnd", one.vnd)):
        if amount is not None and amount <= 0:
            faults.append(DomainError(f"Vốn của Giấy chứng nhận {what} phải lớn hơn 0.", name))
    return faults


def gives_certificate(procedure_name: str) -> bool:
    """Whether the result of a procedure is a certificate in every case, by what its name says.

    The others of the sector (approval of the investment policy, most adjustments) give one in some cases.
    """
    return CERTIFICATE_WORDS in fold(procedure_name)


def usual_kind(procedure_name: str) -> CertificateKind | None:
    """The kind that a procedure's certificate has, where the name of the procedure settles it."""
    name = fold(procedure_name)
    if not gives_certificate(procedure_name):
        return None
    if "dieu chinh du an" in name:
        return None
    return (
        CertificateKind.OTHER_ADJUSTMENT if "cap lai" in name or "doi giay" in name else CertificateKind.NEW
    )


# --- the tally ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """How many certificates, and the capital that they state."""

    count: int = 0
    usd: Decimal = ZERO
    vnd: Decimal = ZERO

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.count + other.count, self.usd + other.usd, self.vnd + other.vnd)


Cell = tuple[InvestmentOrigin, CertificateKind]
#: Every cell, in the order of the report.
CELLS: tuple[Cell, ...] = tuple((origin, kind) for origin in InvestmentOrigin for kind in CertificateKind)


def figures_of(certificate: Certificate) -> Figures:
    """What one certificate adds; capital that is not stated adds nothing."""
    return Figures(1, certificate.usd or ZERO, certificate.vnd or ZERO)


def count(certificates: Iterable[Certificate]) -> dict[Cell, Figures]:
    """The figures of every cell, empty ones included."""
    found = dict.fromkeys(CELLS, Figures())
    for one in certificates:
        found[one.origin, one.kind] += figures_of(one)
    return found


def add_up(
    cells: Mapping[Cell, Figures],
    origin: InvestmentOrigin | None = None,
    kind: CertificateKind | None = None,
) -> Figures:
    """The sum of the cells of an origin, of a kind, of both, or of all."""
    chosen = (
        figures
        for (of, does), figures in cells.items()
        if (origin is None or of is origin) and (kind is None or does is kind)
    )
    return sum(chosen, Figures())


@dataclass(frozen=True)
class InvestmentTally:
    """The figures of a period; ``at_on`` is the earlier of its end and today."""

    period: ReportPeriod
    at_on: date
    cells: Mapping[Cell, Figures]

    def of(self, origin: InvestmentOrigin | None = None, kind: CertificateKind | None = None) -> Figures:
        """See :func:`add_up`."""
        return add_up(self.cells, origin, kind)


# --- the standing total -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stock:
    """Projects and their capital on a day; ``usd`` ``None``: the opening balance does not say."""

    projects: int
    vnd: Decimal
    usd: Decimal | None = None

    def __add__(self, other: Stock) -> Stock:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Stock(self.projects + other.projects, self.vnd + other.vnd, usd)

    def __sub__(self, other: Stock) -> Stock:
        usd = None if self.usd is None or other.usd is None else self.usd - other.usd
        return Stock(self.projects - other.projects, self.vnd - other.vnd, usd)


def brought(cells: Mapping[Cell, Figures], origin: InvestmentOrigin | None = None) -> Stock:
    """What certificates add to a standing total: a new one a project, every one its capital."""
    every = add_up(cells, origin)
    return Stock(add_up(cells, origin, CertificateKind.NEW).count, every.vnd, every.usd)


@dataclass(frozen=True)
class Opening:
    """A balance at the end of ``on``; certificates issued later are added to it."""

    on: date
    stocks: Mapping[InvestmentOrigin, Stock]
    note: str = ""

    def total(self) -> Stock:
        """Both origins together."""
        return self.stocks[InvestmentOrigin.FDI] + self.stocks[InvestmentOrigin.DDI]


@dataclass(frozen=True)
class StandingLine:
    """One line of the standing total: ``origin`` ``None`` is the sum of both."""

    origin: InvestmentOrigin | None
    opening: Stock
    added: Stock

    @property
    def total(self) -> Stock:
        """Projects and capital at the end."""
        return self.opening + self.added


def standing(opening: Opening, since: Mapping[Cell, Figures]) -> list[StandingLine]:
    """The standing total by origin, the sum last; ``since`` counts what was issued after the balance."""
    lines = [
        StandingLine(origin, opening.stocks[origin], brought(since, origin)) for origin in InvestmentOrigin
    ]
    return [*lines, StandingLine(None, opening.total(), brought(since))]


# --- the yearly plan ----------------------------------------------------------------------------------

Plan = Mapping[tuple[PlanScope, Measure], Decimal]


def check_plan(plan: Plan) -> None:
    """Raise :class:`InvestmentRefused` for figures that are no plan, each at its name."""
    faults = []
    for (scope, measure), amount in plan.items():
        name = figure_name(scope, measure)
        if amount < 0:
            faults.append(DomainError("Chỉ tiêu kế hoạch không được âm.", name))
        elif measure is Measure.PROJECTS and amount % 1:
            faults.append(DomainError("Số dự án phải là số nguyên.", name))
    for measure in Measure:
        total, parts = plan.get((PlanScope.ALL, measure)), _parts(plan, measure)
        if total is not None and parts is not None and total != parts:
            faults.append(
                DomainError(
                    f"{measure.label}: tổng cộng phải bằng FDI cộng DDI.",
                    figure_name(PlanScope.ALL, measure),
                )
            )
    if faults:
        raise InvestmentRefused(faults)


def planned(plan: Plan, scope: PlanScope, measure: Measure) -> Decimal | None:
    """What a plan asks for; a total that it leaves out is the sum of both origins where it has both."""
    found = plan.get((scope, measure))
    return _parts(plan, measure) if found is None and scope is PlanScope.ALL else found


def _parts(plan: Plan, measure: Measure) -> Decimal | None:
    both = [plan.get((scope, measure)) for scope in (PlanScope.FDI, PlanScope.DDI)]
    return None if None in both else sum((one for one in both if one is not None), ZERO)


@dataclass(frozen=True)
class PlanLine:
    """One figure of the plan beside what was done."""

    scope: PlanScope
    measure: Measure
    planned: Decimal
    done: Decimal

    @property
    def share(self) -> float | None:
        """Done of planned, 1 when it is reached; ``None`` for a plan of nothing."""
        return float(self.done / self.planned) if self.planned else None


def compare(plan: Plan, cells: Mapping[Cell, Figures]) -> list[PlanLine]:
    """Every planned figure beside what the certificates of the year add up to."""
    lines = []
    for measure in Measure:
        for scope in PlanScope:
            wanted = planned(plan, scope, measure)
            if wanted is not None:
                lines.append(PlanLine(scope, measure, wanted, _done(cells, scope, measure)))
    return lines


def _done(cells: Mapping[Cell, Figures], scope: PlanScope, measure: Measure) -> Decimal:
    stock = brought(cells, scope.origin)
    if measure is Measure.PROJECTS:
        return Decimal(stock.projects)
    return stock.vnd if measure is Measure.VND else stock.usd or ZERO


class YearCut(LabelledEnum):
    """Where a year of a plan begins: with the reports (15/12) or with the calendar."""

    OFFICIAL = "official", "năm báo cáo"
    CALENDAR = "calendar", "năm dương lịch"

    def year_of(self, on: date) -> int:
        """The year that a day belongs to."""
        return on.year + (self is YearCut.OFFICIAL and (on.month, on.day) >= (12, 15))

    def period(self, year: int) -> ReportPeriod:
        """The whole year."""
        cut = official_period if self is YearCut.OFFICIAL else calendar_period
        return cut(year, 1, 12, f"Năm {year}")

    @classmethod
    def of_preset(cls, key: str | None) -> Self:
        """As the period that was chosen is cut; free dates count as the reports do."""
        return cls("calendar" if key and key.startswith("lich-") else "official")
