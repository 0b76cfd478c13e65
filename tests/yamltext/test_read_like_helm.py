"""Reading against Helm itself: a table of shapes, generated documents, every values file of the corpus.

Helm runs in a process of its own, once for each test, and answers with JSON text (``true`` is not ``1``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chartlift.errors import ChartliftError
from chartlift.yamltext.load import decode, read_yaml

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
HELM = """
import json, sys
from helm_python.chart import values_from_yaml
answers = []
for text in json.load(sys.stdin):
    try:
        found = values_from_yaml(text)
    except Exception as error:
        answers.append({"error": str(error)})
    else:
        answers.append({"values": {} if found is None else found})
json.dump(answers, sys.stdout)
"""
SCALARS = """1 01 0o17 0x1F 0b101 -0x1 +1 1_000 _1 1_ 1.0 1.10 1. .5 1e3 1E3 1e 1.5e+3 1e400 -0 0.0 -.5 09 08.5
18446744073709551615 18446744073709551616 -9223372036854775809 123456789012345678901234567890 1e21 1e20 0.1
yes Yes YES yEs y Y n on Off true TRUE tRUE null NULL Null nUll ~ none nil None
2024-01-01 2024-01-01T00:00:00Z 12:30 1:2:3 190:20:30 1.2.3 v1.0 10.0.0.1 10.0.0.0/8 100m 1Gi 1e6Gi 0755 -
- . .. ... + 'yes' "yes" '1' "1" '' "" 'it''s' "a\\tb" "\\u00e9" "\\x41" "\\U0001F600" a#b a:b http://x:80/y *
=  !!str;1 !!int;"1" !!float;1 !!bool;"yes" !!binary;aGk= !!null;"" !!str;null !x;1 !!str; .inf -.inf .nan .NaN .5.
+.5 0_7 0b2 0xg 1__0 1e-400 -1e3 1.e3 e3 0x 0b 0o8 +0x10 -0b1 -0o7 0X1F 0B1 0O7""".split()
SHAPES = [
    "",
    "# only a comment\n",
    "\n\n",
    "null\n",
    "{}\n",
    "a:\n",
    "a: # comment\nb: 1\n",
    "a: 1\na: 2\n",
    # No 1 beside '1': Go orders keys that become equal at random, so Helm gives now one, now the other.
    "1: a\ntrue: b\n1.5: c\n0x10: d\nyes: g\n",
    "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n",
    "x: &x {a: 1, b: 2}\ny: &y {b: 3}\nz:\n  a: 9\n  <<: [*x, *y]\n  b: 8\n",
    "x: &x {a: 1}\nz:\n  <<: *x\n  a: 2\n",
    "x: &x {a: 1}\nz:\n  a: 2\n  <<: *x\n",
    "a: &x 1\nb: *x\na2: &x 2\nc: *x\n",
    "a: &x 1\nb: &x 2\nc: *x\n",
    "a: |\n  x\n   y\n\n  z\n\nb: >\n  x\n  y\n\n  z\n",
    "a: |-\n  x\nb: |+\n  y\n\nc: >-\n  z\n  w\nd: |2\n    q\n",
    "a: 'x\n  y'\nb: \"x\\\n  y\"\nc: x\n  y\n",
    "a: [1, [2, 3], {b: 4}, ]\nb: {c: , d}\n",
    "a:\n- 1\n- b: 2\n  c: 3\n- - 4\n  - 5\n-\n",
    "a: {b: 1, 'c d': \"e\", f: [g]}\n",
    "? a\n: 1\n? b\n: - 2\n",
    "%YAML 1.1\n---\na: 1\n",
    "---\na: 1\n...\n",
    "a: 1\r\nb:\r\n  c: |\r\n    x\r\n    y\r\n",
    "\ufeffa: 1\n",
    "a: 😀\n'é': ü\n",
    "a:\t1\n",
    "a: x # c\nb: x#c\nc: 'x # c'\n",
    "a: b: c\n",
    "a: [\n",
    "a: *x\n",
    "a: @x\n",
    "a: `x`\n",
    "\ta: 1\n",
    "a: {{ .Values.x }}\n",
    "{{ .Values.x }}\n",
    "- a\n",
    "text\n",
    "? {a: 1}\n: 2\n",
    "a: %x\n",
    "'<<': {a: 1}\n",
    "a: !!binary |\n  aGVs\n  bG8=\n",
    "a: !!set {b, c}\n",
    "a: !!map {b: 1}\nc: !!seq [1]\n",
    "a: !foo {b: 1}\n",
    "a: &x\n  b: 1\nc:\n  <<: *x\n  d: *x\n",
    "~: 1\n",
    "null: 1\n",
    "a: 1 \nb:    2\n",
    "a: ''\nb: \"\"\nc: ~\n",
]
TEXTS = SHAPES + [f"a: {scalar.replace(';', ' ')}\n" for scalar in SCALARS] + [f"[{s}]: 1\n" for s in ("a",)]
KEYS = [f"{scalar}: 1\n" for scalar in ("1", "1.5", "1e3", "0x1F", "yes", "off", "1.0", "1e21", "2024-01-01", "''")]


def ask_helm(texts: Sequence[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", HELM], input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60
    )
    return [json.dumps(answer.get("values", "error"), sort_keys=True) for answer in json.loads(done.stdout)]


def read(text: str) -> str:
    """Reading takes lists too (other files than values hold them); as values they are an error."""
    try:
        found = read_yaml(text, file="values.yaml")
    except ChartliftError:
        return '"error"'
    return json.dumps(found if isinstance(found, dict) else "error", sort_keys=True)


def test_every_shape_is_read_as_helm_reads_it() -> None:
    texts = TEXTS + KEYS
    different = [(t, ours, helm) for t, helm in zip(texts, ask_helm(texts), strict=True) if (ours := read(t)) != helm]
    assert different == []


BARE = st.sampled_from([s.replace(";", " ") for s in SCALARS if s not in ("*", "-")])
NAMES = st.sampled_from(["a", "b", "c-d", "'e f'", "1", "yes", '"g"', "0x1F"])


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[str]:
    """Lines of a block map with comments, flow collections, block scalars and lists."""
    lines: list[str] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=4)):
        kind = draw(st.sampled_from(["scalar", "scalar", "flow", "text", "list", "map", "empty"]))
        inner = draw(blocks(depth + 1)) if kind in ("map", "list") and depth < 3 else ["z: 1"]
        match kind:
            case "scalar":
                lines.append(f"{name}: {draw(BARE)}" + draw(st.sampled_from(["", " # note"])))
            case "flow":
                quoted = draw(st.sampled_from(["1", "yes", "'x'", "[2, ~]", "{q: 0o7}"]))
                lines.append(f"{name}: [{quoted}, {{r: {quoted}}}]")
            case "text":
                sign = draw(st.sampled_from(["|", ">", "|-", ">-", "|+", ">+"]))
                lines += [f"{name}: {sign}", "  one", "", "  two", *draw(st.sampled_from([[], [""], ["", ""]]))]
            case "list":
                lines += [f"{name}:", f"- {inner[0]}", *("  " + line if line else "" for line in inner[1:])]
            case "map":
                lines += [f"{name}:", *("  " + line if line else "" for line in inner)]
            case _:
                lines.append(f"{name}:")
    return lines


def test_generated_documents_are_read_as_helm_reads_them() -> None:
    texts: list[str] = []

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(blocks())
    def collect(lines: list[str]) -> None:
        texts.append("\n".join(lines) + "\n")

    collect()
    different = [(t, ours, helm) for t, helm in zip(texts, ask_helm(texts), strict=True) if (ours := read(t)) != helm]
    assert len(texts) > 100
    assert different == []


def test_every_values_file_of_the_corpus_is_read_as_helm_reads_it() -> None:
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is absent: NO real values file was compared with Helm")
    files = sorted(CORPUS.rglob("values.yaml"))
    texts = [decode(path.read_bytes(), file=path.name) for path in files]
    different = [p.name for p, t, helm in zip(files, texts, ask_helm(texts), strict=True) if read(t) != helm]
    assert len(files) > 250
    assert different == []
