"""Strategy ``chart``: the images of the chart that takes over, in the values converted for it.

A hardened chart names hardened images by default, so nothing is to be done unless they are pulled from a
mirror. A chart of somebody else's (``target.harden``) names public images: those become hardened ones as
under strategy ``images``, by the slots that the mapping gives for the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chartlift.images.reference import ImageReference
from chartlift.mapping.model import Mapping
from chartlift.mapping.surfaces import target_surface
from chartlift.plan.images import ImagePlanner, ImageTally, plan_unit_images
from chartlift.plan.layers import Layer
from chartlift.plan.units import Unit


def plan_target_images(unit: Unit, layers: Sequence[Layer], planner: ImagePlanner) -> ImageTally:
    """Plan the images of the target chart over its defaults and the converted values in ``layers``."""
    assert unit.mapping is not None and unit.mapping.target is not None  # noqa: S101 - strategy chart
    defaults = target_surface(unit.mapping).data
    if unit.mapping.target.harden:
        mapping = _seen_from_the_target(unit.mapping)
        seen = replace(unit, mapping=mapping, subchart=None)
        return plan_unit_images(seen, layers, defaults, replace(planner, slots_decide=True))
    if planner.knowledge.vendors.at_home(ImageReference(planner.options.registry, f"{planner.options.image_prefix}x")):
        return ImageTally()
    return plan_unit_images(unit, layers, defaults, replace(planner, only_hardened=True))


def _seen_from_the_target(mapping: Mapping) -> Mapping:
    """The slots by their place in the target chart."""
    if mapping.images is None:
        return mapping
    slots = [replace(slot, path=slot.to, versions=None) for slot in mapping.images.slots if slot.to is not None]
    return replace(mapping, images=replace(mapping.images, slots=tuple(slots), set=()))
