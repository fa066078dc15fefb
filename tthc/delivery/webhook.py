"""One message to the webhook of the office: a signed JSON body over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tthc.delivery import Failed, Refused
from tthc.domain.outbox import Webhook

#: Seconds within which the other side has to answer.
PATIENCE = 20.0


def post(hook: Webhook, content: Mapping[str, Any], *, message_id: str, at: datetime) -> None:
    """Hand a message over; returns once the other side answers with 2xx. Redirects are not followed.

    ``X-TTHC-Signature`` is ``sha256=`` and the HMAC-SHA256, under the shared secret, of the timestamp
    (``X-TTHC-Timestamp``, seconds since 1970), a full stop and the body. A repeated message has the same
    ``X-TTHC-Id``. Raises :class:`Failed` for what may work later, :class:`Refused` for an answer 410.
    """
    body = json.dumps({"id": message_id, **content}, ensure_ascii=False).encode()
    stamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-TTHC-Id": message_id,
        "X-TTHC-Timestamp": stamp,
        "X-TTHC-Signature": f"sha256={signature(hook.secret, stamp, body)}",
    }
    parts = urlsplit(hook.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=PATIENCE, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        raise Failed("Không kết nối được máy chủ nhận webhook.")
    finally:
        connection.close()
    if status == http.client.GONE:
        raise Refused("Máy chủ nhận webhook trả lời không nhận nữa (mã 410).")
    if not 200 <= status < 300:
        raise Failed(f"Máy chủ nhận webhook trả lời mã {status}.")


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What proves that a body was sent by whoever knows the secret, at the time it says."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
