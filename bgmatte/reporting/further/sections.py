"""What goes beyond the plan's ablations, from the same records: budgets, calibration, bands of pixels, the captured background. No torch."""

from bgmatte.reporting.blocks import Section
from bgmatte.reporting.further.bands import band_section
from bgmatte.reporting.further.budget_section import budget_section
from bgmatte.reporting.further.calibration_section import calibration_section
from bgmatte.reporting.further.captured_section import captured_section
from bgmatte.reporting.study import Study

__all__ = ["band_section", "budget_section", "calibration_section", "captured_section", "further"]


def further(study: Study) -> tuple[Section, ...]:
    """Every section whose tables the records hold."""
    found = (write(study) for write in (budget_section, calibration_section, band_section, captured_section))
    return tuple(section for section in found if section is not None)
