"""Figures that others published of the textbook panels.

Arkhangelsky and others, 2021, AER 111(12), Table 1, California: difference in differences -27.3, synthetic
control -19.6, synthetic difference in differences -15.6, demeaned synthetic control (there DIFP) -11.1. More
digits are those of their code (R package synthdid 0.0.9) and of exact solvers of the same problems.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from ayni.panel import (
    demeaned_synthetic_control,
    difference_in_differences,
    placebos,
    synthetic_control,
    synthetic_difference_in_differences,
)
from tests.panel.textbook import textbook

SDID = synthetic_difference_in_differences


@pytest.mark.parametrize(
    ("name", "method", "att", "within"),
    [
        ("prop99", difference_in_differences, -27.3491, 5e-5),
        ("prop99", synthetic_control, -19.5136314, 5e-8),
        ("prop99", partial(synthetic_control, early_stopping=True), -19.6196647, 5e-8),
        ("prop99", demeaned_synthetic_control, -11.1, 0.05),
        ("prop99", SDID, -15.6053993, 5e-8),
        ("prop99", partial(SDID, early_stopping=True), -15.6038292, 5e-8),
        ("basque", synthetic_control, -0.894588548, 5e-10),
        ("germany", synthetic_control, -1297.47705, 5e-6),
    ],
)
def test_the_effect_is_the_published_one(name, method, att, within):
    assert method(textbook(name)).att == pytest.approx(att, abs=within)


@pytest.mark.parametrize(
    ("name", "rmspe", "within"),
    [("prop99", 1.65640040, 5e-9), ("basque", 0.07555837, 5e-9), ("germany", 60.8443526, 5e-8)],
)
def test_the_fit_before_is_that_of_exact_solvers(name, rmspe, within):
    assert synthetic_control(textbook(name)).cohorts[0].pre_rmspe == pytest.approx(rmspe, abs=within)


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
@pytest.mark.parametrize("method", [synthetic_control, demeaned_synthetic_control, SDID])
def test_weights_are_optimal(name, method):
    assert method(textbook(name)).cohorts[0].gap <= 1e-9


def test_the_early_end_is_told_by_its_gap():
    assert SDID(textbook("prop99"), early_stopping=True).cohorts[0].gap > 1e-4


def test_all_38_placebos_of_california_give_the_known_spread():
    """The paper's 8.4 is one draw of 200 of these; all of them give 9.37, or 9.50 with divisor n - 1."""
    interval = placebos(textbook("prop99"), SDID).interval()
    assert len(interval.draws) == 38
    assert interval.exact
    assert interval.standard_error == pytest.approx(9.37, abs=0.005)
    assert float(np.std(interval.draws, ddof=1)) == pytest.approx(9.50, abs=0.005)


def test_west_germany_has_the_largest_ratio_of_all():
    """Abadie, Diamond and Hainmueller, 2015, AJPS 59(2): 1 of 17, p = .059, there with predictors."""
    found = placebos(textbook("germany"), synthetic_control)
    assert (found.rank, 1 + len(found.others)) == (1, 17)
    assert found.p_value == pytest.approx(0.059, abs=5e-4)
