"""What is asked of a sample: an absolute and a relative limit on the risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from infostat.exceptions import InfostatError
from infostat.samplesize.expansion import Expansion, Order, required_n
from infostat.samplesize.threshold import Bound, bayes_error_threshold

__all__ = ["Requirement", "assurance_factor"]

FloatArray = npt.NDArray[np.float64]


def assurance_factor(assurance: float, spectrum: FloatArray) -> float:
    r"""Quantile of the divergence over its mean.

    To leading order ``2 n D`` is distributed as ``sum_j lambda_j chi2_1``, here matched
    by a scaled chi-square with ``(sum lambda)^2 / sum lambda^2`` degrees of freedom. The
    quantile at 0.8 holds for 82 % of samples of 200 rows and 5 columns, and for 74 % of
    1,000 rows and 20 columns.

    Parameters
    ----------
    assurance : float
        Level of the quantile, strictly between 0 and 1.
    spectrum : ndarray of shape (p,)
        Eigenvalues of the whitened covariance; ones where the model holds.

    Returns
    -------
    float

    Raises
    ------
    InfostatError
        If ``assurance`` is out of range.
    """
    if not 0.0 < assurance < 1.0:
        msg = f"assurance must lie strictly between 0 and 1, got {assurance}: 0.8, say."
        raise InfostatError(msg)
    df = float(spectrum.sum() ** 2 / (spectrum**2).sum())
    return float(chdtri(df, 1.0 - assurance)) / df


@dataclass(frozen=True)
class Requirement:
    """Limits on the estimation risk.

    Attributes
    ----------
    delta : float
        Distance of the Bayes error from 1/2 that is allowed.
    bound : str
        From Bayes error to risk, see :func:`bayes_error_threshold`.
    horizon : int
        New observations that are judged together.
    max_share : float or None
        Largest share of the model's information that estimation may cost: 1/9 asks for
        a calibration slope of 0.9.
    assurance : float or None
        Probability with which the limits are to hold; None asks for them on average.
    """

    delta: float = 0.05
    bound: Bound = "sharp"
    horizon: int = 1
    max_share: float | None = None
    assurance: float | None = None

    @property
    def threshold(self) -> float:
        """Largest risk allowed in nats, ``C(delta) / horizon``."""
        return bayes_error_threshold(self.delta, self.bound) / self.horizon

    def factor(self, spectrum: FloatArray) -> float:
        """Factor by which the risk is raised before it is compared."""
        if self.assurance is None:
            return 1.0
        return assurance_factor(self.assurance, spectrum)

    def absolute_n(self, e: Expansion, factor: float, order: Order) -> int:
        """Rows at which the absolute limit is met."""
        return int(np.ceil(required_n(e.a, e.c2, self.threshold / factor, order)))

    def relative_n(
        self, e: Expansion, null: float, mi: float, factor: float, order: Order
    ) -> int | None:
        """Rows at which the relative limit is met; None without limit or information.

        Parameters
        ----------
        e : Expansion
            Coefficients of the model.
        null : float
            Leading coefficient of the model without features, which is netted out.
        mi : float
            Information of the features in nats.
        factor : float
            See :meth:`factor`.
        order : {"pade", 2, 1}
            See :func:`required_n`.

        Returns
        -------
        int or None
        """
        net = e.a - null
        if self.max_share is None or mi <= 0.0 or net <= 0.0:
            return None
        # The second order is shared out in proportion, which leaves c2/a as it is.
        limit = self.max_share * mi / factor
        return int(np.ceil(required_n(net, e.c2 * net / e.a, limit, order)))
