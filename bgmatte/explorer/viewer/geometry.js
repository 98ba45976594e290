// Where the frame lies on a pane. One view serves all panes: places are shares of the frame (0–1), so panes of any width show the same part.

export const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

const FEWEST = 8; // patches across the longer side at the closest zoom: a single patch is then some 50 pixels wide

/** The nearest view that shows no margin and is not closer than `FEWEST` patches. */
export function settled(view, [h, w]) {
  const zoom = clamp(view.zoom, 1, Math.max(1, Math.max(h, w) / FEWEST));
  const half = 0.5 / zoom;
  return { ...view, zoom, x: clamp(view.x, half, 1 - half), y: clamp(view.y, half, 1 - half) };
}

/** The view `factor` times closer; the place `at` stays where it is on the pane. */
export function zoomed(view, factor, at, cells) {
  const { zoom } = settled({ ...view, zoom: view.zoom * factor }, cells);
  const kept = view.zoom / zoom;
  return settled({ ...view, zoom, x: at.x + (view.x - at.x) * kept, y: at.y + (view.y - at.y) * kept }, cells);
}

/** The view moved by shares of a pane. */
export const panned = (view, across, down, cells) => settled({ ...view, x: view.x + across / view.zoom, y: view.y + down / view.zoom }, cells);

/** The place in the frame under a point of the pane, both in shares. */
export const placeAt = (view, { x, y }) => ({ x: view.x + (x - 0.5) / view.zoom, y: view.y + (y - 0.5) / view.zoom });

/** The point of the pane over a place in the frame, both in shares. */
export const pointAt = (view, { x, y }) => ({ x: (x - view.x) * view.zoom + 0.5, y: (y - view.y) * view.zoom + 0.5 });

/** The patch at a place in the frame; outside of it the nearest one. */
export const cellAt = ({ x, y }, [h, w]) => ({ row: clamp(Math.floor(y * h), 0, h - 1), column: clamp(Math.floor(x * w), 0, w - 1) });

/** The middle of a patch as a place in the frame. */
export const placeOf = ({ row, column }, [h, w]) => ({ x: (column + 0.5) / w, y: (row + 0.5) / h });

/** The indices of the patches under a square brush that is drawn from one patch to another. */
export function swept(from, to, brush, [h, w]) {
  const cells = new Set();
  const reach = (brush - 1) / 2;
  const steps = Math.max(Math.abs(to.row - from.row), Math.abs(to.column - from.column), 1);
  for (let step = 0; step <= steps; step++) {
    const row = Math.round(from.row + ((to.row - from.row) * step) / steps);
    const column = Math.round(from.column + ((to.column - from.column) * step) / steps);
    for (let r = Math.max(row - reach, 0); r <= Math.min(row + reach, h - 1); r++)
      for (let c = Math.max(column - reach, 0); c <= Math.min(column + reach, w - 1); c++) cells.add(r * w + c);
  }
  return cells;
}
