"""How the command line talks to a house: HTTP with a token; refusals come back as refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from banyan.kernel.engine.settings import HOME
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import Finding, Later, Refusal, RefusalKind, Refused, refused

if TYPE_CHECKING:
    import httpx  # takes longer to import than all else; `banyan --help` has no use for it

TIMEOUT_S = 30.0

UrlOption = Annotated[
    str,
    typer.Option(
        "--url", envvar="BANYAN_URL", help="Where the house is; else the data folder knows."
    ),
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token", envvar="BANYAN_TOKEN", help="Bearer token; else the data folder's admin."
    ),
]
FolderOption = Annotated[
    Path,
    typer.Option("--data", envvar="BANYAN_DATA", help="Data folder of a house on this machine."),
]
HERE = Path(HOME)


class Client:
    """One house, one token."""

    def __init__(
        self, url: str, token: str, folder: Path = HERE, timeout_s: float = TIMEOUT_S
    ) -> None:
        import httpx

        self.url = (url or _read(folder / "url", "--url")).rstrip("/")
        bearer = token or _read(folder / "admin.token", "--token")
        self._http = httpx.Client(
            base_url=self.url,
            timeout=timeout_s,
            headers={"authorization": f"Bearer {bearer}"},
            trust_env=False,
        )

    def get(self, path: str, **params: str) -> Any:
        """GET; the body."""
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Document, key: str = "") -> Document:
        """POST; the body of the answer. ``key`` makes a repeat harmless."""
        headers = {"idempotency-key": key} if key else {}
        answer: Document = self.call("POST", path, body, headers=headers)
        return answer

    def patch(self, path: str, body: Document) -> Document:
        """PATCH with a merge patch; the body of the answer."""
        answer: Document = self.call("PATCH", path, body)
        return answer

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One request. Raises ``Refused`` for 4xx with the house's findings, ``Later`` else."""
        sent = dict(headers or {})
        if body is not None:
            sent["content-type"] = "application/json"
        content = None if body is None else to_json(body)
        return self._asked(method, path, content, params, sent)

    def send(
        self, path: str, content: bytes, headers: dict[str, str], params: dict[str, str]
    ) -> Any:
        """POST of a body that is no JSON; the body of the answer."""
        return self._asked("POST", path, content, params, headers)

    def _asked(
        self,
        method: str,
        path: str,
        content: bytes | None,
        params: dict[str, str] | None,
        headers: dict[str, str],
    ) -> Any:
        import httpx

        try:
            answer = self._http.request(
                method, path, content=content, params=params, headers=headers
            )
        except httpx.HTTPError as error:
            raise Later(1, f"no answer from {self.url}: {error}") from error
        _check(answer)
        return from_json(answer.content) if answer.content else None

    def stream(self, path: str, headers: dict[str, str], params: dict[str, str]) -> Iterator[bytes]:
        """GET of a long body, piece by piece. Raises as :meth:`call` does, also half way."""
        import httpx

        try:
            with self._http.stream("GET", path, headers=headers, params=params) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    _check(answer)
                yield from answer.iter_bytes()
        except httpx.HTTPError as error:
            raise Later(1, f"{self.url} broke off: {error}") from error

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()


def _check(answer: httpx.Response) -> None:
    asked = f"{answer.request.method} {answer.request.url.path}"
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Later(1, f"{asked}: {answer.status_code} {answer.text[:300]}")
    if answer.status_code >= 400:
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> Refused:
    try:
        body = from_json(answer.content)
    except msgspec.DecodeError as error:
        raise Later(1, f"{answer.status_code} {answer.text[:300]}") from error
    found = tuple(
        Finding(str(f.get("code")), str(f.get("reason")), str(f.get("path", "")))
        for f in body.get("findings", ())
    )
    whole = Finding(str(body.get("code")), str(body.get("message") or body.get("reason")))
    kind: RefusalKind = "forbidden" if answer.status_code == 403 else "rule"
    return Refused(Refusal(kind, found or (whole,)))


def _read(path: Path, option: str) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        reason = f"no {option} given and no {path} here: is a house running (banyan run)?"
        raise refused("malformed", "noHouse", reason) from error
