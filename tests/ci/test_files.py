"""The files that other tools read: valid, pinned, and calling only what there is."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chartlift import __version__
from chartlift.yamltext.load import read_yaml
from commands import blocks, command_lines, parse, words_of
from places import ROOT

BASH = ("bash", "-n")


def load(path: str) -> Any:
    return read_yaml((ROOT / path).read_text("utf-8"), file=path)


def check_shell(script: str) -> None:
    done = subprocess.run(BASH, input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def steps() -> list[dict[str, Any]]:
    action = load("action.yml")
    assert action["runs"]["using"] == "composite"
    found = action["runs"]["steps"]
    assert isinstance(found, list)
    return found


def test_actions_are_pinned_by_their_commit() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    used += re.findall(r"uses: (\S+)", (ROOT / "docs/ci.md").read_text("utf-8"))
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_the_scripts_of_the_action_are_shell_and_hold_no_expressions() -> None:
    """What an input says reaches a script by its environment only, so that it cannot be run as one."""
    scripts = [step["run"] for step in steps() if "run" in step]
    assert len(scripts) == 4
    for script in scripts:
        check_shell(script)
        assert "${{" not in script
    assert all(step.get("shell") == "bash" for step in steps() if "run" in step)


def test_the_action_calls_only_what_there_is() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    assert [file for file in re.findall(r"\$GITHUB_ACTION_PATH/([\w./-]+)", text) if not (ROOT / file).is_file()] == []
    action = load("action.yml")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == action["inputs"].keys()
    ids = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    assert set(re.findall(r"steps\.(\w+)\.outputs", text)) <= ids
    for name in action["inputs"]:
        assert f"| `{name}` |" in (ROOT / "docs/ci.md").read_text("utf-8")


@pytest.mark.parametrize("script", sorted((ROOT / "ci").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_shell_and_can_be_run(script: Path) -> None:
    check_shell(script.read_text("utf-8"))
    assert os.access(script, os.X_OK)


def test_the_hook_of_pre_commit_parses_and_is_asked_for_what_matters() -> None:
    (hook,) = load(".pre-commit-hooks.yaml")
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("chartlift-scan", "python", False)
    context = parse([*hook["entry"].split(), *hook["args"]])
    assert context.params["check"] is True
    files = re.compile(hook["files"])
    for path in (
        "charts/a/Chart.yaml",
        "x/values-prod.yml",
        "main.tf",
        "Makefile",
        "a/b.sh",
        "c-1.0.0.tgz",
        "x.gotmpl",
    ):
        assert files.search(path), path
    for path in ("README.md", "src/a.py", "a.yaml.bak", "NotMakefile.txt"):
        assert not files.search(path), path


def test_the_plugin_of_helm() -> None:
    plugin = load("plugin.yaml")
    assert "apiVersion" not in plugin, "Helm 3 knows none"
    assert plugin["version"] == __version__
    assert plugin.keys() <= {"name", "version", "usage", "description", "command", "hooks"}
    for hook in plugin["hooks"].values():
        assert (ROOT / hook.removeprefix("$HELM_PLUGIN_DIR/")).is_file()
    made = (ROOT / "ci/helm-plugin.sh").read_text("utf-8")
    assert plugin["command"].split("/")[1] in made


def test_the_install_hook_takes_a_python_that_is_new_enough(tmp_path: Path) -> None:
    """Two interpreters that only write down what they are asked: the first is too old."""
    log = tmp_path / "log"
    for name, answer in (("old", 1), ("new", 0)):
        script = f'#!/bin/sh\necho "{name} $*" >> "{log}"\ncase "$1" in -c) exit {answer};; esac\n'
        script += 'case "$2" in venv) mkdir -p "$4/bin"; cp "$0" "$4/bin/python";; esac\n'
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(tmp_path / "old")
    (tmp_path / "bin" / "python3.13").symlink_to(tmp_path / "new")
    home = tmp_path / "plugin"
    home.mkdir()
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HELM_PLUGIN_DIR": str(home)}
    subprocess.run([ROOT / "ci/helm-plugin.sh"], env=environment, check=True)
    asked = log.read_text().splitlines()
    assert asked[0].startswith("old -c")
    assert f"new -m venv --clear {home}/.helm-plugin" in asked
    assert asked[-1].endswith(f"{home}[helm]")


def test_the_examples_of_the_page_are_valid() -> None:
    text = (ROOT / "docs/ci.md").read_text("utf-8")
    examples = [read_yaml(block, file="docs/ci.md") for block in blocks(text, "yaml")]
    assert len(examples) == 3
    for block in blocks(text, "bash"):
        check_shell(block)
    github = examples[0]
    assert isinstance(github, dict)
    job: Any = github["jobs"]
    given = job["chartlift"]["steps"][1]["with"]
    assert given.keys() <= load("action.yml")["inputs"].keys()


def test_the_commands_of_the_page_parse() -> None:
    lines = command_lines((ROOT / "docs/ci.md").read_text("utf-8"))
    assert len(lines) >= 8
    for line in lines:
        parse(words_of(line))
