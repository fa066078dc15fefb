"""What the page of a dossier warns of: nothing is refused for it, but it will be asked about."""

from __future__ import annotations

from datetime import date

from tthc.db.models import Dossier, Procedure, ProcedureVersion
from tthc.domain.calendar import WorkingCalendar
from tthc.services.legal_bases import one_request_rule, supplement_rule

#: A request to supplement has to come within so many working days of the receipt.
_DAYS_TO_REQUEST = 3


def warnings_of(
    dossier: Dossier,
    procedure: Procedure,
    version: ProcedureVersion,
    *,
    requested_on: list[date],
    working: WorkingCalendar,
) -> list[str]:
    """The warnings of a dossier as sentences; ``requested_on``: its requests to supplement, oldest first."""
    warnings = []
    if not version.limit_confirmed:
        warnings.append("Thời hạn của thủ tục chưa xác minh – đối chiếu quyết định công bố TTHC.")
    if procedure.replaced_by:
        warnings.append(f"Thủ tục đã được thay thế bởi {procedure.replaced_by}.")
    if dossier.provisional:
        warnings.append("Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận.")
    # A later request is one too many in any case, whenever it comes.
    if requested_on and working.working_days_between(dossier.received_on, requested_on[0]) > _DAYS_TO_REQUEST:
        warnings.append(
            f"Yêu cầu bổ sung ngày {requested_on[0]:%d/%m/%Y} quá {_DAYS_TO_REQUEST:02d} ngày làm việc kể từ "
            f"ngày tiếp nhận ({supplement_rule(dossier.received_on)})."
        )
    if len(requested_on) > 1:
        warnings.append(
            f"Đã yêu cầu bổ sung {len(requested_on)} lần; việc bổ sung chỉ được yêu cầu một lần, đầy đủ, "
            f"chính xác ({one_request_rule(dossier.received_on)})."
        )
    return warnings
