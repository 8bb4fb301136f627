"""Settings: typed, from one YAML file; an unknown key or a wrong value refuses to start.

A secret is a reference: ``env:NAME`` or ``file:PATH`` in place of the value, never the value.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml

from banyan.kernel.words.errors import Finding, Refusal, Refused, refused

HOME = "banyan-data"
MASTER_FILE = "vault.key"
POSTGRESQL = "postgresql+psycopg://"

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Rate = Annotated[float, msgspec.Meta(ge=0)]


class TlsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files of a certificate (with its chain) and its key; both, or neither for plain HTTP."""

    certificate: str = ""
    key: str = ""


class HttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The front door. Port 0 takes the first free one from 8080 on.

    ``hosts`` are the names this house answers to, any if empty; ``trusted_proxies`` the addresses
    whose ``X-Forwarded-For`` and ``-Proto`` are believed, nobody's if empty.
    """

    host: str = "127.0.0.1"
    port: Port = 0
    public_url: str = ""
    body_bytes_max: Count = 1_048_576
    page_max: Count = 1_000
    log_requests: bool = False
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    tls: TlsSettings = TlsSettings()


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is let in: at once, waiting (and how long, seconds), and a second for each actor and
    each tenant (0: any number; a burst of 0 is two seconds' worth). How long a head, a body and a
    whole request may take, in seconds."""

    in_flight_max: Count = 64
    waiting_max: Annotated[int, msgspec.Meta(ge=0)] = 256
    wait_s: Seconds = 1.0
    actor_per_s: Rate = 0
    actor_burst: Annotated[int, msgspec.Meta(ge=0)] = 0
    tenant_per_s: Rate = 0
    tenant_burst: Annotated[int, msgspec.Meta(ge=0)] = 0
    head_bytes_max: Count = 32_768
    head_s: Seconds = 10.0
    body_s: Seconds = 20.0
    request_s: Seconds = 60.0


class MetricsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may read ``/metrics``: whoever a policy lets (``token``), everybody, nobody."""

    access: Literal["token", "open", "off"] = "token"


class IdentitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A foreign issuer of tokens (OpenID Connect), none if ``issuer`` is empty.

    Its keys are at ``jwks_url``, or where its discovery document says; ``algorithms`` are ES256 and
    RS256 if empty. The claims are dotted paths;
    ``tenant`` stands for tokens without a tenant claim, ``roles`` maps the issuer's words to roles
    (the same words if empty). Times are in seconds.
    """

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    algorithms: tuple[str, ...] = ()
    tenant_claim: str = "tenant"
    tenant: str = ""
    actor_claim: str = "sub"
    roles_claim: str = "roles"
    roles: dict[str, str] = {}
    party_claim: str = "party"
    leeway_s: Seconds = 30.0
    fetch_s: Seconds = 3.0
    keys_s: Seconds = 300.0


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the log is written: for people, or a JSON object a line."""

    format: Literal["text", "json"] = "text"


class TokenSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the built-in issuer writes into its tokens, and the door asks of them."""

    issuer: str = "banyan"
    audience: str = "banyan"


class HubSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events may be sent: callbacks on loopback and private networks only if allowed."""

    allow_private_callbacks: bool = True


class RunnerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The worker of plans: how long it holds a lease, how often it looks around (seconds)."""

    lease_s: Seconds = 5.0
    poll_s: Seconds = 0.25
    flush_s: Seconds = 0.02


class ActivationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``devices`` is the folder of the file driver; inside the data folder if relative."""

    devices: str = "devices"


class ExchangeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where import and export jobs may read and write: ``folder``, and over HTTP the ``hosts``.

    The folder is in the data folder if relative, and has one for each tenant. A host is its name,
    or ``name:port`` for another port than its scheme's.
    """

    folder: str = "exchange"
    hosts: tuple[str, ...] = ()


class VaultSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``master_key`` wraps every person's key: a reference to 64 hexadecimal digits.

    If empty, the file ``vault.key`` in the data folder, made at the first start.
    """

    master_key: str = ""


class RetentionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long answers are remembered and told facts kept, at least, in days."""

    answer_days: Count = 30


class RemoteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An open API whose documents live at another server; written as its URL alone, or in full.

    ``url`` is the API's base there, or the server's origin where it has the standard's base path.
    ``generation`` is the one spoken, else the URL tells it. ``token`` is a reference. The server
    holds the documents of ``tenant``. ``sweep_s`` is how often all of it is compared with the copy
    here, ``repeats_posts`` says that it knows ``Idempotency-Key``, ``filters`` that it filters
    lists by first-level attributes. ``replaces_local`` lets the first comparison take away
    documents that were kept here and are not there.
    """

    url: str
    generation: int | None = None
    token: str = ""
    tenant: str = "default"
    timeout_s: Seconds = 5.0
    attempts: Count = 3
    sweep_s: Seconds = 300.0
    repeats_posts: bool = False
    filters: bool = True
    replaces_local: bool = False


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a deployment decides.

    ``data`` is the folder of all files. ``database`` is empty for SQLite in it, or a PostgreSQL
    URL (``postgresql+psycopg://…``), best as a reference. ``components`` are the rooms this process
    serves and works for; all if empty. ``policies`` is a folder of Cedar policies of the
    operator's own, beside the house's.
    """

    folder: str = msgspec.field(default=HOME, name="data")
    database: str = ""
    components: tuple[str, ...] = ()
    policies: str = ""
    http: HttpSettings = HttpSettings()
    limits: LimitSettings = LimitSettings()
    metrics: MetricsSettings = MetricsSettings()
    tokens: TokenSettings = TokenSettings()
    identity: IdentitySettings = IdentitySettings()
    log: LogSettings = LogSettings()
    hub: HubSettings = HubSettings()
    runner: RunnerSettings = RunnerSettings()
    activation: ActivationSettings = ActivationSettings()
    exchange: ExchangeSettings = ExchangeSettings()
    vault: VaultSettings = VaultSettings()
    retention: RetentionSettings = RetentionSettings()
    remote: dict[str, str | RemoteSettings] = {}

    @property
    def remotes(self) -> dict[str, RemoteSettings]:
        """By API: the servers that hold its documents, written in full."""
        return {
            api: RemoteSettings(url=given) if isinstance(given, str) else given
            for api, given in self.remote.items()
        }

    @property
    def database_url(self) -> str:
        """The URL every room's database is made from, references resolved."""
        if self.database:
            return _check_postgresql(resolve_secret(self.database))
        return f"sqlite:///{Path(self.folder).resolve() / 'rooms'}"

    def master_key(self) -> bytes:
        """The vault's master key, its reference resolved; refused when it is none."""
        from banyan.kernel.engine.vault import ensure_master, read_master  # brings the database

        if self.vault.master_key:
            return read_master(resolve_secret(self.vault.master_key))
        home = Path(self.folder).resolve()
        home.mkdir(parents=True, exist_ok=True)
        return ensure_master(home / MASTER_FILE)

    @property
    def policies_folder(self) -> Path | None:
        """Where the operator's own policies are, if there are any."""
        return Path(self.policies).resolve() if self.policies else None

    @property
    def exchange_folder(self) -> Path:
        """Where the files of import and export jobs are."""
        return Path(self.folder).resolve() / self.exchange.folder

    @property
    def devices_folder(self) -> Path:
        """Where the file driver keeps its devices."""
        return Path(self.folder).resolve() / self.activation.devices


def read_settings(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a file with ``overrides`` (dotted names) on top.

    Refused (``malformed``) when the file is missing or no YAML, a key is unknown, a value wrong.
    """
    document: Any = {}
    if path is not None:
        try:
            document = yaml.safe_load(path.read_text("utf-8")) or {}
        except OSError as error:
            raise refused("malformed", "settings", f"{path}: {error.strerror}") from error
        except yaml.YAMLError as error:
            raise refused("malformed", "settings", f"{path} is no YAML: {error}") from error
    if not isinstance(document, dict):
        raise refused("malformed", "settings", f"{path} holds no mapping of settings")
    for name, value in (overrides or {}).items():
        _put(document, name.split("."), value)
    try:
        settings = msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at ")
        found = Finding("settings", f"{path or 'settings'}: {reason}", where.strip("`$."))
        raise Refused(Refusal("malformed", (found,))) from error
    for api, remote in settings.remotes.items():
        if remote.token and not remote.token.startswith(("env:", "file:")):
            reason = "a secret is given as env:NAME or file:PATH"
            raise refused("malformed", "settings", reason, f"remote.{api}.token")
    return settings


def _put(document: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = document.setdefault(part, {})
        if not isinstance(inner, dict):
            raise refused("malformed", "settings", f"{part} holds settings of its own", part)
        document = inner
    document[path[-1]] = value


def _check_postgresql(url: str) -> str:
    """``url`` as it is; what is wrong with it is told without showing it: it holds a password."""
    if not url.startswith(POSTGRESQL):
        raise refused("malformed", "settings", f"must begin with {POSTGRESQL}", "database")
    if find_spec("psycopg") is None:
        reason = "PostgreSQL needs an extra: pip install 'banyan-telecom[pg]'"
        raise refused("malformed", "missingExtra", reason, "database")
    return url


def resolve_secret(text: str) -> str:
    """The value behind ``env:NAME`` or ``file:PATH``; any other text is the value itself."""
    kind, _, where = text.partition(":")
    if kind == "env":
        value = os.environ.get(where)
        if value is None:
            raise refused("malformed", "secret", f"the environment variable {where} is not set")
        return value
    if kind == "file":
        try:
            return Path(where).read_text("utf-8").strip()
        except OSError as error:
            raise refused("malformed", "secret", f"{where}: {error.strerror}") from error
    return text
