"""Is the sample large enough for the model? The p-n criterion.

Stands on ``divergences`` and ``inference`` only; fitted models are read through their
design matrix and coefficients.
"""

from infostat.samplesize.closed import (
    binned_expansion,
    normal_linear_risk,
    normal_risk,
)
from infostat.samplesize.criterion import PNCriterion
from infostat.samplesize.drawn import CustomFamily
from infostat.samplesize.existence import Separation, separation, zero_cell_probability
from infostat.samplesize.expansion import Expansion, estimation_risk, required_n
from infostat.samplesize.exponential import ExponentialFamilyPN, pn_from_samples
from infostat.samplesize.families import (
    CategoricalFamily,
    GaussianFamily,
    LogLinearFamily,
    PoissonFamily,
)
from infostat.samplesize.general import Derivatives, ModelMeans, general_expansion
from infostat.samplesize.location import LocationScalePN, location_scale_expansion
from infostat.samplesize.mixture import effective_dimension, mixture_complexity
from infostat.samplesize.published import RileySize, riley_binary, riley_r2
from infostat.samplesize.result import PNResult
from infostat.samplesize.threshold import bayes_error_bound, bayes_error_threshold

__all__ = [
    "CategoricalFamily",
    "CustomFamily",
    "Derivatives",
    "Expansion",
    "ExponentialFamilyPN",
    "GaussianFamily",
    "LocationScalePN",
    "LogLinearFamily",
    "ModelMeans",
    "PNCriterion",
    "PNResult",
    "PoissonFamily",
    "RileySize",
    "Separation",
    "bayes_error_bound",
    "bayes_error_threshold",
    "binned_expansion",
    "effective_dimension",
    "estimation_risk",
    "general_expansion",
    "location_scale_expansion",
    "mixture_complexity",
    "normal_linear_risk",
    "normal_risk",
    "pn_from_samples",
    "required_n",
    "riley_binary",
    "riley_r2",
    "separation",
    "zero_cell_probability",
]
