"""One data set under study: its arms, ranges and cross-fitted nuisances."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import is_classifier
from tqdm import tqdm

from infostat._device import report_fallback
from infostat._sklearn import take_rows
from infostat._threads import one_thread
from infostat.causal.intervals import Sampling
from infostat.causal.law import LawPiece, fit_law
from infostat.causal.nuisance import (
    boosted_device,
    fit_weighted,
    folds,
    outcome_learner,
    propensity_learner,
    seeded,
)
from infostat.exceptions import InfostatError

__all__ = ["ArmView", "Learners", "Outcome", "Study"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Learners:
    """How nuisances are fitted.

    Attributes
    ----------
    outcome, propensity : estimator, "xgboost" or None
        The learners; None for the defaults.
    cv : int, splitter or iterable
        Folds.
    seeds : tuple of int
        One seed a repetition of the splits.
    clip : float
        Propensities are kept in ``[clip, 1 - clip]``.
    device : str
        Where XGBoost runs.
    """

    outcome: Any
    propensity: Any
    cv: Any
    seeds: tuple[int, ...]
    clip: float
    device: str


@dataclass(frozen=True, eq=False)
class Outcome:
    """Values of one functional and their range in each arm.

    Attributes
    ----------
    label, contrast : str
        Texts with places for the potential outcomes.
    values : ndarray of shape (n_samples,)
        Functional of the observed outcome.
    low, high : list of ndarray of shape (n_samples,)
        Range in each arm at each row's covariates.
    support : str
        "given", "by construction", "observed" or "none".
    """

    label: str
    contrast: str
    values: FloatArray
    low: list[FloatArray]
    high: list[FloatArray]
    support: str


@dataclass(eq=False)
class Study:
    """Data and nuisances; a nuisance is fitted when a score first asks for it.

    Attributes
    ----------
    X : frame or ndarray
        Covariates, as the user gave them.
    arms : ndarray of shape (n_samples,)
        Code of each row's treatment in ``levels``.
    levels : ndarray
        Treatments.
    outcomes : list of Outcome
        One a functional.
    sampling : Sampling
        Weights and clusters.
    learners : Learners
        How nuisances are fitted.
    """

    X: Any
    arms: IntArray
    levels: npt.NDArray[Any]
    outcomes: list[Outcome]
    sampling: Sampling
    learners: Learners
    _laws: dict[tuple[int, int, int], list[LawPiece]] = field(default_factory=dict)
    _propensities: dict[int, tuple[FloatArray, float]] = field(default_factory=dict)
    _devices: set[str] = field(default_factory=set)

    @property
    def n_arms(self) -> int:
        """Number of treatments."""
        return len(self.levels)

    @property
    def device(self) -> str | None:
        """Where "xgboost" ran so far; None where it was not asked to."""
        if not self._devices:
            return None
        return "cuda" if self._devices == {"cuda"} else "cpu"

    def note_device(self, learner: Any, given: Any) -> None:
        """Remember where a fitted learner ran; the first fallback to the CPU warns.

        Parameters
        ----------
        learner : estimator
            Fitted.
        given : estimator, "xgboost" or None
            The user's choice; estimators of the user's own have their own device.
        """
        device = boosted_device(learner) if isinstance(given, str) else None
        if device is None or device in self._devices:
            return
        self._devices.add(device)
        report_fallback(self.learners.device, [device], "CausalBounds")

    def splits(self, repetition: int) -> list[tuple[IntArray, IntArray]]:
        """Folds of a repetition."""
        seed = self.learners.seeds[repetition]
        return folds(self.arms, self.learners.cv, self.sampling.cluster, seed)

    def propensity(self, repetition: int) -> FloatArray:
        """Cross-fitted propensities, clipped, shape (n_samples, n_treatments)."""
        return self._fitted_propensity(repetition)[0]

    def fitted_overlap(self) -> tuple[dict[str, list[float]], float] | None:
        """Quantiles of the propensities (0, 5, 50, 95, 100 %) and the clipped share.

        None where no score has asked for a propensity.
        """
        if 0 not in self._propensities:
            return None
        kept, clipped = self._propensities[0]
        steps = [0.0, 0.05, 0.5, 0.95, 1.0]
        return {
            str(level): np.quantile(kept[:, a], steps).tolist()
            for a, level in enumerate(self.levels)
        }, clipped

    def _fitted_propensity(self, repetition: int) -> tuple[FloatArray, float]:
        if repetition not in self._propensities:
            raw = self._fit_propensity(repetition)
            kept = np.clip(raw, self.learners.clip, 1.0 - self.learners.clip)
            own = np.arange(len(raw)), self.arms
            self._propensities[repetition] = kept, float(np.mean(kept[own] != raw[own]))
        return self._propensities[repetition]

    def _fit_propensity(self, repetition: int) -> FloatArray:
        out = np.zeros((len(self.arms), self.n_arms))
        weight, seed = self.sampling.weight, self.learners.seeds[repetition]
        parts = tqdm(
            self.splits(repetition), desc="propensity", disable=None, leave=False
        )
        with one_thread():
            for train, test in parts:
                learner = propensity_learner(
                    self.learners.propensity, self.learners.device
                )
                if not is_classifier(learner):
                    msg = (
                        f"propensity_learner must be a classifier, got "
                        f"{type(learner).__name__}: it predicts the treatment."
                    )
                    raise InfostatError(msg)
                fit_weighted(
                    seeded(learner, seed),
                    take_rows(self.X, train),
                    self.arms[train],
                    None if weight is None else weight[train],
                )
                self.note_device(learner, self.learners.propensity)
                out[test] = learner.predict_proba(take_rows(self.X, test))
        return out

    def law(self, repetition: int, outcome: int, arm: int) -> list[LawPiece]:
        """Cross-fitted law of the standardised outcome in one arm, fold by fold."""
        key = repetition, outcome, arm
        if key not in self._laws:
            self._laws[key] = self._fit_laws(repetition, outcome, arm)
        return self._laws[key]

    def _fit_laws(self, repetition: int, outcome: int, arm: int) -> list[LawPiece]:
        z = self.view(repetition, outcome, arm).position
        weight, seed = self.sampling.weight, self.learners.seeds[repetition]
        name = f"outcome under {self.levels[arm]}"
        parts = tqdm(self.splits(repetition), desc=name, disable=None, leave=False)
        pieces = []
        with one_thread():
            for train, test in parts:
                ours = train[self.arms[train] == arm]
                if weight is not None:
                    ours = ours[weight[ours] > 0.0]
                learner = outcome_learner(
                    self.learners.outcome, len(ours), self.learners.device
                )
                learner = seeded(learner, seed)
                piece = fit_law(
                    learner,
                    take_rows(self.X, ours),
                    z[ours],
                    None if weight is None else weight[ours],
                    take_rows(self.X, test),
                    test,
                )
                self.note_device(learner, self.learners.outcome)
                pieces.append(piece)
        return pieces

    def view(self, repetition: int, outcome: int, arm: int) -> ArmView:
        """What a score of one arm reads."""
        return ArmView(self, repetition, outcome, arm)


@dataclass(frozen=True, eq=False)
class ArmView:
    """One arm, one functional, one repetition: what a score reads.

    Attributes
    ----------
    study : Study
        The data.
    repetition, outcome, arm : int
        Which splits, functional and treatment.
    """

    study: Study
    repetition: int
    outcome: int
    arm: int

    @property
    def taken(self) -> BoolArray:
        """Rows whose treatment is the arm."""
        return np.asarray(self.study.arms == self.arm)

    @property
    def values(self) -> FloatArray:
        """Functional of the observed outcome of all rows, whatever their treatment."""
        return self.study.outcomes[self.outcome].values

    @property
    def low(self) -> FloatArray:
        """Lower end of the range at each row."""
        return self.study.outcomes[self.outcome].low[self.arm]

    @property
    def high(self) -> FloatArray:
        """Upper end of the range at each row."""
        return self.study.outcomes[self.outcome].high[self.arm]

    @cached_property
    def propensity(self) -> FloatArray:
        """Cross-fitted propensity of the arm at each row."""
        return self.study.propensity(self.repetition)[:, self.arm]

    @cached_property
    def frame(self) -> tuple[FloatArray, FloatArray, bool, bool]:
        """Origin and unit of the standardised outcome, and which ends are finite.

        With both ends the outcome is placed in [0, 1]; with one it is counted from
        that end in units of the largest distance seen in the arm; with none it is
        counted from the middle of the arm in units of its half-width.
        """
        low, high = self.low, self.high
        has_low, has_high = bool(np.isfinite(low).all()), bool(np.isfinite(high).all())
        seen = self.values[self.taken]
        if has_low and has_high:
            return low, high - low, True, True
        if has_low or has_high:
            end = low if has_low else high
            far = np.abs(seen - end[self.taken]).max()
            origin = end
        else:
            middle = (seen.max() + seen.min()) / 2.0
            far, origin = np.abs(seen - middle).max(), np.full(len(low), middle)
        unit = np.full(len(low), far if far > 0.0 else 1.0)
        return origin, unit, has_low, has_high

    @cached_property
    def position(self) -> FloatArray:
        """Outcome in the units of :attr:`frame`."""
        origin, unit, _, _ = self.frame
        return (self.values - origin) / unit

    @property
    def pieces(self) -> list[LawPiece]:
        """Cross-fitted law of :attr:`position` in the arm."""
        return self.study.law(self.repetition, self.outcome, self.arm)

    @cached_property
    def mean(self) -> FloatArray:
        """Cross-fitted conditional mean of :attr:`position` in the arm."""
        out = np.empty(len(self.study.arms))
        for piece in self.pieces:
            out[piece.rows] = piece.mean
        return out
