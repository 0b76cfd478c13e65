"""The JSON report ``chartlift.report/v1`` and the way back, for ``chartlift report``.

The shape is a promise: fields are only ever added within v1; ``schema.json`` beside this module says
what a reader may rely on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chartlift.errors import ChartliftError
from chartlift.records import (
    Artefact,
    CatalogStamp,
    ChartRecord,
    ContainerFit,
    Finding,
    ImageRecord,
    Place,
    Result,
    SupplyChain,
    TargetChart,
    ValueRecord,
    Verification,
)
from chartlift.redact import shown
from chartlift.report.summary import summarise

SCHEMA = "chartlift.report/v1"


def render_json(result: Result) -> str:
    """The whole result as JSON, two spaces deep, ending in a newline."""
    return json.dumps(as_dict(result), indent=2, ensure_ascii=False) + "\n"


def as_dict(result: Result) -> dict[str, Any]:
    """The result as the JSON report holds it; secrets are gone."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "chartlift", "version": result.version},
        "catalog": {"revision": result.catalog.revision, "date": result.catalog.date},
        "summary": summarise(result),
        "charts": [chart_as_dict(chart) for chart in result.charts],
        "artefacts": [asdict(artefact) for artefact in result.artefacts],
        "supply_chain": None if result.supply_chain is None else asdict(result.supply_chain),
    }


def chart_as_dict(chart: ChartRecord) -> dict[str, Any]:
    """One chart as the report holds it; secrets are gone."""
    target = chart.target
    return {
        "path": chart.path,
        "key": chart.key,
        "reference": chart.reference,
        "name": chart.name,
        "version": chart.version,
        "strategy": chart.strategy,
        "target": None
        if target is None
        else {
            "name": target.name,
            "repository": target.repository,
            "version": target.version,
            "app_version": target.app_version,
        },
        "images": [_image(image) for image in chart.images],
        "values": [_value(value) for value in chart.values],
        "findings": [_finding(finding) for finding in chart.findings],
        "verification": {
            "status": chart.verification.status,
            "reason": chart.verification.reason,
            "objects": dict(chart.verification.objects),
            "images": list(chart.verification.images),
            "containers": [asdict(container) for container in chart.verification.containers],
            "pod_security": dict(chart.verification.pod_security),
        },
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "path": place.path}


def _image(image: ImageRecord) -> dict[str, Any]:
    return {
        "from": image.source,
        "to": image.target,
        "status": image.status,
        "reason": image.reason,
        "uses": [_place(use) for use in image.uses],
    }


def _value(value: ValueRecord) -> dict[str, Any]:
    return {
        "fate": value.fate,
        "from": value.source,
        "to": value.target,
        "file": value.place.file,
        "line": value.place.line,
        "reason": value.reason,
        "rule": value.rule,
        "before": shown(value.before, value),
        "after": shown(value.after, value),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "message": finding.message,
        "help": finding.help,
        "accepted": finding.accepted,
        "accepted_for": finding.accepted_for,
        **_place(finding.place),
    }


def read_json(text: str, *, file: str) -> Result:
    """Read a saved report back; anything else is a ``ChartliftError`` that says what was expected."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ChartliftError(f"not JSON: {error}", file=file, help=_HELP) from None
    _validate(data, file)
    return _result(data)


_HELP = "Give the file that `chartlift migrate --report result.json` wrote."


def _validate(data: object, file: str) -> None:
    from importlib.resources import files

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = json.loads((files("chartlift.report") / "schema.json").read_text("utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(data))
    if error is not None:
        raise ChartliftError(error.message[:200], file=file, path=error.json_path, help=_HELP)


def _result(data: Mapping[str, Any]) -> Result:
    return Result(
        data["tool"]["version"],
        CatalogStamp(data["catalog"]["revision"], data["catalog"]["date"]),
        tuple(read_chart(chart) for chart in data["charts"]),
        tuple(Artefact(**artefact) for artefact in data.get("artefacts", ())),
        _read_supply_chain(data.get("supply_chain")),
    )


def _read_supply_chain(data: Mapping[str, Any] | None) -> SupplyChain | None:
    return None if data is None else SupplyChain(**{**data, "verify": tuple(data["verify"])})


def read_chart(data: Mapping[str, Any]) -> ChartRecord:
    """One chart of a saved report."""
    return ChartRecord(
        path=data["path"],
        name=data["name"],
        version=data["version"],
        strategy=data["strategy"],
        key=data["key"],
        reference=data.get("reference", ""),
        target=None if data["target"] is None else TargetChart(**data["target"]),
        images=tuple(
            ImageRecord(i["from"], i["to"], i["status"], i["reason"], tuple(Place(**u) for u in i["uses"]))
            for i in data["images"]
        ),
        values=tuple(_read_value(value) for value in data["values"]),
        findings=tuple(_read_finding(finding) for finding in data["findings"]),
        verification=Verification(
            data["verification"]["status"],
            data["verification"]["reason"],
            data["verification"]["objects"],
            tuple(data["verification"]["images"]),
            tuple(_read_container(container) for container in data["verification"].get("containers", ())),
            data["verification"].get("pod_security", {}),
        ),
    )


def _read_container(data: Mapping[str, Any]) -> ContainerFit:
    return ContainerFit(**{**data, "rules": tuple(data.get("rules", ()))})


def _read_value(data: Mapping[str, Any]) -> ValueRecord:
    place = Place(data["file"], data["line"], data["from"] or data["to"])
    return ValueRecord(
        data["fate"],
        data["from"],
        data["to"],
        place,
        data["reason"],
        data["rule"],
        data["before"],
        data["after"],
    )


def _read_finding(data: Mapping[str, Any]) -> Finding:
    place = Place(data["file"], data["line"], data["path"])
    why = data.get("accepted_for", "")
    return Finding(data["rule"], data["level"], data["message"], place, data["help"], data["accepted"], why)
