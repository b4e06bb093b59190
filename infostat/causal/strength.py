"""How strong measured covariates are, in the units of the assumptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from infostat._frames import as_frame, build_frame
from infostat.causal.breakdown import breakdown_columns, falling_root
from infostat.causal.fitted import FittedBounds
from infostat.causal.rows import both_ends, score_rows
from infostat.causal.sensitivity import ConfoundedFraction, MeanShift
from infostat.causal.study import Study
from infostat.exceptions import InfostatError

__all__ = ["StrengthQueries"]

FloatArray = npt.NDArray[np.float64]

LARGEST_SHIFT = 20.0


class StrengthQueries(FittedBounds):
    """Benchmarks of the assumptions against measured covariates."""

    def benchmark(self, covariates: Any = None, *, estimand: str | None = None) -> Any:
        r"""Say how strong a hidden confounder like a measured covariate would be.

        Each covariate is left out in turn, as if it had not been measured. The bounds
        without it are widened until they reach the estimate with it: the ``gamma``,
        ``msm_lambda`` and ``mean_shift`` at which they do are the strength of that
        covariate. A :meth:`breakdown` point many times that of the strongest covariate
        makes hidden confounding of that size implausible; below it, it is likely.

        Parameters
        ----------
        covariates : sequence, optional
            Names (for arrays positions) of the covariates; all by default. A sequence
            within it is a group left out together.
        estimand : str, optional
            A name of ``bounds_``; the last contrast by default.

        Returns
        -------
        frame
            One row a covariate, strongest ``msm_lambda`` first: ``covariate, point,
            point_without, gamma, msm_lambda, mean_shift, odds_ratio``. The last is the
            factor by which the covariate moves the odds of the treatment taken, the 95 %
            quantile over the rows. Estimates without intervals; ``gamma`` is NaN
            without a range.

        Raises
        ------
        InfostatError
            If a covariate is unknown, or leaving it out leaves none.
        """
        study, name = self._fitted_study(), self._estimand(estimand)
        point = _point(study, self._control, name)
        chosen = _groups(study.X, covariates)
        full = study.propensity(0)
        out: dict[str, list[Any]] = {"covariate": [], "point": [], "point_without": []}
        steps = tqdm(chosen, desc="covariates", disable=None, leave=False)
        for label, group in steps:
            without = replace(
                study, X=_without(study.X, group), _laws={}, _propensities={}
            )
            rows = breakdown_columns(
                without,
                self._control,
                name,
                point,
                level=self.level,
                target=self.target,
            )
            found = dict(zip(rows["assumption"], rows["breakdown"], strict=True))
            entry = {
                "covariate": label,
                "point": point,
                "point_without": rows["point"][0],
                **found,
                "mean_shift": _shift(without, self._control, name, point),
                "odds_ratio": _odds(full, without.propensity(0), study.arms),
            }
            for key, value in entry.items():
                out.setdefault(key, []).append(value)
        order = np.argsort(-np.asarray(out["msm_lambda"]), kind="stable")
        ranked = {key: [values[k] for k in order] for key, values in out.items()}
        return build_frame(ranked, self._library)


def _point(study: Study, control: int, name: str) -> float:
    """Estimate with all measured covariates and no hidden confounding."""
    rows = score_rows(study, ConfoundedFraction(0.0), control, outcomes=[0])
    row = next(r for r in rows if r.estimand == name)
    return both_ends(row, study.sampling)[0].value


def _shift(study: Study, control: int, name: str, point: float) -> float:
    """Mean shift at which the bounds reach a value."""

    def gap(kappa: float) -> float:
        rows = score_rows(study, MeanShift(kappa), control, outcomes=[0])
        row = next(r for r in rows if r.estimand == name)
        ends = both_ends(row, study.sampling)
        return max(ends[0].value - point, point - ends[1].value)

    return falling_root(gap, 0.0, LARGEST_SHIFT)


def _odds(full: FloatArray, without: FloatArray, arms: npt.NDArray[np.intp]) -> float:
    """Change of the odds of the treatment taken: 95 % quantile, at least one."""
    own = np.arange(len(arms)), arms
    change = np.log(full[own] / (1.0 - full[own]))
    change -= np.log(without[own] / (1.0 - without[own]))
    return float(np.exp(np.quantile(np.abs(change), 0.95)))


def _groups(X: Any, covariates: Any) -> list[tuple[Any, list[Any]]]:
    """Labels and columns of what is left out."""
    frame = as_frame(X)
    names: list[Any] = (
        list(frame.columns)
        if isinstance(frame, nw.DataFrame)
        else list(range(np.shape(X)[1]))
    )
    chosen = names if covariates is None else list(covariates)
    out = []
    for entry in chosen:
        group = list(entry) if isinstance(entry, list | tuple) else [entry]
        unknown = [column for column in group if column not in names]
        if unknown:
            msg = f"Covariates {unknown} are not among those fitted: {names}."
            raise InfostatError(msg)
        if len(group) == len(names):
            msg = (
                "Leaving out every covariate leaves nothing to adjust for: name fewer."
            )
            raise InfostatError(msg)
        out.append((" + ".join(str(column) for column in group), group))
    return out


def _without(X: Any, group: list[Any]) -> Any:
    frame = as_frame(X)
    if isinstance(frame, nw.DataFrame):
        return frame.drop(group).to_native()
    return np.delete(X, group, axis=1)
