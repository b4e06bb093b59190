"""Sphinx configuration."""

from infostat import __version__

project = "infostat"
author = "The infostat developers"
copyright = "2026, The infostat developers"
release = version = __version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
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
suppress_warnings = ["myst.header"]
