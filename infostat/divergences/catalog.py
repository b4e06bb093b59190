"""The divergences of the package by name.

Scales: Pearson, Neyman and Jeffreys have f''(1) = 2, Kullback-Leibler, triangular and
the alpha family 1, Jensen-Shannon and squared Hellinger 1/4.
"""

from __future__ import annotations

from infostat._arrays import read_choice
from infostat.divergences.entropic import (
    Jeffreys,
    JensenShannon,
    KullbackLeibler,
    ReverseKullbackLeibler,
)
from infostat.divergences.generator import Divergence
from infostat.divergences.powers import (
    Hellinger,
    Neyman,
    Pearson,
    TotalVariation,
    Triangular,
)

__all__ = ["catalogue", "get_divergence"]

_FIXED: tuple[type[Divergence], ...] = (
    KullbackLeibler,
    ReverseKullbackLeibler,
    Jeffreys,
    JensenShannon,
    Hellinger,
    Pearson,
    Neyman,
    Triangular,
    TotalVariation,
)


def catalogue() -> dict[str, Divergence]:
    """Return every divergence that has a name, in the order of the documentation.

    Returns
    -------
    dict of str to Divergence
        The alpha family, which needs an order, is built as ``Alpha(a)``.
    """
    return {member.name: member() for member in _FIXED}


def get_divergence(kind: str | Divergence) -> Divergence:
    """Look a divergence up by name.

    Parameters
    ----------
    kind : str or Divergence
        A name of the catalogue (an object is returned as it is).

    Returns
    -------
    Divergence
        The member.

    Raises
    ------
    InfostatError
        If the name is unknown; the message lists the names.

    Examples
    --------
    >>> get_divergence("jeffreys").curvature
    2.0
    """
    if isinstance(kind, Divergence):
        return kind
    members = catalogue()
    return members[str(read_choice(kind, "divergence", members, " or Alpha(a)"))]
