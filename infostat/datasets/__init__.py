"""Generated portfolios whose true figures are known, and public data sets."""

from infostat.datasets.applications import Applications, make_applications
from infostat.datasets.dataset import Dataset
from infostat.datasets.loaders import (
    load_abalone,
    load_adult,
    load_boston_hmda,
    load_dataset,
    load_german_credit,
    load_ihdp,
    load_lalonde,
    load_mortgage_panel,
    load_nhefs,
    load_sba_case,
    load_taiwan_default,
    load_wine_quality,
)
from infostat.datasets.true_bins import TrueBins
from infostat.datasets.truth import ApplicationsTruth

__all__ = [
    "Applications",
    "ApplicationsTruth",
    "Dataset",
    "TrueBins",
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
    "make_applications",
]
