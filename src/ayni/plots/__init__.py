"""Plots of what `ayni.panel` found, drawn by matplotlib: records in, axes out."""

from ayni.plots.curves import specification_curve
from ayni.plots.events import event_study
from ayni.plots.lists import balance, omissions, placebo_ratios, predictor_weights, weights
from ayni.plots.paths import gap, period_weights, placebo_gaps, trends

__all__ = [
    "balance",
    "event_study",
    "gap",
    "omissions",
    "period_weights",
    "placebo_gaps",
    "placebo_ratios",
    "predictor_weights",
    "specification_curve",
    "trends",
    "weights",
]
