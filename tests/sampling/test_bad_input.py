"""Bad input: a clear error, or the documented reduction of rank."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import InfostatError, InfostatWarning, VolumeRegressor, VolumeSampler
from infostat.sampling import FeatureBasis, PolynomialBasis


class TestBadInput:
    pool = np.random.default_rng(11).normal(size=(60, 3))

    def test_fewer_points_than_the_rank(self):
        with pytest.raises(InfostatError, match="3 points cannot carry 4"):
            VolumeSampler(3).fit(self.pool)

    def test_missing_values(self):
        holes = self.pool.copy()
        holes[3, 1] = np.nan
        with pytest.raises(ValueError, match="contains NaN"):
            VolumeSampler().fit(holes)

    def test_text_columns_and_lazy_frames(self):
        pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
        mixed = {"a": [1.0, 2.0, 3.0], "b": ["x", "y", "z"]}
        for frame in (pd.DataFrame(mixed), pl.DataFrame(mixed)):
            with pytest.raises(InfostatError, match=r"column 'b' holds .*encode"):
                VolumeSampler().fit(frame)
        with pytest.raises(InfostatError, match="X is lazy"):
            VolumeRegressor().fit(pl.LazyFrame(mixed), [1, 2, 3])

    def test_constant_and_collinear_columns_reduce_the_rank(self):
        level = np.eye(3)[np.arange(60) % 3]
        wide = np.column_stack([self.pool, np.ones(60), level])
        assert VolumeSampler(random_state=0).fit(wide).rank_ == 6
        assert VolumeSampler(fit_intercept=False, random_state=0).fit(wide).rank_ == 6

    def test_a_pool_of_one_constant_has_rank_one(self):
        assert VolumeSampler(random_state=0).fit(np.full((9, 2), 7.0)).rank_ == 1
        with pytest.raises(InfostatError, match="rank 0"):
            VolumeSampler(fit_intercept=False).fit(np.zeros((9, 2)))

    def test_zero_weights(self):
        weight = np.zeros(60)
        with pytest.raises(ValueError, match="zero"):
            VolumeSampler().fit(self.pool, sample_weight=weight)
        weight[:10] = 1.0
        sampler = VolumeSampler(20, random_state=0).fit(self.pool, sample_weight=weight)
        assert sampler.indices_.max() < 10
        assert sampler.leverage_[10:].max() == 0.0
        few = VolumeSampler(11, method="fixed_volume")
        with pytest.raises(InfostatError, match="11 distinct rows"):
            few.fit(self.pool, sample_weight=weight)

    def test_saturated_rows_are_told_where_errors_are_asked_for(self):
        X = np.eye(4)[[0, 0, 1, 1, 2, 2, 3]]
        model = VolumeRegressor(FeatureBasis(fit_intercept=False))
        model.fit(X, np.arange(7.0))
        with pytest.raises(InfostatError, match="1 points are fitted exactly"):
            model.predict(X, return_std=True)

    def test_fewer_rows_than_functions_warn(self):
        with pytest.warns(InfostatWarning, match="do not determine 20 functions"):
            VolumeRegressor(PolynomialBasis(3)).fit(self.pool[:10], np.arange(10.0))

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"method": "dpp", "n_samples": 9}, "exactly 4 points"),
            ({"base": "kernel"}, "go together"),
            ({"kernel_diagonal": [1.0]}, "go together"),
            ({"base": "kernel", "kernel_diagonal": [1.0]}, "one positive number a row"),
            ({"ridge": 1.0}, "fixed_volume"),
            ({"method": "dpp_greedy", "n_simulations": 5}, "No simulated constant"),
            ({"method": "uniform", "n_samples": "target"}, "pass n_samples"),
        ],
    )
    def test_parameters_that_do_not_go_together(self, parameters, message):
        with pytest.raises(InfostatError, match=message):
            VolumeSampler(**parameters).fit(self.pool)

    @pytest.mark.parametrize(
        ("basis", "message"),
        [
            (None, "bounds='data' has no domain"),
            (PolynomialBasis(2), "pass dimension="),
            (FeatureBasis(), "has no reference"),
            (PolynomialBasis(2, bounds=[[1, 1]]), "must be positive"),
            (PolynomialBasis(2, dimension=1, measure="cauchy"), "measure must be"),
            (
                PolynomialBasis(2, dimension=1, measure=("beta", -0.9, 0)),
                "at least -1/2",
            ),
            (PolynomialBasis(90, dimension=9), "more than 20000 members"),
        ],
    )
    def test_bases_that_cannot_be_asked(self, basis, message):
        with pytest.raises(InfostatError, match=message):
            VolumeRegressor(basis).design()


def test_half_precision_is_read_without_a_warning():
    X = np.random.default_rng(0).integers(1, 9, (40, 2))
    half = VolumeSampler(n_samples=5, random_state=0).fit(X.astype(np.float16))
    whole = VolumeSampler(n_samples=5, random_state=0).fit(X.astype(float))
    np.testing.assert_array_equal(half.indices_, whole.indices_)
