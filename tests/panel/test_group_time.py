"""Group-time effects: by hand, against regressions, their aggregations, their coverage."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel import PanelError, group_time, panel
from tests.panel.textbook import walks

STARTS = {0: 8, 1: 8, 3: 12, 5: 12, 6: 12}
OWN = walks(3, units=16, starts=STARTS)


def cells(found):
    return {(one.since, one.period): one for one in found.cells}


@pytest.mark.parametrize("controls", ["never-treated", "not-yet-treated"])
def test_each_effect_is_a_difference_of_two_changes(controls):
    found = cells(group_time(OWN, controls=controls))
    assert len(found) == 2 * 19
    for (since, period), one in found.items():
        base = since - 1 if period >= since else period - 1
        change = OWN.Y[:, period] - OWN.Y[:, base]
        pool = [i for i in range(16) if i not in STARTS]
        if controls == "not-yet-treated":
            pool += [i for i, start in STARTS.items() if start > max(period, since - 1) and start != since]
        treated = [i for i, start in STARTS.items() if start == since]
        assert one.interval.estimate == pytest.approx(change[treated].mean() - change[pool].mean())
        # The influence function without covariates is the variance of two means.
        variance = sum(np.var(change[units]) / len(units) for units in (treated, pool))
        assert one.interval.standard_error == pytest.approx(np.sqrt(variance))


def test_aggregations_weigh_by_units():
    found = group_time(OWN)
    att = {key: one.interval.estimate for key, one in cells(found).items()}
    after = [(key, value, 2 if key[0] == 8 else 3) for key, value in att.items() if key[1] >= key[0]]
    simple = sum(value * size for _, value, size in after) / sum(size for _, _, size in after)
    assert found.simple.estimate == pytest.approx(simple)
    events = dict(found.by_event)
    assert events[0].estimate == pytest.approx((2 * att[8, 8] + 3 * att[12, 12]) / 5)
    assert events[11].estimate == pytest.approx(att[8, 19])
    assert events[-11].estimate == pytest.approx(att[12, 1])
    assert list(events) == list(range(-11, 12))
    assert dict(found.by_cohort)[12].estimate == pytest.approx(np.mean([att[12, t] for t in range(12, 20)]))
    assert dict(found.by_period)[11].estimate == pytest.approx(att[8, 11])
    assert dict(found.by_period)[15].estimate == pytest.approx((2 * att[8, 15] + 3 * att[12, 15]) / 5)


def test_constants_of_units_and_periods_change_nothing():
    generator = np.random.default_rng(1)
    shift = generator.normal(size=(16, 1)) * 50 + generator.normal(size=20) * 50
    moved = panel(OWN.Y + shift, OWN.treated)
    for one, two in zip(group_time(OWN).cells, group_time(moved).cells, strict=True):
        assert two.interval.estimate == pytest.approx(one.interval.estimate, abs=1e-8)


def test_the_simple_interval_covers_as_often_as_it_says():
    """600 random assignments: 90 percent, within three standard errors of the count."""
    covered = 0
    for seed in range(600):
        generator = np.random.default_rng(seed)
        outcomes = generator.normal(size=(90, 5)) + generator.normal(size=(90, 1)) + generator.normal(size=5)
        cohort = generator.choice([2, 3, 9], 90)
        treated = np.arange(5) >= cohort[:, None]
        interval = group_time(panel(outcomes + 2.0 * treated, treated), level=0.9).simple
        covered += interval.low <= 2.0 <= interval.high
    assert covered / 600 == pytest.approx(0.9, abs=0.04)


def test_refusals():
    with pytest.raises(PanelError, match=r"1 units treated from 12 on and 11 controls"):
        group_time(walks(1))
    with pytest.raises(PanelError, match="'all', expected one of never-treated, not-yet-treated"):
        group_time(OWN, controls="all")
