"""Every page, with data and without, for every role: well formed, named, and in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.investment_files import certificate
from tests.services.conftest import POSTED
from tthc.db.models import Alert, Dossier, HandOver
from tthc.domain.vocabulary import (
    AlertStage,
    ApplicantKind,
    Channel,
    DossierState,
    Outcome,
    PetitionKind,
    PetitionState,
    TransferKind,
)
from tthc.services import (
    alerts,
    dossier_papers,
    dossiers,
    extensions,
    hand_overs,
    investment,
    petition_changes,
    reports,
    transfers,
)
from tthc.services.applicants import ApplicantInput
from tthc.services.petition_contents import PetitionContent
from tthc.services.selections import Mark

ROLES = ["clerk", "officer", "supervisor", "reporter", "admin", "auditor"]


@pytest.fixture
def extended(in_session: Any, officer: Any, supervisor: Any, now: Any) -> Callable[..., None]:
    """``extended(code, at, new_due_on)`` extends a new dossier, whose version is 3 afterwards."""

    def extend(code: str, at: datetime, new_due_on: date) -> None:
        asked = dossiers.Call(now, officer, code, 1, at)
        decided = dossiers.Call(now, supervisor, code, 2, at)
        in_session(
            lambda session: extensions.propose_extension(
                session, call=asked, new_due_on=new_due_on, reason="Chờ ý kiến"
            )
        )
        in_session(lambda session: extensions.approve_extension(session, call=decided))

    return extend


@pytest.fixture
def petitions_of_every_kind(now: Any, clerk: Any) -> Callable[[Any], None]:
    """Three petitions: one that is overdue, one answered and published, one handed on."""
    came = now - timedelta(days=30)
    typed = PetitionContent(
        PetitionKind.CONDUCT, "Phản ánh", None, came, due_on=date(2024, 5, 31), legal_basis="Văn bản"
    )
    answered = {
        "state": PetitionState.ANSWERED,
        "ended_on": date(2024, 5, 30),
        "answer": "Đã chấn chỉnh",
        "published_on": date(2024, 6, 3),
        "published_in": "Trang thông tin điện tử",
        "procedure_id": 7,
        "applicant": ApplicantInput(ApplicantKind.CITIZEN, "Công dân 01", phone="0912345678"),
    }
    away = {
        "state": PetitionState.TRANSFERRED,
        "ended_on": date(2024, 5, 20),
        "transferred_to": "Sở Công Thương",
    }

    def enter(session: Any) -> None:
        for more in ({}, answered, away):
            content = replace(typed, **more)
            petition_changes.record_petition(session, now=now, actor=clerk, content=content)

    return enter


@pytest.fixture
def filled(
    app: Flask,
    received: Any,
    filed: Any,
    done_to: Any,
    extended: Any,
    petitions_of_every_kind: Any,
    in_session: Any,
    now: Any,
    supervisor: Any,
) -> str:
    """Dossiers and petitions in several states, filings and alerts; gives the code of one that waits."""
    old = now - timedelta(days=60)
    codes = [received(number, old + timedelta(days=number), channel=Channel.ONLINE) for number in range(1, 9)]
    done_to(codes[0], 1, dossiers.start_dossier, old + timedelta(days=2))
    done_to(codes[1], 1, dossiers.resolve_dossier, old + timedelta(days=4), outcome=Outcome.GRANTED)
    done_to(
        codes[2],
        1,
        dossiers.resolve_dossier,
        old + timedelta(days=4),
        outcome=Outcome.REFUSED,
        returned=True,
        reason="Không đủ điều kiện",
    )
    done_to(
        codes[3], 1, dossiers.request_supplement, old + timedelta(days=5), missing="Bản vẽ", reason="Thiếu"
    )
    done_to(codes[3], 2, dossiers.receive_supplement, old + timedelta(days=9))
    done_to(codes[4], 1, dossiers.stop_dossier, old + timedelta(days=6), reason="Không phối hợp")
    done_to(codes[5], 1, dossiers.withdraw_dossier, old + timedelta(days=7), reason="Rút để làm lại")
    extended(codes[6], old + timedelta(days=8), date(2024, 7, 26))
    done_to(
        codes[6], 3, dossiers.request_supplement, old + timedelta(days=8), missing="Bản vẽ", reason="Thiếu"
    )
    in_session(
        lambda session: transfers.hand_over(
            session,
            now=now,
            actor=supervisor,
            kind=TransferKind.TO_BOARD,
            codes=[codes[7]],
            taker_id=None,
        )
    )
    in_session(
        lambda session: dossier_papers.print_paper(
            session, now=now, actor=supervisor, code=codes[6], slug="phieu-kiem-soat"
        )
    )
    filed(10)
    in_session(
        lambda session: hand_overs.hand_over(
            session, now=now, actor=supervisor, marks=[Mark(codes[2], 2)], delivery=POSTED
        )
    )
    in_session(
        lambda session: investment.record_certificate(
            session, now=now, actor=supervisor, certificate=certificate()
        )
    )
    in_session(petitions_of_every_kind)
    in_session(lambda session: alerts.sweep(session, now=now, actor=supervisor))
    in_session(lambda session: reports.draw_up(session, now=now, actor=supervisor))
    return str(codes[6])


def _ended(app: Flask) -> tuple[str, str]:
    """The codes of a dossier whose result waits, and of one whose result was handed over."""
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        codes = dict(session.execute(select(Dossier.state, Dossier.code)).all())
    ended = (DossierState.RESOLVED, DossierState.HANDED_OVER)
    return codes.get(ended[0], "KHONG-CO"), codes.get(ended[1], "KHONG-CO")


def _last_act(app: Flask) -> str:
    with app.app_context():
        found = app.extensions["sqlalchemy"].session.scalar(select(HandOver.action_id))
    return str(found or UUID(int=1))


def _alert(app: Flask) -> int:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        heavy = select(Alert.id).where(Alert.stage == AlertStage.ESCALATED, Alert.withdrawn_at.is_(None))
        found: int | None = session.scalar(heavy.order_by(Alert.threshold.desc()))
    return found or 1


def _addresses(app: Flask, code: str) -> list[str]:
    """An address for every GET route; a new route without an example here makes this fail."""
    period = "from_on=15/12/2023&to_on=14/06/2024"
    examples: dict[str, list[str]] = {
        "home.index": ["/", "/?mine=1"],
        "accounts.change_password": ["/doi-mat-khau"],
        "own_account.show": ["/tai-khoan"],
        "own_alerts.index": ["/canh-bao/cua-toi"],
        "outbox.index": ["/thiet-lap/thu-gui-di"],
        "intake.new": ["/ho-so/tiep-nhan"],
        "dossiers.index": [
            "/ho-so",
            "/ho-so?bucket=overdue&sort=-due",
            "/ho-so?q=cong+ty&channel=online",
        ],
        "dossiers.lists.export": ["/ho-so/danh-sach.xlsx?q=cong+ty"],
        "dossiers.lists.columns": ["/ho-so/cot"],
        "dossiers.lists.filters": ["/ho-so/bo-loc"],
        "dossiers.show": [f"/ho-so/{code}"],
        "unanswered_supplements.index": ["/bo-sung-qua-han", "/bo-sung-qua-han?page=2"],
        "dossiers.explanation": [f"/ho-so/{code}/cach-tinh-ngay-hen-tra.pdf"],
        "dossiers.supplement_paper": [f"/ho-so/{code}/phieu-bo-sung.pdf"],
        "dossiers.receipt": [f"/ho-so/{code}/giay-tiep-nhan.pdf"],
        "dossiers.extension_letter": [f"/ho-so/{code}/van-ban-gia-han.pdf"],
        "dossiers.attachments.index": [f"/ho-so/{code}/tep"],
        "dossiers.papers.paper": [f"/ho-so/{code}/bieu-mau/phieu-kiem-soat.pdf"],
        "dossiers.papers.again": [f"/ho-so/{code}/van-ban/1.pdf"],
        "dossiers.corrections.edit": [f"/ho-so/{code}/dinh-chinh"],
        "fees.day": ["/le-phi", "/le-phi?on=13/06/2024&account_id=1&page=2"],
        "fees.export": ["/le-phi/trong-ngay.xlsx"],
        "fees.show": [f"/ho-so/{code}/le-phi"],
        "filings.index": ["/cho-tiep-nhan", "/cho-tiep-nhan?state="],
        "filings.show": ["/cho-tiep-nhan/1"],
        "catalogue.index": [
            "/thu-tuc",
            "/thu-tuc?q=giay+phep&sector_id=2&mark=reduced",
            "/thu-tuc?mark=planned",
            "/thu-tuc?page=2",
        ],
        "catalogue.show": [
            *(f"/thu-tuc/{number}" for number in (1, 20, 26, 42)),
            "/thu-tuc/37?ngay=01/01/2016",
        ],
        "catalogue.reductions": ["/thu-tuc/cat-giam"],
        "catalogue.versions.history": ["/thu-tuc/37/phien-ban", "/thu-tuc/37/phien-ban?tu=37&den=37"],
        "catalogue.versions.show": ["/thu-tuc/37/phien-ban/37"],
        "catalogue.workflows.show": ["/thu-tuc/37/phien-ban/37/quy-trinh"],
        "catalogue.versions.new": ["/thu-tuc/24/phien-ban/moi", "/thu-tuc/37/phien-ban/moi?tu=37"],
        "catalogue.changes.new": ["/thu-tuc/them"],
        "catalogue.changes.status": ["/thu-tuc/33/tinh-trang"],
        "catalogue.changes.thresholds": ["/thu-tuc/nguong-bao"],
        "calendar.index": ["/lich-lam-viec", "/lich-lam-viec?year=2027", "/lich-lam-viec?year=2031"],
        "calendar.export": ["/lich-lam-viec/xuat.csv", "/lich-lam-viec/xuat.ics?year=2026"],
        "calendar.change": ["/lich-lam-viec/thay-doi", "/lich-lam-viec/thay-doi?propose=2028"],
        "calendar.upload": ["/lich-lam-viec/nhap"],
        "calendar.versions": ["/lich-lam-viec/phien-ban"],
        "calendar.version": ["/lich-lam-viec/phien-ban/1"],
        "settings.index": ["/thiet-lap", "/thiet-lap?page=2"],
        "settings.new_rule": ["/thiet-lap/quy-tac-moi"],
        "settings.others": ["/thiet-lap/quy-dinh-khac"],
        "settings.unit": ["/thiet-lap/don-vi"],
        "settings.name": ["/thiet-lap/don-vi/1", "/thiet-lap/don-vi/2"],
        "settings.new_name": ["/thiet-lap/don-vi/ten-moi"],
        "settings.new_code": ["/thiet-lap/don-vi/ma-moi"],
        "settings.letters.index": ["/thiet-lap/van-ban-mau"],
        "settings.letters.show": [
            "/thiet-lap/van-ban-mau/2018/03",
            "/thiet-lap/van-ban-mau/2025/04-late",
        ],
        "settings.letters.deputies": ["/thiet-lap/ky-thay"],
        "transfers.index": ["/ban-giao"],
        "transfers.results": ["/ban-giao/ket-qua"],
        "transfers.lists": ["/ban-giao/danh-sach", "/ban-giao/danh-sach?page=2"],
        "transfers.show": ["/ban-giao/danh-sach/1"],
        "transfers.paper": ["/ban-giao/danh-sach/1.pdf"],
        "transfers.absence": ["/ban-giao/vang-mat"],
        "hand_overs.index": ["/tra-ket-qua", "/tra-ket-qua?q=cong+ty&only_due=y"],
        "hand_overs.show": [f"/tra-ket-qua/{one}" for one in (code, *_ended(app))],
        "hand_overs.edit": [f"/tra-ket-qua/{_ended(app)[1]}/dinh-chinh"],
        "hand_overs.item": [f"/tra-ket-qua/{_ended(app)[1]}/chuyen-hoan"],
        "hand_overs.done": [f"/tra-ket-qua/lan/{_last_act(app)}"],
        "hand_overs.export": ["/tra-ket-qua/chua-nhan.xlsx?only_due=y"],
        "timetable.index": ["/thiet-lap/bo-hen-gio", "/thiet-lap/bo-hen-gio?viec=sweep&page=2"],
        "alerts.index": [
            "/canh-bao",
            "/canh-bao?stage=overdue&by=sector",
            "/canh-bao?kind=supplement",
            "/canh-bao?answered=y&by=procedure&trend=week",
        ],
        "alerts.show": [f"/canh-bao/{_alert(app)}"],
        "alerts.export": ["/canh-bao/bang.xlsx"],
        "reports.index": [
            "/bao-cao",
            f"/bao-cao?{period}&by=procedure",
            "/bao-cao?preset=lich-quy-1&year=2024",
        ],
        "reports.cell": [f"/bao-cao/danh-sach?{period}&by=sector&cell=received_total"],
        "reports.export_cell": [f"/bao-cao/danh-sach.csv?{period}&by=sector&cell=received_total"],
        "reports.ii06a": [f"/bao-cao/ii06a.{kind}?{period}" for kind in ("xlsx", "pdf")],
        "annexes.show": [
            f"/bao-cao/phu-luc/{name}?{period}"
            for name in ("qua-han", "nguyen-nhan", "cung-ky", "dieu-chinh")
        ],
        "annexes.export": [f"/bao-cao/phu-luc/cung-ky.xlsx?{period}"],
        "charts.index": ["/bao-cao/bieu-do", "/bao-cao/bieu-do?preset=lich-quy-1&year=2024"],
        "charts.export": [f"/bao-cao/bieu-do/thoi-gian.xlsx?{period}"],
        "indicators.index": ["/bao-cao/chi-so-766", f"/bao-cao/chi-so-766?{period}"],
        "indicators.export": [f"/bao-cao/chi-so-766/chi-so-766.xlsx?{period}"],
        "dossier_sets.show": [
            f"/bao-cao/tap-ho-so?{period}&name=handled",
            f"/bao-cao/tap-ho-so?{period}&case=1",
        ],
        "dossier_sets.export": [f"/bao-cao/tap-ho-so/danh-sach.csv?{period}&name=left_near"],
        "periodic_reports.index": ["/bao-cao/ky", "/bao-cao/ky?kind=month&sending=unsent&page=2"],
        "periodic_reports.show": ["/bao-cao/ky/1", "/bao-cao/ky/1?by=procedure"],
        "report_lists.show": ["/bao-cao/ky/1/ho-so", "/bao-cao/ky/1/ho-so?cell=pending_total&page=2"],
        "report_lists.export": ["/bao-cao/ky/1/ho-so.csv"],
        "periodic_reports.letter": ["/bao-cao/ky/1/cong-van.pdf"],
        "periodic_reports.sentence": ["/bao-cao/ky/1/doan-van.docx"],
        "investment.index": ["/dau-tu", "/dau-tu?preset=lich-quy-1&year=2024"],
        "investment.table": [f"/dau-tu/ket-qua.xlsx?{period}"],
        "investment.certificates": [
            "/dau-tu/danh-sach",
            "/dau-tu/danh-sach?q=gcn&origin=FDI&kind=new&page=2",
        ],
        "investment.spreadsheet": ["/dau-tu/danh-sach.xlsx"],
        "investment.plain": ["/dau-tu/danh-sach.csv"],
        "investment.show": ["/dau-tu/1"],
        "investment.missing": [f"/dau-tu/con-thieu?{period}"],
        "investment.entries.new": ["/dau-tu/ghi"],
        "investment.entries.edit": ["/dau-tu/1/dinh-chinh"],
        "investment.imports.upload": ["/dau-tu/nhap-tep"],
        "investment.balances.openings": ["/dau-tu/so-du-dau", "/dau-tu/so-du-dau?ngay=14/12/2023"],
        "investment.balances.plan": ["/dau-tu/ke-hoach", "/dau-tu/ke-hoach?nam=2025"],
        "petitions.index": [
            "/phan-anh",
            "/phan-anh?q=huong+dan&state=pending&kind=conduct",
            f"/phan-anh?{period}&cell=pending&page=2",
        ],
        "petitions.export": [f"/phan-anh/xuat.csv?{period}", "/phan-anh/xuat.xlsx?state=pending"],
        "petitions.tally": ["/phan-anh/tong-hop", f"/phan-anh/tong-hop?{period}"],
        "petitions.tally_sheet": [f"/phan-anh/tong-hop.xlsx?{period}"],
        "petitions.new": ["/phan-anh/moi"],
        "petitions.show": [f"/phan-anh/{number}" for number in (1, 2, 3)],
        "petitions.edit": ["/phan-anh/1/dinh-chinh"],
        "register.index": ["/so-ho-so"],
        "guides.first_day": ["/huong-dan", "/huong-dan?vai=clerk"],
        "guides.look": ["/thiet-ke"],
        "lookup.index": ["/tra-cuu"],
        "applicants.index": ["/chu-ho-so", "/chu-ho-so?q=doanh&kind=enterprise&page=2"],
        "applicants.show": ["/chu-ho-so/1"],
        "applicants.edit": ["/chu-ho-so/1/sua"],
        "applicants.duplicates": ["/chu-ho-so/trung-lap"],
        "applicants.look": ["/chu-ho-so/1/gop/2"],
        "access.index": ["/nhat-ky-truy-cap", "/nhat-ky-truy-cap?from_on=14/06/2024&truoc=5"],
        "search.index": ["/tim-kiem", "/tim-kiem?q=doanh+nghiep", "/tim-kiem?q=doanh&truoc=3"],
        "register_book.index": ["/so-theo-doi", "/so-theo-doi?year=2024&volume=01&from_no=1"],
        "register_book.export": [f"/so-theo-doi/so.{kind}?year=2024" for kind in ("xlsx", "pdf")],
        "register.export": [f"/so-ho-so/xuat?{period}&format=csv", f"/so-ho-so/xuat?{period}&format=xlsx"],
    }
    # A look at a change needs one that was prepared: tests/web/test_calendar.py. A version can be changed
    # while it is still to come: tests/web/test_catalogue_versions.py. Dossiers are stopped together where the
    # office has a legal basis for it: tests/web/test_unanswered_supplements.py.
    elsewhere = {
        "static",
        "accounts.sign_in",
        # For machines: tests/web/test_health.py.
        "health.healthz",
        "health.readyz",
        "health.metrics",
        "calendar.preview",
        # Needs the secret of an account: tests/web/test_feeds.py.
        "feeds.calendar",
        # Needs the token of a receipt: tests/web/test_lookup.py.
        "lookup.show",
        # These need a file that was attached: tests/web/test_attachments.py.
        "dossiers.attachments.show",
        "dossiers.attachments.view",
        "dossiers.attachments.download",
        # A part of a page: tests/web/test_search.py.
        "search.hints",
        # Likewise: tests/web/test_intake.py. Papers of what was asked or refused: tests/web/test_filings.py.
        "intake.suggest",
        "filings.supplement_paper",
        "filings.refusal_paper",
        "unanswered_supplements.preview",
        "catalogue.versions.edit",
    }
    # These have walks of their own, with closings, petitions and certificates to look at.
    walked = ("closing.", "petitions.", "investment.", "take_over.")
    routes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith(walked)
    }
    assert routes - elsewhere == {name for name in examples if not name.startswith(walked)}
    return [address for group in examples.values() for address in group]


@pytest.mark.parametrize("name", ROLES)
def test_every_page_with_data(app: Flask, name: str, filled: str, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in(name)
    opened = 0
    for address in _addresses(app, filled):
        status = reader.look(address)
        assert status in {200, 403}, (address, status)
        opened += status == 200
    assert opened >= 20


def test_every_page_on_the_first_day(app: Flask, signed_in: Callable[[str], Any]) -> None:
    reader, administrator = signed_in("supervisor"), signed_in("admin")
    petitions = ("/phan-anh/1", "/phan-anh/2", "/phan-anh/3")
    missing = (
        "/cho-tiep-nhan/1",
        ".pdf",
        "/ho-so/KHONG-CO",
        "/dau-tu/1",
        "/bao-cao/ky/1",
        "/canh-bao/1",
        "/chu-ho-so/1",
        "/ban-giao/danh-sach/1",
        "/tra-ket-qua/KHONG-CO",
        "/tra-ket-qua/lan/",
        *petitions,
    )
    for address in _addresses(app, "KHONG-CO"):
        if not any(part in address for part in missing):
            # What a supervisor may not open is the administrator's.
            if (status := reader.look(address)) == 403:
                status = administrator.look(address)
            assert status == 200, (address, status)
    for address in (
        "/cho-tiep-nhan/1",
        "/ho-so/KHONG-CO",
        "/ho-so/KHONG-CO/giay-tiep-nhan.pdf",
        "/ho-so/KHONG-CO/cach-tinh-ngay-hen-tra.pdf",
        "/ho-so/KHONG-CO/phieu-bo-sung.pdf",
        "/ho-so/KHONG-CO/van-ban-gia-han.pdf",
        "/ho-so/KHONG-CO/dinh-chinh",
        "/dau-tu/1",
        "/dau-tu/1/dinh-chinh",
        "/thu-tuc/43",
        "/thu-tuc/43/phien-ban",
        "/thu-tuc/37/phien-ban/38",
        "/phan-anh/1",
        "/phan-anh/1/dinh-chinh",
        "/ban-giao/danh-sach/1",
        "/ban-giao/danh-sach/1.pdf",
        "/ho-so/KHONG-CO/van-ban/1.pdf",
        "/thiet-lap/van-ban-mau/2018/khong-co",
    ):
        reader.get(address, 404)


def test_empty_lists_say_how_something_gets_there(signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("supervisor")
    for address, words in {
        "/": "Hồ sơ vừa tiếp nhận sẽ hiện ở đây",
        "/ho-so": "Hồ sơ vào đây khi được tiếp nhận",
        "/ho-so?q=khong": "Bớt điều kiện lọc",
        "/cho-tiep-nhan": "Hồ sơ nộp trực tuyến",
        "/canh-bao": "Cảnh báo được nêu khi",
        "/dau-tu/danh-sach": "Giấy chứng nhận được ghi từ trang hồ sơ đã giải quyết",
        "/dau-tu/so-du-dau": "Chưa nhập số dư nào",
        "/phan-anh": "được ghi vào sổ bằng nút",
        "/phan-anh?q=khong": "Bớt điều kiện lọc",
    }.items():
        reader.get(address)
        assert words in reader.text("main .empty")


def test_the_unit_and_the_navigation_surround_every_page(signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("officer")
    links = [link.get_text(" ", strip=True) for link in reader.soup.select(".side a")]
    assert links == [
        "Hôm nay",
        "Hồ sơ",
        "Chờ tiếp nhận",
        "Bàn giao",
        "Chủ hồ sơ",
        "Cảnh báo",
        "Báo cáo",
        "Thủ tục",
        "Lịch làm việc",
    ]
    assert reader.text(".side [aria-current]") == "Hôm nay"
    assert "Ban Quản lý Khu kinh tế" in reader.text(".foot")
    assert reader.soup.select_one("a.skip")["href"] == "#main"
    clerk = signed_in("clerk")
    assert clerk.text("[data-intake]") == "Tiếp nhận F2"


def test_the_demonstration_says_so_on_every_page(app: Flask, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("auditor")
    assert "Dữ liệu minh họa" not in reader.soup.get_text()
    app.config["DEMO"] = True
    sentence = "Dữ liệu minh họa – đồng hồ của hệ thống đứng ở Thứ Sáu, 14/06/2024"
    for address, status in {"/": 200, "/ho-so": 200, "/khong-co": 404, "/doi-mat-khau": 200}.items():
        reader.get(address, status)
        assert reader.text(".demo") == sentence
    reader.post("/dang-xuat")
    reader.get("/dang-nhap")
    assert reader.text(".demo") == sentence
