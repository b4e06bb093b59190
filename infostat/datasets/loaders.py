"""Public data sets with the roles of their columns.

Data sets are read from the folder that the environment variable ``INFOSTAT_DATA``
names, one folder a set; German credit, Taiwan and Adult are otherwise fetched from
OpenML.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from infostat._arrays import read_choice
from infostat.datasets.columns import checked_backend
from infostat.datasets.dataset import Dataset, with_roles
from infostat.datasets.reading import read_columns, stack

__all__ = [
    "load_abalone",
    "load_adult",
    "load_boston_hmda",
    "load_dataset",
    "load_german_credit",
    "load_ihdp",
    "load_lalonde",
    "load_mortgage_panel",
    "load_nhefs",
    "load_sba_case",
    "load_taiwan_default",
    "load_wine_quality",
]

FILES = {
    "german_credit": "german_credit.csv",
    "taiwan_default": "taiwan_default.csv.gz",
    "adult": "adult.csv.gz",
    "boston_hmda": "boston_hmda.csv",
    "sba_case": "sba_case.csv.gz",
    "mortgage_panel_sample": "mortgage_panel_sample.csv.gz",
    "nhefs": "nhefs.csv.gz",
    "abalone": "abalone.csv",
}
"""Data sets that are one file, by name."""

_CONTROLS = {
    "psid": "psid_controls.csv",
    "psid2": "psid_controls2.csv",
    "psid3": "psid_controls3.csv",
    "cps": "cps_controls.csv.gz",
    "cps2": "cps_controls2.csv",
    "cps3": "cps_controls3.csv",
}


def load_dataset(name: str, *, backend: str | None = None) -> Dataset:
    """Load a public data set that is one file; each has a function of its name as well.

    Parameters
    ----------
    name : str
        "german_credit", "taiwan_default", "adult", "boston_hmda", "sba_case",
        "mortgage_panel_sample", "nhefs" or "abalone".
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the name is unknown, or the file is missing and OpenML, which has the first
        three, cannot be reached.
    """
    read_choice(name, "name", FILES)
    backend = checked_backend(backend)
    return with_roles(name, read_columns(name, FILES[name]), backend)


def load_german_credit(*, backend: str | None = None) -> Dataset:
    """German credit: 1,000 loans, 30 % bad.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing and OpenML cannot be reached, or the library is unknown
        or not installed.
    """
    return load_dataset("german_credit", backend=backend)


def load_taiwan_default(*, backend: str | None = None) -> Dataset:
    """Taiwan: 30,000 credit-card clients, 22.1 % default.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing and OpenML cannot be reached, or the library is unknown
        or not installed.
    """
    return load_dataset("taiwan_default", backend=backend)


def load_adult(*, backend: str | None = None) -> Dataset:
    """Adult: 48,842 persons, 23.9 % above 50,000 USD a year.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing and OpenML cannot be reached, or the library is unknown
        or not installed.
    """
    return load_dataset("adult", backend=backend)


def load_boston_hmda(*, backend: str | None = None) -> Dataset:
    """Boston: 1,989 mortgage applications, 87.7 % approved.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing, or the library is unknown or not installed.
    """
    return load_dataset("boston_hmda", backend=backend)


def load_sba_case(*, backend: str | None = None) -> Dataset:
    """SBA: 2,102 loans to small firms, 32.6 % charged off.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing, or the library is unknown or not installed.
    """
    return load_dataset("sba_case", backend=backend)


def load_mortgage_panel(*, backend: str | None = None) -> Dataset:
    """US mortgages: 9,573 loan-quarters, 2.5 % default.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing, or the library is unknown or not installed.
    """
    return load_dataset("mortgage_panel_sample", backend=backend)


def load_nhefs(*, backend: str | None = None) -> Dataset:
    """NHEFS: 1,629 smokers, weight change by quitting.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing, or the library is unknown or not installed.
    """
    return load_dataset("nhefs", backend=backend)


def load_abalone(*, backend: str | None = None) -> Dataset:
    """Abalone: 4,177 rows, number of rings.

    Parameters
    ----------
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing, or the library is unknown or not installed.
    """
    return load_dataset("abalone", backend=backend)


def load_lalonde(
    controls: Literal[
        "experiment", "nsw", "psid", "psid2", "psid3", "cps", "cps2", "cps3"
    ] = "experiment",
    *,
    backend: str | None = None,
) -> Dataset:
    """LaLonde: job training and earnings, known experimental effect of 1794.34 USD.

    Parameters
    ----------
    controls : str, default="experiment"
        "experiment": the randomised sample of Dehejia and Wahba (445 rows); "nsw": the
        larger one of LaLonde (722 rows, without re74); otherwise the survey whose rows
        stand in for the controls under the 185 treated of "experiment".
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If a file is missing or the controls are unknown.
    """
    read_choice(controls, "controls", ("experiment", "nsw", *_CONTROLS))
    backend = checked_backend(backend)
    if controls == "nsw":
        columns = read_columns("lalonde", "nsw.csv")
    else:
        columns = read_columns("lalonde", "nsw_dw.csv")
    if controls in _CONTROLS:
        treated = columns["treat"] == 1
        columns = stack(
            {name: values[treated] for name, values in columns.items()},
            read_columns("lalonde", _CONTROLS[controls]),
        )
    return with_roles("lalonde", columns, backend)


def load_ihdp(
    replication: Literal[1, 10] = 1, *, backend: str | None = None
) -> Dataset:
    """IHDP: 747 infants with simulated outcomes and known effects.

    Parameters
    ----------
    replication : {1, 10}, default=1
        Simulation: the true average effect is 4.01607 or 4.58600.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If the file is missing or the replication is unknown.
    """
    read_choice(replication, "replication", (1, 10))
    backend = checked_backend(backend)
    columns = read_columns("ihdp", f"ihdp_npci_{replication}.csv")
    return with_roles("ihdp", columns, backend)


def load_wine_quality(
    colour: Literal["red", "white", "both"] = "red", *, backend: str | None = None
) -> Dataset:
    """Wine quality: 1,599 red and 4,898 white rows, 11 measurements.

    Parameters
    ----------
    colour : {"red", "white", "both"}, default="red"
        Rows to load; a column of that name says which is which and is no feature.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed.

    Returns
    -------
    Dataset
        Frame and roles of its columns.

    Raises
    ------
    InfostatError
        If a file is missing or the colour is unknown.
    """
    read_choice(colour, "colour", ("red", "white", "both"))
    backend = checked_backend(backend)
    parts = []
    for name in ("red", "white") if colour == "both" else (colour,):
        columns = read_columns("wine_quality", f"winequality-{name}.csv")
        n_rows = len(columns["quality"])
        parts.append(columns | {"colour": np.full(n_rows, name, dtype=object)})
    columns = parts[0] if len(parts) == 1 else stack(*parts)
    return with_roles("wine_quality", columns, backend)
