from django.apps import AppConfig


class LogHandlerConfig(AppConfig):
    name = "loghandler"

    def ready(self) -> None:
        from loghandler import checks  # noqa: F401  (registers them)
