"""Estimation risk of generalised linear models.

In-sample (fixed design) or out-of-sample (random design), with the model taken for true
or with the residuals' own moments. Everything is invariant to a nonsingular recoding
of the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

from infostat.exceptions import InfostatError
from infostat.samplesize import cubic
from infostat.samplesize.canonical import canonical_expansion
from infostat.samplesize.cubic import Indicators, Pair, Route
from infostat.samplesize.expansion import Expansion
from infostat.samplesize.likelihood import GLMFit, whitened_rows
from infostat.samplesize.links import leading_term
from infostat.samplesize.responses import Multinomial, Scalar

__all__ = ["GLMExpansion", "GLMOptions", "glm_expansion", "pseudo_rows"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GLMOptions:
    """Choices behind the expansion of a generalised linear model.

    Attributes
    ----------
    design : {"random", "fixed"}
        Risk on new rows, or on the rows of the sample.
    cov : {"model", "robust"}
        Take the model for true, or the residuals' own moments. With a fixed design the
        residuals' moments mix the misfit of the mean into the noise, see
        :class:`PNCriterion`.
    route : {"auto", "gram", "tensor", "onehot", "probes"}
        Way to the cubic terms.
    n_probes : int
        Pairs of sign vectors of the random route.
    """

    design: Literal["random", "fixed"] = "random"
    cov: Literal["model", "robust"] = "model"
    route: Route | Literal["auto"] = "auto"
    n_probes: int = 256


@dataclass(frozen=True, eq=False)
class GLMExpansion:
    """Expansion with what its computation leaves open.

    Attributes
    ----------
    expansion : Expansion
        Coefficients.
    c2_se : float
        Standard error of ``c2`` from random probes; zero for exact routes.
    trace, trace_se : float
        Trace of the whitened covariance of the scores by the residuals, and its
        standard error; ``p`` and zero where no outcomes were given.
    squares : ndarray or None
        The whitened covariance of the scores by the residuals.
    bartlett : float
        ``2 T2 + 3 t2 - 3 q``, 24 times the second order of the likelihood ratio.
    route : str
        Route of the cubic terms.
    """

    expansion: Expansion
    c2_se: float
    trace: float
    trace_se: float
    squares: FloatArray | None
    bartlett: float
    route: str


@dataclass(frozen=True, eq=False)
class _Cubic:
    """Contractions asked of the cubic routes, with their standard errors."""

    value: FloatArray
    se: FloatArray
    route: str


def _cubic_sums(
    rows: FloatArray,
    coefficients: FloatArray,
    pairs: Sequence[Pair],
    options: GLMOptions,
    *,
    covariance: FloatArray | None = None,
    lower: FloatArray | None = None,
    indicators: Indicators | None = None,
    rng: np.random.Generator,
) -> _Cubic:
    """Contractions by the route asked for, or the cheapest."""
    route = options.route
    if route == "auto":
        route = cubic.choose_route(*rows.shape, indicators=indicators is not None)
    exact = np.zeros(len(pairs))
    if route == "gram":
        sums = cubic.gram_sums(rows, coefficients, pairs, covariance)
        return _Cubic(sums, exact, route)
    if route == "probes":
        value, se = cubic.probe_sums(
            rows, coefficients, pairs, covariance, n_probes=options.n_probes, rng=rng
        )
        return _Cubic(value, se, route)
    if route == "onehot":
        if indicators is None or lower is None:
            msg = (
                "The route 'onehot' needs a design of indicator columns with an "
                "intercept: use 'auto', or give such columns by 'groups'."
            )
            raise InfostatError(msg)
        tensors = [cubic.indicator_tensor(indicators, lower, c) for c in coefficients]
    else:
        tensors = [cubic.third_tensor(rows, c) for c in coefficients]
    return _Cubic(cubic.tensor_sums(tensors, pairs, covariance), exact, route)


def pseudo_rows(fit: GLMFit) -> tuple[FloatArray, FloatArray]:
    """Whitened rows ``L^-1 ((e_k - P_i) kron x_i)`` for every class, and their masses.

    Parameters
    ----------
    fit : GLMFit
        Multinomial fit.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_classes, p)
        Pseudo-rows, the reference class first.
    probability : ndarray of shape (n_rows, n_classes)
        Probability of each class.
    """
    response, lower = fit.response, fit.lower
    if not isinstance(response, Multinomial) or lower is None:
        msg = "Pseudo-rows belong to a multinomial fit whose maximum exists."
        raise InfostatError(msg)
    probability = response.probabilities(fit.eta)
    n, columns = fit.design.shape
    targets = np.vstack([np.zeros(response.q), np.eye(response.q)])
    gap = targets[None, :, :] - probability[:, None, 1:]
    wide = np.einsum("nkc,nx->nkcx", gap, fit.design, optimize=True)
    flat = wide.reshape(n * (response.q + 1), response.q * columns)
    rows = solve_triangular(lower, flat.T, lower=True).T
    return rows.reshape(n, response.q + 1, -1), probability


def glm_expansion(
    fit: GLMFit,
    y: FloatArray | None = None,
    options: GLMOptions | None = None,
    *,
    indicators: Indicators | None = None,
    scale: FloatArray | None = None,
    rng: int | np.random.Generator | None = None,
) -> GLMExpansion:
    """Risk of a fitted generalised linear model to second order.

    Without the canonical link only the leading term is known here, and ``c2`` is zero.

    Parameters
    ----------
    fit : GLMFit
        Fit whose maximum exists.
    y : ndarray of shape (n_rows, q), optional
        Outcomes; needed for ``cov="robust"``.
    options : GLMOptions, optional
        Choices.
    indicators : Indicators, optional
        The design as codes, where it is an intercept and indicators.
    scale : ndarray of shape (n_rows,), optional
        Likelihood weight of each row under sampling weights (mean one); frequency
        weights need none.
    rng : int or Generator, optional
        Source of randomness of the probes.

    Returns
    -------
    GLMExpansion

    Raises
    ------
    InfostatError
        If the fit has no maximum, or outcomes are needed and absent.
    """
    options = GLMOptions() if options is None else options
    if fit.lower is None:
        msg = (
            "The information is singular, so the risk has no expansion: see whether the "
            "maximum likelihood estimate exists (infostat.samplesize.separation)."
        )
        raise InfostatError(msg)
    if options.cov == "robust" and y is None:
        msg = "cov='robust' reads residuals, but y is None: pass the outcomes."
        raise InfostatError(msg)
    if not fit.response.canonical:
        robust = options.cov == "robust"
        a, trace, error, squares = leading_term(fit, y, robust=robust)
        lead = Expansion(a, 0.0, fit.p)
        return GLMExpansion(lead, 0.0, trace, error, squares, 0.0, "resamples")
    generator = np.random.default_rng(rng)
    if not isinstance(fit.response, Scalar):
        return _multinomial(fit, y, options, generator)
    return _ScalarGLM(fit, y, options, indicators, scale, generator).expansion()


class _ScalarGLM:
    """Second-order terms of a response with one linear predictor."""

    def __init__(
        self,
        fit: GLMFit,
        y: FloatArray | None,
        options: GLMOptions,
        indicators: Indicators | None,
        scale: FloatArray | None,
        rng: np.random.Generator,
    ) -> None:
        assert fit.lower is not None  # noqa: S101 - checked by glm_expansion
        self.fit, self.options, self.rng = fit, options, rng
        self.indicators, self.lower = indicators, fit.lower
        eta = fit.eta[:, 0]
        response = fit.response
        self.w, self.d, self.e = response.derivatives(eta)  # type: ignore[attr-defined]
        self.z = whitened_rows(fit.design, fit.lower)
        self.h = np.einsum("ia,ia->i", self.z, self.z)
        self.mass = fit.mass
        # Sampling weights multiply a row's likelihood; its chance is then mass/scale.
        self.scale = np.ones(len(eta)) if scale is None else scale
        self.chance = fit.mass / self.scale
        self.r = None if y is None else (y - response.mean(fit.eta))[:, 0]

    def expansion(self) -> GLMExpansion:
        """Terms by the options, with what both kinds report."""
        trace, trace_se, squares = float(self.fit.p), 0.0, None
        if self.r is not None:
            squares = self._score_covariance()
            size = (self.scale * self.r) ** 2 * self.h
            trace = float(self.chance @ size)
            spread = float(self.chance @ (size - trace) ** 2)
            trace_se = float(np.sqrt(spread / self.fit.n))
        model, bartlett, se, route = self._model_terms()
        a = 0.5 * self.fit.p
        if self.options.cov == "robust" and squares is not None:
            model, se, route = self._robust_terms(squares)
            a = 0.5 * trace
        if self.options.design == "random":
            model.update(self._extra(squares))
        whole = Expansion(a, float(sum(model.values())), self.fit.p, model)
        return GLMExpansion(whole, se, trace, trace_se, squares, bartlett, route)

    def _score_covariance(self) -> FloatArray:
        assert self.r is not None  # noqa: S101 - by the caller
        weight = self.chance * (self.scale * self.r) ** 2
        return np.asarray((self.z * weight[:, None]).T @ self.z)

    def _sums(
        self, coefficients: FloatArray, pairs: Sequence[Pair], s: FloatArray | None
    ) -> _Cubic:
        return _cubic_sums(
            self.z,
            coefficients,
            pairs,
            self.options,
            covariance=s,
            lower=self.lower,
            indicators=self.indicators,
            rng=self.rng,
        )

    def _model_terms(self) -> tuple[dict[str, float], float, float, str]:
        """Fixed design, well specified: ``(5/12) T2 + (3/8) t2 - (3/8) q``."""
        c = self.mass * self.d
        if not c.any():  # Gaussian: no third cumulant
            return {"T2": 0.0, "t2": 0.0, "q": 0.0}, 0.0, 0.0, "none"
        t = (c * self.h) @ self.z
        mean_square, q = float(t @ t), float(self.mass @ (self.e * self.h**2))
        t2, se, route = 0.0, 0.0, "robust"
        if self.options.cov == "model":
            found = self._sums(c[None], [(0, 0, 0)], None)
            t2, se, route = float(found.value[0]), float(found.se[0]), found.route
        terms = {"T2": 5 / 12 * t2, "t2": 0.375 * mean_square, "q": -0.375 * q}
        bartlett = 2.0 * t2 + 3.0 * mean_square - 3.0 * q
        return terms, bartlett, 5 / 12 * se, route

    def _robust_terms(self, s: FloatArray) -> tuple[dict[str, float], float, str]:
        """Misspecified: every cubic form, and the pieces common to both designs."""
        assert self.r is not None  # noqa: S101 - by the caller
        pi_d = self.mass * self.d
        r3 = self.chance * (self.scale * self.r) ** 3
        wr = self.chance * self.scale**2 * self.w * self.r
        pairs: list[Pair] = [(0, 1, 0), (2, 2, 0), (2, 0, 1), (0, 0, 2)]
        found = self._sums(np.stack([pi_d, r3, wr]), pairs, s)
        cubic_, a2, a_ts, cross = found.value
        random = self.options.design == "random"
        weight = np.array([-1 / 3, 1.5 * random, 3.0 * random, 0.75])
        hs = np.einsum("ia,ia->i", self.z @ s, self.z)
        t_s = (pi_d * hs) @ self.z
        terms = {
            "cubic": -cubic_ / 3.0,
            "mean_square": 0.375 * float(t_s @ t_s),
            "cross": 0.75 * cross,
            "quartic": -0.375 * float(self.mass @ (self.e * hs**2)),
        }
        if random:
            terms |= {"A2": 1.5 * a2, "A_TS": 3.0 * a_ts}
        return terms, float(np.abs(weight) @ found.se), found.route

    def _extra(self, s: FloatArray | None) -> dict[str, float]:
        """What a random design adds: the rows' information varies with the sample."""
        p = self.fit.p
        if self.options.cov == "model" or s is None or self.r is None:
            return {"extra": 0.5 * (float(self.mass @ (self.w * self.h) ** 2) - p)}
        k, r = self.scale, self.r
        trace = float(np.trace(s))
        hs = np.einsum("ia,ia->i", self.z @ s, self.z)
        pull = (self.chance * k**2 * self.w * r * self.h) @ self.z
        t_s = (self.mass * self.d * hs) @ self.z
        noise = float(self.chance @ (k**3 * self.w * r**2 * self.h**2)) - trace
        spread = float(self.chance @ (k**2 * self.w**2 * self.h * hs)) - trace
        slope = float(self.chance @ (k**2 * self.d * r * self.h * hs))
        return {
            "noise": -noise,
            "spread": 1.5 * spread,
            "pull": 1.5 * float(pull @ pull + pull @ t_s),
            "slope": -1.5 * slope,
        }


def _multinomial(
    fit: GLMFit, y: FloatArray | None, options: GLMOptions, rng: np.random.Generator
) -> GLMExpansion:
    """Several classes: pseudo-rows in place of rows, or the general expansion."""
    rows, probability = pseudo_rows(fit)
    n, _, p = rows.shape
    share = fit.mass[:, None] * probability
    size = np.einsum("nka,nka->nk", rows, rows)
    flat, c = rows.reshape(-1, p), share.ravel()
    found = _cubic_sums(flat, c[None], [(0, 0, 0)], options, rng=rng)
    t = (c * size.ravel()) @ flat
    between = np.einsum("nka,nla->nkl", rows, rows)
    trace_c = np.einsum("nk,nk->n", probability, size)
    trace_cc = np.einsum("nk,nl,nkl->n", probability, probability, between**2)
    q = float(np.vdot(share, size**2) - fit.mass @ (trace_c**2 + 2.0 * trace_cc))
    t2, mean_square = float(found.value[0]), float(t @ t)
    terms = {"T2": 5 / 12 * t2, "t2": 0.375 * mean_square, "q": -0.375 * q}
    if options.design == "random":
        terms["extra"] = 0.5 * (float(fit.mass @ trace_cc) - p)
    whole = Expansion(0.5 * p, float(sum(terms.values())), p, terms)
    bartlett = 2.0 * t2 + 3.0 * mean_square - 3.0 * q
    trace, trace_se, squares = float(p), 0.0, None
    if y is not None:
        chosen = np.where(y.sum(axis=1) > 0, y.argmax(axis=1) + 1, 0)
        score = rows[np.arange(n), chosen]
        squares = (score * fit.mass[:, None]).T @ score
        length = size[np.arange(n), chosen]
        trace = float(fit.mass @ length)
        trace_se = float(np.sqrt(fit.mass @ (length - trace) ** 2 / fit.n))
        if options.cov == "robust":
            whole = canonical_expansion(fit.mass, rows, probability, score, options)
    se = 5 / 12 * float(found.se[0])
    return GLMExpansion(whole, se, trace, trace_se, squares, bartlett, found.route)
