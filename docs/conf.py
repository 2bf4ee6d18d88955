"""Settings of the documentation site; `tools/build_site.py` gathers its pages and builds it."""

from __future__ import annotations

import re
from typing import Any

from ilk.version import __version__

project = "ilk"
author = "the authors of ilk"
version = release = __version__
root_doc = "index"
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

# Links such as `cli.md#ilk-fit` lead to headings, as they do where the pages are read as files.
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]

napoleon_google_docstring = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {
    "members": True,
    "exclude-members": "model_config, set_fit_request, set_score_request",
}
python_maximum_signature_line_length = 80
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "ilk"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "navigation_depth": 2,
}

FITTED = re.compile(r"(?<![`\w])([a-z]\w*)_(?![`\w])")
"""A fitted attribute as scikit-learn spells it, such as ``labels_``: a reference, to Sphinx."""


def escape_fitted_names(_app: Any, _what: str, _name: str, *rest: Any) -> None:
    """Keep names that end in an underscore, so that docstrings need no markup for them."""
    lines: list[str] = rest[-1]
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...", "..")):
            lines[number] = FITTED.sub(r"\1\\_", line)


def setup(app: Any) -> None:
    """Escape names after napoleon, which reads those in the sections of a docstring."""
    app.connect("autodoc-process-docstring", escape_fitted_names, priority=900)
