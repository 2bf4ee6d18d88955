"""Charts: pictures that state what was found.

Every chart draws on the axes given, or on new ones of a figure that pyplot does not know, and
returns the axes. A segment has the same number and colour in all of them.
"""

from ilk.report.charts.bars import sizes
from ilk.report.charts.blades import silhouette
from ilk.report.charts.canvas import png, set_title
from ilk.report.charts.curve import chance, elbow
from ilk.report.charts.dots import scatter
from ilk.report.charts.heatmap import profile

__all__ = ["chance", "elbow", "png", "profile", "scatter", "set_title", "silhouette", "sizes"]
