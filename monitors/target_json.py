"""Targets as the REST API tells and takes them: what people write by hand. No I/O.

Statuses are text such as `200-299, 401`, headers an object, a body text.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from loghandler.outbound.http import without_credentials
from monitors import targets
from monitors.expectations import status_ranges
from monitors.records import HttpTarget, Target

HIDDEN = "…"  # in place of a header's value, which may be a secret


def told(target: Target, *, secrets: bool) -> dict[str, Any]:
    """The fields of a target; what may be secret only for those who may change them."""
    _, fields = targets.stored(target)
    if isinstance(target, HttpTarget):
        fields["url"] = target.url if secrets else without_credentials(target.url)
        fields["statuses"] = ", ".join(
            str(least) if least == most else f"{least}-{most}" for least, most in target.statuses
        )
        fields["headers"] = {n: value if secrets else HIDDEN for n, value in target.headers}
        fields["body"] = target.body.decode("utf-8", "replace") if secrets else HIDDEN * bool(
            target.body
        )  # fmt: skip
    return fields


def taken(kind: str, fields: Mapping[str, Any]) -> Target:
    """The target of such fields. Raises ValueError that says what is wrong."""
    found = dict(fields)
    if kind == "http":
        if isinstance(found.get("statuses"), str):
            found["statuses"] = status_ranges(found["statuses"])
        if isinstance(found.get("headers"), Mapping):
            found["headers"] = tuple(found["headers"].items())
        if isinstance(found.get("body"), str):
            found["body"] = found["body"].encode()
    try:
        return targets.taken(kind, msgspec.to_builtins(found, builtin_types=(bytes,)))
    except TypeError as error:
        raise ValueError(str(error)) from error
