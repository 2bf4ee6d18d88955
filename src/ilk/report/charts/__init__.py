"""Charts: pictures that state what was found.

Every chart draws on the axes given, or on new ones of a figure that pyplot does not know, and
returns the axes. A segment has the same number and colour in all of them.
"""

from ilk.report.charts.bars import sizes
from ilk.report.charts.blades import silhouette
from ilk.report.charts.canvas import png
from ilk.report.charts.curve import elbow
from ilk.report.charts.dots import scatter
from ilk.report.charts.heatmap import profile

__all__ = ["elbow", "png", "profile", "scatter", "silhouette", "sizes"]
