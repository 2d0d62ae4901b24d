"""What hosts install: read as far as that goes without a container engine, and two copies behind a real nginx."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest
import yaml

from benchmarks.figures.every import EVERY
from bot.settings import names

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_container_runs_as_nobody_and_builds_from_the_lock():
    found = instructions()
    users = [value for name, value in found if name == "USER"]
    assert users == ["10001:10001"]
    assert any("uv sync --frozen --no-dev" in value for name, value in found if name == "RUN")
    assert found[-1] == ("CMD", '["run"]')
    assert [name for name, _ in found].count("HEALTHCHECK") == 1
    assert not [value for name, value in found if name == "ADD" or "TELEGRAM_TOKEN=" in value]


def test_what_the_container_copies_exists():
    for name, value in instructions():
        if name == "COPY" and not value.startswith("--from"):
            assert [source for source in value.split()[:-1] if not (ROOT / source).exists()] == []


def services() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return found


@pytest.mark.parametrize("name", ["bot-1", "bot-2", "postgres", "nginx"])
def test_every_service_is_read_only_and_without_capabilities_it_does_not_need(name):
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_the_copies_are_users_without_a_port_to_the_outside_and_with_settings_that_exist():
    for name in ("bot-1", "bot-2"):
        service = services()[name]
        assert service["user"] == "10001:10001"
        assert "ports" not in service
        assert "cap_add" not in service
        assert set(service["environment"]) <= set(names())
        assert service["stop_grace_period"] == "30s"


def test_no_secret_stands_in_the_compose_file():
    text = (DEPLOY / "compose.yaml").read_text()
    assert "TELEGRAM_TOKEN:" not in text
    assert "POSTGRES_PASSWORD:" not in text
    assert "WEBHOOK_SECRET:" not in text


def test_the_systemd_unit_is_hardened_and_its_settings_exist():
    unit = RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(DEPLOY / "massage-bot.service")
    service = unit["Service"]
    for name in ("NoNewPrivileges", "DynamicUser", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute"):
        assert service[name] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    lines = (DEPLOY / "massage-bot.service").read_text()
    assert set(re.findall(r"^Environment=([A-Z_]+)=", lines, re.MULTILINE)) <= set(names())
    if shutil.which("systemd-analyze"):
        subprocess.run(["systemd-analyze", "verify", "--man=no", str(DEPLOY / "massage-bot.service")], check=False)


def test_two_copies_behind_nginx_lose_nothing_while_they_are_killed_in_turn():
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        if os.getuid() != 0:
            pytest.skip("nginx is missing, and only root may install it: deploy/install-nginx.sh")
        subprocess.run([str(DEPLOY / "install-nginx.sh")], check=True)
    measured = EVERY["behind-nginx"].short()
    assert not measured.broken, dict(measured.numbers)
