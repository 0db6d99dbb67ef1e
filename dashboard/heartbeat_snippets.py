"""Code to paste that calls the address of a heartbeat. Pure."""

from dashboard.snippets import Step, Way
from monitors.records import HeartbeatTarget

_CURL = "curl -fsS -m 10 --retry 5 -o /dev/null"
_SYSTEMD = """[Service]
ExecStart=/usr/local/bin/your-job
ExecStopPost=/bin/sh -c '[ $SERVICE_RESULT = success ] || end=/fail; {curl} {address}$end'"""


def ways(address: str, target: HeartbeatTarget) -> list[Way]:
    """How a job calls: from a shell, from cron, from systemd. `address` has no slash at its end."""
    when = target.cron or "30 3 * * *"
    return [
        Way(
            "shell",
            "Shell",
            [
                Step("At the end of the job, when it has succeeded:", f"{_CURL} {address}"),
                Step(
                    "Or with its exit status and the last of its output:",
                    f'out=$(your-job 2>&1); status=$?\n{_CURL} --data-raw "$out" {address}/$status',
                ),
            ],
        ),
        Way(
            "cron",
            "cron",
            [
                Step(
                    "In the crontab, tell how it ended:", f"{when} your-job; {_CURL} {address}/$?"
                ),
                Step(
                    "Tell when it begins, too: a job that hangs is seen.",
                    f"{when} {_CURL} {address}/start; your-job; {_CURL} {address}/$?",
                ),
            ],
        ),
        Way(
            "systemd",
            "systemd",
            [
                Step(
                    "In the unit of the service that a timer starts:",
                    _SYSTEMD.format(curl=_CURL, address=address),
                )
            ],
        ),
    ]
