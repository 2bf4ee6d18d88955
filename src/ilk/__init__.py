"""ilk: customer segments, found, named, explained and kept.

>>> import ilk
>>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
>>> [segment.name for segment in run.segments][:2]
['Middle-income average spenders', 'High-income high spenders']

Everything is imported when it is first used, so that ``import ilk`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ilk.version import __version__

if TYPE_CHECKING:
    from ilk import demo, orders
    from ilk.api import compare, fit, load, save
    from ilk.errors import IlkError
    from ilk.estimator import Segmenter
    from ilk.model.model import SegmentModel
    from ilk.recipe import Recipe
    from ilk.workflow.compare import ComparisonRun
    from ilk.workflow.run import Run

_MODULE_OF_NAME = {
    "ComparisonRun": "ilk.workflow.compare",
    "IlkError": "ilk.errors",
    "Recipe": "ilk.recipe",
    "Run": "ilk.workflow.run",
    "SegmentModel": "ilk.model.model",
    "Segmenter": "ilk.estimator",
    "compare": "ilk.api",
    "fit": "ilk.api",
    "load": "ilk.api",
    "save": "ilk.api",
}
_LAZY_MODULES = {"demo": "ilk.demo", "orders": "ilk.orders"}

__all__ = [
    "ComparisonRun",
    "IlkError",
    "Recipe",
    "Run",
    "SegmentModel",
    "Segmenter",
    "__version__",
    "compare",
    "demo",
    "fit",
    "load",
    "orders",
    "save",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF_NAME:
        value = getattr(import_module(_MODULE_OF_NAME[name]), name)
    elif name in _LAZY_MODULES:
        value = import_module(_LAZY_MODULES[name])
    else:
        raise AttributeError(f"module 'ilk' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
