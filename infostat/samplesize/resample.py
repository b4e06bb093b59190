"""The estimation risk by resampling: every order at once, at the cost of many fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from infostat.exceptions import InfostatError
from infostat.samplesize.families import Family
from infostat.samplesize.laws import Law
from infostat.samplesize.likelihood import GLMFit, fit_glm

__all__ = ["BootstrapRisk", "bootstrap_family", "bootstrap_glm"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BootstrapRisk:
    """Risk over resamples that have a maximum likelihood estimate.

    Attributes
    ----------
    risk, se : float or None
        Mean divergence from the fit to the refits in nats, and its Monte-Carlo
        standard error; None where fewer than two resamples could be fitted.
    no_mle : float
        Share of resamples without an estimate.
    draws : ndarray of shape (n_fitted,)
        Divergences of the single resamples.
    """

    risk: float | None
    se: float | None
    no_mle: float
    draws: FloatArray


def _collect(one: Callable[[], float | None], n_resamples: int) -> BootstrapRisk:
    """Run a resample many times, with progress."""
    draws = []
    for _ in tqdm(
        range(n_resamples), desc="resamples", disable=None, delay=2, leave=False
    ):
        value = one()
        if value is not None:
            draws.append(value)
    found = np.array(draws)
    lost = 1.0 - len(found) / n_resamples
    if len(found) < 2:
        return BootstrapRisk(None, None, lost, found)
    se = float(found.std(ddof=1) / np.sqrt(len(found)))
    return BootstrapRisk(float(found.mean()), se, lost, found)


def bootstrap_glm(
    fit: GLMFit,
    y: FloatArray | None = None,
    *,
    parametric: bool = False,
    fixed: bool = False,
    offset: FloatArray | None = None,
    n_resamples: int = 200,
    rng: int | np.random.Generator | None = None,
) -> BootstrapRisk:
    """Risk of a generalised linear model by resampling.

    Parameters
    ----------
    fit : GLMFit
        Fit whose maximum exists.
    y : ndarray of shape (n_rows, q), optional
        Outcomes; needed unless ``parametric``.
    parametric : bool, default=False
        Draw outcomes from the model, else resample rows with their outcomes.
    fixed : bool, default=False
        Keep the rows (fixed design); only for the parametric kind.
    offset : ndarray of shape (n_rows, q), optional
        Known part of the predictor.
    n_resamples : int, default=200
        Resamples.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    BootstrapRisk

    Raises
    ------
    InfostatError
        If outcomes are needed and absent.
    """
    if y is None and not parametric:
        msg = (
            "Resampling rows needs outcomes, but y is None: pass y, or parametric=True."
        )
        raise InfostatError(msg)
    generator = np.random.default_rng(rng)
    size = round(fit.n)

    def one() -> float | None:
        mass = fit.mass
        if not (parametric and fixed):
            mass = generator.multinomial(size, fit.mass) / size
        used = np.flatnonzero(mass)
        outcome = y
        if parametric:
            outcome = _drawn(fit, mass, size, generator)
        assert outcome is not None  # noqa: S101 - checked above
        refit = fit_glm(
            fit.design[used],
            outcome[used],
            fit.response,
            mass[used],
            fit.n,
            offset=None if offset is None else offset[used],
            start=fit.coef,
        )
        if not refit.exists:
            return None
        eta = fit.eta + fit.design @ (refit.coef - fit.coef)
        return float(fit.mass @ fit.response.divergence(fit.eta, eta))

    return _collect(one, n_resamples)


def _drawn(
    fit: GLMFit, mass: FloatArray, size: int, generator: np.random.Generator
) -> FloatArray:
    """Mean outcome of each row over its repetitions, drawn from the model."""
    times = np.maximum(1, np.rint(mass * size)).astype(int)
    index = np.repeat(np.arange(len(times)), times)
    drawn = fit.response.draw(fit.eta[index], generator)
    total = np.zeros_like(fit.eta)
    np.add.at(total, index, drawn)
    return np.asarray(total / times[:, None])


def bootstrap_family(
    family: Family,
    law: Law,
    data: npt.NDArray[np.float64],
    weight: FloatArray,
    *,
    parametric: bool = False,
    n_resamples: int = 200,
    rng: int | np.random.Generator | None = None,
) -> BootstrapRisk:
    """Risk of an exponential family by resampling.

    Parameters
    ----------
    family : Family
        Family.
    law : Law
        Its law at the estimate.
    data : ndarray
        Data as the family reads them.
    weight : ndarray of shape (n_samples,)
        Weights, summing to one.
    parametric : bool, default=False
        Draw data from the law, else resample rows.
    n_resamples : int, default=200
        Resamples.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    BootstrapRisk
    """
    generator = np.random.default_rng(rng)
    n = len(data)
    equal = np.full(n, 1.0 / n)

    def one() -> float | None:
        try:
            if parametric:
                refit = family.fit(law.draw(n, generator), equal)
            else:
                refit = family.fit(data, generator.multinomial(n, weight) / n)
        except InfostatError:  # no estimate on this resample: it is counted
            return None
        return law.divergence(refit)

    return _collect(one, n_resamples)
