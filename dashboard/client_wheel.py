"""The client for Python as a wheel of this checkout, which pip installs from Log Handler itself.

A wheel of plain Python is a zip with a list of what is in it, and needs no tools to build:
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import base64
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

_FOLDER: Path = settings.BASE_DIR / "clients" / "python"
_PACKAGED = (".py", ".typed")
_WHEEL = """\
Wheel-Version: 1.0
Generator: loghandler
Root-Is-Purelib: true
Tag: py3-none-any
"""
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip knows: the same sources make the same wheel


class Wheel(NamedTuple):
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@cache
def wheel() -> Wheel:
    """Built once in a process: sources change with a new version, which is a new process."""
    project = tomllib.loads((_FOLDER / "pyproject.toml").read_text("utf-8"))["project"]
    release = f"{project['name'].replace('-', '_')}-{project['version']}"
    source = _FOLDER / "src"
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.suffix in _PACKAGED
    }
    about = f"{release}.dist-info"
    files[f"{about}/METADATA"] = _metadata(project).encode()
    files[f"{about}/WHEEL"] = _WHEEL.encode()
    files[f"{about}/RECORD"] = _record(files, f"{about}/RECORD").encode()
    return Wheel(f"{release}-py3-none-any.whl", _zipped(files))


def _metadata(project: Mapping[str, Any]) -> str:
    """Core metadata 2.4: headers as in an e-mail, and the README."""
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
        f"Requires-Python: {project['requires-python']}",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join([*lines, "", (_FOLDER / project["readme"]).read_text("utf-8")])


def _record(files: Mapping[str, bytes], own: str) -> str:
    """What is in the wheel, with digests; of itself it can't tell one."""
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    return "\n".join([*lines, f"{own},,", ""])


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
