"""What comes off the wire: heads and bodies in time and in bounds, TLS, names, proxies."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from banyan.gateway.tokens import TokenBook
from banyan.gateway.wire import Certificate
from banyan.kernel.engine.settings import HttpSettings, LimitSettings, Settings, TlsSettings
from banyan.kernel.words.errors import Refused
from banyan.wiring import Standing, build
from tests.gateway.serving import Address, served

PARTY = "/tmf-api/partyManagement/v5/individual"


def make_certificate(folder: Path, name: str) -> TlsSettings:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "house.pem", folder / "house.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return TlsSettings(str(certificate), str(private))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A house that is short of patience."""
    home = tmp_path_factory.mktemp("wire")
    limits = LimitSettings(head_bytes_max=4_000, head_s=0.3, body_s=0.3)
    http = HttpSettings(hosts=("127.0.0.1", "house.example"))
    standing = build(Settings(folder=str(home), limits=limits, http=http), "wire-tests")
    yield standing
    standing.stop()


@pytest.fixture(scope="module")
def tokens(house: Standing) -> TokenBook:
    """The house's tokens."""
    return TokenBook(Path(house.settings.folder))


@pytest.fixture(scope="module")
def plain(house: Standing, tokens: TokenBook) -> Iterator[Address]:
    """The house on a socket."""
    with served(house.app(tokens), house.settings) as address:
        yield address


@pytest.fixture(scope="module")
def bearer(tokens: TokenBook) -> str:
    """An administrator's header."""
    return f"Bearer {tokens.ensure_admin('default').read_text('utf-8').strip()}"


def said(address: Address, *parts: bytes) -> bytes:
    """Everything a house answers to bytes, until it hangs up."""
    with socket.create_connection((address.host, address.port), timeout=10) as line:
        for part in parts:
            line.sendall(part)
        heard = b""
        while piece := line.recv(65_536):
            heard += piece
        return heard


def head(bearer: str, *more: str, line: str = f"POST {PARTY} HTTP/1.1") -> bytes:
    """The head of a request."""
    lines = [line, "Host: 127.0.0.1", f"Authorization: {bearer}", *more, "", ""]
    return "\r\n".join(lines).encode()


def test_a_head_that_does_not_come_whole_in_time_is_hung_up_on(plain: Address) -> None:
    assert said(plain).startswith(b"HTTP/1.1 408 ")
    assert said(plain, b"GET / HTTP/1.1\r\nHost: x").startswith(b"HTTP/1.1 408 ")


def test_a_head_beyond_all_bounds_is_refused(plain: Address, bearer: str) -> None:
    endless = b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 20_000
    assert said(plain, endless).startswith(b"HTTP/1.1 431 ")
    whole = head(bearer, f"X-Long: {'x' * 5_000}", "Connection: close", line="GET /x HTTP/1.1")
    answer = said(plain, whole)
    assert b" 400 " in answer.partition(b"\r\n")[0] or b" 431 " in answer.partition(b"\r\n")[0]


def test_a_body_that_does_not_come_in_time_is_answered_408(plain: Address, bearer: str) -> None:
    begun = head(
        bearer, "Content-Type: application/json", "Content-Length: 50", "Connection: close"
    )
    answer = said(plain, begun, b'{"@type"')
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"bodyTime"' in answer


def test_what_is_no_http_is_refused_and_the_house_goes_on(plain: Address) -> None:
    assert said(plain, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert httpx.get(f"{plain.url}/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"//{PARTY}", PARTY.replace("/v5", "//v5"), PARTY.replace("/v5", "/./v5"),
        PARTY.replace("/v5", "/v4/../v5"), PARTY.replace("v5", "%76%35"), f"{PARTY};x=1",
        PARTY.replace("/individual", "%2findividual"), PARTY.upper(), f"{PARTY}\\..",
        "/healthz/../tmf-api", "/healthz;/", "/%2e%2e/healthz", "//healthz", "/./",
    ],
)  # fmt: skip
def test_no_spelling_of_a_path_gets_past_the_door(plain: Address, bearer: str, path: str) -> None:
    line = f"GET {path} HTTP/1.1"
    nobody = said(plain, f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert b" 401 " in nobody.partition(b"\r\n")[0]
    admin = said(plain, head(bearer, "Connection: close", line=line))
    assert b" 404 " in admin.partition(b"\r\n")[0]


def test_a_house_answers_to_its_own_names_only(plain: Address, bearer: str) -> None:
    for host, status in (("house.example", 200), ("127.0.0.1:99", 200), ("evil.example", 400)):
        headers = {"host": host, "authorization": bearer}
        answer = httpx.get(f"{plain.url}{PARTY}", headers=headers, trust_env=False)
        assert answer.status_code == status, host


def test_nobody_is_believed_to_come_from_elsewhere(plain: Address, bearer: str) -> None:
    headers = {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example",
               "authorization": bearer}  # fmt: skip
    body = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}
    made = httpx.post(f"{plain.url}{PARTY}", json=body, headers=headers, trust_env=False)
    assert made.json()["href"].startswith(f"{plain.url}/")


def test_a_trusted_proxy_says_how_it_was_reached(
    house: Standing, tokens: TokenBook, bearer: str
) -> None:
    settings = Settings(folder=house.settings.folder,
                        http=HttpSettings(trusted_proxies=("127.0.0.1",)))  # fmt: skip
    with served(house.app(tokens), settings) as address:
        headers = {"x-forwarded-proto": "https", "authorization": bearer}
        body = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}
        made = httpx.post(f"{address.url}{PARTY}", json=body, headers=headers, trust_env=False)
        assert made.json()["href"].startswith("https://")


def test_every_answer_says_how_it_may_be_used(plain: Address, bearer: str) -> None:
    for path, own in ((PARTY, bearer), (PARTY, ""), ("/nothing", bearer), ("/", "")):
        answer = httpx.get(
            f"{plain.url}{path}", headers={"authorization": own} if own else {}, trust_env=False
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_what_may_be_asked_for_is_told(plain: Address, bearer: str) -> None:
    with httpx.Client(base_url=plain.url, trust_env=False, headers={"authorization": bearer}) as at:
        answer = at.options(PARTY)
        assert answer.status_code == 204
        assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"
        lone, whole = at.head(PARTY), at.get(PARTY)
        assert (lone.status_code, lone.content) == (200, b"")
        assert lone.headers["content-length"] == whole.headers["content-length"]
        assert at.options(f"{PARTY.rpartition('/')[0]}/nothing").status_code == 404
    assert httpx.options(f"{plain.url}{PARTY}", trust_env=False).status_code == 401


def test_tls_serves_from_1_2_on_and_nothing_below(
    house: Standing, tokens: TokenBook, bearer: str, tmp_path: Path
) -> None:
    tls = make_certificate(tmp_path, "first")
    settings = Settings(folder=house.settings.folder, http=HttpSettings(tls=tls))
    with served(house.app(tokens), settings) as address:
        trusting = ssl.create_default_context(cafile=tls.certificate)
        trusting.check_hostname = False
        url = f"https://{address.host}:{address.port}{PARTY}"
        with httpx.Client(verify=trusting, trust_env=False) as client:
            answer = client.get(url, headers={"authorization": bearer})
            assert answer.status_code == 200
        with pytest.raises(httpx.HTTPError), httpx.Client(trust_env=False) as stranger:
            stranger.get(url)
        with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
            trusting.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
            trusting.maximum_version = ssl.TLSVersion.TLSv1_1
        line = socket.create_connection((address.host, address.port), timeout=10)
        with line, pytest.raises((ssl.SSLError, ConnectionError)):
            trusting.wrap_socket(line)


def test_a_renewed_certificate_is_used_and_a_broken_one_is_not(tmp_path: Path) -> None:
    tls = make_certificate(tmp_path, "first")
    own = Certificate(Path(tls.certificate), Path(tls.key))
    assert not own.follow()
    make_certificate(tmp_path, "second")
    assert own.follow()
    Path(tls.certificate).write_text("broken", "utf-8")
    with pytest.raises(Refused, match="can't be used"):
        own.follow()
    assert not own.follow(), "it is tried again when it changes again"
    make_certificate(tmp_path, "third")
    assert own.follow()


def test_a_certificate_that_is_none_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        Certificate(tmp_path / "none.pem", tmp_path / "none.key")
    (tmp_path / "x.pem").write_text("x", "utf-8")
    with pytest.raises(Refused, match="can't be used"):
        Certificate(tmp_path / "x.pem", tmp_path / "x.pem")
