"""From records to what a reader sees: summary, tables, sentences, figures and one page. No torch."""

from pathlib import Path

from bgmatte.reporting.page import sections, write_page
from bgmatte.reporting.study import Study, read_study
from bgmatte.reporting.summary import write_summary

__all__ = ["Study", "build_report", "read_study", "sections"]


def build_report(profile: str) -> Path:
    """Write summary.json, answers.json, figures and report.html of a profile from its records; return the page's path.

    Works on whatever rows have run. Raises `ConfigError` for an unknown profile, `RecordError` for a damaged record
    and when there is none.
    """
    study = read_study(profile)
    write_summary(study)
    return write_page(study)
