"""How a refusal, an outage and a bug look over HTTP: the only place that knows.

Every body is a TMF630 Error: ``code``, ``reason``, ``message``, ``status`` (text) and ``@type``,
with each finding of a refusal in the vendor attribute ``findings`` (code, reason, path).
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from banyan.kernel.engine.mint import Mint
from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import Finding, Later, Outage, Refusal, RefusalKind, Refused

Header = tuple[bytes, bytes]

STATUS: Final[dict[RefusalKind, int]] = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "unknown": 404,
    "method": 405,
    "not_acceptable": 406,
    "slow": 408,
    "conflict": 409,
    "stale": 412,
    "too_large": 413,
    "media_type": 415,
    "rule": 422,
    "limited": 429,
    "unsupported": 501,
}

_OWN_HEADERS: Final[dict[RefusalKind, Header]] = {
    "unauthenticated": (b"www-authenticate", b"Bearer"),
    "limited": (b"retry-after", b"1"),
}

JSON: Final[Header] = (b"content-type", b"application/json;charset=utf-8")
LONGEST_RETRY_S: Final = 3600

_log = structlog.get_logger()


class Answer(NamedTuple):
    """A whole HTTP answer; the body's length is added when it is sent."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    is_head: bool = False

    async def send(self, send: Send) -> None:
        """Send it as two ASGI messages."""
        length = (b"content-length", b"%d" % len(self.body))
        headers = [length, *self.headers]
        if self.status == HTTPStatus.NO_CONTENT:
            headers = list(self.headers)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if self.is_head else self.body})

    def response(self) -> Response:
        """The same for code that wants a Starlette response."""
        made = Response(self.body, self.status)
        made.raw_headers.extend(self.headers)
        return made


def answer_refusal(refusal: Refusal, headers: Iterable[Header] = ()) -> Answer:
    """The answer to an expected "no", with every finding."""
    findings = refusal.findings
    status = STATUS[refusal.kind]
    own = _OWN_HEADERS.get(refusal.kind)
    sent = [JSON, *headers]
    if own is not None and all(name != own[0] for name, _ in sent):
        sent.append(own)
    reason = findings[0].reason if len(findings) == 1 else f"{len(findings)} things are wrong"
    body = _error(status, findings[0].code, reason, refusal.reason)
    body["findings"] = [
        {"code": found.code, "reason": found.reason, "path": found.path} for found in findings
    ]
    return Answer(status, tuple(sent), to_json(body))


def answer_outage(outage: Outage) -> Answer:
    """The answer when a neighbour failed: 503, and when to come back if that is known.

    What failed is logged, not told: it may name machines.
    """
    _log.warning("http.outage", kind=type(outage).__name__, reason=outage.reason)
    sent = [JSON]
    if isinstance(outage, Later):
        seconds = min(max(1, math.ceil(outage.seconds)), LONGEST_RETRY_S)
        sent.append((b"retry-after", b"%d" % seconds))
    body = _error(503, "unavailable", "temporarily unavailable", "try again later")
    return Answer(503, tuple(sent), to_json(body))


def answer_busy(seconds: int) -> Answer:
    """The answer to who comes when there is no room: 503, and when to come back. Nothing is logged:
    it is what keeps a busy house alive, and there may be many.
    """
    body = _error(503, "busy", "too much is going on", f"try again in {seconds} s")
    return Answer(503, (JSON, (b"retry-after", b"%d" % seconds)), to_json(body))


def answer_error(
    error: Refused | Outage,
    place: Callable[[str], str] | None = None,
    headers: Iterable[Header] = (),
) -> Answer:
    """The answer to either; ``place`` says where a finding's path lies in the caller's form."""
    if isinstance(error, Outage):
        return answer_outage(error)
    refusal = error.refusal
    if place is not None:
        moved = tuple(
            Finding(found.code, found.reason, place(found.path)) if found.path else found
            for found in refusal.findings
        )
        refusal = Refusal(refusal.kind, moved)
    return answer_refusal(refusal, headers)


def answer_bug(error: BaseException, reference: str) -> Answer:
    """The answer to a bug: a reference under which the log has it, and nothing else of it.

    The log gets the plain trace: one with local values would hold tokens and bodies.
    """
    trace = "".join(traceback.format_exception(error))
    _log.error("http.bug", reference=reference, error=type(error).__name__, trace=trace)
    body = _error(500, "internal", "an error of ours", f"it is in our log as {reference}")
    return Answer(500, (JSON,), to_json(body | {"reference": reference}))


def _error(status: int, code: str, reason: str, message: str) -> dict[str, Any]:
    return {
        "@type": "Error",
        "code": code,
        "reason": reason,
        "message": message,
        "status": str(status),
    }


_KIND_OF: Final[dict[int, RefusalKind]] = {status: kind for kind, status in STATUS.items()}

ExceptionAnswerer = Callable[[Request, Exception], Awaitable[Response]]


def exception_handlers(mints: Mint) -> Mapping[Any, ExceptionAnswerer]:
    """For ``Starlette(exception_handlers=…)``: everything that goes up ends as a TMF Error.

    A bug is answered and then raised on to the server, which is Starlette's way.
    """

    async def expected(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused | Outage)
        return answer_error(error).response()

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = _KIND_OF.get(error.status_code, "malformed")
        words = HTTPStatus(error.status_code).phrase
        made = answer_refusal(Refusal(kind, (Finding(words.replace(" ", ""), words),)))
        return made._replace(status=error.status_code).response()

    async def bug(request: Request, error: Exception) -> Response:
        return answer_bug(error, mints.text()).response()

    return {Refused: expected, Outage: expected, HTTPException: framework, Exception: bug}
