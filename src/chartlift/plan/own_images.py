"""Images outside the values: those in the text of templates and in ``Chart.yaml``'s annotation."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.chart.load import Chart
from chartlift.images.choose import ImageChoice
from chartlift.images.edits import plan_edits
from chartlift.images.find import find_chart_annotation_images, find_template_images
from chartlift.images.reference import ImageReference
from chartlift.plan.files import FilePlan, Splice
from chartlift.plan.images import ImagePlanner, ImageTally
from chartlift.records import Place, Yaml
from chartlift.yamltext.edit import Edit
from chartlift.yamltext.load import decode


def plan_template_images(chart: Chart, planner: ImagePlanner, tally: ImageTally) -> Iterator[FilePlan]:
    """Images written out in the chart's own templates; templated ones are the values' business."""
    for template in chart.templates:
        text = decode(template.data, file=chart.tree.place(template.path))
        splices = []
        for found in find_template_images(text, known=planner.images):
            choice = _choose(found.reference, planner)
            tally.note(str(found.reference), choice, Place(template.path, found.line))
            if choice.status == "mapped" and choice.target is not None:
                splices.append(Splice(found.start, found.end, str(choice.target)))
        if splices:
            yield FilePlan(template.path, splices=tuple(splices))


def annotation_edits(chart_yaml: Yaml, planner: ImagePlanner) -> Iterator[Edit]:
    """Bring the ``images`` annotation in line: it is what the vendor's own image check reads."""
    if isinstance(chart_yaml, dict):
        found = find_chart_annotation_images(chart_yaml)
        chosen = [(image, _choose(image.reference, planner)) for image in found if image.reference is not None]
        yield from plan_edits(chosen, planner.destination)


def _choose(reference: ImageReference, planner: ImagePlanner) -> ImageChoice:
    return planner.choose_for(reference, planner.need())
