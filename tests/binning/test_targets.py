"""Targets that are read at once, and those that are searched, give the same."""

from __future__ import annotations

import numpy as np
import pytest

from infostat import QuantileBinner
from infostat._sklearn import read_target


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.int64, np.float64])
def test_zero_and_one_of_any_type(kind):
    y = (np.arange(9) % 3 == 0).astype(kind)
    target = read_target(QuantileBinner(), y, None, 9)
    assert target.y.tolist() == [1, 0, 0] * 3
    assert target.classes.dtype == kind
    assert target.classes.tolist() == [0, 1]
    assert target.event == 1


@pytest.mark.parametrize("y", [[0, 0, 0], [1, 1, 1], [False] * 3])
def test_one_class_is_refused(y):
    with pytest.raises(ValueError, match="one class only"):
        read_target(QuantileBinner(), np.array(y), None, 3)


def test_a_third_class_between_zero_and_one_is_none():
    with pytest.raises(ValueError, match="Only binary"):
        read_target(QuantileBinner(), np.array([0, 1, -1]), None, 3)
