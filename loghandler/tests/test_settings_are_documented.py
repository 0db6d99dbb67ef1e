"""A setting that nobody can find does not exist; one that is only documented is a lie."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
# Read by the containers and by docker compose itself, not by our settings.
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}


def read_names() -> set[str]:
    """First arguments of every `env.…("NAME")` in settings.py."""
    tree = ast.parse((ROOT / "loghandler" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def documented_names() -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "configure.md").read_text(), re.M))


def example() -> dict[str, str]:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M)
    return dict(lines)


def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_settings_are_found() -> None:
    assert {"HOST", "PORT", "DATABASE_URL", "LOGHANDLER_RETENTION_DAYS"} <= read_names()


def test_every_setting_is_in_the_documentation_and_nothing_else_is() -> None:
    assert documented_names() == read_names() | COMPOSE_ONLY


def test_every_setting_is_in_the_example_and_nothing_else_is() -> None:
    assert set(example()) == read_names() | COMPOSE_ONLY


def test_the_example_shows_the_documented_defaults() -> None:
    table = re.findall(
        r"^\| `(\w+)` \| `([^`]+)` \|", (ROOT / "docs" / "configure.md").read_text(), re.M
    )
    defaults = {name: value for name, value in table if name != "LOGHANDLER_DATA"}
    assert len(defaults) > 10
    assert {name: example()[name] for name in defaults} == defaults


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert used
    assert used <= set(example())


def test_the_image_holds_every_application() -> None:
    local = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    carried = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.M)
    assert local | {"clients/python"} <= set(carried)  # which is served to pip


def test_the_compose_file_publishes_to_this_machine_only() -> None:
    published = [
        port for service in compose()["services"].values() for port in service.get("ports", [])
    ]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("service", ["prepare", "web", "worker"])
def test_the_services_share_one_image_and_one_database(service: str) -> None:
    services = compose()["services"]
    assert services[service]["image"] == "loghandler"
    assert services[service]["environment"] == services["web"]["environment"]
    assert "DATABASE_URL" in services[service]["environment"]
