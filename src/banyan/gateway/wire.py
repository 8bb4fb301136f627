"""HTTP as it comes off the wire: how long and how large a request's head may be; TLS.

uvicorn's own protocol waits for a head for ever and takes any size. A caller who sends one byte a
minute would hold a connection as long as he likes.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from banyan.kernel.engine.settings import LimitSettings
from banyan.kernel.words.errors import refused

_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\n"
_END: Final = b"connection: close\r\ncontent-length: 0\r\n\r\n"


def protocol_with(limits: LimitSettings) -> type[HttpToolsProtocol]:
    """A protocol class for ``uvicorn.Config(http=…)`` that holds heads to ``limits``."""

    class Bounded(HttpToolsProtocol):
        """A connection whose every head must come whole, in time and in bounds."""

        _head_bytes = 0
        _is_in_head = True
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._is_in_head, self._head_bytes = True, 0
            self._wait_for_head()

        def on_headers_complete(self) -> None:
            self._is_in_head = False
            self._stop_waiting()
            super().on_headers_complete()

        def data_received(self, received: bytes) -> None:
            super().data_received(received)
            if self._is_in_head and self.parser is not None:
                self._head_bytes += len(received)
                if self._head_bytes > limits.head_bytes_max:
                    self._refuse(_TOO_LARGE)

        def _wait_for_head(self) -> None:
            if self._timer is None:
                self._timer = self.loop.call_later(limits.head_s, self._refuse, _TOO_SLOW)

        def _stop_waiting(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _refuse(self, line: bytes) -> None:
            self._stop_waiting()
            if not self.transport.is_closing():
                self.transport.write(line + _END)
                self.transport.close()

    return Bounded


class Certificate:
    """A TLS context that follows its files: a certificate that was renewed needs no restart."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = certificate, key
        self._stamp = self._stamp_now()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._load(self.context)

    def follow(self) -> bool:
        """Load the files again if they are others by now; whether new ones are in use.

        What can't be used is not: the old certificate stays, and it is tried again when the files
        change. Connections that stand keep what they began with.
        """
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))  # a pair that fits, before it counts
        self._load(self.context)
        return True

    def _load(self, context: ssl.SSLContext) -> None:
        certificate, key = self._files
        try:
            context.load_cert_chain(certificate, key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            reason = f"{certificate} and {key} can't be used: {error}"
            raise refused("malformed", "certificate", reason, "http.tls") from error

    def _stamp_now(self) -> tuple[tuple[int, int, int], ...]:
        try:
            found = [path.stat() for path in self._files]
        except OSError as error:
            raise refused("malformed", "certificate", str(error), "http.tls") from error
        return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in found)
