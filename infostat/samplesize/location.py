"""The p-n criterion for laws known by location and scale: normal, logistic, Weibull.

These are no exponential families, so the risk comes from the general expansion. The
logarithm of a Weibull variable has the law of the smallest extreme value, and the risk does
not depend on how a law is parametrised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from numpy.polynomial.legendre import leggauss
from scipy.special import expit

from infostat._arrays import read_choice, read_numbers, row_shares
from infostat.exceptions import InfostatError
from infostat.samplesize.expansion import Expansion, Order
from infostat.samplesize.general import Derivatives, ModelMeans, general_expansion
from infostat.samplesize.requirement import Requirement
from infostat.samplesize.result import PNResult
from infostat.samplesize.verdict import Evidence, conclude, without_estimate

__all__ = ["LocationScalePN", "location_scale_expansion"]

FloatArray = npt.NDArray[np.float64]
Kind = Literal["normal", "logistic", "weibull"]
Shape = Callable[[FloatArray], tuple[FloatArray, ...]]

NODES = 800
ITERATIONS = 200


def _normal(z: FloatArray) -> tuple[FloatArray, ...]:
    zero = np.zeros_like(z)
    return -0.5 * z**2 - 0.5 * np.log(2.0 * np.pi), -z, zero - 1.0, zero, zero


def _logistic(z: FloatArray) -> tuple[FloatArray, ...]:
    up, down = expit(z), expit(-z)
    w = up * down
    skew = down - up
    value = -np.abs(z) - 2.0 * np.log1p(np.exp(-np.abs(z)))
    return value, skew, -2.0 * w, -2.0 * w * skew, -2.0 * w * (1.0 - 6.0 * w)


def _smallest_extreme(z: FloatArray) -> tuple[FloatArray, ...]:
    e = np.exp(z)
    return z - e, 1.0 - e, -e, -e, -e


SHAPES: dict[str, tuple[Shape, float, float]] = {
    "normal": (_normal, -12.0, 12.0),
    "logistic": (_logistic, -80.0, 80.0),
    "weibull": (_smallest_extreme, -80.0, 5.0),
}
"""Log-density with four derivatives, and where the law has its mass."""


def _powers(z: FloatArray, h: list[FloatArray], i: int, j: int) -> FloatArray:
    """``(i + z d/dz)^j`` applied to a function given with its derivatives."""
    # Stirling numbers of the second kind turn powers of z d/dz into z^k d^k/dz^k.
    stirling = [[1.0], [0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 1.0, 3.0, 1.0]]
    stirling += [[0.0, 1.0, 7.0, 6.0, 1.0]]
    choose = [[1.0], [1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 3.0, 3.0, 1.0]]
    choose += [[1.0, 4.0, 6.0, 4.0, 1.0]]
    total = np.zeros_like(z)
    for power, times in enumerate(choose[j]):
        part = sum(s * z**k * h[k] for k, s in enumerate(stirling[power]))
        total = total + times * float(i) ** (j - power) * part
    return total


def _tensor(z: FloatArray, g: tuple[FloatArray, ...], order: int) -> FloatArray:
    """Derivatives of one order by (location, log-scale) at unit scale.

    The log-density is ``-t + g((x - m) e^-t)``.
    """
    out = np.empty((len(z), *(2,) * order))
    for place in np.ndindex(*(2,) * order):
        scale = sum(place)
        location = order - scale
        value = _powers(z, list(g[location:]), location, scale)
        out[(slice(None), *place)] = (-1.0) ** order * value
    if order == 1:
        out[:, 1] -= 1.0
    return out


def _quadrature(kind: str) -> tuple[FloatArray, FloatArray]:
    """Points and masses of the standard law."""
    shape, low, high = SHAPES[kind]
    node, weight = leggauss(NODES)
    z = 0.5 * (high - low) * node + 0.5 * (high + low)
    mass = 0.5 * (high - low) * weight * np.exp(shape(z)[0])
    return z, mass / mass.sum()


def _fitted(x: FloatArray, weight: FloatArray, kind: str) -> tuple[float, float] | None:
    """Location and scale of largest likelihood, by Newton's method with halving."""
    shape = SHAPES[kind][0]
    location = float(weight @ x)
    spread = float(np.sqrt(weight @ (x - location) ** 2))
    if not spread > 1e-12 * max(1.0, abs(location)):
        return None
    m, t = location, float(np.log(spread))

    def value(m: float, t: float) -> float:
        return float(weight @ shape((x - m) * np.exp(-t))[0]) - t

    current = value(m, t)
    for _ in range(ITERATIONS):
        z = (x - m) * np.exp(-t)
        g = shape(z)
        gradient = weight @ _tensor(z, g, 1)
        hessian = -np.tensordot(weight, _tensor(z, g, 2), axes=1)
        # Ascent even where the likelihood is not concave.
        floor = 1e-8 - min(0.0, float(np.linalg.eigvalsh(hessian)[0]))
        step = np.linalg.solve(hessian + floor * np.eye(2), gradient)
        if float(gradient @ step) < 1e-22:
            break
        length = 1.0
        with np.errstate(over="ignore"):
            while length > 1e-10:
                move = length * step
                new = value(m + move[0] * np.exp(t), t + move[1])
                if new > current - 1e-15 * (1.0 + abs(current)):
                    break
                length /= 2.0
            else:
                break
        m, t, current = m + move[0] * np.exp(t), t + move[1], new
    return m, float(np.exp(t))


def _own_rows(z: FloatArray, mass: FloatArray, kind: str) -> Derivatives:
    g = SHAPES[kind][0](z)
    first, second, third = (_tensor(z, g, k) for k in (1, 2, 3))
    return Derivatives(mass, first, second, third)


def location_scale_expansion(
    kind: Kind, data: npt.ArrayLike | None = None, weight: npt.ArrayLike | None = None
) -> Expansion:
    r"""Estimation risk of a location-scale law to second order.

    Parameters
    ----------
    kind : {"normal", "logistic", "weibull"}
        Law; for "weibull" data are positive and their logarithm has location and scale.
    data : array-like of shape (n_samples,), optional
        Observations or points of the true law; without them the model is taken for
        true.
    weight : array-like of shape (n_samples,), optional
        Masses of the points, summing to one; equal by default.

    Returns
    -------
    Expansion
        Two parameters; the terms are those of :func:`general_expansion`.

    Raises
    ------
    InfostatError
        If the law is unknown, the data do not suit it, or there is not one mass of at
        least 0 for each of them.

    Examples
    --------
    >>> round(location_scale_expansion("weibull").c2, 3)
    6.577
    """
    _check_kind(kind)
    model_z, model_mass = _quadrature(kind)
    z, mass = model_z, model_mass
    if data is not None:
        x = _read(data, kind)
        mass = np.full(len(x), 1.0 / len(x))
        if weight is not None:
            mass = row_shares(weight, len(x), "weight")
        found = _fitted(x, mass, kind)
        if found is None:
            msg = "All observations are equal, so the scale has no estimate: add rows."
            raise InfostatError(msg)
        z = (x - found[0]) / found[1]
    return _expanded(kind, z, mass, model_z, model_mass)[0]


def _expanded(
    kind: str,
    z: FloatArray,
    mass: FloatArray,
    model_z: FloatArray,
    model_mass: FloatArray,
) -> tuple[Expansion, FloatArray]:
    """Expansion, and the score matrix whose eigenvalues weigh the chi-squares."""
    shape = SHAPES[kind][0]
    own, standard = shape(z), shape(model_z)
    loss = [
        -np.tensordot(model_mass, _tensor(model_z, standard, k), axes=1)
        for k in (2, 3, 4)
    ]
    fourth = np.tensordot(mass, _tensor(z, own, 4), axes=1)
    rows = _own_rows(z, mass, kind)

    def blocks() -> Iterator[Derivatives]:
        yield rows

    whole = general_expansion(blocks, ModelMeans(fourth, *loss))
    inverse = np.linalg.inv(-np.tensordot(mass, rows.second, axes=1))
    scores = (rows.first * mass[:, None]).T @ rows.first
    return whole, loss[0] @ inverse @ scores @ inverse


def _check_kind(kind: str) -> None:
    read_choice(kind, "kind", SHAPES)


def _read(data: npt.ArrayLike, kind: str) -> FloatArray:
    x = read_numbers(data, "data")
    if kind != "weibull":
        return x
    if not (x > 0.0).all():
        msg = (
            f"A Weibull variable is positive, but {int((x <= 0).sum())} values are not: "
            f"remove them or add an offset."
        )
        raise InfostatError(msg)
    return np.asarray(np.log(x))


@dataclass(frozen=True)
class LocationScalePN:
    """The p-n criterion for a law with location and scale.

    Parameters
    ----------
    kind : {"normal", "logistic", "weibull"}
        Law; both parameters are estimated. A Weibull law has its shape and scale.
    delta : float, default=0.05
        A new observation may be told from the best law with a Bayes error no less than
        ``1/2 - delta``.
    bound : {"sharp", "pinsker", "bretagnolle-huber", "gaussian"}, default="sharp"
        From Bayes error to risk, see :func:`bayes_error_threshold`.
    horizon : int, default=1
        New observations judged together.
    assurance : float, optional
        Probability with which the limit is to hold; on average by default.
    cov : {"robust", "model"}, default="robust"
        The data's own moments, or the model taken for true.
    order : {"pade", 2, 1}, default="pade"
        Form of the risk.

    Examples
    --------
    >>> times = [0.4, 0.9, 1.3, 1.7, 2.1, 2.2, 2.8, 3.5, 4.1, 5.6] * 8
    >>> LocationScalePN("weibull").assess(times).verdict
    'sufficient'
    """

    kind: Kind
    delta: float = 0.05
    bound: Any = "sharp"
    horizon: int = 1
    assurance: float | None = None
    cov: Literal["robust", "model"] = "robust"
    order: Order = "pade"

    def assess(self, data: npt.ArrayLike) -> PNResult:
        """Fit the law and assess the sample.

        Parameters
        ----------
        data : array-like of shape (n_samples,)
            Observations.

        Returns
        -------
        PNResult

        Raises
        ------
        InfostatError
            If an option is unknown or the data do not suit the law.
        """
        _check_kind(self.kind)
        read_choice(self.cov, "cov", ("robust", "model"))
        x = _read(data, self.kind)
        n = len(x)
        limits = Requirement(
            self.delta, self.bound, self.horizon, assurance=self.assurance
        )
        mass = np.full(n, 1.0 / n)
        found = _fitted(x, mass, self.kind) if n > 2 else None
        if found is None:
            reason = "fewer than three values, or all equal, leave the scale unknown"
            return without_estimate(limits, reason, n=float(n), p=2, family=self.kind)
        z = (x - found[0]) / found[1]
        standard = _quadrature(self.kind)
        own, matrix = _expanded(self.kind, z, mass, *standard)
        robust = self.cov == "robust"
        chosen = own if robust else _expanded(self.kind, *standard, *standard)[0]
        spectrum = np.ones(2)
        if robust:
            spectrum = np.maximum(np.linalg.eigvals(matrix).real, 0.0)
        length = _lengths(self.kind, z, mass)
        loglik = n * float(mass @ SHAPES[self.kind][0](z)[0] - np.log(found[1]))
        if self.kind == "weibull":
            loglik -= float(x.sum())
        trace = 2.0 * own.a
        facts = {
            "family": self.kind,
            "loglik": loglik,
            "aic": -2.0 * loglik + 4.0,
            "tic": -2.0 * loglik + 2.0 * float(length.mean()),
        }
        error = float(length.std() / np.sqrt(n))
        evidence = Evidence(chosen, float(n), spectrum, trace, error, facts=facts)
        return conclude(evidence, limits, self.order)


def _lengths(kind: str, z: FloatArray, mass: FloatArray) -> FloatArray:
    """Squared score of each row by the observed information; its mean is TIC's p."""
    rows = _own_rows(z, mass, kind)
    hessian = -np.tensordot(mass, rows.second, axes=1)
    solved = np.linalg.solve(hessian, rows.first.T).T
    return np.asarray((rows.first * solved).sum(axis=1))
