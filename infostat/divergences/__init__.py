"""f-divergences: generators, conjugates and values on share vectors."""

from infostat.divergences.catalog import (
    Alpha,
    Hellinger,
    JensenShannon,
    Jeffreys,
    KullbackLeibler,
    Neyman,
    Pearson,
    ReverseKullbackLeibler,
    TotalVariation,
    Triangular,
    catalogue,
    get_divergence,
)
from infostat.divergences.generator import Divergence
from infostat.divergences.shares import Derivatives, contributions, derivatives

__all__ = [
    "Alpha",
    "Derivatives",
    "Divergence",
    "Hellinger",
    "JensenShannon",
    "Jeffreys",
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
]
