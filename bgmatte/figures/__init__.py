"""Drawings: means with intervals, curves, quality against speed, pictures. Each is finished bytes with words for its finding."""

from bgmatte.figures.bands import Bands, error_by_band
from bgmatte.figures.curves import learning_curve, learning_curves
from bgmatte.figures.disturbances import Disturbed, error_by_disturbance
from bgmatte.figures.intervals import Line, Panel, interval_plot
from bgmatte.figures.parts import Bar, time_by_part
from bgmatte.figures.pictures import Sample, sample_pictures, samples, tiles
from bgmatte.figures.reliability import Share, predicted_and_true
from bgmatte.figures.roles import Course, Lesson, courses_by_role
from bgmatte.figures.spans import Point, Trace
from bgmatte.figures.speed import Cost, quality_against_speed
from bgmatte.figures.study_budgets import Budgets, quality_by_budget
from bgmatte.figures.style import Figure

__all__ = [
    "Bands",
    "Bar",
    "Budgets",
    "Cost",
    "Course",
    "Disturbed",
    "Figure",
    "Lesson",
    "Line",
    "Panel",
    "Point",
    "Sample",
    "Share",
    "Trace",
    "courses_by_role",
    "error_by_band",
    "error_by_disturbance",
    "interval_plot",
    "learning_curve",
    "learning_curves",
    "predicted_and_true",
    "quality_against_speed",
    "quality_by_budget",
    "sample_pictures",
    "samples",
    "tiles",
    "time_by_part",
]
