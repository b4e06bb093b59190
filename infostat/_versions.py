"""Versions of the package and of what it stands on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

__all__ = ["show_versions", "versions"]

_PACKAGES = (
    "infostat",
    "numpy",
    "scipy",
    "scikit-learn",
    "statsmodels",
    "xgboost",
    "pulp",
    "highspy",
    "narwhals",
    "pandas",
    "polars",
    "pyarrow",
    "duckdb",
    "matplotlib",
)


def versions(packages: Iterable[str] = _PACKAGES) -> dict[str, str]:
    """Return the installed version of each package, and of Python.

    Parameters
    ----------
    packages : iterable of str, optional
        Names of distributions.

    Returns
    -------
    dict of str to str
        "not installed" where a package is absent.
    """
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def show_versions() -> None:
    """Print versions and platform, to be pasted into a report of a fault."""
    lines = [f"{name}: {number}" for name, number in versions().items()]
    sys.stdout.write("\n".join([f"platform: {platform.platform()}", *lines]) + "\n")
