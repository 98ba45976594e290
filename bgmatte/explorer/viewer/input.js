// Pointer, wheel and keys of one pane. They tell `act`: at(place, pane), look(view), begin(pane, cell), paint(cell), end(), choose(tool),
// enlarge(pane) and back().

import { TOOL_KEYS } from "./controls.js";
import { cellAt, clamp, panned, placeAt, placeOf, zoomed } from "./geometry.js";

const ARROWS_TO = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STRIDE = 8; // patches that Shift and an arrow go
const CLOSER = 1.5; // what a key zooms

/** Listen on a pane; `scene` has the view, the cells and the tool. */
export function listen(pane, scene, act) {
  const { canvas } = pane;
  const fingers = new Map(); // pointers that are down, by their last point
  let drag = null; // "pan", "paint" or "pinch"

  const pointOf = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  const paints = () => scene.tool !== "move" && pane.pane.mask;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    const point = pointOf(event);
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, point);
    if (fingers.size > 1) {
      if (drag === "paint") act.end();
      drag = "pinch";
    } else if (paints() && event.button === 0) {
      drag = "paint";
      const cell = cellAt(placeAt(scene.view, point), scene.cells);
      act.begin(pane, cell);
      if (event.pointerType !== "touch") act.paint(cell); // a finger may be the first of two, which paint nothing
    } else drag = "pan";
    event.preventDefault(); // no selection of text, no scrolling by the middle button
  });

  canvas.addEventListener("pointermove", (event) => {
    const point = pointOf(event);
    const before = fingers.get(event.pointerId);
    if (before && drag === "pinch") act.look(pinched(scene, fingers, event.pointerId, point));
    if (before && drag === "pan") act.look(panned(scene.view, before.x - point.x, before.y - point.y, scene.cells));
    if (before && drag === "paint") act.paint(cellAt(placeAt(scene.view, point), scene.cells));
    if (before) fingers.set(event.pointerId, point);
    const inside = point.x >= 0 && point.x < 1 && point.y >= 0 && point.y < 1;
    act.at(inside && event.pointerType !== "touch" ? placeAt(scene.view, point) : null, pane);
  });

  const up = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (drag === "paint") {
      if (event.type === "pointerup") act.paint(cellAt(placeAt(scene.view, pointOf(event)), scene.cells));
      act.end();
    }
    drag = fingers.size ? "pan" : null; // the finger that stays goes on moving
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => act.at(null, pane));

  // A page full of panes must still scroll: the wheel is ours once a pane was clicked, and with Ctrl (what a pinch on a touchpad sends) at once.
  canvas.addEventListener(
    "wheel",
    (event) => {
      const focused = canvas.closest(".bgm-viewer").contains(document.activeElement);
      if (!focused && !event.ctrlKey) return;
      event.preventDefault();
      const lines = event.deltaMode ? 16 : 1; // [px] a line
      const step = clamp(event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002), -0.7, 0.7);
      act.look(zoomed(scene.view, Math.exp(-step), placeAt(scene.view, pointOf(event)), scene.cells));
    },
    { passive: false },
  );

  canvas.addEventListener("dblclick", () => paints() || act.enlarge(pane));

  canvas.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !pressed(event)) return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has meanings of its own for these keys
  });

  function pressed({ key, shiftKey }) {
    const { view, cells } = scene;
    const arrow = ARROWS_TO[key];
    if (arrow && paints()) step(arrow, shiftKey ? STRIDE : 1);
    else if (arrow) act.look(panned(view, 0.1 * arrow[0], 0.1 * arrow[1], cells));
    else if (key === "+" || key === "=") act.look(zoomed(view, CLOSER, scene.at ?? view, cells));
    else if (key === "-" || key === "_") act.look(zoomed(view, 1 / CLOSER, scene.at ?? view, cells));
    else if (key === "0") act.look({ ...view, x: 0.5, y: 0.5, zoom: 1 });
    else if (key.toLowerCase() in TOOL_KEYS) act.choose(TOOL_KEYS[key.toLowerCase()]);
    else if (key === "Enter") act.enlarge(pane);
    else if (key === "Escape") return act.back();
    else if (key === " " && paints()) {
      const cell = cellAt(scene.at ?? view, cells);
      act.begin(pane, cell);
      act.paint(cell);
      act.end();
      act.at(scene.at ?? view, pane, true);
    } else return false;
    return true;
  }

  /** Move the cursor, and the view where the cursor would leave it. */
  function step([across, down], stride) {
    const { view, cells } = scene;
    const { row, column } = cellAt(scene.at ?? view, cells);
    const to = placeOf({ row: clamp(row + down * stride, 0, cells[0] - 1), column: clamp(column + across * stride, 0, cells[1] - 1) }, cells);
    const half = 0.5 / view.zoom - 0.5 / Math.max(...cells);
    act.look({ ...view, x: clamp(view.x, to.x - half, to.x + half), y: clamp(view.y, to.y - half, to.y + half) });
    act.at(to, pane, true);
  }
}

/** The view after one of two fingers moved: what was under the fingers stays under them. */
function pinched({ view, cells }, fingers, moved, point) {
  const [still] = [...fingers].filter(([id]) => id !== moved).map(([, other]) => other);
  const before = fingers.get(moved);
  const apart = (one) => Math.max(Math.hypot(one.x - still.x, one.y - still.y), 0.02);
  const middle = (one) => ({ x: (one.x + still.x) / 2, y: (one.y + still.y) / 2 });
  const [from, to] = [middle(before), middle(point)];
  return zoomed(panned(view, from.x - to.x, from.y - to.y, cells), apart(point) / apart(before), placeAt(view, from), cells);
}
