"""How well conditioned designs are, by points a function and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat.displays.style import ACCENT, EVENT, INK, QUIET, Display
from infostat.sampling.designs import DesignPlan
from infostat.sampling.simulation import simulate_eigenvalues

__all__ = ["DesignStabilityDisplay"]

FloatArray = npt.NDArray[np.float64]

METHOD_STYLES = {
    "leverage": (QUIET, ":", "independent, by leverage"),
    "volume": (ACCENT, "--", "volume sampling"),
    "repeated_dpp": (EVENT, "-", "repeated DPP"),
    "uniform": (INK, "-.", "independent, uniform"),
}


class DesignStabilityDisplay(Display):
    """Smallest eigenvalue of the Gram matrix against points a function, by method.

    Build it with :meth:`from_basis`.

    Parameters
    ----------
    ratios : ndarray of shape (n_ratios,)
        Points over functions.
    methods : sequence of str
        Ways to draw.
    quantiles : ndarray of shape (n_methods, n_ratios, 3)
        10 %, 50 % and 90 % quantiles over designs.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``method, ratio, low, median, high``.
    """

    def __init__(
        self, ratios: FloatArray, methods: Sequence[str], quantiles: FloatArray
    ) -> None:
        self.ratios, self.methods, self.quantiles = ratios, list(methods), quantiles

    @classmethod
    def from_basis(
        cls,
        basis: Any,
        ratios: Sequence[float] = (1.5, 2, 3, 4, 6, 8),
        *,
        methods: Sequence[str] = ("leverage", "volume", "repeated_dpp"),
        n_designs: int = 100,
        rng: int | np.random.Generator | None = None,
    ) -> Self:
        """Simulate designs.

        Parameters
        ----------
        basis : basis
            Knows its domain or its reference.
        ratios : sequence of float, default=(1.5, 2, 3, 4, 6, 8)
            Points over functions, at least 1.
        methods : sequence of str, default=("leverage", "volume", "repeated_dpp")
            Of these and "uniform".
        n_designs : int, default=100
            Designs a method and ratio.
        rng : int or Generator, optional
            Source of randomness.

        Returns
        -------
        DesignStabilityDisplay

        Raises
        ------
        InfostatError
            If the basis does not know its domain, or a ratio is below 1.
        """
        if not hasattr(basis, "source_"):
            basis.prepare()
        source, generator = basis.source_, np.random.default_rng(rng)
        quantiles = np.empty((len(methods), len(ratios), 3))
        for i, method in enumerate(methods):
            for k, ratio in enumerate(ratios):
                n = int(np.ceil(ratio * source.rank))
                smallest = simulate_eigenvalues(
                    source, n, DesignPlan(method), n_designs, generator
                )
                quantiles[i, k] = np.quantile(smallest, [0.1, 0.5, 0.9])
        return cls(np.asarray(ratios, dtype=float), methods, quantiles)

    def _columns(self) -> dict[str, Any]:
        count = len(self.ratios)
        flat = self.quantiles.reshape(-1, 3)
        return {
            "method": [m for m in self.methods for _ in range(count)],
            "ratio": np.tile(self.ratios, len(self.methods)),
            "low": flat[:, 0],
            "median": flat[:, 1],
            "high": flat[:, 2],
        }

    def _size(self) -> tuple[float, float]:
        return (6.4, 3.4)

    def _draw(self, ax: Any) -> None:
        for method, (low, median, high) in zip(
            self.methods, self.quantiles.transpose(0, 2, 1), strict=True
        ):
            colour, line, name = METHOD_STYLES.get(method, (INK, "-", method))
            ax.fill_between(
                self.ratios, low, high, color=colour, alpha=0.15, linewidth=0
            )
            ax.plot(self.ratios, median, color=colour, linestyle=line, label=name)
        self._axis_labels(
            "points a function, n / m",
            "smallest eigenvalue\n(10 to 90 % of designs)",
        )
        self._legend()
