"""Interactive charts of a run: pure functions from what the library found to Altair charts.

Every chart fits the width that it is given, reads on a light and on a dark page, and says in its
``description`` what it shows.
"""

from ilk.app.charts.boxes import boxes
from ilk.app.charts.heatmap import heat_map
from ilk.app.charts.k_curves import k_curve
from ilk.app.charts.panels import panel
from ilk.app.charts.scatter import Axis, scatter
from ilk.app.charts.sizes import sizes

__all__ = ["Axis", "boxes", "heat_map", "k_curve", "panel", "scatter", "sizes"]
