"""Event study: regressions with a dummy for every period, other estimators, Welch, another program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError, difference_in_differences, group_time, panel
from ayni.panel.event_study import event_study
from tests.panel.textbook import textbook, walks

STARTS = {0: 8, 1: 8, 3: 12, 5: 12, 6: 12}
OWN = walks(3, units=16, starts=STARTS)
ONE_COHORT = walks(4, units=14, starts={0: 12, 1: 12, 2: 12, 3: 12})


def with_holes(own, seed=1, share=0.1):
    holes = np.random.default_rng(seed).random(own.Y.shape) < share
    return replace(own, Y=np.where(holes, np.nan, own.Y))


def by_regression(own, horizons, weights, controls="not-yet-treated", base=1, without=None):
    """Switches and clean controls in a long table, a dummy for each period, weighted least squares."""
    starts, length = own.starts, own.Y.shape[1]
    rows = []
    for t in range(base, length):
        for i in range(len(starts)):
            if i == without or not 0 <= t + horizons[0] <= t + horizons[-1] < length:
                continue
            last = length - 1 if controls == "never-treated" else t + max(horizons[-1], 0)
            change = np.mean([own.Y[i, t + h] for h in horizons]) - own.Y[i, t - base : t].mean()
            if (starts[i] == t or starts[i] > last) and not np.isnan(change):
                rows.append((t, float(starts[i] == t), change))
    when, treated, change = (np.array(column) for column in zip(*rows, strict=True))
    w = np.ones(len(when))
    if weights == "equal":
        for t in np.unique(when):
            w[when == t] = 1 / max(1 - treated[when == t].mean(), 1e-12)
    w[np.isin(when, [t for t in np.unique(when) if not treated[when == t].any()])] = 1
    design = np.column_stack([treated, *(when == t for t in np.unique(when))]) * np.sqrt(w)[:, None]
    return np.linalg.lstsq(design, change * np.sqrt(w), rcond=None)[0][0]


@pytest.mark.parametrize("weights", ["equal", "variance"])
@pytest.mark.parametrize("controls", ["not-yet-treated", "never-treated"])
@pytest.mark.parametrize("own", [OWN, with_holes(OWN)])
def test_each_horizon_is_a_regression_with_a_dummy_for_each_period(own, controls, weights):
    found = dict(event_study(own, weights=weights, controls=controls).effects)
    for h in (-5, -2, 0, 3, 7):
        expected = by_regression(own, [h], weights, controls)
        assert found[h].estimate == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("weights", ["equal", "variance"])
def test_the_pooled_effect_and_a_longer_base_are_regressions_too(weights):
    found = event_study(OWN, weights=weights, base=3)
    assert found.pooled is not None
    assert found.pooled.estimate == pytest.approx(by_regression(OWN, range(8), weights, base=3), abs=1e-10)
    assert dict(found.effects)[2].estimate == pytest.approx(
        by_regression(OWN, [2], weights, base=3), abs=1e-10
    )
    assert {-1, -2, -3}.isdisjoint(dict(found.effects))
    short = event_study(OWN, weights=weights, before=4, after=2)
    assert short.pooled is not None
    assert [h for h, _ in short.effects] == [-4, -3, -2, 0, 1, 2]
    assert short.pooled.estimate == pytest.approx(by_regression(OWN, range(3), weights), abs=1e-10)


def test_it_is_what_another_program_says():
    """diff-diff 3.13.0, LPDiD of the staggered panel: horizons and the pooled effect, both weightings."""
    published = {
        "variance": (
            (-0.8068954444, -0.3467940612, 0.2835754248, -0.6119751378, -0.2082179610, -0.3040295529,
             -0.1066803377, -0.4007063885, -0.2593050722),
            -0.269304,
        ),
        "equal": (
            (-0.8581320972, -0.3979641378, 0.2574800677, -0.6161884754, -0.2665166525, -0.3403956250,
             -0.1274073711, -0.4293093422, -0.2915045028),
            -0.295357,
        ),
    }  # fmt: skip
    for weights, (effects, pooled) in published.items():
        found = event_study(OWN, weights=weights, before=4, after=5)
        assert found.pooled is not None
        assert [one.estimate for _, one in found.effects] == pytest.approx(effects, abs=1e-9)
        assert found.pooled.estimate == pytest.approx(pooled, abs=5e-7)


@pytest.mark.parametrize("controls", ["not-yet-treated", "never-treated"])
def test_equally_weighted_it_is_the_mean_of_group_time_effects(controls):
    """Callaway and Sant'Anna's means over events; their leads are changes from period to period instead."""
    found, other = event_study(OWN, controls=controls), group_time(OWN, controls=controls)
    events = dict(other.by_event)
    for h, one in found.effects:
        if h >= 0:
            assert one.estimate == pytest.approx(events[h].estimate, abs=1e-10)
    assert found.estimate.att == pytest.approx(other.simple.estimate, abs=1e-10)
    assert found.interval.estimate == pytest.approx(found.estimate.att)


def test_leads_of_one_cohort_add_up_the_placebos_of_group_time():
    effects = dict(event_study(ONE_COHORT).effects)
    events = dict(group_time(ONE_COHORT).by_event)
    for h in (-2, -5, -12):
        assert effects[h].estimate == pytest.approx(
            -sum(events[k].estimate for k in range(h + 1, 0)), abs=1e-10
        )


def test_one_cohort_with_the_whole_past_as_base_is_difference_in_differences():
    found = event_study(ONE_COHORT, base=12)
    assert found.pooled is not None
    other = difference_in_differences(ONE_COHORT)
    assert found.estimate.att == pytest.approx(other.att, abs=1e-10)
    assert found.pooled.estimate == pytest.approx(other.att, abs=1e-10)
    ours, theirs = found.estimate.cohorts[0], other.cohorts[0]
    assert ours.counterfactual == pytest.approx(theirs.counterfactual, abs=1e-10)
    assert np.isnan(found.checks[0].value)


def test_with_one_cohort_an_interval_is_welchs():
    """Two means with unequal variances: their standard error and degrees of freedom, from the textbook."""
    found = dict(event_study(ONE_COHORT, level=0.95).effects)[3]
    change = ONE_COHORT.Y[:, 15] - ONE_COHORT.Y[:, 11]
    parts = [change[some].var(ddof=1) / some.sum() for some in (~ONE_COHORT.controls, ONE_COHORT.controls)]
    assert found.standard_error == pytest.approx(np.sqrt(sum(parts)), rel=1e-10)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 9)
    # Between the quantiles of printed tables for the whole numbers around.
    table = dict(enumerate((4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179), 2))
    reach = (found.high - found.estimate) / found.standard_error
    assert table[int(freedom) + 1] <= reach <= table[int(freedom)]


def test_draws_are_the_effect_without_each_unit():
    own = with_holes(OWN)
    found = dict(event_study(own).effects)[2]
    for unit in (0, 3, 9):
        assert found.draws[unit] == pytest.approx(by_regression(own, [2], "equal", without=unit), abs=1e-10)


def test_the_test_of_leads_is_hotellings():
    """One cohort, two leads: the statistic and its degrees of freedom written out."""
    from ayni.panel.tails import fisher_tail

    found = event_study(ONE_COHORT, before=3).checks[0]
    leads = np.array([ONE_COHORT.Y[:, 12 + h] - ONE_COHORT.Y[:, 11] for h in (-3, -2)])
    groups = [leads[:, ~ONE_COHORT.controls], leads[:, ONE_COHORT.controls]]
    parts = [np.cov(one) / one.shape[1] for one in groups]
    distance = groups[0].mean(axis=1) - groups[1].mean(axis=1)
    whole = np.linalg.inv(sum(parts))
    squared = distance @ whole @ distance
    lost = sum(
        (np.trace(part @ whole @ part @ whole) + np.trace(part @ whole) ** 2) / (one.shape[1] - 1)
        for part, one in zip(parts, groups, strict=True)
    )
    freedom = 6 / lost
    assert found.code == "no-leads"
    assert found.value == pytest.approx(
        fisher_tail(squared * (freedom - 1) / (2 * freedom), 2, freedom - 1), abs=1e-10
    )


def test_a_drift_before_is_seen():
    generator = np.random.default_rng(2)
    outcomes = generator.normal(size=(30, 12)) + generator.normal(size=(30, 1))
    treated = np.zeros(outcomes.shape, bool)
    treated[:10, 8:] = True
    assert event_study(panel(outcomes, treated), before=4).checks[0].passed
    outcomes[:10] += 0.8 * np.arange(12)
    assert not event_study(panel(outcomes, treated), before=4).checks[0].passed


def test_intervals_cover_and_the_leads_are_rejected_as_often_as_they_say():
    """150 random assignments of two cohorts: 90 percent, and 5 percent of rejections."""
    covered = rejected = 0
    for seed in range(150):
        generator = np.random.default_rng(seed)
        outcomes = generator.normal(size=(24, 8)) + generator.normal(size=(24, 1)) + generator.normal(size=8)
        cohort = generator.permutation([4] * 3 + [6] * 3 + [99] * 18)
        treated = np.arange(8) >= cohort[:, None]
        found = event_study(panel(outcomes + 2.0 * treated, treated), before=3)
        covered += found.interval.low <= 2.0 <= found.interval.high
        rejected += not found.checks[0].passed
    assert covered / 150 == pytest.approx(0.9, abs=0.075)
    assert rejected / 150 == pytest.approx(0.05, abs=0.05)


def test_constants_and_the_order_of_units_change_nothing():
    generator = np.random.default_rng(1)
    shift = generator.normal(size=(16, 1)) * 50 + generator.normal(size=20) * 50
    order = generator.permutation(16)
    one = event_study(OWN)
    two = event_study(panel(10 * (OWN.Y + shift)[order], OWN.treated[order]))
    for (h, first), (k, second) in zip(one.effects, two.effects, strict=True):
        assert h == k
        assert (second.low, second.high) == pytest.approx((10 * first.low, 10 * first.high), rel=1e-7)
    assert two.checks[0].value == pytest.approx(one.checks[0].value, abs=1e-8)


def test_outcomes_without_noise_have_intervals_without_width():
    found = event_study(panel(np.where(OWN.treated, 3.0, 1.0), OWN.treated))
    assert (found.interval.low, found.interval.high) == (2.0, 2.0)
    assert found.checks[0].passed is None


def test_units_and_periods_without_any_outcome_are_passed_over():
    outcomes = OWN.Y.copy()
    outcomes[0], outcomes[:, 15] = np.nan, np.nan
    found = event_study(replace(OWN, Y=outcomes))
    assert found.estimate.cohorts[0].units == ("0", "1")
    assert np.isnan(found.estimate.cohorts[0].counterfactual[15])
    assert found.pooled is None
    assert found.interval.estimate == pytest.approx(found.estimate.att)
    assert sum(one.cells for one in found.estimate.cohorts) == 11 + 3 * 7


def test_every_reason_to_refuse_is_told():
    with pytest.raises(PanelError, match=r"weights is 'all'.*controls is 'some'.*no more than the 8 before"):
        event_study(OWN, weights="all", controls="some", base=9)
    with pytest.raises(PanelError, match="two treated units and two clean controls"):
        event_study(textbook("prop99"))
    with pytest.raises(PanelError, match="two treated units and two clean controls"):
        event_study(panel(OWN.Y[[0, 1, 2]], OWN.treated[[0, 1, 2]]))
    with pytest.raises(PanelError, match="share between 0 and 1"):
        event_study(OWN, level=95)
