"""Interactive charts of a run: functions that turn results of the library into Altair charts.

Every chart takes the width of its container, is readable on a light and on a dark page, and has a
``description`` for those who cannot see it.
"""

from ilk.app.charts.boxes import draw_boxes
from ilk.app.charts.heatmap import draw_heat_map
from ilk.app.charts.k_curves import draw_k_curves
from ilk.app.charts.scatter import AxisData, draw_panel, draw_scatter

__all__ = [
    "AxisData",
    "draw_boxes",
    "draw_heat_map",
    "draw_k_curves",
    "draw_panel",
    "draw_scatter",
]
