"""Augmented synthetic control: the outcome model written out, published figures, limits, and refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from ayni.panel import PanelError, checks, jackknife, leave_one_out, panel, placebos, synthetic_control
from ayni.panel.augmented import RULES, augmented_synthetic_control
from ayni.panel.simplex import fitted
from tests.panel.quarters import quarterly
from tests.panel.textbook import textbook, walks

STAGGERED = walks(3, units=20, starts={0: 8, 3: 12, 5: 12})
PANELS = [textbook("prop99"), textbook("germany"), walks(1), walks(2, starts={0: 12, 1: 12})]
NAMES = ["california", "germany", "one", "two"]

every_panel = pytest.mark.parametrize("own", PANELS, ids=NAMES)
every_rule = pytest.mark.parametrize("rule", RULES)


def with_one_treated(outcomes, start):
    treated = np.zeros(np.shape(outcomes), bool)
    treated[0, start:] = True
    return panel(np.asarray(outcomes, float), treated)


def told(controls, own, periods, wanted, penalty):
    """The treated in the periods `wanted`: the synthetic control, and what a ridge regression adds to it.

    The regression is of the controls' outcomes in a period that is wanted on those in `periods`, with a
    constant; its prediction for the treated less that for the synthetic control is what is added.
    """
    weights = fitted(controls[:, periods], own[periods]).weights
    means = controls.mean(axis=0)
    found = []
    for period in wanted:
        X, y = controls[:, periods] - means[periods], controls[:, period] - means[period]
        slopes = np.linalg.solve(X.T @ X + penalty * np.eye(len(periods)), X.T @ y)
        outside = (own[periods] - weights @ controls[:, periods]) @ slopes
        found.append(weights @ controls[:, period] + outside)
    return np.array(found)


def slowly(own, rule):
    """The penalty and the effect in each period after treatment, of one cohort."""
    controls, mean, start = own.Y[own.controls], own.Y[~own.controls].mean(axis=0), int(own.starts.min())
    X = (controls - controls.mean(axis=0))[:, :start]
    largest = np.linalg.eigvalsh(X @ X.T)[-1]
    penalties = [largest * 10 ** (-8 * step / 20) for step in range(21)]
    missed = []
    for period in range(start):
        others = [t for t in range(start) if t != period]
        missed.append(
            [(mean[period] - told(controls, mean, others, [period], one)[0]) ** 2 for one in penalties]
        )
    errors = np.array(missed)
    means, least = errors.mean(axis=0), errors.mean(axis=0).argmin()
    penalty = penalties[least]
    if rule == "one-standard-error":
        reach = means[least] + np.std(errors[:, least], ddof=1) / len(errors) ** 0.5
        penalty = max(one for one, error in zip(penalties, means, strict=True) if error <= reach)
    after = list(range(start, len(own.periods)))
    return penalty, mean[after] - told(controls, mean, list(range(start)), after, penalty)


@every_panel
@every_rule
def test_the_outcome_model_written_out_gives_the_same_penalty_and_effects(own, rule):
    found = augmented_synthetic_control(own, rule=rule)
    penalty, effects = slowly(own, rule)
    assert dict(found.settings) == {"penalty": pytest.approx(penalty, rel=1e-9), rule: 1.0}
    assert found.cohorts[0].difference[int(own.starts.min()) :] == pytest.approx(effects, rel=1e-6, abs=1e-9)
    assert found.att == pytest.approx(effects.mean(), rel=1e-6)


def test_kansas_is_as_published():
    """The package's own example: 2012 tax cuts, log GDP a head, 49 states over 89 quarters before.

    Vignette of R package augsynth 0.2.0, ridge: effect -0.0401, imbalance before 0.062, that of the plain
    synthetic control -0.0294 and 0.083; each quarter to three digits.
    """
    own = quarterly("kansas", "Kansas", 20122)
    plain, found = synthetic_control(own), augmented_synthetic_control(own)
    root = 89**0.5
    assert plain.att == pytest.approx(-0.0294, abs=5e-5)
    assert plain.pre_rmspe * root == pytest.approx(0.083, abs=5e-4)
    assert found.att == pytest.approx(-0.0401, abs=5e-5)
    assert found.pre_rmspe * root == pytest.approx(0.062, abs=5e-4)
    quarters = [22, 47, 43, 30, 41, 59, 45, 58, 55, 41, 29, 40, 30, 33, 29, 38]
    assert -1000 * found.cohorts[0].difference[89:] == pytest.approx(quarters, abs=0.51)


@pytest.mark.parametrize(
    ("name", "penalty", "att", "within"),
    [
        ("prop99", 429.83758110859065, -15.9525640, 1e-5),
        ("basque", 0.0006409044805799657, -0.36859738, 1e-7),
        ("germany", 148845.13907080077, -1333.113, 5e-3),
    ],
)
def test_another_program_finds_the_same(name, penalty, att, within):
    """augsynth-py 0.6.0, `AugSynth(lambda_=penalty, fixedeff=False)`; within what its own solver leaves."""
    assert augmented_synthetic_control(textbook(name), penalty=penalty).att == pytest.approx(att, abs=within)
    assert dict(augmented_synthetic_control(textbook(name)).settings)["penalty"] == pytest.approx(penalty)


@every_panel
@pytest.mark.parametrize("penalty", [1e30, np.inf])
def test_with_an_endless_penalty_it_is_the_synthetic_control(own, penalty):
    found, plain = augmented_synthetic_control(own, penalty=penalty), synthetic_control(own)
    assert found.att == pytest.approx(plain.att, rel=1e-12)
    assert found.cohorts[0].unit_weights == pytest.approx(plain.cohorts[0].unit_weights, abs=1e-12)
    assert found.cohorts[0].gap == pytest.approx(plain.cohorts[0].gap, abs=1e-11)


def test_without_penalty_it_fits_the_past_where_controls_can():
    found = augmented_synthetic_control(textbook("prop99"), penalty=0)
    assert found.pre_rmspe < 1e-10
    assert augmented_synthetic_control(textbook("prop99"), penalty=1e-9).pre_rmspe < 1e-9


@pytest.mark.parametrize("own", [textbook("germany"), walks(1)], ids=["germany", "one"])
def test_without_penalty_it_is_least_squares_under_weights_that_add_to_one(own):
    """16 controls over 30 periods, 11 over 12: they leave a miss, and weights are free but for their sum."""
    controls, mean, start = own.Y[own.controls], own.Y[~own.controls][0], int(own.starts.min())
    last = controls[-1]
    slopes = np.linalg.lstsq((controls[:-1] - last)[:, :start].T, (mean - last)[:start], rcond=None)[0]
    effects = mean - last - slopes @ (controls[:-1] - last)
    found = augmented_synthetic_control(own, penalty=0)
    assert found.att == pytest.approx(effects[start:].mean(), rel=1e-7)
    assert found.cohorts[0].difference == pytest.approx(effects, rel=1e-6, abs=1e-6)


@every_panel
def test_the_fit_before_worsens_with_the_penalty(own):
    fits = [augmented_synthetic_control(own, penalty=10.0**power).pre_rmspe for power in range(-6, 12)]
    assert all(one <= two * (1 + 1e-12) for one, two in pairwise(fits))
    assert fits[-1] <= synthetic_control(own).pre_rmspe * (1 + 1e-12)


@every_panel
@every_rule
def test_weights_add_to_one_and_the_synthetic_control_is_at_its_optimum(own, rule):
    one = augmented_synthetic_control(own, rule=rule).cohorts[0]
    assert one.unit_weights.sum() == pytest.approx(1, abs=1e-9)
    assert not one.unit_weights[~own.controls].any()
    assert one.gap <= 1e-9


@every_panel
@every_rule
def test_a_constant_for_each_period_changes_nothing_and_scale_scales(own, rule):
    common = np.random.default_rng(2).normal(size=len(own.periods)) * 100
    one = augmented_synthetic_control(own, rule=rule)
    two = augmented_synthetic_control(replace(own, Y=-2.5 * own.Y + common), rule=rule)
    assert two.att == pytest.approx(-2.5 * one.att, rel=1e-6)
    assert dict(two.settings)["penalty"] == pytest.approx(2.5**2 * dict(one.settings)["penalty"], rel=1e-6)


@every_panel
def test_the_order_of_units_does_not_matter_and_an_effect_comes_on_top(own):
    order = np.random.default_rng(3).permutation(len(own.units))
    other = replace(own, Y=own.Y[order], treated=own.treated[order], units=tuple(own.units[i] for i in order))
    att = augmented_synthetic_control(own).att
    assert augmented_synthetic_control(other).att == pytest.approx(att, rel=1e-8)
    assert augmented_synthetic_control(own).att == att
    added = augmented_synthetic_control(replace(own, Y=own.Y + 3.0 * own.treated)).att
    assert added == pytest.approx(att + 3, abs=1e-9)


def test_each_cohort_has_its_own_penalty_and_is_as_if_alone():
    found = augmented_synthetic_control(STAGGERED)
    alone = []
    for since, rows in ((8, [0]), (12, [3, 5])):
        keep = STAGGERED.controls.copy()
        keep[rows] = True
        part = STAGGERED.part(keep, np.ones(len(STAGGERED.periods), bool))
        alone.append(augmented_synthetic_control(part))
        assert dict(found.settings)[f"penalty-{since}"] == dict(alone[-1].settings)["penalty"]
    assert [one.att for one in found.cohorts] == [one.att for one in alone]
    assert found.att == pytest.approx((12 * alone[0].att + 16 * alone[1].att) / 28, abs=1e-12)
    assert dict(augmented_synthetic_control(STAGGERED, penalty=2.0).settings) == {
        "penalty-8": 2.0,
        "penalty-12": 2.0,
    }


def test_it_mends_what_a_synthetic_control_cannot_reach():
    """200 draws: the treated has a loading outside the hull of the controls; half the error at most."""
    off = []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        loadings = generator.uniform(0, 1, (20, 1))
        loadings[0] = 1.5
        outcomes = loadings @ generator.normal(size=(1, 30)).cumsum(axis=1) * 2
        own = with_one_treated(outcomes + generator.normal(size=outcomes.shape) / 4, 22)
        off.append([augmented_synthetic_control(own).att, synthetic_control(own).att])
    augmented, plain = np.sqrt(np.square(off).mean(axis=0))
    assert augmented < plain / 2


@pytest.mark.parametrize(
    "own",
    [
        with_one_treated(np.full((5, 8), 1e6 / 3), 5),
        with_one_treated(np.tile(np.arange(8) / 3, (6, 1)), 5),
        walks(1, units=2),
    ],
    ids=["constant", "alike", "one control"],
)
@every_rule
def test_where_controls_do_not_differ_it_is_the_synthetic_control(own, rule):
    found = augmented_synthetic_control(own, rule=rule)
    assert found.att == pytest.approx(synthetic_control(own).att, abs=1e-9)
    assert dict(found.settings)["penalty"] == np.inf


@pytest.mark.parametrize("penalty", [None, 0.0, 1e-12])
def test_a_control_that_is_there_twice_shares_its_weight(penalty):
    own = walks(5, units=6, periods=20, starts={0: 14})
    twice = with_one_treated(np.vstack([own.Y, own.Y[5]]), 14)
    one = augmented_synthetic_control(twice, penalty=penalty).cohorts[0]
    assert np.isfinite(one.att)
    assert np.abs(one.unit_weights).max() < 10
    if penalty is not None:
        assert one.att == pytest.approx(augmented_synthetic_control(own, penalty=penalty).att, rel=1e-6)


@pytest.mark.parametrize("start", [2, 3])
def test_more_controls_than_periods_before_are_no_trouble(start):
    own = walks(1, units=60, periods=6, starts={0: start})
    for rule in RULES:
        found = augmented_synthetic_control(own, rule=rule)
        penalty, effects = slowly(own, rule)
        assert dict(found.settings)["penalty"] == pytest.approx(penalty, rel=1e-9)
        assert found.att == pytest.approx(effects.mean(), rel=1e-6)


def test_refusals():
    ask = partial(augmented_synthetic_control, STAGGERED)
    with pytest.raises(PanelError, match="penalty is -1, expected 0 or more"):
        ask(penalty=-1)
    with pytest.raises(PanelError, match="penalty is nan, expected 0 or more"):
        ask(penalty=np.nan)
    with pytest.raises(PanelError, match="no rule is called most; expected one-standard-error or least"):
        ask(rule="most")
    short = walks(1, starts={0: 1})
    with pytest.raises(PanelError, match="one period before 1, expected two or more"):
        augmented_synthetic_control(short)
    assert np.isfinite(augmented_synthetic_control(short, penalty=1.0).att)
    missing = STAGGERED.Y.copy()
    missing[7] = np.nan
    with pytest.raises(PanelError, match="augmented synthetic control needs every outcome; 1 units lack"):
        augmented_synthetic_control(replace(STAGGERED, Y=missing))


def test_what_needs_weights_takes_negative_ones():
    """1 / sum of squares stays a measure of noise; placebos and omissions run the method anew."""
    own = textbook("prop99")
    found = augmented_synthetic_control(own)
    w = found.cohorts[0].unit_weights
    assert w.min() < 0
    assert found.cohorts[0].effective_controls == pytest.approx(1 / (w @ w))
    assert {one.code for one in checks(own, found)} == {"pre-fit", "effective-controls", "trend-breakdown"}
    assert placebos(own, augmented_synthetic_control).own.att == found.att
    without = {one.unit: one.att for one in leave_one_out(own, augmented_synthetic_control)}
    part = own.part(np.array([unit != "Utah" for unit in own.units]), np.ones(len(own.periods), bool))
    assert without["Utah"] == augmented_synthetic_control(part).att
    pair = walks(2, starts={0: 12, 1: 12})
    interval = jackknife(pair, augmented_synthetic_control(pair))
    assert interval.low < interval.estimate < interval.high
