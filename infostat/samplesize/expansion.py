"""Estimation risk of a plug-in law to second order in ``1/n``.

The risk is the expected divergence from the model's best law to the law at the maximum
likelihood estimate, ``ED = a/n + c2/n^2 + O(n^-3)``. Everything here works on numbers
and arrays in whitened coordinates, in which the model's covariance is the identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice, read_number
from infostat.exceptions import InfostatError

__all__ = [
    "Contractions",
    "Expansion",
    "Order",
    "alpha_term",
    "estimation_risk",
    "family_expansion",
    "optimism_term",
    "required_n",
    "reverse_term",
]

FloatArray = npt.NDArray[np.float64]
Order = Literal["pade", 2, 1]
ORDERS = ("pade", 2, 1)


@dataclass(frozen=True)
class Expansion:
    """Coefficients of the estimation risk.

    Attributes
    ----------
    a : float
        Leading coefficient, half the trace of the whitened covariance: ``p/2`` where
        the model holds.
    c2 : float
        Coefficient of ``n^-2``.
    p : int
        Free parameters.
    terms : dict of str to float
        Named pieces of ``c2``.
    """

    a: float
    c2: float
    p: int
    terms: dict[str, float] = field(default_factory=dict)

    def risk(self, n: float, order: Order = "pade") -> float:
        """Risk at a sample size, see :func:`estimation_risk`.

        Parameters
        ----------
        n : float
            Sample size.
        order : {"pade", 2, 1}, default="pade"
            Padé form, two terms, or the leading term.

        Returns
        -------
        float
            In nats an observation; infinite for the Padé form where ``n <= c2/a``.

        Raises
        ------
        InfostatError
            If a value is out of range.
        """
        return estimation_risk(self.a, self.c2, n, order)


@dataclass(frozen=True)
class Contractions:
    """The five numbers that an exponential family's second order is made of.

    Attributes
    ----------
    trace, trace_square : float
        ``tr S`` and ``tr S S`` of the data's whitened covariance S.
    cubic : float
        ``<T, K3>``, the model's third cumulant against the data's.
    mean_square : float
        ``|t_S|^2`` with ``t_S[a] = T_acd S_cd``.
    cross : float
        ``TT_SS``, the sum over a of ``tr(T_a S T_a S)``.
    quartic : float
        ``Q_SS = Q_abcd S_ab S_cd``.
    """

    trace: float
    trace_square: float
    cubic: float
    mean_square: float
    cross: float
    quartic: float

    @property
    def paired(self) -> float:
        """``|t_S|^2 + 2 TT_SS``, which every second-order term shares."""
        return self.mean_square + 2.0 * self.cross


def _check_n(n: float) -> None:
    if not read_number(n, "n") > 0:
        msg = f"n must be positive and finite, got {n}: give the number of rows."
        raise InfostatError(msg)


def _check_order(order: object) -> None:
    read_choice(order, "order", ORDERS)


def estimation_risk(a: float, c2: float, n: float, order: Order = "pade") -> float:
    r"""Estimation risk at a sample size.

    .. math::

        r_1 = \frac a n, \qquad r_2 = \frac a n + \frac{c_2}{n^2}, \qquad
        r_{Pade} = \frac{a}{n - c_2 / a}

    Parameters
    ----------
    a, c2 : float
        Coefficients; ``a`` must be positive.
    n : float
        Sample size.
    order : {"pade", 2, 1}, default="pade"
        Padé form, two terms, or the leading term.

    Returns
    -------
    float
        Risk in nats; infinite for the Padé form where ``n <= c2/a``, where the
        expansion says nothing.

    Raises
    ------
    InfostatError
        If a value is out of range.

    Examples
    --------
    >>> estimation_risk(20.5, 4047.0, 3000.0)
    0.00731...
    """
    _check_n(n)
    _check_order(order)
    read_number(c2, "c2")
    if not read_number(a, "a") > 0:
        msg = f"The leading coefficient must be positive, got {a}."
        raise InfostatError(msg)
    if order == 1:
        return a / n
    if order == 2:
        return a / n + c2 / n**2
    left = n - c2 / a
    return a / left if left > 0 else float("inf")


def required_n(a: float, c2: float, risk: float, order: Order = "pade") -> float:
    r"""Sample size at which the risk comes down to a value.

    .. math::

        n_{Pade} = \frac a C + \frac{c_2}{a}, \qquad
        n_2 = \frac{a + \sqrt{a^2 + 4 C c_2}}{2 C}, \qquad n_1 = \frac a C

    Parameters
    ----------
    a, c2 : float
        Coefficients, taken for constants of the population.
    risk : float
        Risk allowed (C), in nats, positive.
    order : {"pade", 2, 1}, default="pade"
        See :func:`estimation_risk`.

    Returns
    -------
    float
        Not rounded, not below 1.

    Raises
    ------
    InfostatError
        If a value is out of range, or two terms never reach the risk.
    """
    _check_order(order)
    read_number(c2, "c2")
    if not (read_number(a, "a") > 0 and read_number(risk, "risk") > 0):
        msg = f"a and the risk allowed must be positive, got {a} and {risk}."
        raise InfostatError(msg)
    if order == 1:
        return max(1.0, a / risk)
    if order == "pade":
        return max(1.0, a / risk + c2 / a)
    inside = a**2 + 4.0 * risk * c2
    if inside < 0:
        msg = (
            f"Two terms with a={a:g} and c2={c2:g} never reach the risk {risk:g}: use "
            f"order='pade'."
        )
        raise InfostatError(msg)
    return max(1.0, (a + float(np.sqrt(inside))) / (2.0 * risk))


def family_expansion(c: Contractions, p: int) -> Expansion:
    r"""Risk of an exponential family, possibly misspecified.

    .. math::

        a = \tfrac12 \mathrm{tr} S, \qquad
        c_2 = -\tfrac13 \langle T, K_3 \rangle
        + \tfrac38 (|t_S|^2 + 2 TT_{SS} - Q_{SS})

    Parameters
    ----------
    c : Contractions
        Contractions of the cumulants.
    p : int
        Free parameters.

    Returns
    -------
    Expansion
        With the terms ``cubic``, ``mean_square``, ``cross``, ``quartic``.

    Notes
    -----
    Where the model holds, S is the identity and K3 = T, and
    ``c2 = (10 rho23 + 9 rho13 - 9 rho4) / 24`` in the usual names of the invariants.
    """
    terms = {
        "cubic": -c.cubic / 3.0,
        "mean_square": 0.375 * c.mean_square,
        "cross": 0.75 * c.cross,
        "quartic": -0.375 * c.quartic,
    }
    return Expansion(0.5 * c.trace, float(sum(terms.values())), p, terms)


def reverse_term(c: Contractions) -> float:
    """Coefficient of ``n^-2`` of the reverse divergence, estimate to best law.

    Half of Lawley's Bartlett factor where the model holds: ``(2 rho23 + 3 rho13 -
    3 rho4) / 24``.
    """
    return -c.cubic / 6.0 + (c.paired - c.quartic) / 8.0


def optimism_term(c: Contractions) -> float:
    """Second order ``o2`` of the optimism of the mean log-likelihood.

    The optimism is ``tr S / n + o2 / n^2``, so that the second-order AIC or TIC is
    ``-2 loglik + 2 (tr S + o2 / n)``.
    """
    return 0.5 * (-c.cubic + c.paired - c.quartic)


def alpha_term(c: Contractions, alpha: float) -> float:
    """Coefficient of ``n^-2`` of the risk in an alpha-divergence.

    ``alpha = -1`` is the divergence of :func:`family_expansion`, ``alpha = 1`` the
    reverse one; the leading coefficient is the same for all.
    """
    up = 0.5 * (1.0 + alpha)
    value = family_expansion(c, 0).c2 + up / 6.0 * (c.cubic - 1.5 * c.paired)
    value += (up + up**2) / 8.0 * c.quartic
    return value - up * (1.0 - up) / 8.0 * (c.trace**2 + 2.0 * c.trace_square)
