"""Settings are typed, complete, and never say a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from banyan.kernel.engine.settings import Settings, read_settings, resolve_secret
from banyan.kernel.words.errors import Refused

URL = "postgresql+psycopg://banyan:s3cr3t@db.example/house"


def write(folder: Path, text: str) -> Path:
    """A settings file."""
    path = folder / "settings.yaml"
    path.write_text(text, "utf-8")
    return path


def test_what_is_left_out_has_a_value(tmp_path: Path) -> None:
    assert read_settings(None) == Settings()
    assert read_settings(write(tmp_path, "")) == Settings()
    assert Settings().http.host == "127.0.0.1"


def test_a_file_is_read_and_overrides_win(tmp_path: Path) -> None:
    path = write(tmp_path, "http: {port: 81, page_max: 5}\nrunner: {lease_s: 3}\ndata: here\n")
    made = read_settings(path, {"http.port": 82, "components": ["party"]})
    assert made.http.port == 82
    assert made.http.page_max == 5
    assert made.runner.lease_s == 3.0
    assert made.components == ("party",)
    assert made.database_url.endswith("/here/rooms")
    assert made.devices_folder == Path("here").resolve() / "devices"


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("colour: red\n", "", "unknown field `colour`"),
        ("http: {prot: 1}\n", "http", "unknown field `prot`"),
        ("http: {port: many}\n", "http.port", "Expected `int`"),
        ("http: {port: 99999}\n", "http.port", "<= 65535"),
        ("http: {port: -1}\n", "http.port", ">= 0"),
        ("http: {log_requests: 1}\n", "http.log_requests", "Expected `bool`"),
        ("runner: {lease_s: 0}\n", "runner.lease_s", "> 0"),
        ("components: party\n", "components", "Expected `array`"),
        ("database: 5\n", "database", "Expected `str`"),
    ],
)
def test_an_unknown_key_or_a_wrong_value_is_refused_with_its_place(
    tmp_path: Path, text: str, where: str, said: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(Refused) as caught:
        read_settings(path)
    (finding,) = caught.value.refusal.findings
    assert finding.path == where
    assert said in finding.reason
    assert str(path) in finding.reason


@pytest.mark.parametrize(("text", "said"), [("[1]\n", "no mapping"), ("{broken\n", "is no YAML")])
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_settings(write(tmp_path, text))
    with pytest.raises(Refused, match="No such file"):
        read_settings(tmp_path / "none.yaml")


def test_an_override_of_what_the_file_has_as_a_plain_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds settings of its own"):
        read_settings(write(tmp_path, "http: 80\n"), {"http.port": 81})


def test_a_secret_is_read_from_where_the_reference_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSE_URL", URL)
    (tmp_path / "secret").write_text(f"{URL}\n", "utf-8")
    for reference in ("env:HOUSE_URL", f"file:{tmp_path / 'secret'}", URL):
        assert resolve_secret(reference) == URL
        assert Settings(database=reference).database_url == URL


def test_a_reference_to_nothing_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="environment variable NOT_SET is not set"):
        resolve_secret("env:NOT_SET")
    with pytest.raises(Refused, match="none: No such file"):
        resolve_secret(f"file:{tmp_path / 'none'}")


def test_a_secret_behind_a_reference_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_URL", URL)
    made = Settings(database="env:HOUSE_URL")
    assert made.database_url == URL
    assert "s3cr3t" not in f"{made!r} {made}"


@pytest.mark.parametrize("wrong", ["mysql://a:s3cr3t@b/c", "postgresql://a:s3cr3t@b/c", "s3cr3t"])
def test_a_wrong_database_url_is_refused_without_showing_it(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSE_URL", wrong)
    with pytest.raises(Refused, match=r"must begin with postgresql\+psycopg://") as caught:
        assert Settings(database="env:HOUSE_URL").database_url
    assert "s3cr3t" not in str(caught.value)
