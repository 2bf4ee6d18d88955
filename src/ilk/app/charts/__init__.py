"""Interactive charts of a run: pure functions from what the library found to Altair charts.

Every chart fits the width that it is given, reads on a light and on a dark page, and says in its
``description`` what it shows.
"""

from ilk.app.charts.boxes import draw_boxes
from ilk.app.charts.heatmap import draw_heat_map
from ilk.app.charts.k_curves import draw_k_curves
from ilk.app.charts.panels import draw_panel
from ilk.app.charts.scatter import AxisData, draw_scatter
from ilk.app.charts.sizes import draw_sizes

__all__ = [
    "AxisData",
    "draw_boxes",
    "draw_heat_map",
    "draw_k_curves",
    "draw_panel",
    "draw_scatter",
    "draw_sizes",
]
