"""How often the interval of a projection holds what comes: 2,000 draws for each kind of series.

Run it from the checkout::

    python benchmarks/coverage_projection.py

The interval of `ayni.trends.conformal_range` is exact where the past errors of a rule and the next one
are exchangeable. Where trials overlap, or the series wanders, they are not quite; the table says by how
much the coverage then falls short. "Reached" is the level that the interval claims, ``j / (k + 1)``.
The last column says whether the coverage lies within two points of it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from ayni.trends import Backtest, TrendError, backtest, conformal_range, forecast

DRAWS = 2000
SEED = 20261123
ASKED = 0.8  # the level that `ayni.designs.projection` asks for
TWO_POINTS = 0.02

Draw = random.Random
Maker = Callable[[Draw, int], list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table.

    Attributes
    ----------
    name : str
        What the series is.
    make : callable of (source of chance, years) to list of float
        Draws one series.
    rule : str
        The rule that is played on it.
    window, horizon : int
        Years in the window and ahead of it.
    years : int
        Length of the series, the year forecast included.
    additive : bool
        Whether errors are differences.
    """

    name: str
    make: Maker
    rule: str
    window: int
    horizon: int
    years: int
    additive: bool


def noise(draw: Draw, years: int) -> list[float]:
    """Return independent values around one level."""
    return [draw.gauss(100, 10) for _ in range(years)]


def sloped(draw: Draw, years: int) -> list[float]:
    """Return independent values around a straight line."""
    return [100 + 3 * year + draw.gauss(0, 10) for year in range(years)]


def walk(draw: Draw, years: int) -> list[float]:
    """Return a random walk: steps are independent, levels are not."""
    values = [100.0]
    for _ in range(years - 1):
        values.append(values[-1] + draw.gauss(0, 5))
    return values


def growth(draw: Draw, years: int) -> list[float]:
    """Return a level whose yearly growth is independent, as that of the coca area nearly is (s.d. 15 %)."""
    values = [50_000.0]
    for _ in range(years - 1):
        values.append(values[-1] * math.exp(draw.gauss(0.03, 0.15)))
    return values


def persistent(draw: Draw, years: int) -> list[float]:
    """Return a level whose growth goes on: half of each year's growth is the last one's."""
    values, rate = [50_000.0], 0.0
    for _ in range(years - 1):
        rate = 0.5 * rate + draw.gauss(0.015, 0.13)
        values.append(values[-1] * math.exp(rate))
    return values


SETTINGS = (
    Setting(name="independent", make=noise, rule="window-mean", window=5, horizon=1, years=60, additive=True),
    Setting(name="line + noise", make=sloped, rule="linear", window=5, horizon=1, years=60, additive=True),
    Setting(name="random walk", make=walk, rule="last-value", window=1, horizon=1, years=21, additive=True),
    Setting(name="random walk", make=walk, rule="linear", window=5, horizon=2, years=21, additive=True),
    Setting(
        name="random growth", make=growth, rule="last-value", window=1, horizon=1, years=21, additive=False
    ),
    Setting(
        name="random growth", make=growth, rule="last-value", window=1, horizon=2, years=21, additive=False
    ),
    Setting(
        name="random growth", make=growth, rule="compound-rate", window=5, horizon=1, years=21, additive=False
    ),
    Setting(
        name="random growth", make=growth, rule="compound-rate", window=5, horizon=2, years=21, additive=False
    ),
    Setting(
        name="random growth", make=growth, rule="exponential", window=12, horizon=2, years=21, additive=False
    ),
    Setting(
        name="growth goes on",
        make=persistent,
        rule="compound-rate",
        window=5,
        horizon=2,
        years=21,
        additive=False,
    ),
)


def exchangeable(draw: Draw, trials: int, level: float) -> tuple[float, float]:
    """Return coverage and level reached for errors drawn alike: the theorem itself."""
    hits, reached = 0, math.nan
    for _ in range(DRAWS):
        *errors, new = (draw.gauss(0, 1) for _ in range(trials + 1))
        past = Backtest(
            origins=tuple(range(trials)), errors=tuple(errors), naive=tuple(errors), additive=True
        )
        found = conformal_range(0.0, past, level=level)
        if found is None:
            return math.nan, math.nan
        low, high, reached = found
        hits += low <= new <= high
    return hits / DRAWS, reached


def played(setting: Setting, draw: Draw, level: float) -> tuple[float, float, int]:
    """Return coverage, mean level reached and number of intervals over the draws, as a projection is made."""
    hits, levels = 0, []
    last = setting.years - 1 - setting.horizon
    for _ in range(DRAWS):
        values = setting.make(draw, setting.years)
        known = values[: last + 1]
        try:
            guess = forecast(setting.rule, known[last + 1 - setting.window :], setting.horizon)
        except TrendError:
            continue
        past = backtest(
            setting.rule,
            range(last + 1),
            known,
            length=setting.window,
            horizon=setting.horizon,
            additive=setting.additive,
        )
        found = conformal_range(guess, past, level=level)
        if found is not None:
            hits += found[0] <= values[-1] <= found[1]
            levels.append(found[2])
    if not levels:
        return math.nan, math.nan, 0
    return hits / len(levels), sum(levels) / len(levels), len(levels)


def line(name: str, rule: str, shape: str, coverage: float, reached: float, count: int, asked: float) -> str:
    """Return one row of the table."""
    if not count:
        return f"{name:<16}{rule:<15}{shape:<12}{'':>9}{'none':>10}{0:>7}  too few trials for the level"
    short = coverage - reached
    word = "within two points" if abs(short) <= TWO_POINTS else f"off by {100 * short:+.1f} points"
    if abs(short) > TWO_POINTS and coverage >= asked - TWO_POINTS:
        word += f", yet within two points of the {100 * asked:.0f}% asked"
    return f"{name:<16}{rule:<15}{shape:<12}{100 * reached:>8.1f}%{100 * coverage:>9.1f}%{count:>7}  {word}"


def main() -> None:
    """Print the table."""
    print(f"{DRAWS} draws, seed {SEED}; level asked {100 * ASKED:.0f}%\n")
    print(f"{'series':<16}{'rule':<15}{'shape':<12}{'reached':>9}{'covered':>10}{'draws':>7}")
    draw = random.Random(SEED)
    for trials, level in ((4, 0.8), (9, 0.8), (9, 0.9), (14, 0.8), (19, 0.95)):
        coverage, reached = exchangeable(draw, trials, level)
        print(line("exchangeable", "(errors alone)", f"{trials} trials", coverage, reached, DRAWS, level))
    for setting in SETTINGS:
        coverage, reached, count = played(setting, random.Random(SEED), ASKED)
        shape = f"{setting.window}+{setting.horizon} of {setting.years}"
        print(line(setting.name, setting.rule, shape, coverage, reached, count, ASKED))


if __name__ == "__main__":
    main()
