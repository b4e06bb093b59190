"""Averages asked of a fitted estimator: groups, projections, policies, intersections."""

from __future__ import annotations

from typing import Any

import numpy as np

from infostat._frames import build_frame
from infostat.causal.fitted import FittedBounds, as_matrix
from infostat.causal.fitting import chosen_rules
from infostat.causal.intervals import band_reach, intersection_bounds
from infostat.causal.projection import project_row
from infostat.causal.rows import summarise, weighted_row
from infostat.exceptions import InfostatError

__all__ = ["AverageQueries"]


class AverageQueries(FittedBounds):
    """Bounds on averages over groups, bases, policies and several assumptions."""

    def group_bounds(
        self, groups: Any, *, estimand: str | None = None, method: str | None = None
    ) -> Any:
        """Bounds within groups of rows, with bands that hold for all groups at once.

        Parameters
        ----------
        groups : array-like of shape (n_samples,)
            Labels, in the order of the rows that were fitted; functions of covariates.
            With sharp scores the treatment itself may be given: the effect on the
            treated and on the untreated.
        estimand : str, optional
            A name of ``bounds_``; the last contrast by default.
        method : str, optional
            A method of ``bounds_``; the first by default.

        Returns
        -------
        frame
            One row a group: ``group, n, lower, upper, se_lower, se_upper, ci_lower,
            ci_upper, band_lower, band_upper``. Intervals hold group by group, bands
            (multiplier bootstrap) for all at once.

        Raises
        ------
        InfostatError
            If labels do not fit the rows, or the estimand or method is unknown.
        """
        row = self._row(estimand, method)
        labels, sampling = self._labels("groups", groups), self._study.sampling
        levels = np.unique(labels)
        columns: dict[str, list[Any]] = {"group": levels.tolist(), "n": []}
        below, above = [], []
        for level in levels:
            inside = labels == level
            columns["n"].append(int(inside.sum()))
            got = summarise(
                [row], sampling, level=self.level, target=self.target, within=inside
            )
            for name in ("lower", "upper", "se_lower", "se_upper"):
                columns.setdefault(name, []).append(got[name][0])
            columns.setdefault("ci_lower", []).append(got["ci_lower"][0])
            columns.setdefault("ci_upper", []).append(got["ci_upper"][0])
            pair = np.column_stack(
                [np.mean(row.lower, axis=0), np.mean(row.upper, axis=0)]
            )
            influence = sampling.averages(pair, inside).influence
            below.append(influence[:, 0])
            above.append(-influence[:, 1])
        errors = np.array([*columns["se_lower"], *columns["se_upper"]])
        draws = np.column_stack([*below, *above])
        # The group of fewest clusters sets the law of all.
        degrees = [sampling.degrees(labels == level) for level in levels]
        df = min((d for d in degrees if d is not None), default=None)
        seed = self._study.learners.seeds[0]
        reach = band_reach(draws, errors, self.level, df=df, rng=seed)
        for side, sign in (("lower", -1.0), ("upper", 1.0)):
            columns[f"band_{side}"] = [
                end + sign * reach * se
                for end, se in zip(columns[side], columns[f"se_{side}"], strict=True)
            ]
        return build_frame(columns, self._library)

    def project(
        self,
        basis: Any,
        *,
        at: Any = None,
        estimand: str | None = None,
        method: str | None = None,
    ) -> Any:
        """Best linear projections of both ends on functions of the covariates.

        Parameters
        ----------
        basis : array-like of shape (n_samples, n_terms)
            Functions of the covariates at the fitted rows, with a constant if wanted.
        at : array-like of shape (n_points, n_terms), optional
            Points of the basis at which to evaluate both ends.
        estimand, method : str, optional
            As in :meth:`group_bounds`.

        Returns
        -------
        frame
            Without ``at`` one row a term: coefficients and errors of both ends. With
            it one row a point: ``lower, upper, se_lower, se_upper, ci_lower, ci_upper``
            and bands that hold at all points at once.

        Raises
        ------
        InfostatError
            If the basis does not fit the rows or is collinear, or an end is infinite.
        """
        row, study = self._row(estimand, method), self._study
        matrix, names = as_matrix(basis)
        if len(matrix) != study.sampling.n_samples:
            msg = (
                f"The basis has {len(matrix)} rows and {study.sampling.n_samples} were "
                f"fitted: give one row for each."
            )
            raise InfostatError(msg)
        found = project_row(row, matrix, study.sampling)
        if at is None:
            return build_frame(found.coefficients(names), self._library)
        points, _ = as_matrix(at)
        if points.shape[1] != matrix.shape[1]:
            msg = (
                f"at has {points.shape[1]} columns and the basis {matrix.shape[1]}: "
                f"evaluate the same functions."
            )
            raise InfostatError(msg)
        band = found.band(
            points, level=self.level, target=self.target, rng=study.learners.seeds[0]
        )
        return build_frame(band, self._library)

    def policy_bounds(self, policy: Any) -> Any:
        """Bounds on the mean outcome under a stochastic policy.

        Parameters
        ----------
        policy : array-like of shape (n_samples, n_treatments)
            Probability of each treatment (in the order of ``treatments_``) for each
            fitted row.

        Returns
        -------
        frame
            One row a method, columns of ``bounds_``.

        Raises
        ------
        InfostatError
            If the policy is not one probability a row and treatment.
        """
        study = self._fitted_study()
        chosen, _ = as_matrix(policy)
        shape = (study.sampling.n_samples, study.n_arms)
        if chosen.shape != shape or (chosen < 0.0).any():
            msg = (
                f"policy must have shape {shape} and no negative entry, got "
                f"{chosen.shape}: give one probability a row and treatment."
            )
            raise InfostatError(msg)
        if not np.allclose(chosen.sum(axis=1), 1.0):
            msg = "The rows of policy must sum to one: divide each row by its sum."
            raise InfostatError(msg)
        rules = chosen_rules(self, study.n_arms)
        rows = [weighted_row("policy value", study, rule, chosen) for rule in rules]
        columns = summarise(rows, study.sampling, level=self.level, target=self.target)
        return build_frame(columns, self._library)

    def intersect(self, *others: Any, estimand: str | None = None) -> Any:
        """Intersect bounds that hold under several ranges or assumptions at once.

        Parameters
        ----------
        *others : CausalBounds
            Fitted to the same rows with other ranges or assumptions, all believed.
        estimand : str, optional
            A name of ``bounds_``; the last contrast by default.

        Returns
        -------
        frame
            One row: ``estimand, n_bounds, lower, upper, ci_lower, ci_upper, verdict``.
            Estimates are half-median unbiased. The verdict is "refuted" where the ends
            of the interval contradict each other.

        Raises
        ------
        InfostatError
            If another estimator was fitted to other rows.

        Notes
        -----
        Chernozhukov, Lee and Rosen, Econometrica 81 (2013). For nested sets, such as
        divergence balls around the same law, there is nothing to gain: take the sharp.
        """
        study = self._fitted_study()
        rows = [self._row(estimand, None)]
        for other in others:
            theirs = other._fitted_study()
            if not np.array_equal(theirs.arms, study.arms):
                msg = (
                    "Bounds of different rows cannot be intersected: fit all on one "
                    "table."
                )
                raise InfostatError(msg)
            rows.append(other._row(rows[0].estimand, None))
        ends: dict[str, float] = {}
        probabilities = {"": 0.5, "ci_": (1.0 + self.level) / 2.0}
        for side, sign in (("lower", -1.0), ("upper", 1.0)):
            scores = np.column_stack([np.mean(getattr(r, side), axis=0) for r in rows])
            got = study.sampling.averages(scores)
            for prefix, probability in probabilities.items():
                ends[prefix + side] = sign * intersection_bounds(
                    sign * got.mean,
                    got.se,
                    sign * got.influence,
                    probability,
                    n=study.sampling.size,
                    df=study.sampling.degrees(),
                    rng=study.learners.seeds[0],
                )
        refuted = ends["ci_upper"] < ends["ci_lower"]
        columns: dict[str, Any] = {
            "estimand": [rows[0].estimand],
            "n_bounds": [len(rows)],
            **{
                name: [ends[name]]
                for name in ("lower", "upper", "ci_lower", "ci_upper")
            },
            "verdict": ["refuted" if refuted else ""],
        }
        return build_frame(columns, self._library)
