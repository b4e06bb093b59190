"""Questions to a criterion that was fitted: how many rows, how many parameters."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infostat._frames import build_frame
from infostat.exceptions import InfostatError
from infostat.samplesize.assess import Assessment
from infostat.samplesize.paths import compress, nested_path, path_columns
from infostat.samplesize.problem import Problem, Settings
from infostat.samplesize.requirement import Requirement
from infostat.samplesize.result import PNResult
from infostat.samplesize.verdict import Evidence

__all__ = ["Questions"]


class Questions:
    """Inverse problems of a fitted criterion."""

    result_: PNResult
    _assessment: Assessment
    _problem: Problem
    _library: Any

    @abstractmethod
    def _requirement(self) -> Requirement:
        """Limits asked for."""

    @abstractmethod
    def _settings(self) -> Settings:
        """All choices."""

    @abstractmethod
    def _rng(self) -> np.random.Generator:
        """Source of randomness."""

    def required_n(
        self, delta: float | None = None, max_share: float | None = None
    ) -> int:
        """Rows that would meet the limits, other things equal.

        Parameters
        ----------
        delta, max_share : float, optional
            Limits to use in place of those of the estimator.

        Returns
        -------
        int
            The larger of the absolute and the relative answer.

        Raises
        ------
        InfostatError
            If the sample has no estimate, or a share is asked of no information.
        """
        evidence = self._evidence()
        asked = self._requirement()
        asked = replace(
            asked,
            delta=asked.delta if delta is None else float(delta),
            max_share=asked.max_share if max_share is None else float(max_share),
        )
        factor = asked.factor(evidence.spectrum)
        order = self._settings().order
        absolute = asked.absolute_n(evidence.expansion, factor, order)
        if asked.max_share is None:
            return absolute
        relative = asked.relative_n(
            evidence.expansion, evidence.null, evidence.mi or 0.0, factor, order
        )
        if relative is None:
            msg = (
                "The features carry no information, so no number of rows keeps a share "
                "of it: find better features, or ask for delta alone."
            )
            raise InfostatError(msg)
        return max(absolute, relative)

    def max_params(self) -> int:
        """Parameters that the sample bears under the absolute limit, leading term.

        Returns
        -------
        int

        Raises
        ------
        InfostatError
            If the sample has no estimate.
        """
        self._evidence()
        return int(self.result_.p_max or 0)

    def path(self, order: str | Sequence[str] = "iv") -> Any:
        """Risk and information of the models with the first, first two, ... groups.

        Parameters
        ----------
        order : {"iv", "gain", "wald"} or sequence of str, default="iv"
            Information value of the groups (binary outcomes), information of each
            alone, Wald statistic a parameter, or names.

        Returns
        -------
        frame
            One row a model: ``group`` added, ``p, risk, threshold, mi, gain, share,
            n_required, p_no_mle, verdict``. The largest model that passes is the
            answer to "how many parameters".

        Raises
        ------
        InfostatError
            If the order is unknown, does not suit the outcome, or names no group.
        """
        check_is_fitted(self, "result_")
        steps = nested_path(self._problem, self._settings(), order, self._rng())
        return build_frame(path_columns("group", steps), self._library)

    def compress(self, keep: Sequence[str] = ()) -> Any:
        """Drop groups, least loss first, until the model passes.

        Parameters
        ----------
        keep : sequence of str, default=()
            Groups never to drop.

        Returns
        -------
        frame
            One row a step: group ``dropped`` (empty for the full model) and the columns
            of :meth:`path`. The selection itself is not counted in the risk.

        Raises
        ------
        InfostatError
            If ``keep`` names no group.
        """
        check_is_fitted(self, "result_")
        steps = compress(self._problem, self._settings(), keep, self._rng())
        return build_frame(path_columns("dropped", steps), self._library)

    def _evidence(self) -> Evidence:
        check_is_fitted(self, "result_")
        evidence = self._assessment.evidence
        if evidence is None:
            msg = (
                "The sample has no maximum likelihood estimate, so the risk is unknown: "
                "merge or drop levels, see result_.reasons."
            )
            raise InfostatError(msg)
        return evidence
