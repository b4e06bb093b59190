"""Coverage of the intervals of an index that settles, in short series."""

from __future__ import annotations

import numpy as np

from benchmarks.validation.study import Row, Table
from infostat.stability import DriftEquilibrium

SEED = 20_261_130
AHEAD = (1, 6)


def settled(rng, n_periods, kappa, error):
    """True index with level zero and shocks of one, and the series seen up to now."""
    phi = 1.0 - kappa
    true = rng.normal(size=n_periods + AHEAD[-1])
    true[0] /= np.sqrt(1.0 - phi**2)
    for t in range(1, true.size):
        true[t] += phi * true[t - 1]
    return true, true[:n_periods] + error * rng.normal(size=n_periods)


def series_table(draws: int) -> Table:
    """Coverage of the level and of forecasts, by length, pull and error."""
    rows = []
    for n_periods in (12, 24, 36):
        for kappa in (0.05, 0.15, 0.3, 0.7):
            for error in (0.02, 1.0, 1.7):
                key = [n_periods, int(100 * kappa), int(100 * error)]
                rng = np.random.default_rng([SEED, *key])
                hits = np.zeros(2 + len(AHEAD))
                for _ in range(draws):
                    true, seen = settled(rng, n_periods, kappa, error)
                    fit = DriftEquilibrium(n_resamples=1).fit(seen, error)
                    ahead = fit.forecast(AHEAD[-1], like="pandas")
                    low, high = fit.level_interval_
                    inside = [abs(fit.level_) <= 1.96 * fit.level_se_, low <= 0 <= high]
                    for step in AHEAD:
                        row, later = ahead.iloc[step - 1], true[n_periods - 1 + step]
                        inside.append(row["conf_low"] <= later <= row["conf_high"])
                    hits += inside
                names = ["level, pull known", "level", *(f"{h} ahead" for h in AHEAD)]
                values = dict(zip(names, (hits / draws).tolist(), strict=True))
                key = [str(n_periods), f"{kappa:g}", f"{error:g}"]
                rows.append(Row(key, values, draws))
    caption = (
        "`DriftEquilibrium` on series of its own model with shocks of one: coverage of "
        "`level_interval_` (beside `level_ +- 1.96 level_se_`, which takes pull and swing "
        "for known) and of forecasts one and six periods ahead. Nominal is .95. A short "
        "series tells neither slow pulls from fast ones nor a swing from errors of its "
        "size, and the intervals allow for all: they cover too often where the pull is "
        "fast and errors are large."
    )
    methods = list(rows[0].values)
    keys = ["periods", "pull", "error"]
    return Table("series", caption, "number", keys, methods, methods[1:], rows)
