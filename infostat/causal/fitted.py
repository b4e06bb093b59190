"""What a fitted estimator knows, looked up by the names of its table."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from infostat._frames import as_frame, build_frame
from infostat.causal.radius import OUTER
from infostat.causal.reading import as_column
from infostat.causal.rows import ScoreRow
from infostat.causal.study import Study
from infostat.exceptions import InfostatError

__all__ = ["FittedBounds", "as_matrix"]

FloatArray = npt.NDArray[np.float64]


class FittedBounds:
    """Rows, methods and ranges of a fitted estimator."""

    bounds_: Any
    diagnostics_: dict[str, Any]
    level: float
    target: Any
    y_bounds: Any
    _study: Study
    _rows: list[ScoreRow]
    _control: int
    _library: Any
    _pointwise: dict[Any, Any]

    def summary(self) -> Any:
        """Return ``bounds_`` with a column that says what kind of bounds each row has.

        Returns
        -------
        frame
            ``kind`` is "sharp", "outer" (a divergence ball, never narrower than
            sharp), or "assumption"; then the columns of ``bounds_``.
        """
        check_is_fitted(self, "bounds_")
        columns = self._columns()
        kinds = [_kind(method) for method in columns["method"]]
        order = {name: columns[name] for name in columns if name != "estimand"}
        return build_frame(
            {"estimand": columns["estimand"], "kind": kinds, **order}, self._library
        )

    def _columns(self) -> dict[str, list[Any]]:
        if isinstance(self.bounds_, dict):
            return {name: list(values) for name, values in self.bounds_.items()}
        frame = nw.from_native(self.bounds_, eager_only=True)
        return dict(frame.to_dict(as_series=False))

    def _fitted_study(self) -> Study:
        check_is_fitted(self, "bounds_")
        if not hasattr(self, "_study"):
            msg = (
                "Quantiles are inverted distribution functions and have no scores: fit "
                "functional='cdf' for groups, ladders and predictions."
            )
            raise InfostatError(msg)
        return self._study

    def _estimand(self, name: str | None) -> str:
        self._fitted_study()
        known = list(dict.fromkeys(row.estimand for row in self._rows))
        if name is None:
            first = [row.estimand for row in self._rows if row.outcome == 0]
            return first[-1]
        if name not in known:
            msg = f"estimand={name!r} is not in bounds_, which has {', '.join(known)}."
            raise InfostatError(msg)
        return name

    def _row(self, estimand: str | None, method: str | None) -> ScoreRow:
        name = self._estimand(estimand)
        found = [row for row in self._rows if row.estimand == name]
        match = [row for row in found if method is None or row.method == method]
        if not match:
            methods = ", ".join(row.method for row in found)
            msg = f"method={method!r} is not in bounds_, which has {methods}."
            raise InfostatError(msg)
        return match[0]

    def _labels(self, name: str, labels: Any) -> npt.NDArray[Any]:
        values = as_column(labels)
        n_samples = self._fitted_study().sampling.n_samples
        if len(values) != n_samples:
            msg = (
                f"{name} has {len(values)} labels and {n_samples} rows were fitted: give "
                f"one for each row."
            )
            raise InfostatError(msg)
        return values.astype(str) if values.dtype == object else values

    def _new_range(
        self, X: Any, outcome: int, arm: int
    ) -> tuple[FloatArray, FloatArray]:
        """Range of an arm at new covariates."""
        found = self._study.outcomes[outcome]
        n_rows = int(X.shape[0])
        if found.support == "given" and callable(self.y_bounds):
            pair = self.y_bounds(X, self._study.levels[arm])
            low, high = (np.asarray(end, dtype=np.float64) for end in pair)
            return np.broadcast_to(low, n_rows), np.broadcast_to(high, n_rows)
        low, high = found.low[arm], found.high[arm]
        if np.ptp(low) > 0.0 or np.ptp(high) > 0.0:
            msg = (
                "y_bounds was given as arrays, one number a fitted row, and is not known "
                "for other rows: pass a callable of covariates and treatment."
            )
            raise InfostatError(msg)
        return np.full(n_rows, low[0]), np.full(n_rows, high[0])


def _kind(method: str) -> str:
    """What kind of bounds a method of the table gives."""
    if method == "sharp":
        return "sharp"
    ball = method.split("(")[0].removeprefix("dual_risk_")
    outer = (*OUTER, "power", "order", "hockey_stick", "pearson", "triangular", "alpha")
    return "outer" if ball.split(" ")[0] in outer else "assumption"


def as_matrix(values: Any) -> tuple[FloatArray, list[str]]:
    """Return numbers in rows and columns, and the names of the columns."""
    frame = as_frame(values)
    if isinstance(frame, nw.DataFrame):
        matrix = np.asarray(frame.to_numpy(), dtype=np.float64)
        return matrix, list(frame.columns)
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if not np.isfinite(matrix).all():
        msg = "A basis must be finite numbers: fill or drop missing values."
        raise InfostatError(msg)
    return matrix, [f"term_{k}" for k in range(matrix.shape[1])]
