"""The mappings that ship: they lint clean, keep the books, and convert the cases as written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartlift.chart.values import merge_layers, merge_values
from chartlift.mapping.difference import without_nulls
from chartlift.mapping.engine import Conversion, Given, convert
from chartlift.mapping.lint import lint_mapping
from chartlift.mapping.load import Mappings, load_mappings
from chartlift.mapping.model import Mapping
from chartlift.mapping.surfaces import exact_surface, source_surface, target_surface
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.load import read_yaml
from chartlift.yamltext.paths import leaves, set_in

CASES = Path(__file__).resolve().parent / "cases"
USER = {"kept", "moved", "changed", "dropped", "manual", "unmapped"}
MAPPINGS: Mappings = load_mappings()


def the(mapping_id: str) -> Mapping:
    mapping = MAPPINGS.get(mapping_id)
    assert mapping is not None
    return mapping


SWITCHING = [mapping_id for mapping_id in MAPPINGS.ids() if the(mapping_id).target is not None]
VERSIONS = [(mapping_id, version) for mapping_id in SWITCHING for version in the(mapping_id).source.tested]


def run(mapping: Mapping, version: str, *layers: dict[str, Yaml], wired: bool = False) -> Conversion:
    return convert(
        mapping,
        version=version,
        source=source_surface(mapping, version),
        target=target_surface(mapping),
        layers=[Given(layer, {}) for layer in layers],
        name=mapping.source.chart,
        extra=[addition for bundled in mapping.bundled for addition in bundled.wiring] if wired else [],
    )


@pytest.mark.parametrize("mapping_id", MAPPINGS.ids())
def test_lints_clean(mapping_id: str) -> None:
    assert [f"{f.place.line}: {f.message}" for f in lint_mapping(the(mapping_id))] == []


@pytest.mark.parametrize("mapping_id", MAPPINGS.ids())
def test_names_the_versions_it_was_made_for_and_says_how_it_was_checked(mapping_id: str) -> None:
    """The last five majors, or as many as the chart has had."""
    mapping = the(mapping_id)
    assert mapping.source.tested
    assert mapping.evidence
    assert mapping.builtin


@pytest.mark.parametrize(("mapping_id", "version"), VERSIONS)
def test_every_default_set_by_hand_has_a_fate_and_none_is_unmapped(mapping_id: str, version: str) -> None:
    """A user who copied the whole values.yaml of the source: nothing is left over."""
    mapping = the(mapping_id)
    values = exact_surface(mapping, version).data
    for bundled in mapping.bundled:
        values = {key: value for key, value in values.items() if key != bundled.values}
    (layer,) = run(mapping, version, values).layers
    fates = [outcome for outcome in layer.outcomes if outcome.fate in USER]
    assert len(fates) == len(list(leaves(values)))
    assert [format_path(o.source or ()) for o in fates if o.fate == "unmapped"] == []


def paths_of(mapping: Mapping, version: str) -> list[tuple[YamlPath, Yaml]]:
    hoisted = {bundled.values for bundled in mapping.bundled}
    return [entry for entry in leaves(exact_surface(mapping, version).data) if entry[0][0] not in hoisted]


def other(value: Yaml) -> st.SearchStrategy[Yaml]:
    """A value of the same type that is telling."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int):
        return st.integers(1, 9)
    if isinstance(value, str):
        return st.sampled_from([value, "telling", ""])
    return st.just(value)


@st.composite
def user_values(draw: st.DrawFn, mapping_id: str, version: str) -> dict[str, Yaml]:
    every = paths_of(the(mapping_id), version)
    chosen = draw(st.lists(st.sampled_from(every), max_size=8, unique_by=lambda entry: entry[0]))
    data: Yaml = {}
    for path, value in chosen:
        data = set_in(data, path, draw(other(value)))
    return data if isinstance(data, dict) else {}


@pytest.mark.parametrize("mapping_id", SWITCHING)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_books_add_up_for_any_values(mapping_id: str, data: st.DataObject) -> None:
    """One fate a leaf, for base and overlay; that each chain comes out right is checked by the engine itself."""
    mapping = the(mapping_id)
    version = data.draw(st.sampled_from(mapping.source.tested))
    base = data.draw(user_values(mapping_id, version))
    overlay = data.draw(user_values(mapping_id, version))
    conversion = run(mapping, version, base, overlay)
    for given_values, layer in zip((base, overlay), conversion.layers, strict=True):
        fates = [outcome.source for outcome in layer.outcomes if outcome.fate in USER]
        assert sorted(map(str, fates)) == sorted(str(path) for path, _ in leaves(given_values))
        assert all(outcome.fate != "unmapped" for outcome in layer.outcomes)
    again = run(mapping, version, base, overlay)
    assert [layer.values for layer in again.layers] == [layer.values for layer in conversion.layers]


@pytest.mark.parametrize("mapping_id", SWITCHING)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_converted_chain_means_what_the_converted_values_mean(mapping_id: str, data: st.DataObject) -> None:
    """merge(D, B, O) = map(merge(S, u0, u1)): base and overlay converted one by one, or merged and then converted."""
    mapping = the(mapping_id)
    version = data.draw(st.sampled_from(mapping.source.tested))
    base = data.draw(user_values(mapping_id, version))
    overlay = data.draw(user_values(mapping_id, version))
    defaults = target_surface(mapping).data
    chain = [layer.values for layer in run(mapping, version, base, overlay).layers]
    (alone,) = run(mapping, version, merge_layers([base, overlay])).layers
    found, wanted = merge_values(merge_layers(chain), defaults), merge_values(alone.values, defaults)
    assert same_yaml(without_nulls(found), without_nulls(wanted))


@pytest.mark.parametrize("mapping_id", [one for one in SWITCHING if the(one).target and the(one).target.same_values])
def test_a_fork_with_the_same_values_changes_nothing_it_need_not(mapping_id: str) -> None:
    mapping = the(mapping_id)
    values: dict[str, Yaml] = {"commonLabels": {"team": "x"}, "auth": {"enabled": False}, "nameOverride": "y"}
    if "enabled" not in (exact_surface(mapping, mapping.source.tested[0]).data.get("auth") or {}):
        del values["auth"]
    (layer,) = run(mapping, mapping.source.tested[0], values).layers
    assert {o.fate for o in layer.outcomes if o.source is not None} == {"kept"}


def read(file: Path) -> dict[str, Yaml]:
    data = read_yaml(file.read_text("utf-8"), file=file.name)
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("case", sorted(folder.name for folder in CASES.iterdir()))
def test_case(case: str) -> None:
    folder = CASES / case
    version = re.search(r"\d+\.\d+\.\d+", (folder / "input.yaml").read_text("utf-8"))
    assert version is not None, "the first line names the version"
    layers = read(folder / "input.yaml"), read(folder / "input-overlay.yaml")
    conversion = run(the(case), version[0], *layers, wired=True)
    for layer, name in zip(conversion.layers, ("expected.yaml", "expected-overlay.yaml"), strict=True):
        wanted = read(folder / name)
        assert same_yaml(layer.values, wanted), name
