"""The p-n criterion for laws without features: exponential families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice
from infostat.exceptions import InfostatError
from infostat.samplesize.cumulants import contract
from infostat.samplesize.drawn import CustomFamily, expansion_from_samples
from infostat.samplesize.expansion import (
    Contractions,
    Order,
    family_expansion,
    optimism_term,
)
from infostat.samplesize.families import Family
from infostat.samplesize.laws import Law
from infostat.samplesize.requirement import Requirement
from infostat.samplesize.resample import bootstrap_family
from infostat.samplesize.result import PNResult
from infostat.samplesize.verdict import Evidence, conclude, without_estimate

__all__ = ["ExponentialFamilyPN", "pn_from_samples"]

FloatArray = npt.NDArray[np.float64]

JACKKNIFE_BLOCKS = 200


@dataclass(frozen=True)
class ExponentialFamilyPN:
    """The p-n criterion for an exponential family.

    Parameters
    ----------
    family : Family or CustomFamily
        For instance ``GaussianFamily()``, ``CategoricalFamily()``, ``PoissonFamily()``,
        ``LogLinearFamily(levels)``, or a family known by draws.
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
        The data's own covariance and third moments, or the model taken for true.
    order : {"pade", 2, 1}, default="pade"
        Form of the risk.
    method : {"asymptotic", "bootstrap", "parametric-bootstrap"}, default="asymptotic"
        Expansion or resampling.
    jackknife : bool, default=False
        Remove the bias of order 1/n from ``tr S`` by a (grouped) jackknife. It changes
        the risk by as much as the second order does.
    n_resamples : int, default=200
        Resamples.

    Examples
    --------
    >>> from infostat.samplesize import PoissonFamily
    >>> counts = [0, 1, 1, 2, 0, 3, 1, 0, 2, 1] * 20
    >>> ExponentialFamilyPN(PoissonFamily(), cov="model").assess(counts).verdict
    'sufficient'
    """

    family: Family | CustomFamily
    delta: float = 0.05
    bound: Any = "sharp"
    horizon: int = 1
    assurance: float | None = None
    cov: str = "robust"
    order: Order = "pade"
    method: str = "asymptotic"
    jackknife: bool = False
    n_resamples: int = 200

    def assess(
        self, data: Any, *, rng: int | np.random.Generator | None = None
    ) -> PNResult:
        """Fit the law and assess the sample.

        Parameters
        ----------
        data : array-like of shape (n_samples,) or (n_samples, n_columns)
            Observations in the form of the family.
        rng : int or Generator, optional
            Source of randomness of jackknife groups, resamples and draws.

        Returns
        -------
        PNResult
            Relative figures are None: a law without features has no information.

        Raises
        ------
        InfostatError
            If the data do not suit the family or an option is unknown.
        """
        read_choice(self.cov, "cov", ("robust", "model"))
        methods = ("asymptotic", "bootstrap", "parametric-bootstrap")
        read_choice(self.method, "method", methods)
        generator = np.random.default_rng(rng)
        if isinstance(self.family, CustomFamily):
            return self._drawn(data, generator)
        values = self.family.read(data)
        n = len(values)
        weight = np.full(n, 1.0 / n)
        name = type(self.family).__name__.removesuffix("Family").lower()
        try:
            law = self.family.fit(values, weight)
        except InfostatError as error:
            return without_estimate(
                self._requirement(), str(error), n=float(n), p=0, family=name
            )
        return self._answer(law, values, weight, name, generator)

    def _requirement(self) -> Requirement:
        return Requirement(
            self.delta, self.bound, self.horizon, assurance=self.assurance
        )

    def _answer(
        self,
        law: Law,
        values: npt.NDArray[Any],
        weight: FloatArray,
        name: str,
        rng: np.random.Generator,
    ) -> PNResult:
        n, rows = len(values), law.whitened(values)
        length = np.einsum("ia,ia->i", rows, rows)
        plug_in = float(length.mean())
        trace = plug_in
        if self.jackknife:
            trace -= self._bias(values, plug_in, rng)
        model = law.cumulants()
        robust = self.cov == "robust"
        own = contract(model, rows, weight, trace) if robust else contract(model)
        expansion = family_expansion(own, law.p)
        resampled = None
        facts: dict[str, Any] = {"family": name, "method": self.method}
        if self.method != "asymptotic":
            boot = bootstrap_family(
                self.family,  # type: ignore[arg-type]
                law,
                values,
                weight,
                parametric=self.method == "parametric-bootstrap",
                n_resamples=self.n_resamples,
                rng=rng,
            )
            resampled = boot.risk
            facts |= {"risk_se": boot.se, "p_no_mle": boot.no_mle}
        facts |= _criteria(law, values, trace, own, robust=robust)
        spectrum = np.ones(law.p)
        if robust:
            spectrum = np.maximum(np.linalg.eigvalsh(rows.T @ rows / n), 0.0)
        evidence = Evidence(
            expansion,
            float(n),
            spectrum,
            trace,
            float(length.std() / np.sqrt(n)),
            resampled=resampled,
            p_no_mle=facts.get("p_no_mle"),
            facts=facts,
        )
        return conclude(evidence, self._requirement(), self.order)

    def _bias(
        self, values: npt.NDArray[Any], plug_in: float, rng: np.random.Generator
    ) -> float:
        """Jackknife estimate of the bias of ``tr S``, rows left out in groups."""
        n = len(values)
        blocks = min(n, JACKKNIFE_BLOCKS)
        block = rng.permutation(n) % blocks
        left = np.empty(blocks)
        for k in range(blocks):
            part = values[block != k]
            law = self.family.fit(part, np.full(len(part), 1.0 / len(part)))  # type: ignore[union-attr]
            left[k] = (law.whitened(part) ** 2).sum(axis=1).mean()
        return float((blocks - 1) * (left.mean() - plug_in))

    def _drawn(self, data: Any, rng: np.random.Generator) -> PNResult:
        family = self.family
        assert isinstance(family, CustomFamily)  # noqa: S101 - by the caller
        if self.method != "asymptotic" or self.cov != "robust" or self.jackknife:
            msg = (
                "A family known by draws alone cannot be refitted: use "
                "method='asymptotic', cov='robust' and jackknife=False."
            )
            raise InfostatError(msg)
        draws = family.sampler(family.n_draws, rng)
        return pn_from_samples(
            family.statistic(data),
            family.statistic(draws),
            delta=self.delta,
            bound=self.bound,
            horizon=self.horizon,
            assurance=self.assurance,
            order=self.order,
        )


def _criteria(
    law: Law,
    values: npt.NDArray[Any],
    trace: float,
    own: Contractions,
    *,
    robust: bool,
) -> dict[str, Any]:
    """Information criteria with their second order."""
    loglik = float(law.log_density(values).sum())
    n, o2 = len(values), optimism_term(own)
    out = {
        "loglik": loglik,
        "aic": -2.0 * loglik + 2.0 * law.p,
        "tic": -2.0 * loglik + 2.0 * trace,
    }
    if robust:
        out["tic2"] = -2.0 * loglik + 2.0 * (trace + o2 / n)
    else:
        out["aic2"] = -2.0 * loglik + 2.0 * (law.p + o2 / n)
    return out


def pn_from_samples(
    xi_data: FloatArray,
    xi_model: FloatArray,
    *,
    delta: float = 0.05,
    bound: Any = "sharp",
    horizon: int = 1,
    assurance: float | None = None,
    order: Order = "pade",
) -> PNResult:
    """P-n criterion from statistics alone: no normalising constant is needed.

    Parameters
    ----------
    xi_data : ndarray of shape (n_samples, p)
        Statistic of the data.
    xi_model : ndarray of shape (n_draws, p)
        Statistic of draws from the model at the maximum likelihood estimate; at least
        10,000 and 100 a parameter keep the bias of ``c2`` to a few per cent.
    delta : float, default=0.05
        A new observation may be told from the best law with a Bayes error no less than
        ``1/2 - delta``.
    bound : {"sharp", "pinsker", "bretagnolle-huber", "gaussian"}, default="sharp"
        From Bayes error to risk, see :func:`bayes_error_threshold`.
    horizon : int, default=1
        New observations judged together.
    assurance : float, optional
        Probability with which the limit is to hold; on average by default.
    order : {"pade", 2, 1}, default="pade"
        Form of the risk, see :func:`estimation_risk`.

    Returns
    -------
    PNResult
        ``c2_se`` says how far ``c2`` moves where pairs of a draw with itself are left
        out; a warning says where that matters.

    Raises
    ------
    InfostatError
        If the statistics do not match or are redundant.
    """
    found = expansion_from_samples(xi_data, xi_model)
    data = np.asarray(xi_data, dtype=float)
    e, n = found.expansion, float(len(data))
    notes: tuple[str, ...] = ()
    if found.simulation_gap > 0.1 * abs(e.c2):
        note = (
            f"c2 = {e.c2:.3g} moves by {found.simulation_gap:.2g} with pairs of a draw "
            f"with itself left out: draw more of the model"
        )
        notes = (note,)
    evidence = Evidence(
        e,
        n,
        found.spectrum,
        2.0 * e.a,
        found.trace_se,
        facts={"family": "custom", "c2_se": found.simulation_gap, "warnings": notes},
    )
    requirement = Requirement(delta, bound, horizon, assurance=assurance)
    return conclude(evidence, requirement, order)
