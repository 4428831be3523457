"""Regression on chosen controls: the published Hong Kong tables, another program's intervals, invariances."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from ayni.panel import PanelError, checks, jackknife, leave_one_out, panel, placebos
from ayni.panel.controls_regression import CRITERIA, controls_regression
from tests.panel.quarters import quarterly
from tests.panel.textbook import textbook, walks

STAGGERED = walks(3, units=10, periods=30, starts={0: 16, 3: 20, 5: 20})
PANELS = [textbook("germany"), walks(1, units=9, periods=30, starts={0: 20}), STAGGERED]

every_panel = pytest.mark.parametrize("own", PANELS, ids=["germany", "one", "staggered"])

NEAR = ["China", "Indonesia", "Japan", "Korea", "Malaysia", "Philippines", "Singapore", "Taiwan"]
NEAR += ["Thailand", "United States", "Hong Kong"]


def with_one_treated(outcomes, start):
    treated = np.zeros(np.shape(outcomes), bool)
    treated[0, start:] = True
    return panel(np.asarray(outcomes, float), treated)


def handover():
    """Growth of Hong Kong and ten economies, 1993 Q1 to 2003 Q4, the handover in 1997 Q3."""
    own = quarterly("hongkong", "Hong Kong", 19973)
    return own.part(
        np.array([unit in NEAR for unit in own.units]), np.array([period <= 20034 for period in own.periods])
    )


def named(own, one):
    return {unit: float(w) for unit, w in zip(own.units, one.unit_weights, strict=True) if w}


def test_the_handover_is_as_published():
    """Hsiao, Ching and Wan, 2012, Tables XVI and XVII: weights, R squared .9314, effect -3.96 points.

    Digits beyond the table are those of R package pampe 1.1.2 on the same figures.
    """
    own = handover()
    found = controls_regression(own)
    one = found.estimate.cohorts[0]
    weights = {"Japan": -0.675964, "Korea": -0.432298, "Taiwan": 0.792593, "United States": 0.486032}
    assert named(own, one) == pytest.approx(weights, abs=5e-7)
    assert (one.counterfactual - one.unit_weights @ own.Y)[0] == pytest.approx(0.0263, abs=5e-5)
    before = one.observed[:18]
    assert 1 - one.pre_rmspe**2 / before.var() == pytest.approx(0.931434, abs=5e-7)
    assert found.estimate.att == pytest.approx(-0.0396291, abs=5e-8)
    # The table's AICC.
    assert 18 * np.log(one.pre_rmspe**2) + 12 + 84 / 11 == pytest.approx(-171.771, abs=5e-4)


def test_the_economic_agreement_is_worth_about_four_points():
    """The article's abstract; 24 controls, 44 quarters before. Slopes and intervals: statsmodels 0.15.0."""
    own = quarterly("hongkong", "Hong Kong", 20041)
    found = controls_regression(own, level=0.9)
    one, band = found.estimate.cohorts[0], found.bands[0]
    assert found.estimate.att == pytest.approx(0.0403263000727121, abs=1e-12)
    slopes = {
        "Austria": -1.01156043,
        "Italy": -0.31765436,
        "Korea": 0.34473498,
        "Mexico": 0.3128576,
        "Norway": 0.32218277,
        "Singapore": 0.18450883,
    }
    assert named(own, one) == pytest.approx(slopes, abs=1e-8)
    assert found.interval.standard_error == pytest.approx(0.0045154384376552064, rel=1e-10)
    assert band.low[[44, 52, 60]] == pytest.approx([0.02909961, 0.02535737, 0.03224462], abs=1e-8)
    assert band.high[[44, 52, 60]] == pytest.approx([0.06958919, 0.06893818, 0.07540874], abs=1e-8)
    assert np.isnan(band.low[:44]).all()
    assert (found.interval.kind, found.interval.level) == ("prediction", 0.9)
    assert found.interval.high - found.interval.low == pytest.approx(2 * 1.687093620 * 0.0045154384, rel=1e-7)


@every_panel
@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_subset_has_a_smaller_criterion(own, criterion):
    """Against 300 subsets at random, of any size, each by its own least squares."""
    found = controls_regression(own, criterion=criterion)
    generator = np.random.default_rng(5)
    for one in found.estimate.cohorts:
        start = own.periods.index(one.since)
        controls, target = own.Y[own.controls][:, :start], one.observed[:start]

        def told(rows, controls=controls, target=target, start=start):
            design = np.column_stack([np.ones(start), controls[list(rows)].T])
            off = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
            k = len(rows) + 2
            cost = {"aic": 2 * k, "bic": k * np.log(start), "aicc": 2 * k + 2 * k * (k + 1) / (start - k - 1)}
            return start * np.log(off @ off / start) + cost[criterion]

        taken = np.flatnonzero(one.unit_weights[own.controls])
        least = told(taken)
        for _ in range(300):
            size = int(generator.integers(1, min(len(controls), start - 4) + 1))
            assert told(generator.choice(len(controls), size, replace=False)) >= least - 1e-9


@every_panel
def test_constants_change_nothing_and_scale_scales(own):
    constants = np.random.default_rng(2).normal(size=(len(own.units), 1)) * 100
    one = controls_regression(own)
    two = controls_regression(replace(own, Y=-2.5 * own.Y + constants))
    assert two.estimate.att == pytest.approx(-2.5 * one.estimate.att, rel=1e-7)
    assert two.interval.standard_error == pytest.approx(2.5 * one.interval.standard_error, rel=1e-7)
    assert two.bands[0].low == pytest.approx(
        -2.5 * one.bands[0].high + constants[~own.controls][0], rel=1e-6, nan_ok=True
    )


@every_panel
def test_each_control_in_a_unit_of_its_own_changes_nothing(own):
    scale = np.where(own.controls, np.random.default_rng(3).uniform(0.01, 100, len(own.units)), 1.0)
    one, two = controls_regression(own), controls_regression(replace(own, Y=own.Y * scale[:, None]))
    assert two.estimate.att == pytest.approx(one.estimate.att, rel=1e-7)
    assert two.interval.low == pytest.approx(one.interval.low, rel=1e-7)


@every_panel
def test_the_order_of_units_does_not_matter_and_an_effect_comes_on_top(own):
    order = np.random.default_rng(3).permutation(len(own.units))
    other = replace(own, Y=own.Y[order], treated=own.treated[order], units=tuple(own.units[i] for i in order))
    att = controls_regression(own).estimate.att
    assert controls_regression(other).estimate.att == pytest.approx(att, rel=1e-8)
    assert controls_regression(own).estimate.att == att
    added = controls_regression(replace(own, Y=own.Y + 3.0 * own.treated)).estimate.att
    assert added == pytest.approx(att + 3, abs=1e-9)


def test_cohorts_are_as_if_alone_and_their_errors_add():
    found = controls_regression(STAGGERED)
    alone = []
    for rows in ([0], [3, 5]):
        keep = STAGGERED.controls.copy()
        keep[rows] = True
        alone.append(controls_regression(STAGGERED.part(keep, np.ones(len(STAGGERED.periods), bool))))
    assert [one.att for one in found.estimate.cohorts] == [one.estimate.att for one in alone]
    first, second = (one.interval.standard_error for one in alone)
    assert found.interval.standard_error == pytest.approx((14 * first + 20 * second) / 34)
    assert [band.since for band in found.bands] == [16, 20]
    assert len(found.interval.draws) == 16 + 20


def test_what_was_asked_is_told():
    own = textbook("germany")
    assert controls_regression(own).estimate.settings == (("aicc", 1.0),)
    found = controls_regression(own, criterion="bic", most=2, forward=True).estimate
    assert found.settings == (("bic", 1.0), ("most", 2.0), ("forward", 1.0))
    assert np.count_nonzero(found.cohorts[0].unit_weights) <= 2


def test_slopes_are_no_mixture_and_checks_say_so():
    own = handover()
    found = controls_regression(own).estimate
    assert np.isnan(found.cohorts[0].effective_controls)
    assert {one.code: one.passed for one in checks(own, found)}["effective-controls"] is None
    pair = walks(2, periods=30, starts={0: 20, 1: 20})
    with pytest.raises(PanelError, match=r"jackknife: weights of controls-regression add to .*, expected 1"):
        jackknife(pair, controls_regression(pair).estimate)

    def method(one):
        return controls_regression(one).estimate

    assert placebos(own, method).own.att == found.att
    without = {one.unit: one.att for one in leave_one_out(own, method)}
    assert without["China"] == pytest.approx(found.att)
    assert without["Taiwan"] != pytest.approx(found.att)


def test_a_pool_that_is_too_large_is_refused_with_what_to_do():
    own = textbook("prop99")
    advice = (
        "up to 15 of 38 controls before 1989 takes more than 5,000,000 regressions to find; give a smaller"
    )
    with pytest.raises(PanelError, match=advice):
        controls_regression(own)
    assert np.count_nonzero(controls_regression(own, most=3).estimate.cohorts[0].unit_weights) == 3
    assert np.isfinite(controls_regression(own, forward=True).estimate.att)


@pytest.mark.parametrize(
    "own",
    [walks(1, units=2), walks(1, units=40, periods=8, starts={0: 5}), with_one_treated(np.eye(6, 20), 12)],
    ids=["one control", "five periods before", "a constant treated"],
)
def test_hostile_panels_are_fitted(own):
    found = controls_regression(own)
    assert np.isfinite([found.estimate.att, found.interval.low, found.interval.high]).all()


def test_a_control_that_is_there_twice_or_never_moves_is_taken_once_or_never():
    own = walks(5, units=6, periods=20, starts={0: 14})
    more = np.vstack([own.Y, own.Y[1:], np.full((1, 20), 1e5 / 3)])
    found, plain = controls_regression(with_one_treated(more, 14)), controls_regression(own)
    assert found.estimate.att == pytest.approx(plain.estimate.att)
    weights = found.estimate.cohorts[0].unit_weights
    assert not weights[-1]
    assert not (weights[1:6] * weights[6:11]).any()


def test_refusals():
    ask = partial(controls_regression, STAGGERED)
    with pytest.raises(PanelError, match="no criterion is called cp; expected one of aicc, aic, bic"):
        ask(criterion="cp")
    with pytest.raises(PanelError, match="at most 0 controls are to be taken, expected 1 or more"):
        ask(most=0)
    with pytest.raises(PanelError, match="the level is 2, expected a share"):
        ask(level=2.0)
    with pytest.raises(PanelError, match="4 periods before 4, expected 5 or more: a constant, a control"):
        controls_regression(walks(1, starts={0: 4}))
    still = np.vstack([np.arange(12.0), np.full((3, 12), 4.0)])
    with pytest.raises(PanelError, match="no control changes before 8; there is nothing to regress on"):
        controls_regression(with_one_treated(still, 8))
    missing = STAGGERED.Y.copy()
    missing[7] = np.nan
    with pytest.raises(PanelError, match="controls regression needs every outcome; 1 units lack"):
        controls_regression(replace(STAGGERED, Y=missing))


def test_the_interval_covers_what_it_says_in_its_own_model():
    """2,000 draws of one control, a slope and independent noise: 90 % within two points."""
    covered = 0
    for seed in range(2000):
        generator = np.random.default_rng(seed)
        control = generator.normal(size=22)
        own = with_one_treated([2 * control + generator.normal(size=22), control], 16)
        found = controls_regression(own, level=0.9).interval
        covered += found.low <= 0 <= found.high
    assert abs(covered / 2000 - 0.9) <= 0.02
