"""Bounds a process that runs others' code: whom it may ask, which files it may read.

Names are resolved and checked where sockets connect. Python's audit events (PEP 578) see what goes
round that, from `_socket` too, and nothing can take their hook away. Code in C that opens sockets
of its own is not seen: who calls this runs none.
"""

import mimetypes
import os
import socket
import sys
import sysconfig
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn

from loghandler.outbound.addresses import Guard

_INTERNET = {socket.AF_INET, socket.AF_INET6}
_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_PROGRAMS = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.startfile", "os.system", "pty.spawn",
    "subprocess.Popen", "syslog.openlog", "syslog.syslog",
}  # fmt: skip
# Beside opening them: some of Apprise's modules remove what they could not write.
_CHANGES = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.setxattr", "os.symlink", "os.truncate", "os.utime", "sqlite3.connect",
}  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Python's own, what is installed, and tables of the system that they read.
_READABLE = (
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    *mimetypes.knownfiles, "/usr/share/zoneinfo", "/etc/localtime",
)  # fmt: skip


class Forbidden(PermissionError):
    """Something that the process may not do, in words."""


class Confinement:
    """From `begin` on, for as long as the process lives; `refused`: the words of what was not."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._readable = tuple({os.path.realpath(path) for path in _READABLE})
        self.refused: list[str] = []

    def begin(self) -> None:
        reach: Any = socket.socket
        connect, connect_ex, sendto = reach.connect, reach.connect_ex, reach.sendto
        reach.connect = lambda own, to: connect(own, self._resolved(own, to))
        reach.connect_ex = lambda own, to: connect_ex(own, self._resolved(own, to))
        reach.sendto = lambda own, data, *more: sendto(
            own, data, *more[:-1], self._resolved(own, more[-1])
        )
        sys.addaudithook(self._audit)

    def _resolved(self, own: socket.socket, to: Any) -> Any:
        """The address of a name, looked up once; the hook checks it, and it is what is asked."""
        if own.family not in _INTERNET or _is_number(to[0]):
            return to
        return socket.getaddrinfo(to[0], to[1], own.family, own.type)[0][4]

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTS:
            self._check_address(arguments[0], arguments[1])
        elif event == "open":
            self._check_file(arguments[0], arguments[2])
        elif event in _CHANGES:
            raise Forbidden("It may not write files of this server")
        elif event in _PROGRAMS or (event == "ctypes.dlopen" and arguments[0] is not None):
            self._refuse("It may not use programs of this server")

    def _check_address(self, own: socket.socket, to: Any) -> None:
        if to is None:  # of a socket that is connected
            return
        if own.family not in _INTERNET or not _is_number(to[0]):
            self._refuse("It may only ask addresses of the internet")
        if words := self._guard.refusal(ip_address(to[0])):
            self._refuse(words)

    def _check_file(self, path: Any, flags: int) -> None:
        if isinstance(path, int):  # it is open already
            return
        real = os.path.realpath(os.fsdecode(path))
        readable = any(f"{real}{os.sep}".startswith(f"{each}{os.sep}") for each in self._readable)
        if flags & _WRITES and real != os.devnull:
            raise Forbidden("It may not write files of this server")  # Python's caches go without
        if not readable and Path(real).exists():
            self._refuse("It may not read files of this server")

    def _refuse(self, words: str) -> NoReturn:
        self.refused.append(words)
        raise Forbidden(words)


def _is_number(host: Any) -> bool:
    """Written as one: four bytes are a name to a socket, and a number to `ipaddress`."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return isinstance(host, str)
