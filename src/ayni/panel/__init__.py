"""Counterfactual estimators on plain arrays: units by periods in, effects with their weights out."""

from ayni.panel.checks import Check, checks, sign_kept
from ayni.panel.completion import matrix_completion
from ayni.panel.conformal import conformal
from ayni.panel.group_time import GroupTime, group_time
from ayni.panel.imputation import Imputed, imputation
from ayni.panel.leaving_out import Omission, backdated, jackknife, leave_one_out
from ayni.panel.making import panel
from ayni.panel.placebos import Placebo, Placebos, placebos
from ayni.panel.records import Cohort, Estimate, Interval, Panel, PanelError
from ayni.panel.weighting import (
    demeaned_synthetic_control,
    difference_in_differences,
    synthetic_control,
    synthetic_difference_in_differences,
)

__all__ = [
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
    "backdated",
    "checks",
    "conformal",
    "demeaned_synthetic_control",
    "difference_in_differences",
    "group_time",
    "imputation",
    "jackknife",
    "leave_one_out",
    "matrix_completion",
    "panel",
    "placebos",
    "sign_kept",
    "synthetic_control",
    "synthetic_difference_in_differences",
]
