"""What has to be set beside a value for it to show its effect: switches above it, and what belongs together.

A Service's node ports need the type NodePort, its load balancer's fields LoadBalancer, and how long a client
stays with a pod that it stays at all
(https://kubernetes.io/docs/concepts/services-networking/service/); the rest is data: of the vendor
(``conventions.together``) and of the mapping (``proof``).
"""

from __future__ import annotations

from collections.abc import Mapping

from chartlift.chart.values import merge_values
from chartlift.mapping.model import Proof
from chartlift.mapping.surfaces import Surface
from chartlift.records import Yaml, YamlPath
from chartlift.yamltext.paths import get_in, parse_path, set_in

_SWITCHES = ("enabled", "create")
_SERVICE_SETTINGS = {
    "nodeport": ("type", "NodePort"),
    "loadbalancer": ("type", "LoadBalancer"),
    "externaltrafficpolicy": ("type", "LoadBalancer"),
    "sessionaffinityconfig": ("sessionAffinity", "ClientIP"),
}
"""How a key of a Service begins, and what has to stand beside it."""


def surroundings(
    surface: Surface, path: YamlPath, proof: Proof, together: Mapping[str, Mapping[str, Yaml]]
) -> dict[str, Yaml]:
    """The values to set around the one at ``path``; nothing at or below it."""
    wanted: dict[str, Yaml] = {}
    for end in range(1, len(path)):
        wanted = _switch_on(wanted, surface, path, path[:end])
        if together.get(str(path[end - 1])):
            wanted = _put(wanted, path, path[:end], dict(together[str(path[end - 1])]))
    wanted = _service_setting(wanted, surface, path)
    for prefix, values in proof.around.items():
        above = parse_path(prefix) if prefix else ()
        if path[: len(above)] == above:
            wanted = merge_values(dict(values), wanted)
    for key, value in proof.always.items():
        target = parse_path(key)
        if target != path and get_in(wanted, target, None) is None:
            wanted = _put(wanted, path, target, value)
    return wanted


def _switch_on(wanted: dict[str, Yaml], surface: Surface, path: YamlPath, above: YamlPath) -> dict[str, Yaml]:
    for name in _SWITCHES:
        switch = (*above, name)
        if surface.defaults.get(switch) is False:
            wanted = _put(wanted, path, switch, True)
    return wanted


def _service_setting(wanted: dict[str, Yaml], surface: Surface, path: YamlPath) -> dict[str, Yaml]:
    for index, key in enumerate(path):
        name = str(key).lower()
        for word, (beside, value) in _SERVICE_SETTINGS.items():
            place = (*path[:index], beside)
            if name.startswith(word) and place in surface.defaults:
                wanted = _put(wanted, path, place, value)
    return wanted


def _put(wanted: dict[str, Yaml], path: YamlPath, target: YamlPath, value: Yaml) -> dict[str, Yaml]:
    """Set it unless it is the value in question, which is for the proof to set."""
    if target == path:
        return wanted
    merged = set_in(wanted, target, value)
    return merged if isinstance(merged, dict) else wanted
