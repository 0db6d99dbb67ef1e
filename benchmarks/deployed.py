"""Which packages a deployment has, and which only this checkout."""

import re
from collections.abc import Iterable
from functools import cache
from importlib import metadata

from benchmarks.machine import ROOT

_NAME = re.compile(r"[\w.-]+")


@cache
def environment() -> dict[str, str]:
    """Variables for a process that is to find what requirements.txt brings, and no more."""
    return {
        "PYTHONPATH": str(ROOT / "benchmarks" / "as_deployed"),
        "LOGHANDLER_BENCH_ABSENT": " ".join(sorted(absent())),
    }


def absent() -> set[str]:
    """Top-level modules of packages that requirements.txt does not need."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    deployed = _with_needed(found[0] for line in lines if (found := _NAME.match(line)))
    of_module = metadata.packages_distributions()
    return {
        module
        for module, packages in of_module.items()
        if module.isidentifier() and not {_same(name) for name in packages} & deployed
    }


def _with_needed(names: Iterable[str]) -> set[str]:
    """Packages and all that they need, whatever they need it for."""
    found: set[str] = set()
    waiting = [_same(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        waiting += [_same(_NAME.match(each)[0]) for each in needed if _is_needed(each)]  # type: ignore[index]
    return found


def _is_needed(requirement: str) -> bool:
    """Whether it is installed without asking, or by one of the extras of requirements.txt."""
    _, _, condition = requirement.partition(";")
    return "extra" not in condition or bool(
        re.search(r"extra == ['\"](binary|pool|gevent)", condition)
    )


def _same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
