// The widget: reads what the kernel sends, draws it, and sends back strokes and the view.

import { CODES, Mask, REMOVE, ADD, maskReader } from "./masks.js";
import { Controls, element } from "./controls.js";
import { Layers } from "./layers.js";
import { Pane } from "./panes.js";
import { cellAt, settled, swept, zoomed } from "./geometry.js";
import { listen } from "./input.js";
import { Outbox } from "./sending.js";

const TOLD = ["layers", "masks", "groups", "size", "cells", "picture", "serial"]; // what the kernel changes
const REST = 200; // [ms] without a change before the kernel is told the view

function render({ model, el }) {
  const scene = { size: [4, 4], cells: [1, 1], layers: new Map(), masks: new Map(), view: { ...model.get("view") }, tool: "move", at: null };
  const layers = new Layers();
  const readMasks = maskReader();
  let panes = [];
  let layout = ""; // of the panes that are on the page
  let taken = new Map(); // mask -> the codes it was last given
  let over = null; // the pane under the pointer
  let stroke = null; // mask, code, the last cell, cells already sent, and cells of this frame
  const outbox = new Outbox((painted) => model.send({ kind: "paint", ...painted, picture: scene.picture }));
  let frame = 0;
  let rest = 0;
  let newest = 0;
  let saved = JSON.stringify(scene.view);

  const act = {
    choose(tool = scene.tool) {
      if (!scene.masks.size) return; // nothing to paint on
      scene.tool = tool;
      controls.setTool(tool);
      redraw();
    },
    clear(mask) {
      scene.masks.get(mask)?.forget();
      outbox.drop(mask);
      model.send({ kind: "clear", mask, picture: scene.picture });
    },
    zoom: (factor) => act.look(zoomed(scene.view, factor, scene.view, scene.cells)),
    fit: () => act.look({ ...scene.view, x: 0.5, y: 0.5, zoom: 1 }),
    look(view) {
      scene.view = settled(view, scene.cells);
      clearTimeout(rest);
      rest = setTimeout(save, REST);
      redraw();
    },
    enlarge(pane) {
      act.look({ ...scene.view, large: scene.view.large === pane.pane.name ? "" : pane.pane.name });
      requestAnimationFrame(() => pane.figure.scrollIntoView({ block: "nearest" }));
    },
    back() {
      if (scene.view.large) act.look({ ...scene.view, large: "" });
      else if (scene.tool !== "move") act.choose("move");
      else return false;
      return true;
    },
    at(place, pane, aloud = false) {
      scene.at = place;
      over = pane;
      if (aloud) controls.spoken.textContent = where(place, pane);
      redraw(false);
    },
    begin(pane, cell) {
      stroke = { mask: pane.pane.mask, code: scene.tool === "add" ? ADD : REMOVE, last: cell, sent: new Set(), fresh: [] };
    },
    paint(cell) {
      for (const index of swept(stroke.last, cell, controls.side, scene.cells))
        if (!stroke.sent.has(index)) {
          stroke.sent.add(index);
          stroke.fresh.push(index);
        }
      stroke.last = cell;
      redraw();
    },
    end() {
      send();
      stroke = null;
    },
  };

  const controls = new Controls(act);
  controls.help.id = `bgm-help-${Math.random().toString(36).slice(2)}`;
  const trouble = element("p", { class: "bgm-trouble", role: "alert" });
  const rows = element("div", { class: "bgm-rows" });
  // The attribute keeps JupyterLab's shortcuts (0 0 restarts the kernel) away from keys that are pressed here.
  const root = element("div", { class: "bgm-viewer", "data-lm-suppress-shortcuts": "true" }, controls.bar, trouble, rows);
  const resized = new ResizeObserver(() => redraw());
  el.append(root);

  /** Take what the kernel has, decode it, and show it unless something newer has come meanwhile. */
  async function refresh() {
    const ticket = ++newest;
    await null; // one message changes several traits one after the other
    if (ticket !== newest) return;
    const [serial, size, cells, groups, picture] = ["serial", "size", "cells", "groups", "picture"].map((name) => model.get(name));
    try {
      const [pictures, codes] = await Promise.all([layers.read(model.get("layers")), readMasks(model.get("masks"))]);
      if (ticket !== newest) return;
      // Traits that were set one by one arrive one by one; a mask of another frame waits for its frame.
      if (codes.some(([, each]) => each.length !== cells[0] * cells[1])) return;
      if (picture !== scene.picture) outbox.drop(); // what was painted belongs to the picture before
      receive(codes, cells, picture === scene.picture);
      Object.assign(scene, { size, cells, layers: pictures, picture });
      arrange(groups);
      draw();
      trouble.textContent = "";
      root.dataset.serial = serial;
      layers.tidy();
      outbox.answered();
    } catch (error) {
      if (ticket === newest) trouble.textContent = error.message;
    }
  }

  function receive(codes, cells, samePicture) {
    const before = samePicture ? scene.masks : new Map();
    scene.masks = new Map(
      codes.map(([name, each]) => {
        const old = before.get(name);
        const mask = old && String(old.cells) === String(cells) ? old : new Mask(cells);
        if (taken.get(name) !== each || mask !== old) mask.receive(each);
        return [name, mask];
      }),
    );
    taken = new Map(codes);
  }

  /** Put the panes on the page, anew if they are others than before. */
  function arrange(groups) {
    const wanted = JSON.stringify([groups, [...scene.masks.keys()]]);
    root.style.setProperty("--bgm-aspect", scene.size[1] / scene.size[0]);
    scene.view = settled(scene.view, scene.cells);
    if (wanted === layout) return;
    layout = wanted;
    resized.disconnect();
    panes = [];
    rows.replaceChildren(
      ...groups.map(({ title, panes: each }) => {
        const made = each.map((pane) => new Pane(pane, controls.help.id));
        panes.push(...made);
        const row = element("div", { class: "bgm-panes" }, ...made.map(({ figure }) => figure));
        return element("section", { class: "bgm-group", "aria-label": title }, element("div", { class: "bgm-heading" }, title), row);
      }),
    );
    for (const pane of panes) {
      listen(pane, scene, act);
      pane.enlarge.addEventListener("click", () => act.enlarge(pane));
      resized.observe(pane.canvas);
    }
    controls.setMasks([...scene.masks.keys()]);
  }

  /** Draw with the next frame of the screen, however often it is asked for; without `all` only what follows the pointer. */
  let everything = false;
  function redraw(all = true) {
    everything ||= all;
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      send();
      if (everything) draw();
      else point();
      everything = false;
    });
  }

  /** Paint what the brush touched since the last time, and tell the kernel. */
  function send() {
    if (!stroke?.fresh.length) return;
    const { mask, code, fresh: cells } = stroke;
    stroke.fresh = [];
    scene.masks.get(mask)?.paint(code, cells);
    outbox.add(mask, code, cells);
  }

  function draw() {
    for (const pane of panes) pane.setLarge(pane.pane.name === scene.view.large);
    for (const pane of panes) pane.setMarks(scene.masks.get(pane.pane.mask));
    for (const pane of panes) pane.draw(scene);
    controls.setPainted(new Map([...scene.masks].map(([name, mask]) => [name, mask.count("added") + mask.count("taken")])));
    root.classList.toggle("bgm-paints", scene.tool !== "move");
    root.classList.toggle("bgm-still", scene.tool === "move" && scene.view.zoom === 1); // a finger may scroll the page
    point();
  }

  function point() {
    const side = scene.tool !== "move" && over?.pane.mask ? controls.side : 0;
    for (const pane of panes) pane.point(scene.at, scene, { side, own: pane === over });
    controls.place.textContent = `× ${scene.view.zoom.toFixed(1)}${scene.at ? ` · ${where(scene.at, over)}` : ""}`;
  }

  /** A place in words: the pixel, and what is chosen there. */
  function where(place, pane) {
    const { row, column } = cellAt(place, scene.cells);
    const mask = scene.masks.get(pane?.pane.mask);
    const pixel = `x ${Math.floor(place.x * scene.size[1])}, y ${Math.floor(place.y * scene.size[0])}`;
    return mask ? `${pixel}: ${CODES[mask.codes[row * scene.cells[1] + column]]}` : pixel;
  }

  function save() {
    saved = JSON.stringify(scene.view);
    model.set("view", { ...scene.view });
    model.save_changes();
  }

  /** The kernel moves the view; what comes back of our own changes is older than what is shown. */
  function moved() {
    const view = model.get("view");
    if (JSON.stringify(view) === saved) return;
    saved = JSON.stringify(view);
    clearTimeout(rest);
    scene.view = settled(view, scene.cells);
    redraw();
  }

  for (const name of TOLD) model.on(`change:${name}`, refresh);
  model.on("change:view", moved);
  refresh();

  return () => {
    newest = Infinity;
    for (const name of TOLD) model.off(`change:${name}`, refresh);
    model.off("change:view", moved);
    resized.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(rest);
    outbox.close();
    layers.close();
  };
}

export default { render };
