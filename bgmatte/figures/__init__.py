"""Drawings: means with intervals, curves, quality against speed, pictures. Each is finished bytes with words for its finding."""

from bgmatte.figures.curves import learning_curve, learning_curves
from bgmatte.figures.distances import Bands, error_by_distance
from bgmatte.figures.intervals import Line, Panel, interval_plot
from bgmatte.figures.parts import Bar, time_by_part
from bgmatte.figures.pictures import Sample, sample_pictures, samples, tiles
from bgmatte.figures.roles import Course, Lesson, courses_by_role
from bgmatte.figures.speed import Cost, quality_against_speed
from bgmatte.figures.style import Figure

__all__ = [
    "Bands",
    "Bar",
    "Cost",
    "Course",
    "Figure",
    "Lesson",
    "Line",
    "Panel",
    "Sample",
    "courses_by_role",
    "error_by_distance",
    "interval_plot",
    "learning_curve",
    "learning_curves",
    "quality_against_speed",
    "sample_pictures",
    "samples",
    "tiles",
    "time_by_part",
]
