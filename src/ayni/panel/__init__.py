"""Counterfactual estimators on plain arrays: units by periods in, effects with their weights out."""

from ayni.panel.checks import Check, checks, sign_kept
from ayni.panel.completion import matrix_completion
from ayni.panel.conformal import conformal
from ayni.panel.factors import generalised_synthetic_control
from ayni.panel.group_time import GroupTime, group_time
from ayni.panel.imputation import Imputed, imputation
from ayni.panel.leaving_out import Omission, backdated, jackknife, leave_one_out
from ayni.panel.making import panel
from ayni.panel.nested import synthetic_control_with_predictors
from ayni.panel.placebos import Placebo, Placebos, placebos
from ayni.panel.predictors import Balance, Predictors, averages, balance, outcomes_in, predictors, together
from ayni.panel.reassignment import reassigned_slope
from ayni.panel.records import Cohort, Estimate, Interval, Panel, PanelError
from ayni.panel.weighting import (
    demeaned_synthetic_control,
    difference_in_differences,
    synthetic_control,
    synthetic_difference_in_differences,
)

__all__ = [
    "Balance",
    "Check",
    "Cohort",
    "Estimate",
    "GroupTime",
    "Imputed",
    "Interval",
    "Omission",
    "Panel",
    "PanelError",
    "Placebo",
    "Placebos",
    "Predictors",
    "averages",
    "backdated",
    "balance",
    "checks",
    "conformal",
    "demeaned_synthetic_control",
    "difference_in_differences",
    "generalised_synthetic_control",
    "group_time",
    "imputation",
    "jackknife",
    "leave_one_out",
    "matrix_completion",
    "outcomes_in",
    "panel",
    "placebos",
    "predictors",
    "reassigned_slope",
    "sign_kept",
    "synthetic_control",
    "synthetic_control_with_predictors",
    "synthetic_difference_in_differences",
    "together",
]
