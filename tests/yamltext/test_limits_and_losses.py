"""What reading and editing must refuse or keep: lost keys, lost comments, later documents, slow input."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from chartlift.errors import ChartliftError, EditRefused
from chartlift.yamltext.edit import Delete, Edit, Move, Rename, Set, apply_edits
from chartlift.yamltext.load import read_yaml

SEVERAL = [
    "a: 1\n---\nb: 2\n",
    "a: 1\n---\na: 2\nb: {c: 1}\n---\nb: {d: 2}\n",
    "---\n---\na: 1\n",
    "a: 1\n---\n# nothing\n",
    "a: {b: 1}\n---\na: null\n",
]
HELM = """
import json, sys
from pathlib import Path
from helm_python.chart import Chart
root, found = Path(sys.argv[1]), []
(root / "Chart.yaml").write_text("apiVersion: v2\\nname: x\\nversion: 1.0.0\\n")
for text in json.load(sys.stdin):
    (root / "values.yaml").write_text(text)
    found.append(Chart.load(str(root)).values)
json.dump(found, sys.stdout)
"""


def test_several_documents_are_merged_as_helm_merges_them() -> None:
    with tempfile.TemporaryDirectory() as root:
        Path(root).mkdir(exist_ok=True)
        command = [sys.executable, "-c", HELM, root]
        done = subprocess.run(command, input=json.dumps(SEVERAL), capture_output=True, text=True, check=True)
    assert [read_yaml(text, file="values.yaml") for text in SEVERAL] == json.loads(done.stdout)


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("a: 1\nb: 2\n", [Rename(("a",), "b")]),
        ("a: 1\nb: 2\n", [Move(("a",), ("b",))]),
        ("a:\n  b: 1\n", [Move(("a",), ("a", "c"))]),
        ("a: 1\nb: 2\na: 3\n", [Delete(("a",))]),
    ],
)
def test_an_edit_that_would_lose_a_value_is_refused(text: str, edits: list[Edit]) -> None:
    with pytest.raises(EditRefused) as refused:
        apply_edits(text, edits, file="values.yaml")
    assert refused.value.file == "values.yaml"
    assert refused.value.help


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("- a: 1\n  # about b\n  b: 2\n", [Delete((0, "a"))], "-\n  # about b\n  b: 2\n"),
        ("- a: 1\n  b: 2\n", [Delete((0, "a"))], "- b: 2\n"),
        ("a: x\n", [Set(("b",), 1, "one\nevil: 2")], "a: x\n# one\n# evil: 2\nb: 1\n"),
        ("a: x\n", [Set(("a",), 12345678901234567890)], "a: 12345678901234567890\n"),
    ],
)
def test_edit(before: str, edits: list[Edit], after: str) -> None:
    assert apply_edits(before, edits, file="values.yaml") == after


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 101)),
        "a: [" + "1," * 2_000_000 + "]\n",
        "a: 1\n" * 1_000_000 + "b: [\n",
        "a: 1\n" * 400_000 + "b: [\n",
    ],
    ids=["alias bomb", "two million items", "a million lines", "broken and long"],
)
def test_hostile_text_is_refused_soon(text: str) -> None:
    with pytest.raises(ChartliftError) as refused:
        read_yaml(text, file="values.yaml")
    assert refused.value.help


@pytest.mark.parametrize("text", ["a: [http://x:80/y]\n", "a: &x 1\nb: &x 2\nc: *x\n"])
def test_what_only_the_python_parser_takes_is_still_read(text: str) -> None:
    assert isinstance(read_yaml(text, file="values.yaml"), dict)
