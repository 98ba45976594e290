"""The page as a reader gets it: whole, closed, escaped, described, of a size one can mail."""

import base64
import hashlib
import re
import subprocess
import sys
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from bgmatte.fingerprint import PROJECT
from bgmatte.profiles import profile
from bgmatte.records import RecordError, seal
from bgmatte.reporting import blocks, build_report, file, read_study
from bgmatte.reporting.page import SIZE_LIMIT, _cautions
from bgmatte.variants import VARIANTS


@pytest.fixture(scope="module")
def page(whole):
    return BeautifulSoup((whole / "report.html").read_text(), "html.parser")


def test_the_answers_come_first_and_the_contents_lead_to_every_section(page):
    places = [link["href"].removeprefix("#") for link in page.nav.find_all("a")]
    assert [section["id"] for section in page.main.find_all("section", recursive=False)] == places
    assert places[0] == "found"
    ablations = ["two-stages", "selection", "order", "encoder", "stages"]
    assert [place for place in places if place in ablations] == ablations
    assert {"results", "speed", "limits", "reproduce", "glossary"} < set(places)
    identifiers = [node["id"] for node in page.find_all(id=True)]
    assert len(identifiers) == len(set(identifiers))
    answers = page.find(id="found").find_all("article", class_="answer")
    assert [answer.a["href"].removeprefix("#") for answer in answers] == ablations


def test_nothing_is_requested(page):
    for node in page.find_all(True):
        for name in ("src", "srcset", "href", "action", "data", "poster"):
            value = node.get(name, "")
            assert value == "" or value.startswith(("data:", "#")), f"<{node.name} {name}={value[:60]}>"
    assert not page.find_all(["iframe", "object", "embed", "form", "base"])
    assert not re.search(r"@import|url\(", page.style.string)


def test_the_policy_lets_in_our_scripts_and_nothing_else(page):
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    scripts = page.find_all("script")
    assert len(scripts) == 2 and not any(script.attrs for script in scripts)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()}'" for script in scripts]
    assert rules.pop("script-src").split() == hashes
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_no_script_makes_markup_of_text(page):
    for script in page.find_all("script"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|DOMParser|fetch\(|XMLHttpRequest", script.string
        )


@pytest.mark.parametrize("path", sorted((PROJECT / "bgmatte" / "reporting" / "templates").glob("*.js")), ids=lambda path: path.name)
def test_scripts_fit_a_sitting(path):
    assert len(path.read_text().splitlines()) <= 250


def test_names_from_data_are_text(page, whole):
    assert "<img src=x onerror=alert(0)>&'\"0" in page.get_text()
    assert not page.find("img", src="x")
    assert not any(name.startswith("on") for node in page.find_all(True) for name in node.attrs)
    assert "An <b>Example</b> & Co CPU × 2" in page.get_text()
    assert not page.find("b")


def test_every_picture_says_what_it_shows(page):
    pictures = page.find_all("img")
    assert len(pictures) > 50
    assert all(len(picture["alt"]) > 15 for picture in pictures)
    for figure in page.find_all("figure", class_="drawing"):
        assert re.search(r"\d", figure.img["alt"]), "a figure's text states its finding in numbers"


def test_headings_go_down_one_at_a_time(page):
    levels = [int(node.name[1]) for node in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_are_named_and_their_rows_have_headings(page):
    for table in page.find_all("table"):
        assert table["aria-label"]
        assert all(row.th for row in table.find_all("tr"))
    assert all(box["tabindex"] == "0" for box in page.find_all("div", class_="scroll")), "what scrolls must take the keyboard"


def test_it_speaks_english_fits_a_phone_and_the_dark_and_paper(page):
    assert page.html["lang"] == "en"
    assert "width=device-width" in page.find("meta", attrs={"name": "viewport"})["content"]
    assert "prefers-color-scheme: dark" in page.style.string
    assert "@media print" in page.style.string


def test_all_rows_and_measures_stand_in_the_results(page):
    tables = page.find(id="results").find_all("table")
    assert len(tables) == 2
    for table in tables:
        heads = {row.th.get_text() for row in table.tbody.find_all("tr")}
        assert {row for row in VARIANTS if not row.startswith("select-")} < heads
        assert {f"select-grid, {way}" for way in ("retrained", "swapped")} < heads
        assert {"MAD", "MSE", "SAD", "Grad"} < {head.contents[0] for head in table.thead.find_all("th")}


def test_it_is_small_enough(whole):
    assert (whole / "report.html").stat().st_size < SIZE_LIMIT


def test_figures_lie_beside_it_with_their_words(page, whole):
    words = {path.read_text().strip().replace("\N{NO-BREAK SPACE}", " ") for path in (whole / "figures").glob("*.txt")}
    shown = {figure.img["alt"].replace("\N{NO-BREAK SPACE}", " ") for figure in page.find_all("figure", class_="drawing")}
    assert shown == words and len(words) > 8
    assert len(list((whole / "figures").glob("*.svg"))) == len(words)


def test_sizes_are_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(file, "SIZE_LIMIT", 1000)
    with pytest.raises(ValueError, match=r"page\.html would be 0\.0 MiB; allowed: 0 MiB"):
        file.write_sections(tmp_path / "page.html", file.Masthead("", "", "", ""), ())


def test_only_a_clear_difference_is_in_colour():
    cells = blocks.Cell("row"), blocks.Cell("0.1", tone="open"), blocks.Cell("0.2", tone="worse")
    page = blocks.Table("", (("", ""),) * 3, (cells,))._repr_html_()
    assert "<td>0.1</td>" in page and '<td class="worse">0.2</td>' in page


@pytest.mark.parametrize(
    ("sentence", "strong"),
    [
        ("worse, +0.43 ×10⁻³ (+0.12 to +0.75), and −14 % (−16 to −12)", ["+0.43 ×10⁻³", "−14 %"]),
        ("1.25 times as long (1.14 to 1.34), with MobileNetV2 0.44 (0.41 to 0.49)", ["1.25 times as long", "0.44"]),
        ("baseline 16.5 (n = 3), 1,051 of 2 (two), <b>1</b> in VideoMatte240 (1)", []),
    ],
)
def test_numbers_with_an_interval_stand_out(sentence, strong):
    markup = BeautifulSoup(blocks.told(sentence), "html.parser")
    together = [words.replace(" %", "\N{NO-BREAK SPACE}%").replace(" ×10", "\N{NO-BREAK SPACE}×10") for words in strong]
    assert [node.get_text() for node in markup.find_all("strong")] == together, "a number and its unit stay on one line"
    assert markup.get_text().replace("\N{NO-BREAK SPACE}", " ") == sentence
    assert {node.name for node in markup.find_all(True)} <= {"strong"}


def test_a_table_has_a_cell_for_every_head():
    with pytest.raises(ValueError, match="Sizes: row 1 has 1 cell, its head 2"):
        blocks.Table("Sizes", (("row", ""), ("px", "")), ((blocks.Cell("a"), blocks.Cell("1")), (blocks.Cell("b"),)))


def test_the_same_records_give_the_same_bytes(write_study, drawn):
    rows = ("baseline", "no-refinement", "select-edge", "order-mixed", "base-mobilenetv2", "stages-half", "oracle", "difference-key")
    folder = write_study("quick", rows=rows, subjects=4)
    build_report("quick")
    before = {path: path.read_bytes() for path in [folder / "report.html", folder / "summary.json", *sorted((folder / "figures").glob("*"))]}
    build_report("quick")
    assert [path.name for path, content in before.items() if path.read_bytes() != content] == []


def test_a_partial_study_says_what_is_missing(write_study):
    folder = write_study("quick", rows=("baseline", "select-grid"))
    text = BeautifulSoup(build_report("quick").read_text(), "html.parser").get_text()
    missing = [row for row in VARIANTS if row not in ("baseline", "select-grid")]
    assert f"Not run: {', '.join(missing)}" in text
    assert "Cannot be said: difference-key has no record." in text
    assert (folder / "summary.json").exists()


def test_a_study_of_short_training_leads_to_the_longer_one_which_leads_nowhere(write_study):
    steps = [sum(phase.steps for phase in profile(name).joint) for name in ("quick", "overnight")]
    write_study("quick", rows=("baseline", "no-refinement"), subjects=3)
    (told,) = [words for words in _cautions(read_study("quick")) if "reports/reference/overnight/report.html" in words]
    assert f"for {steps[0]:,} steps" in told and f"What {steps[1]:,} change" in told
    write_study("overnight", rows=("baseline", "no-refinement"), subjects=3)
    assert not [words for words in _cautions(read_study("overnight")) if "reports/reference" in words]


@pytest.mark.parametrize("rows", [("difference-key",), ("no-refinement",), ("oracle", "select-edge")])
def test_any_rows_make_a_report(write_study, rows):
    write_study("smoke", rows=rows, subjects=3)
    assert "This is a smoke study" in build_report("smoke").read_text()


def test_without_timing_and_stages_it_says_so(write_study):
    folder = write_study("quick", rows=("baseline", "no-refinement"), subjects=4)
    (folder / "timing.json").unlink()
    (folder / "stages.json").unlink()
    assert "Speed was not measured in this study." in build_report("quick").read_text()


def test_several_seeds_are_told(write_study):
    write_study("quick", rows=("baseline", "no-refinement", "difference-key"), subjects=4, seeds=3)
    (first, *_), _, _ = read_study("quick").runs.values()
    older = {"machine": first.story["machine"] | {"commit": "0ld"}, "finished": "2025-01-01T12:00:00+00:00"}
    seal(first.folder, first.config, {name: value for name, value in first.story.items() if name != "files"} | older)
    text = build_report("quick").read_text()
    commit = first.story["machine"]["commit"]
    assert "3 training seeds: 0, 1, 2" in text and f"3 rows, 3 seeds, commits 0ld and {commit}" in text
    assert f"git checkout {commit}" in text and "Earlier runs were made at 0ld." in text and "-m bgmatte study --profile quick --seeds 3" in text
    assert "4 subjects × 3 seeds" in text


def test_a_damaged_record_is_refused_by_name(write_study):
    folder = write_study("quick", rows=("baseline",), subjects=3)
    (folder / "runs" / "baseline-seed0" / "images.csv").write_text("weights\n")
    with pytest.raises(RecordError, match=r"images\.csv"):
        build_report("quick")


def test_a_record_of_other_settings_is_refused_by_name(write_study):
    folder = write_study("quick", rows=("baseline", "no-refinement"), subjects=3)
    told = folder / "runs" / "no-refinement-seed0" / "run.json"
    told.write_text(told.read_text().replace('"noise": 0.02', '"noise": 0.03'))
    with pytest.raises(RecordError, match="no-refinement-seed0: made with other settings"):
        build_report("quick")


def test_no_record_is_said_with_the_way_out(write_study):
    write_study("quick", rows=())
    with pytest.raises(RecordError, match="bgmatte study --profile quick"):
        read_study("quick")


def test_it_needs_no_torch():
    code = "import sys, bgmatte.reporting; from bgmatte.reporting import page; print('torch' in sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"
