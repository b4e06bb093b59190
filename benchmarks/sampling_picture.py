"""Draws the picture of the guide: ``python -m benchmarks.sampling_picture``."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from infostat.displays.sampling import DesignDisplay
from infostat.displays.sampling_stability import DesignStabilityDisplay
from infostat.sampling import PolynomialBasis, VolumeRegressor

PICTURE = Path(__file__).parents[1] / "docs" / "guide" / "sampling_design.png"


def main() -> None:
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    basis = PolynomialBasis(5, dimension=2)
    model = VolumeRegressor(basis, n_samples=3.0, random_state=0)
    model.design()
    DesignDisplay.from_design(model.design_).plot(ax=left)
    DesignStabilityDisplay.from_basis(basis, n_designs=200, rng=0).plot(ax=right)
    figure.savefig(PICTURE, dpi=110)


if __name__ == "__main__":
    main()
