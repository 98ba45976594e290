"""One section for each ablation, all made alike: claim, method, what was found, tables, figure, pictures, what was published, reading, limits."""

from bgmatte.reporting.ablation.findings import findings
from bgmatte.reporting.ablation.pairs import RULE, pairs
from bgmatte.reporting.ablation.published import published
from bgmatte.reporting.ablation.tellings import TELLINGS, Telling
from bgmatte.reporting.blocks import Block, Finding, Points, Prose, Section
from bgmatte.reporting.comparisons import family
from bgmatte.reporting.study import Study
from bgmatte.reporting.tables import measures_table, replaced_table
from bgmatte.variants import BASELINE

_LACKING = Prose(("The rows that answer this were not run in this study.",), "note")


def ablation_sections(study: Study) -> tuple[Section, ...]:
    """The five sections in the order of the plan."""
    return tuple(_section(study, telling) for telling in TELLINGS)


def findings_of(study: Study, ablation: int) -> tuple[Finding, ...]:
    """The findings that belong to one ablation."""
    return tuple(found for found in findings(study) if found.ablation == ablation)


def _section(study: Study, telling: Telling) -> Section:
    differs, equal, compared = telling.method
    about = Points(
        (
            ("The paper’s claim.", telling.claim),
            ("What differs.", differs),
            ("What is equal.", equal),
            ("What is compared.", compared),
        )
    )
    beside = published(study, telling.ablation)
    after: tuple[Block, ...] = (*((beside,) if beside else ()), Points((("How to read it.", telling.reading), ("Limits.", telling.limits(study)))))
    if not family(study, telling.ablation) or BASELINE not in study.runs:
        return Section(telling.section, telling.title, (about, _LACKING, *after))
    figure = telling.figure(study)
    numbers = (replaced_table(study, telling.ablation), measures_table(study, telling.ablation))
    shown = pairs(study, telling.ablation)
    pictures: tuple[Block, ...] = (Prose((RULE,), "aside"), *shown) if shown else ()
    drawing: tuple[Block, ...] = (figure,) if figure else ()
    blocks = (about, *findings_of(study, telling.ablation), *numbers, *drawing, *telling.more(study), *pictures, *after)
    return Section(telling.section, telling.title, blocks)
