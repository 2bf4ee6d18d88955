"""Charts: pictures that state what was found.

Every chart draws on the axes given, or on new ones of a figure that pyplot does not know, and
returns the axes. A segment has the same number and colour in all of them.
"""

from ilk.report.charts.axes import png, set_title
from ilk.report.charts.heatmap import profile
from ilk.report.charts.k_curves import chance, elbow
from ilk.report.charts.scatter import scatter
from ilk.report.charts.silhouette import silhouette
from ilk.report.charts.sizes import sizes

__all__ = ["chance", "elbow", "png", "profile", "scatter", "set_title", "silhouette", "sizes"]
