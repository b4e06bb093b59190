"""Sphinx configuration."""

import shutil
from pathlib import Path

from infostat import __version__

# Pages must lie under this folder; the notebooks stand beside it.
_HERE = Path(__file__).parent
shutil.copytree(
    _HERE.parent / "notebooks",
    _HERE / "notebooks",
    ignore=shutil.ignore_patterns("*.py", ".ipynb_checkpoints"),
    dirs_exist_ok=True,
)

project = "infostat"
author = "The infostat developers"
copyright = "2026, The infostat developers"
release = version = __version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_nb",
]
nb_execution_mode = "off"  # tests run the notebooks
exclude_patterns = ["_build", "generated"]
html_theme = "pydata_sphinx_theme"
html_title = "infostat"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
autosummary_generate = False
numpydoc_show_class_members = False
autodoc_typehints = "none"
add_module_names = False
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
