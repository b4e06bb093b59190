"""Assumptions asked of a fitted estimator: breakdown points and the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from infostat._frames import build_frame
from infostat.causal.breakdown import breakdown_columns
from infostat.causal.fitted import FittedBounds
from infostat.causal.ladder import Rungs, ladder_columns

__all__ = ["AssumptionQueries"]


class AssumptionQueries(FittedBounds):
    """How much must be believed before a sign is known."""

    def breakdown(
        self, null: float = 0.0, *, estimand: str | None = None, groups: Any = None
    ) -> Any:
        r"""How much hidden confounding the sign of an estimand survives.

        Parameters
        ----------
        null : float, default=0.0
            Value that would undo the conclusion.
        estimand : str, optional
            A name of ``bounds_``; the last contrast by default.
        groups : array-like of shape (n_samples,), optional
            Groups to answer for one by one.

        Returns
        -------
        frame
            Two rows (a group): the confounded fraction ``gamma`` and the odds factor
            ``msm_lambda`` at which the bound reaches the null, with ``std_error,
            conf_low, conf_high``, and ``robust``, where the confidence end reaches it.
            NaN for gamma where no range was given.

        Raises
        ------
        InfostatError
            If the estimand is unknown.

        Notes
        -----
        :math:`\gamma^* = (\tau - t_0)/(\tau - \mathrm{end})`, clipped to [0, 1].
        """
        study = self._fitted_study()
        name = self._estimand(estimand)
        labels = None if groups is None else self._labels("groups", groups)
        parts = [None] if labels is None else np.unique(labels).tolist()
        out: dict[str, list[Any]] = {}
        for part in parts:
            columns = breakdown_columns(
                study,
                self._control,
                name,
                float(null),
                level=self.level,
                target=self.target,
                within=None if labels is None else labels == part,
            )
            if labels is not None:
                columns = {"group": [part] * len(columns["null"]), **columns}
            for key, values in columns.items():
                out.setdefault(key, []).extend(values)
        return build_frame(out, self._library)

    def ladder(
        self,
        *,
        estimand: str | None = None,
        null: float = 0.0,
        gammas: Sequence[float] = Rungs.gammas,
        factors: Sequence[float] = Rungs.factors,
        shifts: Sequence[float] = Rungs.shifts,
        entropies: Sequence[float] = Rungs.entropies,
    ) -> Any:
        """Bounds under assumptions from none to "all confounders are measured".

        Parameters
        ----------
        estimand : str, optional
            A name of ``bounds_``; the last contrast by default.
        null : float, default=0.0
            Value that the sign is counted from.
        gammas : sequence of float, default=(0.75, 0.5, 0.25, 0.1)
            Confounded fractions.
        factors : sequence of float, default=(3.0, 2.0, 1.5, 1.2)
            Odds factors.
        shifts : sequence of float, default=(0.5, 0.2)
            Mean shifts in standard deviations.
        entropies : sequence of float, default=(0.1, 0.01)
            Relative entropies in nats.

        Returns
        -------
        frame
            One row an assumption: ``kind, assumption, lower, upper, ci_lower,
            ci_upper, width, verdict``. The verdict is "above" or "below" the null where
            the interval says so, and "refuted" where the data contradict the assumption
            beyond their error. The order is for reading; the sets are not a chain.

        Raises
        ------
        InfostatError
            If the estimand is unknown.
        """
        study = self._fitted_study()
        columns = ladder_columns(
            study,
            self._control,
            self._estimand(estimand),
            Rungs(gammas, factors, shifts, entropies),
            null=float(null),
            level=self.level,
            target=self.target,
        )
        return build_frame(columns, self._library)
