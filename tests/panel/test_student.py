"""Student's t against printed tables and numerical integration."""

from __future__ import annotations

from math import lgamma

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.student import inside, p_value, reach, student


@pytest.mark.parametrize(
    ("level", "freedom", "printed"),
    [
        (0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 3, 3.182), (0.9, 4, 2.132), (0.99, 5, 4.032),
        (0.95, 9, 2.262), (0.8, 10, 1.372), (0.95, 30, 2.042), (0.99, 29, 2.756), (0.9, 120, 1.658),
        (0.95, 100_000, 1.960),
    ],
)  # fmt: skip
def test_the_reach_is_that_of_printed_tables(level, freedom, printed):
    assert reach(level, freedom) == pytest.approx(printed, abs=5e-4)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 12, 41])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.7, 6.0])
def test_the_probability_is_the_integral_of_the_density(freedom, t):
    grid = np.linspace(0, t, 20_001)
    constant = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - np.log(freedom * np.pi) / 2
    density = np.exp(constant - (freedom + 1) / 2 * np.log1p(grid**2 / freedom))
    area = 2 * np.trapezoid(density, grid)
    assert inside(t, freedom) == pytest.approx(area, abs=1e-8)
    assert inside(-t, freedom) == inside(t, freedom)


@pytest.mark.parametrize("freedom", [1, 2, 5, 30, 999])
@pytest.mark.parametrize("level", [0.01, 0.5, 0.95, 0.999])
def test_reach_and_p_value_undo_each_other(level, freedom):
    assert p_value(reach(level, freedom), freedom) == pytest.approx(1 - level, abs=1e-10)


def test_p_values_stay_between_0_and_1():
    assert p_value(1e9, 50) == 0
    assert p_value(0.0, 50) == 1
    assert np.isnan(p_value(np.nan, 5))


def test_an_interval_without_noise_has_no_p_value():
    found = student("clustered", 1.0, 0.0, 0.9, np.zeros(3), 2)
    assert (found.low, found.high) == (1, 1)
    assert np.isnan(found.p_value)


def test_no_degree_of_freedom_is_refused():
    with pytest.raises(PanelError, match="0 degrees of freedom, expected one or more"):
        reach(0.9, 0)
