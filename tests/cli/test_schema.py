"""All that --json prints is one thing: it has a type, the type has a schema, and what is printed keeps to it, errors too."""

import importlib.util
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator, ValidationError
from rigs.schemas import valid

import mesogun as api
from mesogun.cli import mesogun
from mesogun.cli.schema import SCHEMAS, TOLD
from mesogun.clinical.library import library
from mesogun.gun.client import Gun
from mesogun.gun.explanations import REASONS, REFUSALS
from mesogun.gun.words import DeviceRefused
from mesogun.records import RecordsFailed
from mesogun_fw.talk import frames, reasons, refusals

ROOT = Path(__file__).parents[2]
TYPED = "2.01\n5.02\n9.03\n"
SYRINGE = ("--syringe-ml", "5")

# By command: what follows it, what is typed, and the kind of what is told. `flash` needs a board: tests/system/flash.
CALLS = {
    "run": (("SMALL",), "", "result"),
    "records list": ((), "", "sessions"),
    "records show": (("1",), "", "result"),
    "check": (("SMALL", "WRONG", "face/mesolift"), "", "check"),
    "explain": (("SMALL",), "", "explanation"),
    "device info": ((), "", "device-info"),
    "device selftest": ((), "", "selftest"),
    "device home": ((), "", "home"),
    "device prime": (("--volume-ul", "20", *SYRINGE), "", "prime"),
    "device zero": ((), "1.0\n", "zero"),
    "device calibrate needle": ((), TYPED, "calibrate-needle"),
    "device calibrate dose": (("--dose-ul", "20", *SYRINGE, "--times", "2"), "20\n20.4\n", "calibrate-dose"),
    "device config get": ((), "", "hardware"),
    "device config set": (("drive=1",), "", "hardware-set"),
    "device log": ((), "", "log"),
    "device journal": ((), "", "journal"),
    "device watch": (("--seconds", "0.3"), "", "watch"),
    "ports": ((), "", "ports"),
    "decode": ((), frames.encode(7, "beat", [12]).decode() + "hello\n", "decode"),
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder with a protocol that can be given, one that cannot, and the record of a simulated session."""
    with tempfile.TemporaryDirectory() as folder:
        text = (library() / "face" / "mesolift.toml").read_text()
        small = (
            text.replace("points = 60", "points = 3")
            .replace("points = 15", "points = 2")
            .replace("spacing_mm = 10", "spacing_mm = 20")
        )
        (Path(folder) / "SMALL").write_text(small)
        (Path(folder) / "WRONG").write_text(text.replace("depth_mm = 2.0", "depth_mm = 12"))
        api.give(api.loads(small), "sim://", records=f"{folder}/records.db")
        yield Path(folder)


def call(home: Path, *arguments: str, typed: str = "") -> Result:
    known = [str(home / one) if one in ("SMALL", "WRONG") else one for one in arguments]
    return CliRunner().invoke(mesogun, known, input=typed, env={"MESOGUN_HOME": str(home)})


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def test_every_command_that_tells_a_program_anything_is_held_to_its_schema_here() -> None:
    tells = {name for name, command in commands(mesogun) if any(param.name == "as_json" for param in command.params)}
    assert tells == CALLS.keys() | {"flash"}
    assert {kind for _, _, kind in CALLS.values()} | {"error", "flash"} == TOLD.keys()


@pytest.mark.parametrize("command", CALLS)
def test_what_a_command_tells_is_what_its_schema_says(home: Path, command: str) -> None:
    arguments, typed, kind = CALLS[command]
    if command.startswith("device"):
        arguments += ("--sim",)
    lines = call(home, *command.split(), *arguments, "--json", typed=typed).stdout.splitlines()
    assert lines
    for line in lines:
        assert valid(json.loads(line))["schema"] == f"{kind}/1"


# Each way to be refused or to fail, and the exit code.
FAILURES = {
    "a file that is not there": (("check", "nowhere.toml"), 2),
    "no protocol": (("explain", "WRONG"), 2),
    "a wrong option": (("run", "SMALL", "--speed", "fast"), 2),
    "a port without a gun": (("device", "info", "--port", "sim://?engine=none"), 2),
    "a gun that nobody named": (("device", "info"), 2),
    "a session that is not there": (("records", "show", "99"), 2),
    "a figure that no gun has": (("device", "config", "set", "colour=3"), 2),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_refusal_is_told_by_one_schema_with_its_exit_code(home: Path, failure: str) -> None:
    arguments, code = FAILURES[failure]
    result = call(home, *arguments, "--json")
    told = valid(json.loads(result.stdout.splitlines()[-1]))
    if arguments[0] == "check":
        assert (told["schema"], told["ok"], result.exit_code) == ("check/1", False, code)
    else:
        assert (told["schema"], told["exit_code"], result.exit_code) == ("error/1", code, code)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RecordsFailed("the disk is full", "Free some"), 5),
        (api.LinkLost("silent"), 3),
        (api.GunStopped("latched"), 4),
        (KeyboardInterrupt(), 130),
        (KeyError(1), 1),
    ],
    ids=["record", "link", "gun", "Ctrl-C", "mistake"],
)
def test_so_is_every_failure_whatever_it_comes_from(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fails(*_: object) -> Gun:
        raise error

    monkeypatch.setattr(Gun, "connect", fails)
    result = call(home, "device", "info", "--sim", "--json")
    told = valid(json.loads(result.stdout))
    assert (told["schema"], told["exit_code"], result.exit_code) == ("error/1", code, code)


def test_a_refusal_of_the_gun_has_its_code(home: Path) -> None:
    refused = DeviceRefused("arm", {"index": 0}, refusals.NO_SYRINGE, -1, 0, 0, 0)
    assert valid(refused.to_dict())["code"] == refusals.NO_SYRINGE
    (codes,) = [one["oneOf"] for one in SCHEMAS["error"][0]()["properties"]["code"]["anyOf"] if "oneOf" in one]
    assert {one["const"] for one in codes} == set(REFUSALS)
    assert "freshly filled" in next(one["description"] for one in codes if one["const"] == refusals.NO_SYRINGE)


def test_an_error_tells_of_itself_what_a_command_prints_of_it(home: Path) -> None:
    printed = json.loads(call(home, "explain", "WRONG", "--json").stdout)
    with pytest.raises(api.Refused) as refused:
        api.load(home / "WRONG")
    assert refused.value.to_dict() == printed


def test_what_is_printed_is_what_the_same_value_says_of_itself_in_python(home: Path) -> None:
    record, small = home / "records.db", api.load(home / "SMALL")
    db = ("--db", str(record), "--json")
    told = {name: json.loads(call(home, *name.split(), *rest).stdout) for name, rest in (
        ("records show 1", db), ("records list", db), ("explain SMALL", ("--json",)), ("check SMALL", ("--json",)),
    )}  # fmt: skip
    assert told["records show 1"] == api.records(record).result(1).to_dict()
    assert told["records list"]["sessions"] == [one.to_dict() for one in api.records(record).sessions()]
    assert told["explain SMALL"] == api.explain(small).to_dict()
    assert told["check SMALL"]["files"][0]["findings"] == [one.to_dict() for one in api.check(small)] != []


def test_a_list_where_there_is_no_record_yet_is_empty_and_still_a_list(tmp_path: Path) -> None:
    told = valid(json.loads(call(tmp_path, "records", "list", "--json").stdout))
    assert told["sessions"] == []


def test_the_schema_has_every_reason_of_the_gun_with_its_words() -> None:
    schema = SCHEMAS["result"][0]()
    (codes,) = [one["oneOf"] for one in schema["$defs"]["Why"]["properties"]["code"]["anyOf"] if "oneOf" in one]
    assert {one["const"] for one in codes} == set(REASONS)
    (blocked,) = [one for one in codes if one["const"] == reasons.NEEDLE_ASTRAY]
    assert blocked["title"] == "needle astray"
    assert "lost steps" in blocked["description"]


def test_the_schema_bites() -> None:
    told = {"schema": "zero/1", "off_um": 0, "within": True}
    valid(told)
    for spoilt in (told | {"off_um": "0"}, told | {"more": 1}, {"schema": "zero/1", "within": True}):
        with pytest.raises(ValidationError):
            valid(spoilt)


def test_a_command_prints_each_schema_by_its_name(home: Path) -> None:
    listed = call(home, "schema").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(SCHEMAS)
    for name, (made, _) in SCHEMAS.items():
        printed = json.loads(call(home, "schema", name).stdout)
        assert printed == made()
        Draft202012Validator.check_schema(printed)
    assert call(home, "schema", "nonsense").exit_code == 2


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_schema", ROOT / "docs" / "make_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_schema_that_is_checked_in_is_made_from_the_types(maker: ModuleType) -> None:
    assert (ROOT / "docs" / "mesogun.schema.json").read_text(encoding="utf-8") == maker.text(), "run: python docs/make_schema.py"
    Draft202012Validator.check_schema(maker.together())


def test_the_document_names_every_schema_with_its_edition_and_who_prints_it() -> None:
    text = (ROOT / "docs" / "JSON.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| `[a-z-]+/\d", line)]
    editions = {name: SCHEMAS[name][0]()["properties"]["schema"]["const"] for name in TOLD}
    assert rows == [f"| `{editions[name]}` | {where} |" for name, (_, where) in TOLD.items()]
