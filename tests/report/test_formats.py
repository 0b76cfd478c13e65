"""Every writer: the same facts, no secrets, the same bytes for the same result."""

import json

import pytest

from chartlift.errors import ChartliftError
from chartlift.records import (
    CatalogStamp,
    ChartRecord,
    Finding,
    ImageRecord,
    Place,
    Result,
    TargetChart,
    ValueRecord,
    Verification,
)
from chartlift.report.as_json import as_dict, read_json
from chartlift.report.formats import RENDERERS, format_of


def a_result(*, blocked: bool = True) -> Result:
    place = Place("values.yaml", 12, "cache.auth.password")
    findings = (
        Finding(
            "data-directory-moved",
            "error",
            "the volume | is <elsewhere>",
            place,
            "set `subPath`",
            not blocked,
        ),
        Finding("pull-secret-needed", "warning", "a login", Place("values.yaml"), "make one"),
    )
    values = (
        ValueRecord("kept", "cache.auth.password", "cache.auth.password", place, before="hunter2", after="hunter2"),
        ValueRecord("moved", "cache.a", "cache.b", Place("values.yaml", 3, "cache.a"), before=1, after=1),
        ValueRecord("dropped", "cache.c", None, Place("values.yaml", 4, "cache.c"), "only for Bitnami", before="x|y"),
        ValueRecord("pinned", None, "cache.d", Place("values.yaml", None, "cache.d"), after="8Gi"),
    )
    image = ImageRecord("docker.io/bitnami/redis:8.2.1", "dhi.io/redis:8.2.1", "mapped", "same software", (place,))
    umbrella = ChartRecord("shop", "shop", "1.0.0", "none", verification=Verification("not-run", "no charts at hand"))
    cache = ChartRecord(
        "shop", "redis", "21.2.19", "chart", "cache", TargetChart("redis-chart", "oci://dhi.io", "23.0.7", "8.10.1"),
        (image,), values, findings,
    )  # fmt: skip
    return Result("0.1.0", CatalogStamp("30c3db971dff", "2026-08-22T23:05:09+00:00"), (umbrella, cache))


@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_same_result_same_bytes_and_no_secret(form: str) -> None:
    text = RENDERERS[form](a_result())
    assert text == RENDERERS[form](a_result())
    assert "hunter2" not in text
    assert text.endswith("\n")


def test_json_counts_come_from_the_records() -> None:
    summary = as_dict(a_result())["summary"]
    assert summary["charts"]["chart"] == 1
    assert summary["values"] == {
        "kept": 1, "moved": 1, "changed": 0, "dropped": 1, "manual": 0, "unmapped": 0, "added": 0, "pinned": 1,
    }  # fmt: skip
    assert summary["findings"] == {"error": 1, "warning": 1, "note": 0, "accepted": 0}
    assert summary["verification"] == {"passed": 0, "failed": 0, "not-run": 1}


def test_json_is_read_back() -> None:
    text = RENDERERS["json"](a_result())
    assert RENDERERS["json"](read_json(text, file="r.json")) == text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other/v1"}', "nonsense"])
def test_reading_something_else_is_one_clear_error(text: str) -> None:
    with pytest.raises(ChartliftError) as caught:
        read_json(text, file="r.json")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("r.json")


def test_markdown_keeps_tables_whole() -> None:
    lines = RENDERERS["markdown"](a_result()).splitlines()
    for index, line in enumerate(lines):
        if line.startswith("| ") and lines[index + 1].startswith("|"):
            assert line.replace("\\|", "").count("|") == lines[index + 1].replace("\\|", "").count("|")
    assert "&lt;elsewhere&gt;" in "\n".join(lines)


def test_markdown_says_blockers_before_tables() -> None:
    text = RENDERERS["markdown"](a_result())
    assert text.index("What blocks") < text.index("## Charts") < text.index("## Images") < text.index("## Values")


def test_accepted_errors_do_not_block() -> None:
    result = a_result(blocked=False)
    assert not result.blocked
    assert "What blocks" not in RENDERERS["markdown"](result)
    assert json.loads(RENDERERS["json"](result))["summary"]["findings"]["accepted"] == 1


@pytest.mark.parametrize(("file", "form"), [("a.md", "markdown"), ("b.JSON", "json"), ("c.txt", "text")])
def test_format_by_ending(file: str, form: str) -> None:
    assert format_of(file) == form


@pytest.mark.parametrize("file", ["report", "report.doc", ".md.bak"])
def test_unknown_ending(file: str) -> None:
    with pytest.raises(ChartliftError, match="no report format"):
        format_of(file)
