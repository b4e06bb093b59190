"""Effects on those who took a treatment, and ratios of means, from the same scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat.causal.fitted import FittedBounds
from infostat.causal.fitting import chosen_rules
from infostat.causal.intervals import imbens_manski
from infostat.causal.orthogonal import Ends
from infostat.causal.rows import ScoreRow, both_ends, potential, summarise
from infostat.causal.study import Study
from infostat.exceptions import InfostatError

__all__ = ["EffectQueries"]

FloatArray = npt.NDArray[np.float64]


class EffectQueries(FittedBounds):
    """Estimands that are ratios of means of scores."""

    def effect_on(self, arm: Any) -> Any:
        """Bounds on the effect among those who took a treatment.

        With the treated level it is the average effect on the treated (ATT), with the
        control that on the untreated (ATC).

        Parameters
        ----------
        arm : object
            A level of the treatment, which must have two.

        Returns
        -------
        frame
            One row a functional and method, columns of ``bounds_``; the estimand reads
            ``E[Y(1) - Y(0) | A=1]``.

        Raises
        ------
        InfostatError
            If the treatment is unknown or has more than two levels.

        Notes
        -----
        A score of the mean outcome under the other treatment, less the outcomes of that
        arm, is a score of what those who took ``arm`` would have had. The bounds and
        the assumptions are those of the constructor. Sharp bounds need nothing but the
        range, and are ``range`` wide.
        """
        study = self._fitted_study()
        code = self._arm(study, arm)
        if study.n_arms != 2:
            msg = (
                f"The effect on those who took {arm!r} is defined here for two "
                f"treatments, and there are {study.n_arms}: fit the rows of two."
            )
            raise InfostatError(msg)
        rows = []
        for rule in chosen_rules(self, 2):
            for k, outcome in enumerate(study.outcomes):
                ends = [
                    _among(study, rule.scores(study.view(r, k, 1 - code)), k, code)
                    for r in range(len(study.learners.seeds))
                ]
                if code == self._control:  # others less own, not own less others
                    ends = [(-upper, -lower) for lower, upper in ends]
                base = potential(study.levels[self._control])
                label = outcome.contrast.format(
                    potential(study.levels[1 - self._control]), base
                )
                rows.append(
                    ScoreRow(
                        f"{label[:-1]} | A={study.levels[code]}{label[-1]}",
                        rule.label,
                        outcome.support,
                        tuple(lower for lower, _ in ends),
                        tuple(upper for _, upper in ends),
                        k,
                    )
                )
        columns = summarise(rows, study.sampling, level=self.level, target=self.target)
        return build_frame(columns, self._library)

    def risk_ratio(self, arm: Any = None) -> Any:
        """Bounds on the ratio of mean outcomes, or of risks for a binary outcome.

        Parameters
        ----------
        arm : object, optional
            Treatment in the numerator; by default the last that is not the control,
            which stands in the denominator.

        Returns
        -------
        frame
            One row a functional and method: ``estimand, method, lower, upper,
            ci_lower, ci_upper, support``. The upper end is infinite where the mean
            under the control may be zero.

        Raises
        ------
        InfostatError
            If the treatment is unknown, or outcomes may be negative.

        Notes
        -----
        Ends of both means are combined crosswise, which is sharp where theirs are:
        nothing ties what the two arms do not show. Intervals are those of Imbens and
        Manski for the logarithm, whose errors come by the delta method.
        """
        study = self._fitted_study()
        code = study.n_arms - 1 if self._control != study.n_arms - 1 else 0
        if arm is not None:
            code = self._arm(study, arm)
        if code == self._control:
            msg = f"arm={arm!r} is the control: name another treatment."
            raise InfostatError(msg)
        pairs: dict[tuple[int, str], dict[int, ScoreRow]] = {}
        for outcome in range(len(study.outcomes)):
            self._refuse_negative(study, outcome)
            for a in (code, self._control):
                label = study.outcomes[outcome].label.format(potential(study.levels[a]))
                for row in self._rows:
                    if row.estimand == label and row.outcome == outcome:
                        pairs.setdefault((outcome, row.method), {})[a] = row
        columns: dict[str, list[Any]] = {
            name: []
            for name in (
                *("estimand", "method", "lower", "upper"),
                *("ci_lower", "ci_upper", "support"),
            )
        }
        for pair in pairs.values():
            top, bottom = pair[code], pair[self._control]
            ends = self._log_ratio(study, top, bottom)
            entry = (
                f"{top.estimand} / {bottom.estimand}",
                top.method,
                *(float(np.exp(end)) for end in ends),
                top.support,
            )
            for name, value in zip(columns, entry, strict=True):
                columns[name].append(value)
        return build_frame(columns, self._library)

    def _log_ratio(self, study: Study, top: ScoreRow, bottom: ScoreRow) -> list[float]:
        """Ends of the log-ratio and of its interval."""
        found, errors = [], []
        for side, other in (("lower", "upper"), ("upper", "lower")):
            over, under = getattr(top, side), getattr(bottom, other)
            means = [
                study.sampling.averages(np.column_stack(pair)).mean
                for pair in zip(over, under, strict=True)
            ]
            if any(not (np.isfinite(m).all() and (m > 0.0).all()) for m in means):
                found.append(-np.inf if side == "lower" else np.inf)
                errors.append(0.0)
                continue
            scores = tuple(
                np.log(m[0] / m[1]) + a / m[0] - b / m[1]
                for m, a, b in zip(means, over, under, strict=True)
            )
            row = ScoreRow("", "", "", scores, scores, 0)
            end = both_ends(row, study.sampling)[0]
            found.append(end.value)
            errors.append(end.se)
        low, high = imbens_manski(
            *(found[0], found[1], errors[0], errors[1]),
            n=study.sampling.size,
            level=self.level,
            target=self.target,
            df=study.sampling.degrees(),
        )
        if top.support == "observed":
            low = high = np.nan
        return [*found, low, high]

    def _refuse_negative(self, study: Study, outcome: int) -> None:
        lowest = min(float(low.min()) for low in study.outcomes[outcome].low)
        if lowest < 0.0:
            msg = (
                f"A ratio needs outcomes that cannot be negative, but y_bounds begins at "
                f"{lowest:g}: bound the difference instead."
            )
            raise InfostatError(msg)

    def _arm(self, study: Study, arm: Any) -> int:
        match = [k for k, level in enumerate(study.levels.tolist()) if level == arm]
        if not match:
            msg = f"arm={arm!r} is not among the treatments {study.levels.tolist()}."
            raise InfostatError(msg)
        return match[0]


def _among(study: Study, other: Ends, outcome: int, code: int) -> Ends:
    """Scores of own outcome less what the other treatment would have given.

    They are linearised ratios to the share that took the treatment.
    """
    took = (study.arms == code).astype(np.float64)
    values = study.outcomes[outcome].values
    share = float(study.sampling.averages(took[:, None]).mean[0])
    ends = []
    for end in (other[1], other[0]):
        # Outcomes of the other arm leave its score; own outcomes enter.
        scores = took * values - (end - (1.0 - took) * values)
        mean = float(study.sampling.averages(scores[:, None]).mean[0])
        ratio = mean / share
        if np.isfinite(ratio):
            scores = ratio + (scores - ratio * took) / share
        ends.append(scores)
    return ends[0], ends[1]
