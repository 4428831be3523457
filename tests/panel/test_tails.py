"""Shares of Student, Fisher and chi squared against scipy 1.17.1, whose numbers are typed in."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel.tails import (
    beta_share,
    chi_squared_tail,
    fisher_tail,
    student_quantile,
    student_share,
    student_table,
)


def test_shares_are_those_of_another_program():
    assert student_share(2.0, 5) == pytest.approx(0.9490302605850708, abs=1e-14)
    assert fisher_tail(3.0, 4, 10) == pytest.approx(0.07232322228814021, abs=1e-14)
    assert chi_squared_tail(7.0, 3) == pytest.approx(0.07189777249646509, abs=1e-14)
    assert chi_squared_tail(7.0, 4) == pytest.approx(0.13588822540043327, abs=1e-14)


def test_simple_cases_are_those_of_the_textbook():
    assert student_share(1.0, 1) == pytest.approx(0.75)
    assert beta_share(0.3, 1, 1) == pytest.approx(0.3)
    assert beta_share(0.3, 2, 1) == pytest.approx(0.09)
    assert (beta_share(0.0, 2, 3), beta_share(1.0, 2, 3)) == (0.0, 1.0)
    assert chi_squared_tail(2.0, 2) == pytest.approx(np.exp(-1))
    assert chi_squared_tail(0.0, 2) == fisher_tail(0.0, 2, 3) == 1.0
    # One over two degrees of freedom is the square of Student's with two.
    assert fisher_tail(4.0, 1, 7.5) == pytest.approx(2 * (1 - student_share(2.0, 7.5)))


@pytest.mark.parametrize("freedom", [1, 2, 3, 8, 97])
def test_the_table_and_the_quantile_are_the_share_read_otherwise(freedom):
    angles, table = student_table(freedom)
    for place in (0, 700, 2000):
        value = np.sqrt(freedom) * np.tan(angles[place])
        assert table[place] == pytest.approx(student_share(float(value), freedom), abs=1e-12)
    assert student_share(student_quantile(0.95, freedom), freedom) == pytest.approx(0.95, abs=1e-12)


def test_the_quantile_is_that_of_printed_tables():
    assert student_quantile(0.975, 10) == pytest.approx(2.228, abs=5e-4)
    assert student_quantile(0.95, 1) == pytest.approx(6.314, abs=5e-4)
