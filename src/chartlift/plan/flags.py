"""What charts need besides new references: leave to run foreign images, and the secret to pull them.

Bitnami's charts since December 2024 compare each image with their ``images`` annotation and refuse to
render a foreign one until ``global.security.allowInsecureImages`` is true (templates/_errors.tpl of
their ``common`` chart). ``global`` is one map for a chart and all its subcharts, so it is set once, at
the top, and only where a chart that keeps its templates has that switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chartlift.plan.images import ImageTally, note_added
from chartlift.plan.layers import Layer
from chartlift.plan.options import Options
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place, Yaml, YamlPath, format_path
from chartlift.yamltext.paths import get_in, parse_path

ALLOW: YamlPath = ("global", "security", "allowInsecureImages")
_PULL: YamlPath = ("global", "imagePullSecrets")
_WHY = (
    "Bitnami's templates refuse images that are not Bitnami's until this is true; it turns off that "
    "comparison of names, and neither signature checks nor anything in the cluster"
)


def needs_leave(unit: Unit, defaults: Mapping[str, Yaml], tally: ImageTally) -> bool:
    """Does this unit keep templates with the switch, and run images that are foreign to them?"""
    if unit.strategy != "images" or not tally.changed:
        return False
    return get_in(defaults, ALLOW, None) is not None


def allow_foreign_images(layers: Sequence[Layer], owner: str) -> Iterator[Finding]:
    """Set the switch in the base, and wherever an overlay says otherwise."""
    for index, layer in enumerate(layers):
        if layer.get(ALLOW) is True or (index and not layer.has(ALLOW)):
            continue
        written, before = layer.has(ALLOW), layer.get(ALLOW)
        layer.set(ALLOW, True)
        if written:
            layer.record(
                owner, "changed", ALLOW, ALLOW, reason=_WHY, rule="allow-foreign-images", before=before, after=True
            )
        else:
            note_added(owner, layer, ALLOW, True, _WHY, "allow-foreign-images")
        yield Finding("allow-foreign-images", "note", f"{format_path(ALLOW)} is true now: {_WHY}", layer.place(ALLOW))


def wire_pull_secret(layers: Sequence[Layer], units: Sequence[Unit], options: Options) -> Iterator[Finding]:
    """Name the pull secret where each chart takes it; without one, say that it is needed."""
    moved = [unit for unit in units if unit.strategy != "none"]
    if not moved:
        return
    if options.pull_secret is None:
        yield _needed(layers[0], options)
        return
    if any(unit.strategy == "images" for unit in moved):
        _append(layers, "", _PULL, options.pull_secret)
    for unit in moved:
        target = unit.mapping.target if unit.mapping is not None and unit.strategy == "chart" else None
        if target is not None and target.pull_secrets is not None:
            path = unit.key + parse_path(target.pull_secrets.path)
            item: Yaml = {"name": options.pull_secret}
            _append(layers, unit.owner, path, item if target.pull_secrets.shape == "object" else options.pull_secret)


def _needed(base: Layer, options: Options) -> Finding:
    return Finding(
        "pull-secret-needed",
        "warning",
        f"images and charts at {options.registry} need a login, a free one too, in every namespace",
        Place(base.file),
        f"kubectl create secret docker-registry dhi --docker-server={options.registry} --docker-username=USER "
        "--docker-password=TOKEN, then run again with --pull-secret dhi.",
    )


def _append(layers: Sequence[Layer], owner: str, path: YamlPath, item: Yaml) -> None:
    """Add to the base's list, and to that of an overlay that replaces it."""
    for index, layer in enumerate(layers):
        present = layer.get(path)
        if index and not isinstance(present, list):
            continue
        items = list(present) if isinstance(present, list) else []
        if item in items:
            continue
        had = layer.has(path)
        layer.set(path, [*items, item])
        reason = "the hardened registry wants a login"
        if had and layer.origin(path) in {leaf for leaf, _ in layer.written_leaves()}:
            layer.record(
                owner, "changed", path, path, reason=reason, rule="pull-secret", before=items, after=[*items, item]
            )
        else:
            note_added(owner, layer, path, [item], reason, "pull-secret")
