"""Settings from the environment: typed, and loud where a value can't be used.

Every reader takes the variable's name and a default, and also looks at `NAME_FILE`,
the path of a file that holds the value (Docker and Kubernetes secrets).
"""

import os
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    path = os.environ.get(f"{name}_FILE")
    if path and name in os.environ:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE can't be read: {error}") from error
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; use true or false.")
    return value in TRUE


def integer(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    value = text(name) or str(default)
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; use a whole number.") from None
    if number < least or (most is not None and number > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ImproperlyConfigured(f"{name} is {number}; use a number {bounds}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """Words of a comma-separated value."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[str]:
    """Networks such as `10.0.0.0/8`, or single addresses, separated by commas."""
    found = words(name)
    for network in found:
        try:
            ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}; write such as 10.0.0.0/8.") from error
    return found


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; use one of {', '.join(choices)}.")
    return value


def path(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().absolute()


def database(name: str) -> dict[str, object] | None:
    """A `postgresql://user:password@host:port/name?option=value` address as Django's settings."""
    url = text(name)
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} starts with {parts.scheme!r}; Log Handler needs postgresql://…"
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")) or "loghandler",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def web_address(name: str, default: str) -> str:
    """An `https://host` address, without a slash at its end: paths are put behind it."""
    value = text(name) or default
    parts = _split(value)
    if not parts or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} is {value!r}; use an address as https://host.")
    return value.rstrip("/")


def _split(address: str) -> SplitResult | None:
    """The parts of an address that has a host and a usable port."""
    try:
        parts = urlsplit(address)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes mail, in the terms of Django's settings."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


_MAIL_PORTS = {"smtp": 25, "submission": 587, "smtps": 465}


def mail_server(name: str) -> MailServer:
    """`smtp://`, `submission://` (STARTTLS) or `smtps://` with user:password@host:port; `console:`.

    Without a value there is none, and mail goes nowhere.
    """
    backends = "django.core.mail.backends.{}.EmailBackend"
    url = text(name)
    if url in {"", "console:"}:
        return MailServer(backends.format("console" if url else "dummy"))
    parts = _split(url)
    if not parts or parts.scheme not in _MAIL_PORTS or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(
            f"{name} can't be used; write smtp, submission or smtps://user:password@host:port."
        )
    return MailServer(
        backend=backends.format("smtp"),
        host=parts.hostname or "",
        port=parts.port or _MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "submission",
        tls=parts.scheme == "smtps",
    )
