"""The page in a real browser: it asks for nothing and complains of nothing, and what keys, clicks and fingers do is answered."""

import contextlib
import csv
import io
from xml.sax.saxutils import escape

import numpy
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from bgmatte.figures import Figure
from bgmatte.figures.style import data_address
from bgmatte.reporting import blocks
from bgmatte.reporting.file import Masthead, write_sections

SIZES = {390: 844, 1024: 768, 1920: 1080}
MARKUP = "<b onclick=alert(1)>\"Ann\" & 'Bo'</b>"
RUNNING = '"; } * { display: none } </style><script>document.title = "taken"</script>'  # where a style sheet names it
EXACT = 8.3012345678901234
TABLE = blocks.Table(
    f"Errors of {MARKUP}",
    (("row", ""), ("MAD", "×10⁻³, whole frame"), ("reading", "adjusted p"), ("seen on", "subjects")),
    (
        (blocks.Cell("baseline"), blocks.Cell("8.30", ("7.61 to 9.02",), value=EXACT), blocks.Cell(""), blocks.Cell("1,051")),
        (
            blocks.Cell("=1+1"),
            blocks.Cell("10.1", ("−1.2 to +3.4", 'p < 0.001, "sure"'), "worse", 10.125),
            blocks.Cell("worse", (), "worse word", 4e-7),
            blocks.Cell("+12"),
        ),
        (blocks.Cell(MARKUP), blocks.Cell("−0.5", value=-0.5), blocks.Cell("no difference found", value=0.4), blocks.Cell("")),
    ),
    frozenset({1}),
)


def tile(title, shade):
    """A picture of 32 px, half of it of a shade."""
    pixels = numpy.zeros((32, 32, 3), "uint8")
    pixels[:, 16:] = shade
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "webp", lossless=True)
    return blocks.Tile(data_address(file.getvalue(), "webp"), f"a picture called {title}", title, "1.5")


def drawing():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="99"><text y="50">{0}</text></svg>'
    return blocks.Drawing(Figure("bars", MARKUP, "Two bars, the first is 3 longer.", *(svg.format(width).encode() for width in (700, 350))), "Bars.")


@pytest.fixture(scope="module")
def specimen(tmp_path_factory):
    """A page with every kind of block, its names full of markup."""
    given = tuple(tile(f"given {number}", 80 * number) for number in range(3))
    answers = [
        blocks.Answer(tone, MARKUP, f"Question {tone}?", "The number is 1.5 ×10⁻³ (1.2 to 1.8; p < 0.001). " * 7, "all")
        for tone in ("yes", "no", "open", "lacking", "yes")
    ]
    every = (
        blocks.Prose((MARKUP,), "note"),
        blocks.Points(((MARKUP, MARKUP),)),
        blocks.Finding("no", MARKUP, MARKUP, MARKUP, (MARKUP,), 1),
        TABLE,
        blocks.Facts("What holds", ((MARKUP, MARKUP),)),
        drawing(),
        blocks.Comparison(f"Worst {MARKUP}", "Two mattes.", tile("baseline", 200), tile(MARKUP, 100), given),
        blocks.Comparison("Best", "", tile("baseline", 200), tile("other", 100)),
        blocks.Tiles("All rows", "One picture.", ((MARKUP, given),)),
        blocks.Commands(((MARKUP, MARKUP),)),
    )
    sections = (
        blocks.Section("found", "What was found", tuple(answers)),
        blocks.Section("all", f"Every block {MARKUP}", every),
        *(blocks.Section(f"more-{number}", f"More {number}", (blocks.Prose(("word " * 900,)),)) for number in range(3)),
    )
    head = Masthead(MARKUP, f"{MARKUP} described", RUNNING, MARKUP)
    return write_sections(tmp_path_factory.mktemp("specimen") / "page.html", head, sections)


@pytest.fixture
def opened(chromium):
    """`opened(path, width, scheme="light", **more)` shows a page, and at the end nothing was asked and nothing complained of."""
    with contextlib.ExitStack() as stack:
        complaints, asked = [], []

        def show(path, width=1024, scheme="light", **more):
            context = chromium.new_context(viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme, reduced_motion="reduce", **more)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(path.as_uri())
            return page

        yield show
        assert not complaints
        assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


def fits(page):
    """Whether nothing on the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def violations(page, rules=None):
    """What axe minds, each with the places."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules or {}}).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found]


def test_the_whole_report_opens_in_peace(opened, whole):
    for width, scheme in ((390, "dark"), (1920, "dark"), (1024, "light")):
        page = opened(whole / "report.html", width, scheme)
        assert fits(page)
        assert page.locator(".table .tools").count() == page.locator(".table").count() > 5  # its scripts have run to their ends
        assert page.evaluate("[...document.querySelectorAll('main img')].every((image) => image.complete && image.naturalWidth > 0)")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})  # what paper.css leaves of A4's 210 mm at 96 px an inch
    assert fits(page), "a browser shrinks the whole page if a table is wider than the sheet"
    page.emulate_media(media="screen")
    assert violations(page, {"color-contrast": {"enabled": False}}) == []  # slow on so large a page; the colours are those of the specimen


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1024, "dark")])
def test_axe_minds_nothing(opened, specimen, width, scheme):
    page = opened(specimen, width, scheme)
    assert fits(page)
    assert violations(page) == []
    page.get_by_role("button", name="a picture called given 1").first.click()
    assert violations(page) == []


@pytest.mark.parametrize("width", [1024, 1920])
def test_five_answers_are_read_at_once(opened, specimen, width):
    page = opened(specimen, width)
    last = page.locator(".answer").nth(4).bounding_box()
    assert last["y"] + last["height"] <= SIZES[width]


def test_a_head_sorts_up_and_down_and_back(opened, specimen):
    page = opened(specimen)
    table = page.locator("#all .table table")
    rows = lambda: [head.inner_text() for head in table.locator("tbody th").all()]  # noqa: E731
    head = table.get_by_role("button", name="MAD")
    column = table.locator("thead th").nth(1)
    told = []
    for _ in range(3):
        head.press("Enter")
        told.append((column.get_attribute("aria-sort"), rows()))
    assert told == [
        ("ascending", [MARKUP, "baseline", "=1+1"]),
        ("descending", ["=1+1", "baseline", MARKUP]),
        (None, ["baseline", "=1+1", MARKUP]),
    ]
    table.get_by_role("button", name="reading").click()
    assert rows() == ["=1+1", MARKUP, "baseline"]  # what is empty comes last
    table.get_by_role("button", name="reading").click()
    assert rows() == [MARKUP, "=1+1", "baseline"]
    table.get_by_role("button", name="seen on").click()  # numbers as they are printed
    assert rows() == ["=1+1", "baseline", MARKUP]
    assert column.get_attribute("aria-sort") is None


def test_groups_are_set_apart_only_in_their_own_order(opened, specimen):
    page = opened(specimen)
    table = page.locator("#all .table table")
    widths = lambda: [cell.evaluate("cell => getComputedStyle(cell).borderTopWidth") for cell in table.locator("tbody th").all()]  # noqa: E731
    assert widths() == ["0px", "2px", "0px"]
    table.get_by_role("button", name="MAD").click()
    assert widths() == ["0px"] * 3


def test_the_csv_has_every_digit_and_no_formula(opened, specimen):
    page = opened(specimen)
    with page.expect_download() as download:
        page.locator("#all .tools").get_by_role("button", name="CSV").click()
    content = download.value.path().read_bytes().decode()
    assert download.value.suggested_filename == "all-1.csv"
    assert content.startswith("\ufeff") and content.count("\r\n") == 4 and content.endswith("\r\n")
    mad, reading = "MAD (×10⁻³, whole frame)", "reading (adjusted p)"
    head = ["row", mad, f"{mad}, low", f"{mad}, high", f"{mad}, note 2", reading, f"{reading}, as printed", "seen on (subjects)"]
    lines = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    assert lines == [
        head,
        ["baseline", repr(EXACT), "7.61", "9.02", "", "", "", "1051"],
        [" =1+1", "10.125", "-1.2", "3.4", 'p < 0.001, "sure"', "4e-07", "worse", "12"],
        [MARKUP, "-0.5", "", "", "", "0.4", "no difference found", ""],
    ]


def test_a_table_is_copied_as_it_is_sorted(opened, specimen):
    page = opened(specimen, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#all .table").get_by_role("button", name="MAD").click()
    page.locator("#all .tools").get_by_role("button", name="Copy").click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    lines = [line.split("\t") for line in page.evaluate("navigator.clipboard.readText()").splitlines()]
    assert [line[0] for line in lines] == ["row", MARKUP, "baseline", " =1+1"]
    assert {len(line) for line in lines} == {8}


def test_where_copying_is_forbidden_the_table_is_selected(opened, specimen):
    page = opened(specimen)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')) }")
    page.locator("#all .tools").get_by_role("button", name="Copy").click()
    page.get_by_role("status").filter(has_text="Selected").wait_for()
    assert "7.61 to 9.02" in page.evaluate("String(getSelection())")


def uncovered(page):
    """How much of the width belongs to the first of two pictures, in per cent."""
    return page.locator(".comparison .after .frame").first.evaluate("frame => getComputedStyle(frame).clipPath")


def test_the_slider_uncovers_by_keys_and_by_hand(opened, specimen):
    page = opened(specimen)
    slider = page.get_by_role("slider").first
    assert MARKUP in slider.get_attribute("aria-label")
    seen = []
    for key in ("Home", "ArrowRight", "End"):
        slider.press(key)
        seen.append((uncovered(page), slider.get_attribute("aria-valuetext")))
    assert seen == [
        ("inset(0px 0px 0px 0%)", f"0 % baseline, 100 % {MARKUP}"),
        ("inset(0px 0px 0px 1%)", f"1 % baseline, 99 % {MARKUP}"),
        ("inset(0px 0px 0px 100%)", f"100 % baseline, 0 % {MARKUP}"),
    ]
    box = page.locator(".comparison .frame").first.bounding_box()
    across = lambda share: (box["x"] + share * box["width"], box["y"] + 50)  # noqa: E731
    page.mouse.move(*across(0.9))
    page.mouse.down()
    page.mouse.move(*across(0.25), steps=4)
    page.mouse.up()
    assert slider.input_value() == "25"


def scales(page):
    """How the pictures of the first comparison are enlarged."""
    return [
        image.evaluate("image => new DOMMatrix(getComputedStyle(image).transform).a") for image in page.locator(".pair").first.locator("img").all()
    ]


def test_both_pictures_zoom_together_by_keys_wheel_and_taps(opened, specimen):
    page = opened(specimen)
    pair, place = page.locator(".pair").first, "image => new DOMMatrix(getComputedStyle(image).transform).e"
    bar = page.locator(".comparison").first.get_by_role("group", name="Zoom", exact=True)
    assert "arrow keys move" in pair.get_attribute("aria-label")
    pair.press("+")
    pair.press("+")
    assert scales(page) == [2.25, 2.25]
    assert bar.locator("output").inner_text() == "2.3×"
    before = [image.evaluate(place) for image in pair.locator("img").all()]
    pair.press("ArrowRight")
    after = [image.evaluate(place) for image in pair.locator("img").all()]
    assert after[0] < before[0] and after[0] == after[1]
    pair.press("-")
    assert scales(page) == [1.5, 1.5]
    pair.press("0")
    assert scales(page) == [1, 1]

    bar.get_by_role("button", name="Zoom in").click()
    assert scales(page) == [1.5, 1.5]
    bar.get_by_role("button", name="Reset").click()
    assert scales(page) == [1, 1]

    top = page.evaluate("scrollY")
    pair.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function("document.querySelector('.pair').classList.contains('zoomed')")
    assert page.evaluate("scrollY") == top
    pair.dblclick()
    assert scales(page) == [1, 1]
    pair.dblclick()
    assert scales(page) == [3, 3]


def test_two_fingers_zoom_what_is_between_them(opened, specimen):
    page = opened(specimen, 390, has_touch=True, is_mobile=True)
    page.locator(".pair").first.scroll_into_view_if_needed()
    box = page.locator(".pair .frame").first.bounding_box()
    touch = page.context.new_cdp_session(page)
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", None)):
        points = [] if apart is None else [{"x": middle[0] + side * apart, "y": middle[1], "id": number} for number, side in enumerate((-1, 1))]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert scales(page) == pytest.approx([3, 3], abs=0.2)
    image = page.locator(".pair img").first.bounding_box()
    assert image["x"] + image["width"] / 2 == pytest.approx(middle[0], abs=3)


def test_a_tile_opens_enlarged_and_gives_the_focus_back(opened, specimen):
    page = opened(specimen)
    tile = page.locator(".tiles").first.get_by_role("button").nth(1)
    tile.press("Enter")
    dialog = page.get_by_role("dialog", name="a picture called given 1")
    picture = dialog.get_by_role("img")
    assert picture.bounding_box()["width"] > 400
    page.keyboard.press("+")
    assert picture.evaluate("image => new DOMMatrix(getComputedStyle(image).transform).a") == 1.5
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    page.get_by_role("dialog", name="a picture called given 2").get_by_text("3 of 3").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_role("dialog", name="a picture called given 0").get_by_text("1 of 3").wait_for()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    assert tile.evaluate("tile => tile === document.activeElement")


def test_the_contents_follow(opened, specimen):
    page = opened(specimen, 1920)
    current = page.locator("nav [aria-current=location]")
    for name in ("all", "more-1", "found"):
        page.locator(f"#{name}").evaluate("section => section.scrollIntoView()")
        page.locator(f"nav [aria-current=location][href='#{name}']").wait_for()
        assert current.count() == 1
    page.get_by_role("link", name="More 2").click()
    page.locator("nav [aria-current=location][href='#more-2']").wait_for()
    assert page.locator("nav").bounding_box()["y"] >= 0  # it stays where it can be read


def test_on_a_phone_the_contents_close_after_a_choice(opened, specimen):
    page = opened(specimen, 390)
    folder, line = page.locator("nav details"), page.locator("nav summary")
    assert folder.get_attribute("open") is None
    line.click()
    page.get_by_role("link", name="More 1").click()
    assert folder.get_attribute("open") is None
    line.get_by_text("More 1").wait_for()
    head, bar = (page.locator(place).bounding_box() for place in ("#more-1 h2", "nav"))
    assert bar["y"] == 0 and head["y"] >= bar["height"], "the bar must not lie over what was chosen"
    line.press("Enter")
    page.keyboard.press("Escape")
    assert folder.get_attribute("open") is None


def test_names_are_text_everywhere(opened, specimen):
    page = opened(specimen)
    assert page.title() == MARKUP
    assert page.locator("b").count() == 0
    assert page.get_by_text(RUNNING).is_visible()
    assert page.locator("body").inner_text().count(MARKUP) > 15
    assert escape(MARKUP) in page.locator("h1").inner_html()


def test_the_policy_stops_a_script_that_is_not_ours(chromium, specimen):
    page = chromium.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(specimen.as_uri())
    page.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.taken = 1"; document.body.append(script) }"""
    )
    page.evaluate("""() => { document.body.setAttribute("onclick", "window.taken = 1"); document.body.click() }""")
    assert page.evaluate("window.taken") is None
    assert len([words for words in said if "Content Security Policy" in words]) == 2
    page.context.close()


@pytest.mark.parametrize("way", ["without scripts", "on paper"])
def test_pictures_stand_side_by_side_where_nothing_moves(opened, specimen, way):
    page = opened(specimen, java_script_enabled=way == "on paper")
    if way == "on paper":
        page.emulate_media(media="print")
    before, after = (page.locator(".pair").first.locator("img").nth(number).bounding_box() for number in (0, 1))
    assert before["x"] + before["width"] <= after["x"] and before["y"] == after["y"]
    visible = page.locator(".tools:visible, .lens:visible, input:visible, dialog:visible")
    assert visible.count() == 0
    assert page.locator("nav").is_visible() == (way == "without scripts")
