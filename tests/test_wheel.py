"""What a user installs: one package, complete, that works far from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that holds the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    def run(self, command: str, *arguments: str) -> str:
        """What the command prints, run far from the checkout."""
        steward = {"CASUALTY_LEDGER_STEWARD": "wheel test", "HOME": str(self.folder)}
        return _output(self.environment / "bin" / command, *arguments, at=self.folder, env=steward)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    _output(*build, at=CHECKOUT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("far-from-the-checkout")
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", environment)
    _output(*pip, "install", "--no-deps", "--no-index", wheel, at=folder)
    _lend_dependencies(environment)
    return Installed(environment, folder)


def test_the_wheel_holds_one_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert tops == {"ledger", "casualty_ledger-0.1.0.dist-info"}
    assert {"ledger/__main__.py", "ledger/cli/__init__.py", "ledger/cli/main.py"} <= names
    assert {"ledger/alembic.ini", "ledger/migrations/env.py"} <= names
    assert any(name.startswith("ledger/migrations/versions/") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_the_package_runs_from_its_environment(installed: Installed) -> None:
    places = installed.run(
        "python",
        "-c",
        "import ledger, ledger.__main__ as entry;"
        "print(ledger.__file__, entry.find_cli().__file__, sep='\\n')",
    )
    for place in places.splitlines():
        assert Path(place).is_relative_to(installed.environment)


def test_both_commands_and_the_module_answer(installed: Installed) -> None:
    for command in ("ledger", "casualty-ledger"):
        assert "import" in installed.run(command, "--help")
    assert "import" in installed.run("python", "-m", "ledger", "--help")


def test_the_seeds_make_the_running_total(installed: Installed) -> None:
    seeds = shutil.copytree(CHECKOUT / "seeds" / "inherent-resolve", installed.folder / "seeds")
    installed.run("ledger", "init")
    installed.run("ledger", "import", *map(str, sorted(seeds.glob("*.toml"))))
    report = installed.run("ledger", "report", "running", "oir-us-combat-deaths", "-f", "csv")
    last = report.splitlines()[-1]
    assert last.startswith("2020-03-11,taji-2020-03-11,")
    assert last.endswith(",21")


def test_another_projects_cli_is_never_taken(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__init__.py").write_text("raise SystemExit('foreign')", encoding="utf-8")
    find = "import ledger.__main__ as entry; print(entry.find_cli().__file__)"
    path = {"PYTHONPATH": f"{tmp_path}:{CHECKOUT}"}
    found = _output(sys.executable, "-c", find, at=tmp_path, env=path)
    assert Path(found.strip()) == CHECKOUT / "cli" / "__init__.py"
    found = _output(installed.environment / "bin" / "python", "-c", find, at=tmp_path, env={})
    assert Path(found.strip()).is_relative_to(installed.environment)


def _output(*command: str | Path, at: Path, env: dict[str, str] | None = None) -> str:
    """What a command prints; its failure shows what it said."""
    done = subprocess.run(
        command,
        cwd=at,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def _lend_dependencies(environment: Path) -> None:
    """Let the environment import what the running one holds, after its own: no network is needed.

    A folder that a .pth file names has its own .pth files ignored, so the checkout stays out.
    """
    base = str(environment)
    own = Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))
    lent = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (own / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
