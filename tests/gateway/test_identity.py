"""A foreign issuer: a small identity provider in a program of its own, as a house meets one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from banyan.gateway.claims import Holder
from banyan.gateway.oidc import PAUSE_US, ForeignIssuer
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.settings import IdentitySettings, Settings
from banyan.kernel.words.errors import Later, Refused
from banyan.wiring import build
from tests.tmf.lab import Http

START = datetime(2026, 1, 1, tzinfo=UTC)
PARTY = "/tmf-api/partyManagement/v5/individual"

PROVIDER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
folder, asked = Path(sys.argv[1]), []
class Provider(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        names = {"/asked": None, "/keys": "keys.json",
                 "/.well-known/openid-configuration": "discovery.json"}
        name = names.get(self.path, "nothing")
        text = json.dumps(asked[:-1]).encode() if name is None else b""
        if name is not None and not (folder / name).exists():
            self.send_response(500); self.end_headers(); return
        text = text or (folder / name).read_bytes()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *words):
        pass
server = HTTPServer(("127.0.0.1", 0), Provider)
print(server.server_port, flush=True)
server.serve_forever()
"""


class Provider:
    """The provider, its keys, and tokens it signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = subprocess.Popen(
            [sys.executable, "-c", PROVIDER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert self.program.stdout is not None
        self.url = f"http://127.0.0.1:{self.program.stdout.readline().strip()}"
        self.keys: dict[str, Any] = {}
        discovery = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        (folder / "discovery.json").write_text(json.dumps(discovery), "utf-8")

    def close(self) -> None:
        """End the program."""
        self.program.kill()
        self.program.wait(10)
        assert self.program.stdout is not None
        self.program.stdout.close()

    def publish(self, *names: str) -> None:
        """Have keys of these names, made when they are first named; an RSA one if it says so."""
        for name in names:
            if name not in self.keys:
                made: Any = (
                    RSAKey.generate_key(2048, {"kid": name})
                    if name.startswith("rsa")
                    else ECKey.generate_key("P-256", {"kid": name})
                )
                self.keys[name] = made
        shown = [self.keys[name].as_dict(private=False) for name in names]
        new = self.folder / "new.json"
        new.write_text(json.dumps({"keys": [*shown, {"kty": "odd", "kid": "x"}]}), "utf-8")
        new.replace(self.folder / "keys.json")

    def token(self, key: str = "one", **changes: Any) -> str:
        """A token as the provider writes them."""
        at = int(START.timestamp())
        claims = {
            "iss": self.url, "aud": ["account", "banyan-north"], "sub": "u-17", "iat": at,
            "exp": at + 300, "org": {"tenant": "north"},
            "realm_access": {"roles": ["Kunde", "offline_access"]},
            "customer_party": "individual-1",
        } | changes  # fmt: skip
        algorithm = "RS256" if key.startswith("rsa") else "ES256"
        header = {"alg": algorithm, "kid": key}
        return jwt.encode(header, claims, self.keys[key], algorithms=[algorithm])

    @property
    def asked(self) -> list[str]:
        """Every path it was asked for so far."""
        asked = httpx.get(f"{self.url}/asked", trust_env=False).json()
        return [str(path) for path in asked if path != "/asked"]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    """A provider with one key."""
    made = Provider(tmp_path)
    made.publish("one")
    yield made
    made.close()


@pytest.fixture
def clock() -> DrivenClock:
    """A clock that moves when told."""
    return DrivenClock(START)


def settings_for(provider: Provider, **changes: Any) -> IdentitySettings:
    """How a house would be told of it."""
    whole: dict[str, Any] = {
            "issuer": provider.url, "audience": "banyan-north", "tenant_claim": "org.tenant",
            "roles_claim": "realm_access.roles", "roles": {"Kunde": "subscriber"},
            "party_claim": "customer_party",
    }  # fmt: skip
    return IdentitySettings(**(whole | changes))


def book_of(provider: Provider, clock: DrivenClock, folder: Path, **changes: Any) -> TokenBook:
    """Tokens of a house that trusts the provider."""
    foreign = ForeignIssuer(settings_for(provider, **changes), clock)
    return TokenBook(folder, clock, foreign=foreign)


def code(book: TokenBook, token: str) -> str:
    """Why a token opens nothing."""
    with pytest.raises(Refused) as caught:
        book.holder(token)
    return caught.value.refusal.findings[0].code


def test_a_token_of_the_issuer_admits_whom_its_claims_name(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    provider.publish("one", "rsa-two")
    book = book_of(provider, clock, tmp_path)
    ada = Holder("north", "u-17", ("subscriber",), ("individual-1",))
    assert book.holder(provider.token()) == ada
    assert book.holder(provider.token("rsa-two")) == ada
    own = book.add(Holder("south", "eve", ("auditor",)))
    assert book.holder(own).actor == "eve", "the house's own tokens count beside it"
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


def test_what_the_issuer_did_not_mean_for_us_opens_nothing(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    book = book_of(provider, clock, tmp_path)
    at = int(START.timestamp())
    wrong: dict[str, dict[str, Any]] = {
        "wrongAudience": {"aud": "somebody-else"},
        "expiredToken": {"exp": at - 31},
        "earlyToken": {"nbf": at + 60},
        "noTenant": {"org": {}},
        "noActor": {"sub": ""},
    }
    for why, changes in wrong.items():
        assert code(book, provider.token(**changes)) == why
    assert code(book, provider.token(iss=f"{provider.url}/other")) == "invalidToken"
    assert book.holder(provider.token(exp=at - 29)).actor == "u-17", "clocks may differ a little"
    assert book.holder(provider.token(realm_access={"roles": ["admin"]})).roles == ()
    provider.keys["forged"] = ECKey.generate_key("P-256", {"kid": "one"})
    forged = provider.token("forged").split(".")
    good = provider.token().split(".")
    assert code(book, ".".join([good[0], forged[1], forged[2]])) == "invalidToken"
    head = good[0]
    assert code(book, f"{head}.{good[1]}.") == "invalidToken"


def test_a_tenant_may_be_that_of_the_issuer(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    book = book_of(provider, clock, tmp_path, tenant_claim="none", tenant="west")
    assert book.holder(provider.token()).tenant == "west"


def test_a_new_key_is_fetched_when_it_is_first_named_and_a_flood_of_odd_ones_is_not(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    book = book_of(provider, clock, tmp_path)
    book.holder(provider.token())
    provider.publish("one", "two")
    clock.advance(timedelta(microseconds=PAUSE_US))
    assert book.holder(provider.token("two")).actor == "u-17"
    before = len(provider.asked)
    for number in range(20):
        provider.keys[f"odd-{number}"] = ECKey.generate_key("P-256", {"kid": f"odd-{number}"})
        assert code(book, provider.token(f"odd-{number}")) == "invalidToken"
    assert len(provider.asked) == before
    clock.advance(timedelta(microseconds=PAUSE_US))
    assert code(book, provider.token("odd-1")) == "invalidToken"
    assert len(provider.asked) == before + 2


def test_a_key_that_was_taken_back_admits_nobody_once_keys_are_fetched_again(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    book = book_of(provider, clock, tmp_path, keys_s=60)
    token = provider.token()
    assert book.holder(token).actor == "u-17"
    provider.publish("two")
    clock.advance(timedelta(seconds=61))
    assert book.holder(provider.token("two")).actor == "u-17"
    assert code(book, token) == "invalidToken"


def test_while_the_issuer_is_away_its_keys_count_on(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    book = book_of(provider, clock, tmp_path, keys_s=60)
    book.holder(provider.token())
    (provider.folder / "keys.json").unlink()
    clock.advance(timedelta(seconds=61))
    assert book.holder(provider.token(sub="u-18")).actor == "u-18"
    late = book_of(provider, clock, tmp_path / "late")
    with pytest.raises(Later):
        late.holder(provider.token())


def test_an_issuer_that_says_too_much_or_something_else_is_not_heard(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    (provider.folder / "keys.json").write_text(json.dumps({"keys": ["x" * 300_000]}), "utf-8")
    with pytest.raises(Later):
        book_of(provider, clock, tmp_path).holder(provider.token())
    for discovery in (
        {"issuer": "https://evil.example", "jwks_uri": f"{provider.url}/keys"},
        {"issuer": provider.url, "jwks_uri": "http://example.com/keys"},
        {"issuer": provider.url},
    ):
        (provider.folder / "discovery.json").write_text(json.dumps(discovery), "utf-8")
        with pytest.raises(Later):
            book_of(provider, clock, tmp_path).holder(provider.token())


def test_a_foreign_actor_can_be_shut_out(
    provider: Provider, clock: DrivenClock, tmp_path: Path
) -> None:
    book = book_of(provider, clock, tmp_path)
    token = provider.token()
    assert book.holder(token).actor == "u-17"
    book.revoke_actor("north", "u-17")
    assert code(book, token) == "revokedToken"


@pytest.mark.parametrize(
    "odd",
    [
        {"algorithms": ["HS256"]}, {"algorithms": ["ES256", "none"]}, {"audience": ""},
        {"issuer": "http://example.com"}, {"jwks_url": "ftp://example.com"}, {"issuer": "::"},
    ],
)  # fmt: skip
def test_an_issuer_that_could_be_forged_refuses_to_start(
    clock: DrivenClock, odd: dict[str, Any]
) -> None:
    whole = {"issuer": "https://idp.example", "audience": "banyan"} | odd
    with pytest.raises(Refused) as caught:
        ForeignIssuer(msgspec.convert(whole, IdentitySettings), clock)
    assert caught.value.refusal.findings[0].path == f"identity.{next(iter(odd))}"


def test_the_door_lets_in_whom_the_issuer_sends(provider: Provider, tmp_path: Path) -> None:
    settings = Settings(folder=str(tmp_path), identity=settings_for(provider, leeway_s=1e9))
    standing = build(settings, "identity-tests")
    http = Http(standing.app(standing.tokens()))
    headers = {"authorization": f"Bearer {provider.token()}"}
    assert http.send("GET", PARTY, headers=headers).json() == []
    assert http.send("POST", PARTY, headers=headers, json={}).status_code == 403
    provider.close()
    assert http.send("GET", PARTY, headers=headers).status_code == 200
    http.close()
    standing.stop()
