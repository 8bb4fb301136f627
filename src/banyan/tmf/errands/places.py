"""Where jobs read and write: files of one folder, and named hosts; nothing else that a URL says.

A job's ``url`` comes from a client: without this the house would read its own files, or ask its own
neighbours, for anybody who may make a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, cast
from urllib.parse import unquote, urlsplit

import httpx

from banyan.kernel.words.errors import Later, Refused, refused

TIMEOUT_S: Final = 10.0
FETCH_BYTES_MAX: Final = 1 << 30


@dataclass(frozen=True)
class Places:
    """``folder`` holds a folder for each tenant; ``hosts`` may be asked over HTTP."""

    folder: Path
    hosts: tuple[str, ...] = ()

    @contextmanager
    def reading(self, tenant: str, url: str) -> Iterator[BinaryIO]:
        """The content of ``url``, from its beginning.

        Refused (``rule``) when it leads elsewhere or to nothing; ``Later`` when a host is away.
        """
        parts = _split(url)
        if parts.scheme in ("http", "https"):
            with TemporaryFile() as held:
                self._fetch(parts, url, cast("BinaryIO", held))
                held.seek(0)
                yield cast("BinaryIO", held)
            return
        path = self._file(tenant, parts)
        try:
            opened = path.open("rb")
        except OSError as error:
            raise _wrong(f"{path.name} can't be read: {error.strerror}") from None
        with opened:
            yield opened

    @contextmanager
    def writing(self, tenant: str, url: str) -> Iterator[BinaryIO]:
        """A file for ``url``; it is there once all is written. Refused when it leads elsewhere."""
        parts = _split(url)
        if parts.scheme in ("http", "https"):
            raise _wrong("exports are written to files")
        path = self._file(tenant, parts)
        part = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = part.open("wb")
        except OSError as error:
            raise _wrong(f"{path.name} can't be written: {error.strerror}") from None
        with opened:
            yield opened
        part.replace(path)

    def _file(self, tenant: str, parts: Any) -> Path:
        if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
            raise _wrong("is no file of the exchange folder, and no host named in the settings")
        home = (self.folder / tenant).resolve()
        name = unquote(parts.path).lstrip("/")
        if "\x00" in name or not name:
            raise _wrong("names no file")
        path = (home / name).resolve()
        if not path.is_relative_to(home) or path == home or path.is_dir():
            raise _wrong("leads out of the exchange folder")
        return path

    def _fetch(self, parts: Any, url: str, held: BinaryIO) -> None:
        usual = {"http": 80, "https": 443}[parts.scheme]
        is_usual = parts.port in (None, usual) and parts.hostname in self.hosts
        if parts.username is not None or not (is_usual or parts.netloc in self.hosts):
            raise _wrong("is no file of the exchange folder, and no host named in the settings")
        size = 0
        try:
            with (
                httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream("GET", url) as answer,
            ):
                if answer.status_code >= 500 or answer.status_code == 429:
                    raise Later(1, f"{parts.netloc} answered {answer.status_code}")
                if answer.status_code != 200:
                    raise _wrong(f"{parts.netloc} answered {answer.status_code}")
                for piece in answer.iter_bytes():
                    size += len(piece)
                    if size > FETCH_BYTES_MAX:
                        raise _wrong(f"has more than {FETCH_BYTES_MAX} bytes")
                    held.write(piece)
        except httpx.HTTPError as error:
            raise Later(1, f"{parts.netloc}: {type(error).__name__}") from error


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _wrong("is no URL") from None
    return parts


def _wrong(reason: str) -> Refused:
    return refused("rule", "url", f"the url {reason}", "url")
