"""Write the generated samples of this folder: ``python data/make.py``.

Run again, it writes the same bytes. ``--out FOLDER`` writes elsewhere.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from infostat.datasets import Applications, make_applications

SEED = 20_240_917
DEVELOPMENT = range(1, 19)
CURRENT = range(19, 25)
N_BATCH = 500
UNSEEN = "solar"


def generate() -> Applications:
    """Generate two years of applications that drift."""
    return make_applications(4_000, n_periods=24, drift=2.0, rng=SEED)


def rows(data: Applications) -> list[dict[str, Any]]:
    """Rows as dictionaries, whole numbers as integers, missing values as None."""

    def plain(value: Any) -> Any:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return None
        return value if isinstance(value, str) else int(value)

    frame = nw.from_native(data.frame)
    return [
        {name: plain(value) for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def make_batch(late: list[dict[str, Any]], data: Applications) -> list[dict[str, Any]]:
    """Late rows to score: no outcome, and three things the sample never shows."""
    kept = ["group", "period", *data.features]
    batch = [{name: row[name] for name in kept} for row in late[:N_BATCH]]
    for row in batch[3::100]:
        row["purpose"] = UNSEEN
    for row in batch[7::120]:
        row["mortgage"] = None
    for row in batch[11::150]:
        row["balance"] = -999
    return batch


def figures(data: Applications) -> dict[str, Any]:
    """True figures of the development periods; see the README beside them."""
    truth = data.truth
    features = {}
    for law in truth.portfolio.features:
        numeric = hasattr(law, "edges")
        cuts = truth.quantile_cuts(law.name, 5) if numeric else []
        table = truth.bins(law.name, cuts, periods=DEVELOPMENT)
        features[law.name] = {
            "cuts": cuts,
            "bins": list(table.labels),
            "share": table.share,
            "event_rate": table.event_rate,
            "events": table.events,
            "non_events": table.non_events,
            "information_value": truth.information_value(
                law.name, cuts, periods=DEVELOPMENT
            ),
            "group_information_value": truth.group_information_value(
                law.name, cuts, periods=DEVELOPMENT
            ),
            "population_stability_index": truth.population_stability_index(
                law.name, DEVELOPMENT, CURRENT, cuts
            ),
        }
    return {
        "event_rate": truth.default_rate(DEVELOPMENT),
        "auc": truth.auc(DEVELOPMENT),
        "treatment": {
            "average_treatment_effect": truth.average_treatment_effect(DEVELOPMENT),
            "naive_contrast": truth.naive_contrast(DEVELOPMENT),
            "adjusted_contrast": truth.adjusted_contrast(DEVELOPMENT),
        },
        "coefficients": truth.coefficients,
        "features": features,
    }


def rounded(value: Any) -> Any:
    """Ten significant digits, so that no platform's last bit shows."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list | np.ndarray):
        return [rounded(part) for part in value]
    return value if isinstance(value, str) else float(f"{value:.10g}")


def readme(data: Applications, n_rows: int) -> str:
    """Describe the files and columns."""
    lines = [f"| `{name}` | {text} |" for name, text in data.dictionary.items()]
    return f"""# Generated samples

Written by `python data/make.py`; do not edit by hand.

- `applications.csv`: {n_rows:,} credit applications of the periods
  {DEVELOPMENT[0]} to {DEVELOPMENT[-1]} with their outcome. Empty cells are missing.
- `batch.csv`: {N_BATCH} applications of the periods {CURRENT[0]} to {CURRENT[-1]}
  without outcome, to be scored. Balance, utilisation and inquiries have drifted. It
  also holds what the applications never show: the purpose "{UNSEEN}", a missing
  mortgage, and the code -999 in the balance.
- `truth.json`: true figures of the law that generated the applications, exact, not
  estimated from the rows: per predictor the cuts (right-closed), shares, default
  rates, information value about the default and about the group (nats), and the
  population stability index from the periods of the applications to those of the
  batch; the treatment's average effect, its naive contrast and the contrast after
  perfect adjustment for the predictors (a hidden confounder biases both); the area
  under the curve of the best possible score; the log-odds of default by cell.

| column | meaning |
|---|---|
{chr(10).join(lines)}
"""


def write_csv(path: Path, records: list[dict[str, Any]]) -> None:
    """Write rows; None becomes an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def main(folder: Path) -> None:
    """Write the four files into a folder."""
    data = generate()
    every = rows(data)
    early = [row for row in every if row["period"] in DEVELOPMENT]
    late = [row for row in every if row["period"] in CURRENT]
    write_csv(folder / "applications.csv", early)
    write_csv(folder / "batch.csv", make_batch(late, data))
    truth = json.dumps(rounded(figures(data)), indent=1) + "\n"
    (folder / "truth.json").write_text(truth, encoding="utf-8")
    (folder / "README.md").write_text(readme(data, len(early)), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    main(parser.parse_args().out)
