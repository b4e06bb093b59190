"""Closed forms for outcomes that are zero or one: default, death, response."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import rel_entr

from infostat.causal.mixture import divergence_bounds, mixture_bounds
from infostat.causal.radius import check_propensity, divergence_radius
from infostat.divergences import Divergence
from infostat.exceptions import InfostatError

__all__ = ["binary_bounds"]

FloatArray = npt.NDArray[np.float64]


def binary_bounds(
    rate: float, propensity: float, divergence: str | Divergence = "sharp"
) -> tuple[float, float]:
    r"""Bounds on an event rate if everybody took the treatment.

    Parameters
    ----------
    rate : float
        Event rate :math:`p` among those who took it.
    propensity : float
        Share :math:`e` that took it.
    divergence : str or Divergence, default="sharp"
        "sharp" for the exact set, or a ball as in :func:`divergence_bounds`.

    Returns
    -------
    lower, upper : float
        Rates in [0, 1].

    Raises
    ------
    InfostatError
        If the rate or the propensity lies outside [0, 1].

    Notes
    -----
    Sharp :math:`[ep, ep + 1 - e]`; chi-square
    :math:`ep + (1-e)/2 \pm \sqrt{(1-e)^2/4 + e(1-e)p(1-p)}`; total variation
    :math:`p \pm (1-e)`; Hellinger
    :math:`\sin^2(\arcsin\sqrt p \pm \arccos\sqrt e)`; Kullback-Leibler the two roots
    of :math:`\mathrm{kl}(p, q) = -\ln e`. Others go through the general dual.

    Examples
    --------
    >>> low, high = binary_bounds(0.3, 0.8)
    >>> round(low, 4), round(high, 4)
    (0.24, 0.44)
    """
    e = float(check_propensity(propensity))
    if not 0.0 <= rate <= 1.0:
        msg = f"An event rate lies between 0 and 1, got {rate}: divide events by rows."
        raise InfostatError(msg)
    p, forms = float(rate), {"chi2": _chi_square, "tv": _variation, "kl": _entropy}
    forms["hellinger"] = _angle
    if divergence == "sharp":
        return mixture_bounds([p], e, 0.0, 1.0)
    if isinstance(divergence, str) and divergence in forms and 0.0 < e < 1.0:
        low, high = forms[divergence](p, e)
        return max(low, 0.0), min(high, 1.0)
    return divergence_bounds([0.0, 1.0], e, 0.0, 1.0, divergence, [1.0 - p, p])


def _chi_square(p: float, e: float) -> tuple[float, float]:
    reach = np.sqrt((1.0 - e) ** 2 / 4.0 + e * (1.0 - e) * p * (1.0 - p))
    middle = e * p + (1.0 - e) / 2.0
    return float(middle - reach), float(middle + reach)


def _variation(p: float, e: float) -> tuple[float, float]:
    return p - (1.0 - e), p + (1.0 - e)


def _angle(p: float, e: float) -> tuple[float, float]:
    here, reach = np.arcsin(np.sqrt(p)), np.arccos(np.sqrt(e))
    low, high = max(here - reach, 0.0), min(here + reach, np.pi / 2.0)
    return float(np.sin(low) ** 2), float(np.sin(high) ** 2)


def _entropy(p: float, e: float) -> tuple[float, float]:
    """Roots of the binary relative entropy; at p = 0 or 1 one root is p itself."""
    far = float(divergence_radius(e, "kl"))
    # The upper root is counted from one, where its digits are.
    return _below(p, far), 1.0 - _below(1.0 - p, far)


def _below(p: float, far: float) -> float:
    """Rate below ``p`` at that distance; found by its logarithm, since it may be tiny."""
    if p == 0.0:
        return 0.0

    def excess(log_q: float) -> float:
        q = np.exp(log_q)
        return float(rel_entr(p, q) + rel_entr(1.0 - p, 1.0 - q) - far)

    top = float(np.log(p))
    if excess(-690.0) <= 0.0:  # the root is below the range of numbers
        return 0.0
    return float(np.exp(brentq(excess, -690.0, top, xtol=1e-15, maxiter=1000)))
