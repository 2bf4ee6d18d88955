"""Charts whose titles state the result.

Every chart draws on the axes given, or on new axes of a figure that pyplot does not know, and
returns the axes. A segment has the same number and color in all of them.
"""

from ilk.report.charts.axes import render_png, set_title
from ilk.report.charts.heatmap import draw_profile
from ilk.report.charts.k_curves import draw_elbow, draw_silhouette_gain
from ilk.report.charts.scatter import draw_scatter
from ilk.report.charts.silhouette import draw_silhouette
from ilk.report.charts.sizes import draw_sizes

__all__ = [
    "draw_elbow",
    "draw_profile",
    "draw_scatter",
    "draw_silhouette",
    "draw_silhouette_gain",
    "draw_sizes",
    "render_png",
    "set_title",
]
