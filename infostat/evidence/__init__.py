"""Weight of evidence, information value and population stability, with errors."""

from infostat.evidence.iv import (
    ValueParts,
    divergence,
    information_value,
    value_parts,
)
from infostat.evidence.psi import (
    QuadraticStability,
    StabilityIndex,
    population_stability_index,
    psi_quadratic,
)
from infostat.evidence.smoothing import smooth_shares
from infostat.evidence.woe import WeightOfEvidence, weight_of_evidence

__all__ = [
    "QuadraticStability",
    "StabilityIndex",
    "ValueParts",
    "WeightOfEvidence",
    "divergence",
    "information_value",
    "population_stability_index",
    "psi_quadratic",
    "smooth_shares",
    "value_parts",
    "weight_of_evidence",
]
