// The toolbar: what the pointer does, how wide the brush is, and the zoom.

export const BRUSHES = [1, 3, 9, 17];

const TOOLS = { move: "Move", add: "Add patches", remove: "Take patches away" };
export const TOOL_KEYS = { m: "move", a: "add", t: "remove" };
const HELP = {
  move: "Drag moves; after a click the wheel zooms; double click enlarges. Keys: + − zoom, 0 fits, arrows move, Enter enlarges, Esc back.",
  paint: "Drag paints; the wheel zooms. Keys: arrows move the cursor (Shift: 8 patches), Space paints, + − zoom, 0 fits, Enter enlarges, Esc back.",
};

/** An element with attributes, and children that may be text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const button = (words, attributes) => element("button", { type: "button", ...attributes }, words);

/** The toolbar; `act` has `choose(tool)`, `clear(mask)`, `zoom(factor)` and `fit()`. */
export class Controls {
  constructor(act) {
    const hint = (key) => `Key ${key.toUpperCase()} on a picture`;
    this.tools = Object.entries(TOOL_KEYS).map(([key, tool]) => button(TOOLS[tool], { "data-tool": tool, title: hint(key) }));
    const sides = BRUSHES.map((side) => element("option", { value: side }, side === 1 ? "1 patch" : `${side} × ${side} patches`));
    this.brush = element("select", { class: "bgm-brush" }, ...sides);
    this.brush.value = "3";
    this.clears = element("span", { class: "bgm-buttons" });
    const zooms = [
      button("−", { "data-do": "out", "aria-label": "Zoom out", title: "Zoom out" }),
      button("+", { "data-do": "in", "aria-label": "Zoom in", title: "Zoom in" }),
      button("Fit", { "data-do": "fit", title: "Show the whole frame" }),
    ];
    this.place = element("span", { class: "bgm-place" });
    this.spoken = element("span", { class: "bgm-spoken", role: "status" }); // for those who move the cursor without seeing it
    this.help = element("p", { class: "bgm-help" });
    this.painting = element("span", { class: "bgm-buttons" }, element("label", {}, "Brush ", this.brush), this.clears);
    this.bar = element(
      "div",
      { class: "bgm-bar", role: "toolbar", "aria-label": "Viewer" },
      element("span", { class: "bgm-buttons bgm-joined" }, ...this.tools),
      this.painting,
      element("span", { class: "bgm-buttons" }, ...zooms, this.place),
      this.spoken,
      this.help,
    );
    this.bar.addEventListener("click", ({ target }) => {
      const { tool, do: what, mask } = target.closest("button")?.dataset ?? {};
      if (tool) act.choose(tool);
      if (what === "clear") act.clear(mask);
      if (what === "in") act.zoom(2);
      if (what === "out") act.zoom(1 / 2);
      if (what === "fit") act.fit();
    });
    this.brush.addEventListener("change", () => act.choose());
    this.setTool("move");
  }

  get side() {
    return Number(this.brush.value);
  }

  setTool(tool) {
    for (const made of this.tools) made.setAttribute("aria-pressed", made.dataset.tool === tool);
    this.help.textContent = HELP[tool] ?? HELP.paint;
  }

  /** One button to clear for each mask; without masks there is nothing to paint on. */
  setMasks(names) {
    const words = (name) => (names.length > 1 ? `Clear painting ${name.toUpperCase()}` : "Clear painting");
    this.clears.replaceChildren(...names.map((name) => button(words(name), { "data-do": "clear", "data-mask": name })));
    for (const made of [...this.tools, this.painting]) made.hidden = !names.length;
  }

  /** `painted`: mask -> how many patches of it were painted by hand. */
  setPainted(painted) {
    for (const made of this.clears.children) made.disabled = !painted.get(made.dataset.mask);
  }
}
