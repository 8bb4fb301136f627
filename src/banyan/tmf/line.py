"""The line to another server: one request at a time, with timeouts, retries and a breaker.

What may be repeated (GET, DELETE, a merge patch, a POST before it was sent) is tried again with
growing pauses. A server that did not answer is left alone for a while: whoever asks meanwhile hears
at once that it is away, and when to come back.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import msgspec
import structlog

from banyan.kernel.engine.clock import Clock, RealClock
from banyan.kernel.engine.settings import resolve_secret
from banyan.kernel.words.codec import from_json, to_json
from banyan.kernel.words.errors import (
    Finding,
    Later,
    NeedsPerson,
    Never,
    Outage,
    Refusal,
    RefusalKind,
    Refused,
)
from banyan.tmf.errors import STATUS

ANSWER_BYTES_MAX: Final = 64 * 1_048_576
FIRST_PAUSE_S: Final = 0.1
PATIENCE_S: Final = 2.0
"""A ``Retry-After`` up to this is waited for; a longer one goes back to the caller."""
AWAY_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""How long a server that failed again and again is left alone."""

_KIND_OF: Final[dict[int, RefusalKind]] = {
    **{status: kind for kind, status in STATUS.items()},
    410: "unknown",
    416: "unknown",  # a page beyond the end of a list
}
_BUSY: Final = (408, 425, 429, 503)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server is spoken to.

    ``token`` is a bearer token or a reference to one (``env:NAME``, ``file:PATH``), read again when
    the server no longer takes it. ``repeats_posts`` says that it knows ``Idempotency-Key``: only
    then a POST whose answer was lost is sent again.
    """

    token: str = ""
    timeout_s: float = 5.0
    attempts: int = 3
    repeats_posts: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer that is no error: its status, its headers, its body read (None if empty)."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Line:
    """Requests below one base URL; safe to use from many threads."""

    def __init__(self, base: str, manners: Manners, clock: Clock | None = None) -> None:
        self.base = base.rstrip("/")
        self._manners = manners
        self._clock = clock or RealClock()
        self._token = resolve_secret(manners.token) if manners.token else ""
        timeout = httpx.Timeout(manners.timeout_s, connect=min(2.0, manners.timeout_s))
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)
        self._lock = threading.Lock()
        self._failures = 0
        self._back_at: datetime | None = None
        self._pausing = threading.Event()
        self.outage: Outage | None = None
        """Why the server is away; None while it answers."""

    def close(self) -> None:
        """Let the connections go; whoever pauses gives up."""
        self._pausing.set()
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Heard:
        """The answer; ``path`` begins with ``/``, ``params`` is a raw query string.

        Raises ``Refused`` for what the server refuses, with its findings; ``Later`` when it is away
        or busy; ``NeedsPerson`` when it does not take the token or is not at this address;
        ``Never`` for an answer that is no JSON.
        """
        self._check_breaker()
        url = f"{self.base}{path}{'?' if params else ''}{params}"
        content = None if body is None else to_json(body)
        sent = {"accept": "application/json", **(headers or {})}
        if content is not None:
            sent.setdefault("content-type", "application/json")
        for attempt in range(self._manners.attempts):
            is_last = attempt == self._manners.attempts - 1
            try:
                heard = self._once(method, url, content, sent)
            except (Later, httpx.TransportError) as error:
                if is_last or not self._may_repeat(method, sent, error):
                    raise self._away(error) from error
                pause_s = FIRST_PAUSE_S * 2**attempt
                if isinstance(error, Later):
                    pause_s = max(pause_s, error.seconds)
                    if pause_s > PATIENCE_S:
                        raise self._away(error) from error
                self._pausing.wait(pause_s)
            else:
                self._answers()
                return heard
        raise AssertionError("the last attempt returns or raises")

    def _may_repeat(self, method: str, headers: Mapping[str, str], error: Exception) -> bool:
        if method != "POST" or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return True
        return self._manners.repeats_posts and "idempotency-key" in headers

    def _check_breaker(self) -> None:
        back_at = self._back_at
        if back_at is not None:
            left_s = (back_at - self._clock.now()).total_seconds()
            if left_s > 0:
                raise Later(left_s, f"{self.base} is away: {self.outage and self.outage.reason}")

    def _away(self, error: Exception) -> Later:
        """Leave the server alone for a while; says until when."""
        reason = error.reason if isinstance(error, Later) else _told(self.base, error)
        with self._lock:
            pause_s = AWAY_S[min(self._failures, len(AWAY_S) - 1)]
            if isinstance(error, Later):
                pause_s = max(pause_s, min(error.seconds, AWAY_S[-1]))
            self._failures += 1
            self._back_at = self._clock.now() + timedelta(seconds=pause_s)
            if self.outage is None:
                _log.warning("remote.away", server=self.base, reason=reason)
            self.outage = Later(pause_s, reason)
        return Later(pause_s, reason)

    def _answers(self) -> None:
        if self.outage is not None or self._failures:
            with self._lock:
                if self.outage is not None:
                    _log.info("remote.back", server=self.base)
                self._failures, self._back_at, self.outage = 0, None, None

    def _once(self, method: str, url: str, content: bytes | None, sent: dict[str, str]) -> Heard:
        answer = self._send(method, url, content, sent)
        if answer.status_code == 401 and self._manners.token:
            fresh = resolve_secret(self._manners.token)
            if fresh != self._token:
                self._token = fresh
                answer = self._send(method, url, content, sent)
        status = answer.status_code
        if status in _BUSY or (status >= 500 and status != 501):
            reason = f"{method} {url}: answered {status} {answer.text[:200]}"
            raise Later(self._retry_after(answer), reason)
        if 300 <= status < 400 or status in (401, 403):
            self._answers()
            raise NeedsPerson(f"{method} {url}: answered {status} {answer.text[:200]}")
        if status >= 400:
            self._answers()
            raise Refused(_refusal(answer))
        return Heard(status, answer.headers, _read(answer, url))

    def _send(
        self, method: str, url: str, content: bytes | None, sent: dict[str, str]
    ) -> httpx.Response:
        headers = {**sent, "authorization": f"Bearer {self._token}"} if self._token else sent
        with self._http.stream(method, url, content=content, headers=headers) as answer:
            chunks, size = [], 0
            for chunk in answer.iter_bytes():
                size += len(chunk)
                if size > ANSWER_BYTES_MAX:
                    raise Never(f"{method} {url}: more than {ANSWER_BYTES_MAX} bytes")
                chunks.append(chunk)
        # the body is decoded by now: how it travelled does not count any more
        kept = {n: v for n, v in answer.headers.items() if n != "content-encoding"}
        return httpx.Response(
            answer.status_code, headers=kept, content=b"".join(chunks), request=answer.request
        )

    def _retry_after(self, answer: httpx.Response) -> float:
        told = answer.headers.get("retry-after", "").strip()
        if told.isdigit():
            return float(min(int(told), 3600))
        try:
            left_s = (parsedate_to_datetime(told) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return 0.0
        return float(min(max(0, math.ceil(left_s)), 3600))


def _told(base: str, error: Exception) -> str:
    return f"no answer from {base}: {type(error).__name__} {error}"


def _read(answer: httpx.Response, url: str) -> Any:
    if not answer.content.strip():
        return None
    try:
        return from_json(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Never(f"{url}: the answer is no JSON: {error}") from error


def _refusal(answer: httpx.Response) -> Refusal:
    """What the server finds wrong: a TMF630 Error, ours with findings, or any other text."""
    try:
        body = from_json(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    told = body if isinstance(body, dict) else {}
    listed = told.get("findings")
    found = tuple(
        Finding(str(f.get("code") or ""), str(f.get("reason") or ""), str(f.get("path") or ""))
        for f in (listed if isinstance(listed, list) else ())
        if isinstance(f, dict)
    )
    words = [str(told[name]) for name in ("reason", "message") if told.get(name)]
    reason = ": ".join(dict.fromkeys(words)) or answer.text[:300] or answer.reason_phrase
    whole = Finding(str(told.get("code") or answer.status_code), reason)
    return Refusal(_KIND_OF.get(answer.status_code, "rule"), found or (whole,))
