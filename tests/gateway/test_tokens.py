"""Tokens: what opens the door, what does not, and what ends it."""

from __future__ import annotations

import base64
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from banyan.gateway.claims import Holder
from banyan.gateway.keys import KEYS_FILE
from banyan.gateway.tokens import REMEMBERED_MAX, TOKEN_MAX, TokenBook
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.words.errors import Refused
from banyan.wiring import Standing
from tests.gateway.lab import FrontDoor

START = datetime(2026, 1, 1, tzinfo=UTC)
EVE = Holder("north", "eve", ("auditor",))


@pytest.fixture
def clock() -> DrivenClock:
    """A clock that moves when told."""
    return DrivenClock(START)


@pytest.fixture
def book(tmp_path: Path, clock: DrivenClock) -> TokenBook:
    """An installation's tokens."""
    return TokenBook(tmp_path, clock)


def code(book: TokenBook, token: str) -> str:
    """Why ``token`` opens nothing."""
    with pytest.raises(Refused) as caught:
        book.holder(token)
    assert caught.value.refusal.kind == "unauthenticated"
    return caught.value.refusal.findings[0].code


def signing_key(folder: Path) -> ECKey:
    """The key an installation signs with."""
    ledger = json.loads((folder / KEYS_FILE).read_text("utf-8"))
    return ECKey.import_key(ledger["keys"][0]["jwk"])


def signed(folder: Path, **changes: Any) -> str:
    """A token by the right key, with other claims than the issuer would write."""
    at = START.timestamp()
    claims = {
        "iss": "banyan", "aud": "banyan", "sub": "eve", "tenant": "north",
        "roles": ["auditor"], "iat": at, "exp": at + 60, "jti": "one",
    }  # fmt: skip
    claims = {name: v for name, v in (claims | changes).items() if v is not None}
    key = signing_key(folder)
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])


def part(value: Any) -> str:
    """One part of a JWT."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_a_token_lets_in_whom_it_was_made_for(book: TokenBook) -> None:
    whole = Holder("north", "ada", ("partner", "subscriber"), ("individual-1", "organization-2"))
    for holder in (EVE, whole):
        token = book.add(holder)
        assert book.holder(token) == holder
        assert book.holder(token) == holder, "remembered"


def test_a_token_counts_until_it_ends_and_no_longer(book: TokenBook, clock: DrivenClock) -> None:
    token = book.add(EVE, timedelta(minutes=10))
    clock.advance(timedelta(minutes=9, seconds=59))
    assert book.holder(token) == EVE
    clock.advance(timedelta(seconds=1))
    assert code(book, token) == "expiredToken"


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=5_000)])
def test_no_token_is_made_for_no_time_or_for_ever(book: TokenBook, life: timedelta) -> None:
    with pytest.raises(Refused, match="a token lives"):
        book.add(EVE, life)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "somebody"}, "wrongIssuer"),
        ({"iss": None}, "wrongIssuer"),
        ({"aud": "another"}, "wrongAudience"),
        ({"aud": ["another", "third"]}, "wrongAudience"),
        ({"aud": None}, "wrongAudience"),
        ({"exp": None}, "noExpiry"),
        ({"exp": START.timestamp()}, "expiredToken"),
        ({"exp": "tomorrow"}, "invalidToken"),
        ({"exp": True}, "invalidToken"),
        ({"exp": 1e300}, "invalidToken"),
        ({"exp": -5}, "invalidToken"),
        ({"nbf": START.timestamp() + 30}, "earlyToken"),
        ({"iat": START.timestamp() + 30}, "earlyToken"),
        ({"tenant": None}, "noTenant"),
        ({"tenant": ["north", "south"]}, "noTenant"),
        ({"tenant": {"id": "north"}}, "invalidToken"),
        ({"tenant": "n" * 65}, "invalidToken"),
        ({"tenant": "a\nb"}, "invalidToken"),
        ({"sub": None}, "noActor"),
        ({"sub": 5}, "invalidToken"),
        ({"roles": [["admin"]]}, "invalidToken"),
        ({"party": [str(n) for n in range(17)]}, "invalidToken"),
    ],
)
def test_claims_that_do_not_count_here_and_now_open_nothing(
    book: TokenBook, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    book.add(EVE)
    assert book.holder(signed(tmp_path)) == EVE
    assert code(book, signed(tmp_path, **changes)) == why


def test_an_audience_may_be_one_of_several(book: TokenBook, tmp_path: Path) -> None:
    book.add(EVE)
    assert book.holder(signed(tmp_path, aud=["other", "banyan"])) == EVE


def test_nothing_but_our_key_and_our_algorithm_opens(book: TokenBook, tmp_path: Path) -> None:
    good = book.add(EVE)
    head, body, mark = good.split(".")
    key = signing_key(tmp_path)
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    confused = f"{part({'alg': 'HS256', 'kid': key.kid})}.{body}"
    shared = hmac.digest(key.as_pem(private=False), confused.encode(), "sha256")
    stranger = ECKey.generate_key("P-256", {"alg": "ES256"})
    forged = [
        f"{part({'alg': 'none'})}.{body}.",
        f"{part({'alg': 'none', 'kid': key.kid})}.{body}.{mark}",
        f"{confused}.{part(shared)}",
        jwt.encode({"alg": "ES256", "kid": key.kid}, claims, stranger, algorithms=["ES256"]),
        jwt.encode(
            {"alg": "ES256", "jwk": dict(stranger.as_dict(private=False))},
            claims, stranger, algorithms=["ES256"],
        ),
        f"{head}.{part(claims | {'roles': ['admin']})}.{mark}",
        f"{head}.{body}.{mark[:-4]}AAAA",
        f"{head}.{body}",
        f"{head}.{body}.{mark}.{mark}",
        f"{part({'alg': 'ES256', 'kid': 5})}.{body}.{mark}",
        f"{part({'alg': 'ES256', 'kid': 'unknown'})}.{body}.{mark}",
        f"{part({'alg': 'ES256', 'kid': key.kid, 'crit': ['exp']})}.{body}.{mark}",
        f"{part({'alg': ['ES256']})}.{body}.{mark}",
        f"{part([])}.{body}.{mark}",
        f"{part(b'[' * 300)}.{body}.{mark}",
        f"{part(b'1' * 400)}.{body}.{mark}",
        "\u00e9.\u00e9.\u00e9",
        "...",
        "",
        "banyan_8sYz1",
    ]  # fmt: skip
    for token in forged:
        assert code(book, token) == "invalidToken", token
    assert book.holder(good) == EVE


def test_a_huge_token_is_not_even_read(book: TokenBook) -> None:
    book.add(EVE)
    assert code(book, f"{part(b'[' * 3_000)}.{part(b'[' * 2_000)}.{part(b'x')}") == "invalidToken"
    assert code(book, "x" * (TOKEN_MAX + 1)) == "invalidToken"


def test_what_is_remembered_of_tokens_is_bounded(book: TokenBook, tmp_path: Path) -> None:
    book.holder(book.add(EVE))
    (one,) = book._remembered.values()
    token = book.add(EVE)
    book.holder(token)
    book._remembered |= {str(number).encode(): one for number in range(REMEMBERED_MAX)}
    book.holder(signed(tmp_path))
    assert len(book._remembered) <= REMEMBERED_MAX


def test_a_revoked_token_opens_nothing_from_the_next_request_on(
    book: TokenBook, tmp_path: Path, clock: DrivenClock
) -> None:
    token, other = book.add(EVE), book.add(EVE)
    assert book.holder(token) == EVE
    TokenBook(tmp_path, clock).revoke_token(token)
    assert code(book, token) == "revokedToken"
    assert book.holder(other) == EVE
    book.revoke_token(other)
    assert code(book, other) == "revokedToken", "whoever revoked it"


def test_a_revoked_actor_is_out_until_a_new_token_is_made(
    book: TokenBook, tmp_path: Path, clock: DrivenClock
) -> None:
    token, namesake = book.add(EVE), book.add(Holder("south", "eve", ("auditor",)))
    assert book.holder(token) == EVE
    TokenBook(tmp_path, clock).revoke_actor("north", "eve")
    assert code(book, token) == "revokedToken"
    assert book.holder(namesake).tenant == "south"
    clock.advance(timedelta(seconds=1))
    assert book.holder(book.add(EVE)) == EVE


def test_a_rotated_key_counts_until_its_last_token_has_ended(
    book: TokenBook, clock: DrivenClock
) -> None:
    token = book.add(EVE, timedelta(hours=1))
    old = {key["kid"] for key in book.jwks()["keys"]}
    new = book.rotate()
    assert {key["kid"] for key in book.jwks()["keys"]} == old | {new}
    assert book.holder(token) == EVE
    assert book.holder(book.add(EVE, timedelta(hours=5))) == EVE
    clock.advance(timedelta(hours=2))
    book.rotate()
    assert not old & {key["kid"] for key in book.jwks()["keys"]}
    assert new in {key["kid"] for key in book.jwks()["keys"]}


def test_dropping_the_keys_ends_every_token_and_the_administrator_gets_another(
    book: TokenBook, clock: DrivenClock
) -> None:
    token = book.add(EVE)
    admin = book.ensure_admin("default").read_text("utf-8").strip()
    book.rotate(drop=True)
    assert code(book, token) == "invalidToken"
    assert code(book, admin) == "invalidToken"
    again = book.ensure_admin("default").read_text("utf-8").strip()
    assert book.holder(again).roles == ("admin",)


def test_the_public_keys_verify_our_tokens_and_hold_no_secret(
    front: FrontDoor, standing: Standing
) -> None:
    token = front.token("sales")
    answer = front.send("GET", "/.well-known/jwks.json", "")
    assert answer.status_code == 200
    keys = answer.json()["keys"]
    assert keys
    for key in keys:
        assert key.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    claims = jwt.decode(token, KeySet.import_key_set(answer.json()), algorithms=["ES256"]).claims
    assert claims["tenant"] == "default"
    assert claims["roles"] == ["sales"]


def test_keys_are_private_and_tokens_are_kept_nowhere(tmp_path: Path) -> None:
    book = TokenBook(tmp_path)
    token = book.add(EVE)
    assert (tmp_path / KEYS_FILE).stat().st_mode & 0o777 == 0o600
    for path in tmp_path.iterdir():
        assert token not in path.read_text("utf-8")


def test_the_first_administrators_token_is_made_once_and_private(
    tmp_path: Path, clock: DrivenClock
) -> None:
    path = TokenBook(tmp_path, clock).ensure_admin("default")
    assert path.stat().st_mode & 0o777 == 0o600
    token = path.read_text("utf-8").strip()
    assert TokenBook(tmp_path, clock).holder(token) == Holder("default", "admin", ("admin",))
    clock.advance(timedelta(days=100))
    assert TokenBook(tmp_path, clock).ensure_admin("default").read_text().strip() == token
    clock.advance(timedelta(days=100))
    renewed = TokenBook(tmp_path, clock).ensure_admin("default").read_text().strip()
    assert renewed != token
    assert TokenBook(tmp_path, clock).holder(renewed).actor == "admin"


def test_a_revoked_administrators_token_is_not_made_again(tmp_path: Path) -> None:
    book = TokenBook(tmp_path)
    token = book.ensure_admin("default").read_text("utf-8").strip()
    book.revoke_token(token)
    assert TokenBook(tmp_path).ensure_admin("default").read_text("utf-8").strip() == token


def test_a_token_of_an_older_release_opens_nothing_and_its_file_is_made_anew(
    tmp_path: Path,
) -> None:
    (tmp_path / "admin.token").write_text("banyan_old\n", "utf-8")
    (tmp_path / "tokens.json").write_text("{}", "utf-8")
    token = TokenBook(tmp_path).ensure_admin("default").read_text("utf-8").strip()
    assert TokenBook(tmp_path).holder(token).roles == ("admin",)


def test_a_token_made_by_another_program_counts_at_once(
    standing: Standing, front: FrontDoor
) -> None:
    other = TokenBook(Path(standing.settings.folder))
    token = other.add(Holder("default", "late", ("sales",)))
    headers = {"authorization": f"Bearer {token}"}
    path = "/tmf-api/partyManagement/v5/individual"
    assert front.http.send("GET", path, headers=headers).status_code == 200


def test_tokens_made_at_the_same_time_by_several_programs_all_count(tmp_path: Path) -> None:
    def make(number: int) -> str:
        return TokenBook(tmp_path).add(Holder("default", f"actor {number}", ("sales",)))

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(40)))
    book = TokenBook(tmp_path)
    assert [book.holder(token).actor for token in made] == [f"actor {n}" for n in range(40)]


def test_a_key_file_that_can_not_be_read_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / KEYS_FILE).write_text("{broken", "utf-8")
    with pytest.raises(Refused, match=r"token-keys\.json can't be read"):
        TokenBook(tmp_path).holder("x.y.z")
