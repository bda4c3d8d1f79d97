"""What a person gets who installs mesogun without a checkout.

The wheel is built from this checkout and put into a fresh environment by pip. So that nothing is downloaded, it is
installed without dependencies, and those of the running environment are let in afterwards through a .pth file. Such a
file adds one folder and reads no other .pth, so the checkout (an editable install is a .pth too) stays unseen.
"""

import email
import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from rigs.micropython import needed_micropython
from rigs.rawrepl import CHIP, Board

import mesogun
import mesogun_fw
from mesogun_build.bundle import bundle, firmware

ROOT = Path(__file__).parents[2]
PACKED = {
    "host/mesogun": "mesogun",
    "firmware/mesogun_build": "mesogun_build",
    "firmware/mesogun_fw": "mesogun_fw",
    "simulator/mesogun_lab": "mesogun_lab",
    "simulator/mesogun_sim": "mesogun_sim",
    "protocols": "mesogun/protocols",
}


@dataclass(frozen=True)
class Installed:
    """A fresh environment with the wheel in it, seen from an empty folder."""

    scripts: Path
    packages: Path
    elsewhere: Path

    def run(self, program: str, *arguments: str) -> str:
        """Its standard output. Fails the test, showing both outputs, when it exits with anything but 0."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        ran = subprocess.run(
            [str(self.scripts / program), *arguments], cwd=self.elsewhere, env=env, capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 0, f"{program} {' '.join(arguments)} exits {ran.returncode}:\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def protocols(self) -> list[str]:
        return sorted(str(path) for path in (self.packages / "mesogun" / "protocols").rglob("*.toml"))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with wheel and source distribution."""
    folder = tmp_path_factory.mktemp("packed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(packed: Path) -> Path:
    (path,) = packed.glob("*.whl")
    return path


@pytest.fixture(scope="module", params=["wheel", "source"])
def page(packed: Path, wheel: Path, request: pytest.FixtureRequest) -> "email.message.Message[str, str]":
    """What an index makes a package's page of."""
    if request.param == "wheel":
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            return email.message_from_bytes(archive.read(name))
    (path,) = packed.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        (name,) = [name for name in archive.getnames() if re.fullmatch(r"[^/]+/PKG-INFO", name)]
        file = archive.extractfile(name)
        assert file
        return email.message_from_bytes(file.read())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("fresh") / "env"
    venv.create(home, with_pip=True)
    at = {"base": str(home), "platbase": str(home)}
    paths = {name: Path(sysconfig.get_path(name, "venv", at)) for name in ("scripts", "purelib")}
    fresh = Installed(paths["scripts"], paths["purelib"], tmp_path_factory.mktemp("elsewhere"))
    fresh.run("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", str(wheel))
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (fresh.packages / "lent.pth").write_text("\n".join(sorted(lent)) + "\n")
    return fresh


def test_the_wheel_holds_every_file_of_the_packages_and_the_library_and_nothing_else(wheel: Path) -> None:
    expected = {
        f"{packed}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, packed in PACKED.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    expected.add("mesogun_fw/main.py")  # a board's, which lies beside the package
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_a_package_says_where_it_comes_from_and_for_whom_it_is(page: "email.message.Message[str, str]") -> None:
    urls = dict(line.split(", ", 1) for line in page.get_all("Project-URL", []))
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= urls.keys()
    assert all(url.startswith(urls["Source"]) for url in urls.values())
    classifiers = page.get_all("Classifier", [])
    assert "Programming Language :: Python :: 3.11" in classifiers
    assert not [one for one in classifiers if one.startswith("License")], "the licence is told by License-Expression alone"
    assert page["License-Expression"] == "Apache-2.0"


def test_every_picture_and_link_of_the_readme_leads_somewhere_from_a_packages_page(page: "email.message.Message[str, str]") -> None:
    text = page.get_payload(decode=True)
    assert isinstance(text, bytes)
    shown = re.findall(r"(!?)\[[^]]*\]\(([^)]+)\)", text.decode())
    assert len(shown) == len(re.findall(r"\[[^]]*\]\([^)]+\)", (ROOT / "README.md").read_text(encoding="utf-8"))) > 10
    source = dict(line.split(", ", 1) for line in page.get_all("Project-URL", []))["Source"]
    raw = source.replace("//github.com/", "//raw.githubusercontent.com/")
    for picture, url in shown:
        of = f"{raw}/main/" if picture else f"{source}/blob/main/"
        assert url.startswith(of)
        assert (ROOT / url.removeprefix(of)).exists(), url


@pytest.mark.long
@pytest.mark.slow
def test_the_packages_are_imported_from_where_they_were_installed(installed: Installed) -> None:
    for package in ("mesogun", "mesogun_build", "mesogun_fw", "mesogun_lab", "mesogun_sim"):
        found = installed.run("python", "-c", f"import {package}; print({package}.__file__)").strip()
        assert Path(found) == installed.packages / package / "__init__.py"


@pytest.mark.long
@pytest.mark.slow
def test_the_installed_program_tells_its_version_and_its_help(installed: Installed) -> None:
    assert mesogun.__version__ in installed.run("mesogun", "--version")
    help_text = installed.run("mesogun", "--help")
    assert all(command in help_text for command in ("check", "explain", "run", "sim", "records", "ports"))
    assert "dose" in installed.run("mesogun-lab", "--help")


@pytest.mark.long
@pytest.mark.slow
def test_the_installed_program_checks_its_own_protocol_library(installed: Installed) -> None:
    shipped = installed.protocols()
    assert len(shipped) == len(list((ROOT / "protocols").rglob("*.toml"))) >= 3
    installed.run("mesogun", "check", *shipped)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the board of these tests is Linux x86_64")
def test_the_installed_program_folds_and_compiles_its_own_firmware_for_a_board(installed: Installed, tmp_path: Path) -> None:
    """It knows no chip of the tests: that one is named to it, all else is the wheel's."""
    needed_micropython()
    program = (
        f"from mesogun.gun.flash import board; board.CHIPS[{CHIP!r}] = 'x64'\n"
        "from mesogun.cli import mesogun; import sys; mesogun(sys.argv[1:], prog_name='mesogun')"
    )
    with Board(tmp_path, sectors=352).plugged_in() as port:
        said = installed.run("python", "-c", program, "flash", "--port", port, "--dry-run", "--json")
    told = json.loads(said.splitlines()[-1])
    made = bundle(firmware(), "x64", 63, told["slot"])
    assert [(file["path"], file["sha256"]) for file in told["files"]] == [
        (file.path, file.sha256) for file in (made.main, *made.files)
    ]


def test_host_and_firmware_carry_the_same_version() -> None:
    major, minor, patch = (int(part) for part in mesogun.__version__.split("."))
    assert major * 10_000 + minor * 100 + patch == mesogun_fw.VERSION
