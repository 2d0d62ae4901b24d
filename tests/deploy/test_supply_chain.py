"""What is installed is what was looked at."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_file_of_the_lock_has_a_hash():
    for package in LOCK["package"]:
        if "registry" not in package["source"]:
            assert package["name"] == "massage-bot"
            continue
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert [each["url"] for each in files if not each.get("hash", "").startswith("sha256:")] == []


def test_everything_comes_from_one_registry():
    assert {package["source"].get("registry", "here") for package in LOCK["package"]} <= {
        "https://pypi.org/simple",
        "here",
    }


def test_releases_younger_than_a_week_are_refused():
    assert re.fullmatch(r"7 days", PROJECT["tool"]["uv"]["exclude-newer"])


def test_every_dependency_of_the_project_is_locked():
    locked = {package["name"] for package in LOCK["package"]}
    wanted = {re.split(r"[\[<>=;~! ]", each)[0].lower() for each in PROJECT["project"]["dependencies"]}
    assert wanted <= locked


def test_the_audit_makes_a_bill_of_materials_and_fails_when_something_cannot_be_looked_up():
    script = (ROOT / "deploy" / "audit.sh").read_text()
    assert "--frozen" in script
    assert "cyclonedx" in script
    assert 'pip-audit" --strict --require-hashes' in script
