"""The viewer in a real browser: it shows what the kernel says, sends what is painted, and moves all panes together."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from bgmatte.explorer.viewer import HOME

BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)
CELLS = (16, 24)  # of a frame of 64 × 96 px
CHOSEN = {"name": "pha:a", "title": "Refined alpha", "kind": "chosen", "layers": ["before", "after"], "mask": "a"}
MARKED = {"name": "marks:a", "title": "Chosen patches", "kind": "marked", "layers": ["before"], "mask": "a"}
PLAIN = {"name": "src", "title": "Source", "kind": "plain", "layers": ["src"], "ramp": ["#000", "#fff"], "ends": ["0", "1"], "legend": "a ramp"}
GROUPS = [{"title": "Selector A", "panes": [PLAIN, CHOSEN, MARKED]}]


@pytest.fixture(scope="session")
def viewer_page():
    spec = importlib.util.spec_from_file_location("viewer_page", Path(__file__).with_name("viewer_page.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def flat(colour, size=(64, 96)):
    return np.full((*size, 3), colour)


def mask(*chosen, code=1, cells=CELLS):
    """A mask in which (row, column) patches are chosen."""
    codes = np.zeros(cells, np.uint8)
    for row, column in chosen:
        codes[row, column] = code
    return codes


@pytest.fixture
def viewed(viewer_page, sheet):
    """A viewer of a black layer, a red one and a ramp from black to white."""
    asked: list[str] = []

    def note(request):
        asked.append(request.url)

    sheet.on("request", note)
    ramp = np.broadcast_to(np.linspace(0, 255, 96)[None, :, None], (64, 96, 3))
    layers = {"before": flat(BLACK), "after": flat(RED), "src": ramp}
    layers = {name: viewer_page.webp(picture, quality=100) for name, picture in layers.items()}
    yield viewer_page.Viewed(sheet, layers=layers, size=[64, 96], cells=list(CELLS), groups=GROUPS, masks={"a": mask((4, 6), (4, 7))})
    sheet.remove_listener("request", note)
    assert not [url for url in asked if not url.startswith(("data:", "blob:"))], "the viewer asked the network"


def middle(row, column):
    """Where the middle of a patch is on a pane that shows the whole frame."""
    return (column + 0.5) / CELLS[1], (row + 0.5) / CELLS[0]


def point(viewed, pane, row, column):
    """The point of the page over a patch, while the whole frame is shown."""
    box = viewed.canvas(pane).bounding_box()
    x, y = middle(row, column)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def stroke(viewed, *patches, pane="pha:a"):
    """Drag the brush from patch to patch."""
    mouse = viewed.page.mouse
    mouse.move(*point(viewed, pane, *patches[0]))
    mouse.down()
    for patch in patches[1:]:
        mouse.move(*point(viewed, pane, *patch))
    mouse.up()
    viewed.settle()


def cells_of(messages):
    return sorted(cell for message in messages for cell in message["cells"])


# What is drawn


def test_the_refined_layer_shows_inside_the_chosen_patches_and_only_there(viewed):
    assert viewed.pixel("pha:a", *middle(4, 6)) == RED
    assert viewed.pixel("pha:a", *middle(4, 8)) == BLACK
    assert viewed.pixel("pha:a", *middle(3, 6)) == BLACK
    viewed.tell(masks={"a": mask((3, 6))})
    assert viewed.pixel("pha:a", *middle(3, 6)) == RED
    assert viewed.pixel("pha:a", *middle(4, 6)) == BLACK


def test_hand_painted_patches_count_and_those_taken_away_do_not(viewed):
    viewed.tell(masks={"a": mask((4, 6), code=2) + mask((8, 8), code=3)})
    assert viewed.pixel("pha:a", *middle(4, 6)) == RED
    assert viewed.pixel("pha:a", *middle(8, 8)) == BLACK
    assert re.sub(r"\s+", " ", viewed.page.locator(".bgm-marks:not(:empty)").inner_text()) == "added 1 taken away 1"


def test_marks_are_amber_for_the_selector_and_blue_by_hand(viewed):
    viewed.tell(masks={"a": mask((4, 6)) + mask((8, 8), code=2)}, view={"x": 0.5, "y": 0.5, "zoom": 1.5, "large": ""})
    red, _, blue = viewed.pixel("marks:a", 0.5 + 1.5 * (middle(4, 6)[0] - 0.5), 0.5 + 1.5 * (middle(4, 6)[1] - 0.5))
    assert red > 2 * blue
    corner = [0.5 + 1.5 * (share - 0.5) for share in ((8 + 0.15) / CELLS[1], (8 + 0.15) / CELLS[0])]  # beside the plus
    assert viewed.pixel("marks:a", *corner) == (0x01, 0x73, 0xB2)


def test_patches_finer_than_the_screen_count_by_their_share(viewed, viewer_page):
    cells = (540, 960)
    every_second = np.indices(cells).sum(0) % 2
    layers = {name: viewer_page.webp(flat(colour, (8, 16)), quality=100) for name, colour in (("before", BLACK), ("after", WHITE), ("src", RED))}
    viewed.tell(size=[2160, 3840], cells=list(cells), layers=layers, masks={"a": every_second})
    assert viewed.pixel("pha:a", 0.5, 0.5) == pytest.approx((128, 128, 128), abs=24)


def test_a_broken_picture_is_told_where_one_looks(viewed):
    viewed.page.evaluate("(state) => tell(state)", {"layers": {"src": "bm90IGEgcGljdHVyZQ=="}, "serial": 2})
    viewed.page.get_by_role("alert").filter(has_text="“src” could not be decoded").wait_for()
    assert viewed.pixel("pha:a", *middle(4, 6)) == RED  # what was there stays


@pytest.mark.parametrize("turns", [0, 3], ids=["at once", "while the older is decompressed"])
def test_the_latest_mask_wins(viewed, viewer_page, turns):
    script = """async ([older, newer, turns]) => {
        const serials = [];
        const root = document.querySelector(".bgm-viewer");
        new MutationObserver(() => serials.push(root.dataset.serial)).observe(root, { attributeFilter: ["data-serial"] });
        tell(older);
        for (let turn = 0; turn < turns; turn++) await null;
        tell(newer);
        while (root.dataset.serial !== "3") await new Promise((done) => setTimeout(done, 5));
        await new Promise((done) => setTimeout(done, 50));
        return serials;
    }"""
    older, newer = (viewer_page.told({"masks": {"a": mask(patch)}, "serial": serial}) for patch, serial in (((0, 0), 2), ((9, 9), 3)))
    assert viewed.page.evaluate(script, [older, newer, turns]) == ["3"]
    assert viewed.pixel("pha:a", *middle(9, 9)) == RED
    assert viewed.pixel("pha:a", *middle(0, 0)) == BLACK


def test_traits_may_arrive_one_by_one(viewed, viewer_page):
    cells = (32, 48)
    viewed.page.evaluate("(state) => tell(state)", viewer_page.told({"masks": {"a": mask((31, 47), cells=cells)}}))
    viewed.tell(size=[128, 192], cells=list(cells))
    assert viewed.pixel("pha:a", 47.5 / 48, 31.5 / 32) == RED


def test_a_new_mask_is_drawn_in_time_on_twelve_panes_of_hd(viewed, viewer_page):
    rng = np.random.default_rng(0)
    size, cells = (1080, 1920), (270, 480)
    picture = np.kron(rng.integers(0, 255, (27, 48, 3)), np.ones((40, 40, 1)))
    layers = {name: viewer_page.webp(picture, quality=50) for name in ("before", "after", "src")}
    rows = [
        {"title": row, "panes": [{**pane, "name": f"{pane['name']}{row}"} for pane in (PLAIN, CHOSEN, CHOSEN | {"name": "err"}, MARKED)]}
        for row in "abc"
    ]
    viewed.tell(size=size, cells=cells, layers=layers, groups=rows, masks={"a": mask(cells=cells)})
    times = [viewed.tell(masks={"a": rng.integers(0, 2, cells).astype(np.uint8)}) for _ in range(9)]
    assert np.median(times) < 400, times  # 20 ms on two quiet cores; the bound is for busy ones


# Moving


def test_all_panes_zoom_together_and_the_kernel_is_told_once(viewed):
    before = [viewed.pixel("src", x, 0.5) for x in (0.05, 0.95)]
    twice = "canvas => { for (const key of '++') canvas.dispatchEvent(new KeyboardEvent('keydown', { key })); }"
    viewed.canvas("pha:a").evaluate(twice)
    assert viewed.saved() == {"x": 0.5, "y": 0.5, "zoom": 2.25, "large": ""}
    assert viewed.page.evaluate("model.saved.length") == 1
    after = [viewed.pixel("src", x, 0.5) for x in (0.05, 0.95)]
    assert before[0] < after[0] < after[1] < before[1]  # the ends of the ramp are out of sight
    viewed.do("fit")
    assert viewed.saved() == HOME


def test_the_wheel_zooms_at_the_pointer_once_a_pane_was_clicked(viewed):
    mouse = viewed.page.mouse
    mouse.move(*point(viewed, "src", 4, 6))
    mouse.wheel(0, -200)
    viewed.settle()
    assert "× 1.0" in viewed.page.locator(".bgm-place").inner_text()  # before, the page scrolls
    mouse.down()
    mouse.up()
    mouse.wheel(0, -400)
    view = viewed.saved()
    assert view["zoom"] > 1.5
    x, y = middle(4, 6)
    assert (view["x"] + (x - 0.5) / view["zoom"], view["y"] + (y - 0.5) / view["zoom"]) == pytest.approx((x, y), abs=0.005)


def test_dragging_moves_and_never_beyond_the_frame(viewed):
    viewed.tell(view={"x": 0.5, "y": 0.5, "zoom": 2.5, "large": ""})
    stroke(viewed, (8, 12), (8, 18))  # a quarter of the pane to the right
    assert viewed.saved()["x"] == pytest.approx(0.5 - 0.25 / 2.5, abs=0.002)
    for _ in range(3):
        stroke(viewed, (8, 1), (8, 23))
    assert viewed.saved()["x"] == 0.5 / 2.5
    assert not viewed.sent("paint")


def test_the_kernel_moves_the_view_but_an_echo_does_not(viewed):
    place = viewed.page.locator(".bgm-place")
    viewed.tell(view={"x": 0.4, "y": 0.4, "zoom": 1.5, "large": ""})
    viewed.settle()
    assert place.inner_text() == "× 1.5"
    viewed.do("in")
    echo = viewed.saved()
    viewed.do("out")
    viewed.tell(view=echo)
    viewed.settle()
    assert place.inner_text() == "× 1.5"


@pytest.mark.parametrize("how", ["double click", "Enter", "button"])
def test_a_pane_is_enlarged_and_goes_back(viewed, how):
    canvas = viewed.canvas("pha:a")
    small = canvas.bounding_box()["width"]
    if how == "double click":
        canvas.dblclick()
    elif how == "button":
        viewed.page.get_by_role("button", name="Enlarge Refined alpha").click()
    else:
        canvas.press("Enter")
    assert viewed.saved()["large"] == "pha:a"
    large = canvas.bounding_box()
    assert large["width"] > 2.5 * small
    assert large["height"] <= 0.8 * 900 + 1
    assert viewed.pixel("pha:a", *middle(4, 6)) == RED
    canvas.press("Escape")
    assert viewed.saved()["large"] == ""
    assert canvas.bounding_box()["width"] == small


def test_the_same_place_is_marked_in_the_other_panes(viewed):
    viewed.page.mouse.move(*point(viewed, "src", 4, 6))
    viewed.settle()
    seen = [viewed.page.locator(f'[data-pane="{pane}"] .bgm-cross').get_attribute("hidden") is None for pane in ("src", "pha:a", "marks:a")]
    assert seen == [False, True, True]
    text = viewed.page.locator(".bgm-place").inner_text()
    assert "x 26, y 18" in text
    viewed.page.mouse.move(*point(viewed, "marks:a", 4, 6))
    viewed.settle()
    assert "chosen by the selector" in viewed.page.locator(".bgm-place").inner_text()


def test_a_finger_may_scroll_the_page_until_there_is_something_to_move(viewed):
    def action():
        viewed.settle()
        return viewed.canvas("pha:a").evaluate("canvas => getComputedStyle(canvas).touchAction")

    assert action() == "pan-x pan-y"
    viewed.do("in")
    assert action() == "none"
    viewed.do("fit")
    assert action() == "pan-x pan-y"
    viewed.do("add")
    assert action() == "none"


# Painting


def test_a_stroke_is_drawn_at_once_and_sent(viewed):
    viewed.do("add")
    viewed.page.locator(".bgm-brush").select_option("1")
    stroke(viewed, (8, 10), (8, 14))
    assert viewed.pixel("pha:a", *middle(8, 12)) == RED  # though the kernel has not answered
    assert len(viewed.sent("paint")) == 1, "one message under way at a time"
    viewed.page.wait_for_timeout(2200)  # the kernel does not answer here
    messages = viewed.sent("paint")
    assert cells_of(messages) == [8 * 24 + column for column in range(10, 15)]  # no gap, and none twice
    assert {(message["mask"], message["code"]) for message in messages} == {("a", 2)}


def test_patches_are_taken_away(viewed):
    viewed.do("remove")
    stroke(viewed, (4, 6))
    assert viewed.pixel("pha:a", *middle(4, 6)) == BLACK
    (message,) = viewed.sent("paint")
    assert message["code"] == 3
    assert cells_of([message]) == [row * 24 + column for row in (3, 4, 5) for column in (5, 6, 7)]


def test_a_brush_ends_at_the_border(viewed):
    viewed.do("add")
    viewed.page.locator(".bgm-brush").select_option("9")
    stroke(viewed, (0, 0))
    assert cells_of(viewed.sent("paint")) == [row * 24 + column for row in range(5) for column in range(5)]


def test_nothing_is_painted_on_a_pane_without_patches(viewed):
    viewed.do("add")
    stroke(viewed, (8, 10), (8, 14), pane="src")
    assert not viewed.sent("paint")


def test_a_stroke_outlives_an_older_mask_until_it_is_cleared(viewed):
    viewed.page.evaluate("performance.now = () => 0")  # however busy the machine, no stroke is old
    viewed.do("add")
    stroke(viewed, (8, 10))
    viewed.tell(masks={"a": mask((4, 6))})  # left the kernel before the stroke came
    assert viewed.pixel("pha:a", *middle(8, 10)) == RED
    viewed.do("clear")
    assert [message["mask"] for message in viewed.sent("clear")] == ["a"]
    viewed.tell(masks={"a": mask((4, 7))})
    assert viewed.pixel("pha:a", *middle(8, 10)) == BLACK


def test_clear_works_only_where_something_is_painted(viewed):
    clear = viewed.page.get_by_role("button", name="Clear painting")
    assert clear.is_disabled()
    viewed.tell(masks={"a": mask((4, 6), code=3), "b": mask((4, 6))})
    assert [button.is_disabled() for button in clear.all()] == [False, True]
    assert [button.inner_text() for button in clear.all()] == ["Clear painting A", "Clear painting B"]


def test_painting_by_keyboard(viewed):
    viewed.do("add")
    viewed.page.locator(".bgm-brush").select_option("1")
    viewed.canvas("pha:a").focus()
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowDown", "Space"):
        viewed.page.keyboard.press(key)
    viewed.settle()
    assert cells_of(viewed.sent("paint")) == [1 * 24 + 13]  # from the middle (8, 12)
    assert viewed.pixel("pha:a", *middle(1, 13)) == RED
    assert "added by hand" in viewed.page.get_by_role("status").inner_text()
    viewed.page.keyboard.press("Escape")
    assert viewed.page.get_by_role("button", name="Move").get_attribute("aria-pressed") == "true"


def test_tools_are_chosen_by_keys(viewed):
    for key, name in (("a", "Add patches"), ("t", "Take patches away"), ("m", "Move")):
        viewed.canvas("src").press(key)
        pressed = [button.inner_text() for button in viewed.page.locator("[data-tool]").all() if button.get_attribute("aria-pressed") == "true"]
        assert pressed == [name]


def test_one_finger_paints_and_two_zoom(viewed):
    x, y = point(viewed, "pha:a", 8, 12)
    devtools = viewed.page.context.new_cdp_session(viewed.page)

    def touch(kind, *across):
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + dx, "y": y, "id": i} for i, dx in enumerate(across)]})
        viewed.settle()

    viewed.do("add")
    touch("touchStart", 0)
    touch("touchStart", 0, 40)
    touch("touchMove", 0, 80)
    touch("touchEnd")
    assert viewed.saved()["zoom"] == pytest.approx(2, abs=0.1)
    assert not viewed.sent("paint")
    touch("touchStart", 0)
    touch("touchEnd")
    assert len(cells_of(viewed.sent("paint"))) == 9


def test_the_keyboards_cursor_stays_in_sight(viewed):
    viewed.tell(view={"x": 0.5, "y": 0.5, "zoom": 2.0, "large": ""})
    viewed.do("remove")
    viewed.canvas("pha:a").focus()
    viewed.page.keyboard.press("Shift+ArrowRight")
    assert viewed.saved()["x"] > 0.55


# The page


def test_every_control_has_a_name_and_the_keys_stay_here(viewed):
    page = viewed.page
    page.evaluate("window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key))")
    viewed.canvas("src").focus()
    for key in ("0", "Enter", "Enter", "ArrowDown", "x"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["x"]  # what the viewer does not know is the page's
    assert page.locator(".bgm-viewer").get_attribute("data-lm-suppress-shortcuts") == "true"
    for role, name in (("button", "Move"), ("button", "Add patches"), ("button", "Take patches away"), ("combobox", "Brush"), ("button", "Zoom in")):
        assert page.get_by_role(role, name=name).is_visible()
    assert page.get_by_role("application", name="Refined alpha").is_visible()


@pytest.mark.parametrize(("width", "columns"), [(1440, 4), (1000, 4), (700, 2), (360, 2)])
def test_panes_stand_side_by_side_where_there_is_room(viewed, width, columns):
    viewed.page.set_viewport_size({"width": width, "height": 800})
    style = "row => getComputedStyle(row).gridTemplateColumns.split(' ').length"
    assert viewed.page.locator(".bgm-panes").evaluate(style) == columns
    assert viewed.page.evaluate("document.documentElement.scrollWidth") <= width
    assert viewed.pixel("pha:a", *middle(4, 6)) == RED


def test_the_notebooks_theme_is_followed(viewer_page, sheet):
    dark = ":root { --jp-layout-color1: #111; --jp-ui-font-color1: #eee; }"
    viewer_page.Viewed(sheet, theme=dark, layers={}, size=[64, 96], cells=list(CELLS), groups=GROUPS, masks={"a": mask()})
    style = sheet.locator(".bgm-viewer").evaluate("root => [getComputedStyle(root).color, getComputedStyle(root).backgroundColor]")
    assert style == ["rgb(238, 238, 238)", "rgb(17, 17, 17)"]


def test_nothing_is_left_behind(viewed):
    viewed.page.evaluate("end()")
    assert viewed.page.evaluate("[...model.heard.values()].flat().length") == 0
