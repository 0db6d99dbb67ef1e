import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from loghandler import preparation
from loghandler.file_lock import claimed
from loghandler.greeting import greeting, reachable_host, secrets_of
from loghandler.postgres import Cluster, ServerFailed
from loghandler.supervisor import Plan

# A killed run leaves children that end by themselves; they may finish a request first.
LEFTOVERS_SECONDS = 40.0


class Command(BaseCommand):
    help = "Start everything on this machine: database, web server and background work."
    requires_system_checks = []  # they need the secret key, which the first start makes

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        cluster = None
        try:
            settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self.locked()
            self.ensure_secret_key()
            self.check()
            self.require_free_port()
            if settings.EMBEDDED_DATABASE:
                cluster = Cluster(settings.POSTGRES_DATA, settings.POSTGRES_SOCKET_FOLDER)
                cluster.start()
                cluster.ensure_database("loghandler")
            preparation.await_database(self.say)
            self.check(tags=[checks.Tags.database], databases=["default"])
            first = preparation.prepare(self.say)
            if first:
                self.say(secrets_of(first))
            ready = greeting(first)
            connections.close_all()
            self.become_supervisor(lock, ready)
        except BaseException as error:
            if cluster:
                cluster.stop()
            if isinstance(error, KeyboardInterrupt):
                sys.exit(0)
            if isinstance(error, ServerFailed | preparation.DatabaseSilent | OSError):
                raise CommandError(str(error)) from error
            raise

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def locked(self) -> int:
        """Claim the data folder; returns the lock that the children will share.

        Two locks: `up.lock` dies with the supervisor, `children.lock` with the last child.
        """
        own = _lock_file("up.lock")
        if not claimed(own):
            raise CommandError(
                f"Log Handler runs already on {settings.DATA}. Stop it first, or set "
                "LOGHANDLER_DATA and PORT to start a second one beside it."
            )
        os.set_inheritable(own, True)  # over the exec; subprocess closes it for the children
        shared = _lock_file("children.lock")
        deadline = time.monotonic() + LEFTOVERS_SECONDS
        if not claimed(shared):
            self.say("Waiting for what a killed run left behind to end ...")
            while not claimed(shared):
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"Processes of an earlier run still use {settings.DATA}. End them: "
                        f"`fuser {settings.DATA / 'children.lock'}` names them."
                    )
                time.sleep(0.1)
        os.set_inheritable(shared, True)
        return shared

    def ensure_secret_key(self) -> None:
        with contextlib.suppress(ImproperlyConfigured):  # Django's answer to an empty one
            if settings.SECRET_KEY:
                return
        written = settings.SECRET_KEY_FILE.with_suffix(".new")
        written.touch(mode=0o600)
        written.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        written.replace(settings.SECRET_KEY_FILE)
        settings.SECRET_KEY = settings.SECRET_KEY_FILE.read_text(encoding="utf-8")

    def require_free_port(self) -> None:
        family, kind, _protocol, _name, address = socket.getaddrinfo(
            settings.HOST, settings.PORT, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(address)
            except OSError as error:
                raise CommandError(
                    f"{settings.HOST}:{settings.PORT} can't be used: {error.strerror}. "
                    f"Choose another port: PORT={settings.PORT % 65535 + 1} make run"
                ) from error

    def become_supervisor(self, lock: int, ready: str) -> NoReturn:
        python, root = sys.executable, settings.BASE_DIR
        gunicorn = f"{root}/loghandler/gunicorn.py"
        postgres = (str(settings.POSTGRES_DATA), str(settings.POSTGRES_SOCKET_FOLDER))
        plan = Plan(
            host=reachable_host(),
            port=settings.PORT,
            web=[python, "-m", "gunicorn", "-c", gunicorn, "loghandler.wsgi:application"],
            worker=[python, f"{root}/manage.py", "worker"],
            lock=lock,
            ready=ready,
            postgres=postgres if settings.EMBEDDED_DATABASE else None,
        )
        descriptor = plan.passed()
        paths = [str(root), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        os.environ.pop("LOGHANDLER_ADMIN_PASSWORD", None)  # it has done its work
        self.stdout.flush()
        # A signal between two programs would end both: it waits until the next one listens.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
        os.execv(python, [python, f"{root}/loghandler/supervisor.py", str(descriptor)])  # noqa: S606


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _lock_file(name: str) -> int:
    return os.open(settings.DATA / name, os.O_RDWR | os.O_CREAT, 0o600)
