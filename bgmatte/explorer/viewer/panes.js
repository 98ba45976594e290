// The panes: their captions, legends and the marks that follow the pointer through all of them.

import { drawPane } from "./drawing.js";
import { element } from "./controls.js";
import { cellAt, pointAt } from "./geometry.js";

const OUTWARDS = "M9.5 2H14v4.5M14 2 9 7M6.5 14H2V9.5M2 14l5-5";
const LINE = 'fill="none" stroke="currentColor" stroke-width="1.6"';
const ARROWS = `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="${OUTWARDS}" ${LINE}/></svg>`;
const MARKS = { chosen: "chosen", added: "added", taken: "taken away" };

export class Pane {
  constructor(pane, help) {
    this.pane = pane;
    const said = { "aria-roledescription": "picture", "aria-label": pane.alt ?? pane.title, "aria-describedby": help };
    this.canvas = element("canvas", { tabindex: 0, role: "application", ...said }); // an application gets the keys, also from a screen reader
    const words = { "aria-label": `Enlarge ${pane.alt ?? pane.title}`, title: "Enlarge, or back" };
    this.enlarge = element("button", { type: "button", class: "bgm-enlarge", "data-do": "enlarge", ...words });
    this.enlarge.innerHTML = ARROWS;
    this.box = element("div", { class: "bgm-box" });
    this.cross = element("div", { class: "bgm-cross" });
    this.stage = element("div", { class: `bgm-stage ${pane.mask ? "bgm-paintable" : ""}` }, this.canvas, this.box, this.cross);
    this.marks = element("span", { class: "bgm-marks" });
    const caption = element("figcaption", {}, element("span", { class: "bgm-title" }, pane.title), this.enlarge);
    const under = element("div", { class: "bgm-legend" });
    if (pane.ramp) under.append(ramp(pane));
    if (pane.legend) under.append(element("span", {}, pane.legend));
    if (pane.kind === "marked") under.append(this.marks);
    this.figure = element("figure", { class: "bgm-pane", "data-pane": pane.name }, caption, this.stage, under);
  }

  draw(scene) {
    drawPane(this.canvas, this.pane, scene);
  }

  /** Say what the marks of this pane mean, as far as there are any. */
  setMarks(mask) {
    if (this.pane.kind !== "marked" || !mask) return;
    const sets = Object.entries(MARKS).filter(([set]) => mask.count(set));
    const said = sets.map(([set, words]) => `${mask.count(set)} ${words}`).join();
    if (said === this.said) return;
    this.said = said;
    this.marks.replaceChildren(
      ...sets.map(([set, words]) => {
        const swatch = element("i", { class: `bgm-swatch bgm-${set}` });
        return element("span", { class: "bgm-mark" }, swatch, `${words} ${mask.count(set).toLocaleString("en")}`);
      }),
    );
  }

  setLarge(large) {
    this.figure.classList.toggle("bgm-large", large);
    this.enlarge.setAttribute("aria-pressed", large);
  }

  /** Show the place `at` of the frame: under a brush of `side` patches as a box, otherwise as a cross. */
  point(at, scene, { side, own }) {
    this.box.hidden = !at || !side;
    this.cross.hidden = !at || side > 0 || own;
    if (!at) return;
    const { clientWidth: wide, clientHeight: high } = this.canvas;
    const [h, w] = scene.cells;
    if (side) {
      const { row, column } = cellAt(at, scene.cells);
      const corner = (shift) => pointAt(scene.view, { x: (column + shift) / w, y: (row + shift) / h });
      const [from, to] = [corner((1 - side) / 2), corner((1 + side) / 2)];
      const edges = { left: from.x * wide, top: from.y * high, width: (to.x - from.x) * wide, height: (to.y - from.y) * high };
      for (const [edge, pixels] of Object.entries(edges)) this.box.style[edge] = `${pixels}px`;
    } else {
      const { x, y } = pointAt(scene.view, at);
      this.cross.style.transform = `translate(${x * wide}px, ${y * high}px)`;
    }
  }
}

function ramp({ ramp: colours, ends = ["", ""] }) {
  const bar = element("i", { class: "bgm-colours" });
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  return element("span", { class: "bgm-ramp" }, ends[0], bar, ends[1]);
}
