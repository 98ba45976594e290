// How a pane is drawn: only the part of the frame that is seen, at the pane's own resolution.

const AMBER = "#de8f05";
const BLUE = "#0173b2"; // told from amber by every kind of colour vision, and by its pattern
const CRISP = 3; // [screen px] from this width on a pixel is drawn as a square
const BLOCK = 2; // [screen px] from this width on a patch has hard edges; below, it counts by the share it covers
const GRID = { marked: 8, chosen: 16 }; // [screen px] from this width on patches are outlined; on a result later, for lines hide it
const TILE = 8; // [screen px] of the plus and hatch patterns, or a whole patch where that is more

const papers = new Map(); // pane size -> where things are cut out
const seen = new WeakMap(); // picture -> pane width -> what such a pane sees of it
const greys = new WeakMap();
const tiles = new Map();

/** Draw `pane` on its canvas; `scene` has size, cells, view, layers and masks. */
export function drawPane(canvas, pane, scene) {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.round(canvas.clientWidth * ratio);
  const high = Math.round(canvas.clientHeight * ratio);
  if (!wide || !high) return; // not on the page now; it is drawn when it gets a size
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });

  const [H, W] = scene.size;
  const { view } = scene;
  const scale = (wide / W) * view.zoom; // [canvas px] of a pixel of the frame
  const sheet = {
    context: canvas.getContext("2d", { alpha: false }),
    wide,
    high,
    scene,
    ratio,
    scale,
    left: wide / 2 - view.x * W * scale,
    top: high / 2 - view.y * H * scale,
    patch: (scale * W) / scene.cells[1],
  };
  sheet.context.clearRect(0, 0, wide, high); // a layer may not have come yet
  KINDS[pane.kind](sheet, pane);
}

const KINDS = { plain: drawPlain, chosen: drawChosen, marked: drawMarked };

function drawPlain(sheet, pane) {
  drawLayer(sheet, sheet.context, sheet.scene.layers.get(pane.layers[0]));
}

function drawChosen(sheet, pane) {
  const { context, scene } = sheet;
  const mask = scene.masks.get(pane.mask);
  drawLayer(sheet, context, scene.layers.get(pane.layers[0]));
  drawThrough(sheet, mask, "refined", (paper) => drawLayer(sheet, paper, scene.layers.get(pane.layers[1])));
  if (sheet.patch < GRID.chosen * sheet.ratio) return;
  drawThrough(sheet, mask, "refined", (paper) => drawGrid(sheet, paper, AMBER));
  drawThrough(sheet, mask, "added", (paper) => drawGrid(sheet, paper, BLUE));
}

function drawMarked(sheet, pane) {
  const { context, scene } = sheet;
  const mask = scene.masks.get(pane.mask);
  const picture = scene.layers.get(pane.layers[0]);
  drawLayer(sheet, context, picture && grey(picture));
  // A single patch finer than the screen would hardly tint it: marks are to be seen, so there they are drawn more than once.
  const coats = sheet.patch < BLOCK * sheet.ratio ? 3 : 1;
  drawThrough(sheet, mask, "chosen", (paper) => fill(sheet, paper, AMBER), { opacity: 0.8, coats });
  drawThrough(sheet, mask, "added", (paper) => {
    fill(sheet, paper, BLUE);
    fillTiles(sheet, paper, "plus");
  });
  drawThrough(sheet, mask, "taken", (paper) => fillTiles(sheet, paper, "hatch"));
  if (sheet.patch < GRID.marked * sheet.ratio) return;
  drawThrough(sheet, mask, "refined", (paper) => drawGrid(sheet, paper, "#0008"));
  drawThrough(sheet, mask, "taken", (paper) => drawGrid(sheet, paper, "#000"));
}

function drawLayer(sheet, context, picture) {
  if (!picture) return;
  context.drawImage(stretched(sheet, picture, sheet.scale < CRISP * sheet.ratio), 0, 0);
}

/**
 * What this pane sees of a picture that is stretched over the frame.
 * Scaling is nine tenths of the work without a graphics card, so it is done once for all panes of one size and until the view changes:
 * when only a mask is new, only that mask is scaled.
 */
function stretched({ wide, high, scene, scale, left, top }, picture, smooth) {
  if (!seen.has(picture)) seen.set(picture, new Map());
  const kept = seen.get(picture);
  const key = [wide, high, scale, left, top].join();
  if (kept.get(wide)?.key !== key) {
    if (kept.size > 1 && !kept.has(wide)) kept.clear(); // panes have two sizes, enlarged and not; others are of a window that is gone
    const paper = new OffscreenCanvas(wide, high).getContext("2d");
    paper.setTransform(scale, 0, 0, scale, left, top);
    paper.imageSmoothingEnabled = smooth;
    paper.imageSmoothingQuality = "medium"; // averages when it shrinks; "low" would take single pixels and sparkle
    paper.drawImage(picture, 0, 0, scene.size[1], scene.size[0]);
    kept.set(wide, { key, canvas: paper.canvas });
  }
  return kept.get(wide).canvas;
}

/** Draw what `draw` leaves on a paper of its own, only where patches of the set are. */
function drawThrough(sheet, mask, set, draw, { opacity = 1, coats = 1 } = {}) {
  if (!mask?.count(set)) return;
  const { context, wide, high } = sheet;
  const key = `${wide} ${high}`;
  if (!papers.has(key)) {
    if (papers.size > 1) papers.clear();
    papers.set(key, new OffscreenCanvas(wide, high).getContext("2d"));
  }
  const paper = papers.get(key);
  paper.clearRect(0, 0, wide, high);
  draw(paper);
  paper.globalCompositeOperation = "destination-in";
  paper.drawImage(stretched(sheet, mask.stencil(set), sheet.patch < BLOCK * sheet.ratio), 0, 0);
  paper.globalCompositeOperation = "source-over";
  context.globalAlpha = opacity;
  for (let coat = 0; coat < coats; coat++) context.drawImage(paper.canvas, 0, 0);
  context.globalAlpha = 1;
}

function fill({ wide, high }, paper, style) {
  paper.fillStyle = style;
  paper.fillRect(0, 0, wide, high);
}

/** Lines between all patches that are seen; through a stencil every patch of it is left with an outline. */
function drawGrid(sheet, paper, colour) {
  const { wide, high, patch, left, top, ratio } = sheet;
  const thick = Math.round(2 * ratio); // half of it falls to each neighbour
  paper.fillStyle = colour;
  const first = (edge) => edge + Math.ceil(-edge / patch) * patch; // line that is seen
  for (let x = first(left); x <= wide; x += patch) paper.fillRect(Math.round(x - thick / 2), 0, thick, high);
  for (let y = first(top); y <= high; y += patch) paper.fillRect(0, Math.round(y - thick / 2), wide, thick);
}

/** Fill with a pattern that moves with the frame and, where patches are large, shows once in each. */
function fillTiles(sheet, paper, name) {
  const { left, top, patch, ratio } = sheet;
  const side = Math.max(patch, TILE * ratio);
  const pattern = paper.createPattern(tile(name), "repeat");
  pattern.setTransform(new DOMMatrix([side / 32, 0, 0, side / 32, left, top]));
  fill(sheet, paper, pattern);
}

function tile(name) {
  if (!tiles.has(name)) {
    const paper = new OffscreenCanvas(32, 32).getContext("2d"); // four times as fine as it is shown
    STROKES[name](paper);
    tiles.set(name, paper.canvas);
  }
  return tiles.get(name);
}

const STROKES = {
  plus(paper) {
    paper.fillStyle = "#fff";
    paper.fillRect(13, 6, 6, 20);
    paper.fillRect(6, 13, 20, 6);
  },
  // White beside black, so that it is seen on any picture; the corners close the lines from tile to tile.
  hatch(paper) {
    for (const [colour, shift] of [["#fff", 0], ["#000", 7]]) {
      paper.strokeStyle = colour;
      paper.lineWidth = 6;
      for (const start of [-32, 0, 32]) {
        paper.beginPath();
        paper.moveTo(start + shift - 8, 40);
        paper.lineTo(start + shift + 40, -8);
        paper.stroke();
      }
    }
  },
};

/** The picture without colours and with little contrast, so that marks stand out; made once. */
function grey(picture) {
  if (!greys.has(picture)) {
    const paper = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { alpha: false });
    paper.drawImage(picture, 0, 0);
    paper.globalCompositeOperation = "saturation";
    paper.fillStyle = "#808080";
    paper.fillRect(0, 0, picture.width, picture.height);
    paper.globalCompositeOperation = "source-over";
    paper.fillStyle = "#c8c8c880";
    paper.fillRect(0, 0, picture.width, picture.height);
    greys.set(picture, paper.canvas);
  }
  return greys.get(picture);
}
