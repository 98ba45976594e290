// A lens over one picture, or over several of one size that lie on each other: how close it is and which place is in its middle, in shares (0–1)
// of the picture. Mouse, fingers and keys move it.

const CLOSEST = 16;
const STEP = 1.5; // what a key or a button zooms
const NEAR = 3; // what a double tap zooms
const TAP = { apart: 350, reach: 24 }; // two taps are one deed within so many milliseconds and pixels
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/** An element with attributes and children; text is text. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A button that says what it does. */
function button(label, shown, act) {
  const node = element("button", { type: "button", ...(label === shown ? {} : { "aria-label": label, title: label }) }, shown);
  node.addEventListener("click", act);
  return node;
}

/**
 * Let `stage`, which holds the pictures, zoom and take the focus under `name`. `drag(share)` hears where a pointer is across the stage while
 * the whole picture is shown. Returns the buttons and `reset`.
 */
function lens(stage, name, drag) {
  const view = { zoom: 1, x: 0.5, y: 0.5 };
  const fingers = new Map(); // pointers that are down, by their last point
  let tapped = { time: -Infinity, x: 0, y: 0 };
  let moved = 0; // [px] since the pointer went down
  const readout = element("output", {}, "1×");
  const bar = element(
    "div",
    { class: "lens", role: "group", "aria-label": "Zoom" },
    button("Zoom out", "−", () => closer(1 / STEP)),
    readout,
    button("Zoom in", "+", () => closer(STEP)),
    button("Reset", "Reset", () => reset()),
  );
  const frame = () => stage.querySelector(".frame").getBoundingClientRect();
  const pointOf = (event) => {
    const { left, top, width, height } = frame();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  const placeAt = ({ x, y }) => ({ x: view.x + (x - 0.5) / view.zoom, y: view.y + (y - 0.5) / view.zoom });

  function look(zoom, x, y) {
    view.zoom = clamp(zoom, 1, CLOSEST);
    const half = 0.5 / view.zoom; // no margin is shown
    Object.assign(view, { x: clamp(x, half, 1 - half), y: clamp(y, half, 1 - half) });
    for (const picture of stage.querySelectorAll("img")) {
      picture.style.transform = view.zoom === 1 ? "" : `scale(${view.zoom}) translate(${100 * (0.5 - view.x)}%, ${100 * (0.5 - view.y)}%)`;
      picture.classList.toggle("pixels", view.zoom * picture.clientWidth >= 4 * picture.naturalWidth); // single pixels are seen as such
    }
    stage.classList.toggle("zoomed", view.zoom > 1);
    readout.textContent = `${view.zoom.toFixed(view.zoom < 10 && view.zoom % 1 ? 1 : 0)}×`;
  }
  const closer = (factor, at = view) => {
    const zoom = clamp(view.zoom * factor, 1, CLOSEST);
    const kept = view.zoom / zoom; // the place `at` stays where it is
    look(zoom, at.x + (view.x - at.x) * kept, at.y + (view.y - at.y) * kept);
  };
  const pan = (across, down) => look(view.zoom, view.x + across / view.zoom, view.y + down / view.zoom);
  const reset = () => look(1, 0.5, 0.5);

  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", `${name}. Plus and minus zoom, arrow keys move, 0 shows all.`);

  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || event.target.closest("button")) return;
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, pointOf(event));
    moved = 0;
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const point = pointOf(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    moved += Math.hypot(event.movementX, event.movementY);
    if (other) pinch(before, point, other);
    else if (view.zoom > 1) pan(before.x - point.x, before.y - point.y);
    else if (drag && moved > 3) drag(clamp(point.x, 0, 1));
    fingers.set(event.pointerId, point);
  });
  stage.addEventListener("pointerup", (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size || moved > TAP.reach) return;
    const { clientX: x, clientY: y, timeStamp: time } = event;
    const twice = time - tapped.time < TAP.apart && Math.hypot(x - tapped.x, y - tapped.y) < TAP.reach;
    tapped = { time: twice ? -Infinity : time, x, y };
    if (!twice) return;
    if (view.zoom > 1) reset();
    else closer(NEAR, placeAt(pointOf(event)));
  });
  stage.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  stage.addEventListener("dragstart", (event) => event.preventDefault()); // a picture would be dragged away

  // The plain wheel scrolls the page; with Ctrl, which is what a pinch on a touchpad sends, it zooms.
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      closer(Math.exp(-clamp(event.deltaY * (event.deltaMode ? 0.16 : 0.01), -0.7, 0.7)), placeAt(pointOf(event)));
    },
    { passive: false },
  );
  stage.addEventListener("keydown", (event) => {
    const { key } = event;
    const arrow = view.zoom > 1 && ARROWS[key]; // of the whole picture, arrows scroll the page
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== stage) return;
    if (arrow) pan(0.1 * arrow[0], 0.1 * arrow[1]);
    else if (key === "+" || key === "=") closer(STEP);
    else if (key === "-" || key === "_") closer(1 / STEP);
    else if (key === "0") reset();
    else return;
    event.preventDefault();
  });

  /** One of two fingers moves: what was under them stays under them. */
  function pinch(before, point, other) {
    const apart = (one) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 0.02);
    const middle = (one) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
    const [from, to] = [middle(before), middle(point)];
    closer(apart(point) / apart(before), placeAt(from));
    pan(from.x - to.x, from.y - to.y);
  }

  return { bar, reset, view, refresh: () => look(view.zoom, view.x, view.y) };
}
