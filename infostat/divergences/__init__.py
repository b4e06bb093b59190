"""f-divergences: generators, conjugates and values on share vectors."""

from infostat.divergences.catalog import catalogue, get_divergence
from infostat.divergences.entropic import (
    Jeffreys,
    JensenShannon,
    KullbackLeibler,
    ReverseKullbackLeibler,
)
from infostat.divergences.generator import Divergence
from infostat.divergences.powers import (
    Alpha,
    Hellinger,
    Neyman,
    Pearson,
    TotalVariation,
    Triangular,
)
from infostat.divergences.regime import KernelRegime, kernel_regime
from infostat.divergences.shares import Derivatives, contributions, derivatives

__all__ = [
    "Alpha",
    "Derivatives",
    "Divergence",
    "Hellinger",
    "Jeffreys",
    "JensenShannon",
    "KernelRegime",
    "KullbackLeibler",
    "Neyman",
    "Pearson",
    "ReverseKullbackLeibler",
    "TotalVariation",
    "Triangular",
    "catalogue",
    "contributions",
    "derivatives",
    "get_divergence",
    "kernel_regime",
]
