"""``banyan run``: start the house, or a part of it, and serve until told to stop."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from banyan.kernel.engine.settings import Settings, read_settings
from banyan.kernel.words.errors import Refused, refused

if TYPE_CHECKING:
    import uvicorn

    from banyan.gateway.wire import Certificate

FIRST_PORT = 8080
PORTS_TRIED = 100
SWITCH_S = 0.0005
"""How long a thread may compute while others wait to go on: a step that comes back from the disk or
a device has a little to do, and with Python's own five milliseconds waits as long each time."""
FOLLOW_S = 10
"""How often the certificate's files are looked at."""
TENANT = "default"


def run(
    settings: Annotated[
        Path | None, typer.Option(envvar="BANYAN_SETTINGS", help="YAML file of settings.")
    ] = None,
    folder: Annotated[
        str, typer.Option("--data", help="Folder of everything it writes; else banyan-data.")
    ] = "",
    database: Annotated[
        str, typer.Option(help="PostgreSQL URL, env:NAME or file:PATH; else SQLite.")
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[
        int | None, typer.Option(help="Port; if left out, the first free one from 8080.")
    ] = None,
    components: Annotated[
        str, typer.Option(help="Rooms this process serves, with commas; all if empty.")
    ] = "",
) -> None:
    """Start the house and serve its APIs."""
    overrides: dict[str, object] = {}
    if folder:
        overrides["data"] = folder
    if database:
        overrides["database"] = database
    if host:
        overrides["http.host"] = host
    if port is not None:
        overrides["http.port"] = port
    if components:
        overrides["components"] = [name.strip() for name in components.split(",")]
    serve(read_settings(settings, overrides))


def serve(settings: Settings) -> None:
    """Build the house, print where it is, serve until SIGINT or SIGTERM, leave in order."""
    import uvicorn

    from banyan.gateway.tokens import TokenBook
    from banyan.kernel.engine.clock import RealClock
    from banyan.kernel.engine.migrate import NewerDatabase
    from banyan.kernel.engine.mint import Mint
    from banyan.wiring import build

    _assert_fast()
    log_to_stderr(settings.log.format)
    sys.setswitchinterval(SWITCH_S)
    home = Path(settings.folder).resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        own = settings.tokens
        tokens = TokenBook(home, issuer=own.issuer, audience=own.audience)
        admin = tokens.ensure_admin(TENANT)
    except OSError as error:
        reason = f"can't write to {home}: {error.strerror}"
        raise refused("malformed", "folder", reason, "data") from error
    certificate = _certificate(settings)
    listener = listen(settings.http.host, settings.http.port)
    url = settings.http.public_url or _url(settings.http.host, listener, certificate is not None)
    _warn_of_plain(settings, certificate is not None)
    if not any(home.glob("rooms/*.db")) and not settings.database:
        typer.echo("Setting up the databases; this happens once ...")
    owner = f"{socket.gethostname()}-{os.getpid()}-{Mint(RealClock()).text()}"
    try:
        standing = build(settings, owner, origin=url)
    except NewerDatabase as error:
        raise refused(
            "rule", "newerDatabase", f"{error}; start that release, or a newer one"
        ) from error
    try:
        server = uvicorn.Server(_config(standing.app(standing.tokens()), settings, certificate))
        with _told_to_leave(server):
            try:
                standing.start()
            except RuntimeError as error:  # what the runner refuses to start with
                raise refused("rule", "unknownVersions", f"{error}") from error
            (home / "url").write_text(f"{url}\n", "utf-8")
            typer.echo(f"Banyan serves {url} (data in {home})")
            typer.echo(f"The administrator's token is in {admin}")
            server.run(sockets=[listener])
    finally:
        standing.stop()


def _config(app: Any, settings: Settings, certificate: Certificate | None) -> uvicorn.Config:
    """How uvicorn serves: fast parts, bounded heads, nobody's forwarded addresses unasked."""
    import structlog
    import uvicorn

    from banyan.gateway.wire import protocol_with

    log = structlog.get_logger()

    async def follow() -> None:
        try:
            if certificate is not None and certificate.follow():
                log.info("tls.renewed")
        except Refused as error:
            log.warning("tls.kept", reason=error.refusal.reason)

    proxies = list(settings.http.trusted_proxies)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol_with(settings.limits),
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        callback_notify=follow,
        timeout_notify=FOLLOW_S,
    )
    if certificate is not None:
        context = certificate.context
        config.ssl_context_factory = lambda config, default: context
    return config


def _certificate(settings: Settings) -> Certificate | None:
    """What TLS is served with; None for plain HTTP. Refused when one of two files is missing."""
    tls = settings.http.tls
    if not tls.certificate and not tls.key:
        return None
    if not tls.certificate or not tls.key:
        reason = "TLS needs both a certificate and its key"
        raise refused("malformed", "certificate", reason, "http.tls")
    from banyan.gateway.wire import Certificate

    return Certificate(Path(tls.certificate), Path(tls.key))


def _warn_of_plain(settings: Settings, is_encrypted: bool) -> None:
    """Say aloud that tokens will travel in the clear."""
    host = settings.http.host
    is_near = host in ("localhost", "") or (
        not host.strip("0123456789.:abcdef") and ip_address(host).is_loopback
    )
    if not is_encrypted and not is_near:
        text = f"{host} is not this machine only, and there is no TLS: whoever listens on the way"
        typer.secho(f"{text} reads tokens and data (set http.tls, or serve behind a proxy that "
                    "encrypts)", fg="yellow", err=True)  # fmt: skip


@contextmanager
def _told_to_leave(server: Any) -> Iterator[None]:
    """Within, SIGINT and SIGTERM let ``server`` come to its end, and nothing else end.

    uvicorn raises the signal again when it has finished. Left alone, that would end this program
    before the house has given back its leases.
    """

    def leave(number: int, frame: Any) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def log_to_stderr(form: str) -> None:
    """Log to stderr from ``info`` on, for people or (``json``) an object a line.

    Traces come without local values, which would hold secrets.
    """
    import structlog

    from banyan.kernel.engine.logs import add_call

    shown: list[Any] = [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
    if form == "json":
        shown = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            add_call,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            *shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _assert_fast() -> None:
    """uvicorn without its extras falls back to slow parts in silence; better to refuse."""
    import httptools
    import uvloop

    assert httptools.HttpRequestParser is not None
    assert issubclass(uvloop.Loop, asyncio.AbstractEventLoop)


def listen(host: str, port: int, first: int = FIRST_PORT) -> socket.socket:
    """A listening socket on ``port``, or on the first free one from ``first`` if it is 0."""
    tried = range(first, first + PORTS_TRIED) if port == 0 else [port]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in tried:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
            listener.listen(1024)
        except OSError as error:
            listener.close()
            if port or error.errno != errno.EADDRINUSE:
                reason = f"can't listen on {host}:{number}: {error.strerror}"
                raise refused("malformed", "port", reason, "http.port") from error
            continue
        return listener
    reason = f"no free port on {host} from {first} to {first + PORTS_TRIED - 1}"
    raise refused("malformed", "port", reason, "http.port")


def _url(host: str, listener: socket.socket, is_encrypted: bool) -> str:
    number = listener.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http{'s' if is_encrypted else ''}://{shown}:{number}"
