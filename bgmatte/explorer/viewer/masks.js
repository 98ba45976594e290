// Which patches are chosen: one code a patch, and stencils of them through which a pane is drawn.

export const CODES = ["not chosen", "chosen by the selector", "added by hand", "taken away by hand"];
export const ADD = 2;
export const REMOVE = 3;

const SETS = { chosen: [1], added: [ADD], taken: [REMOVE], refined: [1, ADD] };
// What a patch becomes under the brush until the kernel, which knows what the selector wants there, has answered.
const PAINTED = { [ADD]: [ADD, 1, ADD, ADD], [REMOVE]: [0, REMOVE, 0, REMOVE] };
const UNANSWERED = 1000; // [ms] for which a stroke is drawn over masks that may have left the kernel before it

/** The codes in a compressed mask. */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export class Mask {
  constructor([h, w]) {
    this.cells = [h, w];
    this.codes = new Uint8Array(h * w);
    this.strokes = new Map(); // patch -> what was painted there, and when
    this.changed();
  }

  /** Take the kernel's codes, keeping fresh strokes that it may not have heard of. */
  receive(codes) {
    this.codes = codes;
    const stale = performance.now() - UNANSWERED;
    for (const [cell, { code, time }] of this.strokes)
      if (time < stale) this.strokes.delete(cell);
      else codes[cell] = PAINTED[code][codes[cell]];
    this.changed();
  }

  paint(code, cells) {
    const time = performance.now();
    for (const cell of cells) {
      this.strokes.set(cell, { code, time });
      this.codes[cell] = PAINTED[code][this.codes[cell]];
    }
    this.changed();
  }

  /** Forget the strokes: the kernel's next mask counts as it is. */
  forget() {
    this.strokes.clear();
  }

  /** How many patches are in a set. */
  count(set) {
    if (!this.counts) {
      this.counts = [0, 0, 0, 0];
      for (let cell = 0; cell < this.codes.length; cell++) this.counts[this.codes[cell]]++;
    }
    return SETS[set].reduce((sum, code) => sum + this.counts[code], 0);
  }

  /** A canvas of one pixel a patch, opaque where the patch is in the set. */
  stencil(set) {
    this.stencils[set] ??= this.cut(set);
    return this.stencils[set];
  }

  cut(set) {
    const [h, w] = this.cells;
    const canvas = new OffscreenCanvas(w, h);
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(w, h);
    const opaque = new Uint32Array(pixels.data.buffer);
    const inside = Uint32Array.from([0, 1, 2, 3], (code) => (SETS[set].includes(code) ? 0xff000000 : 0));
    for (let cell = 0; cell < opaque.length; cell++) opaque[cell] = inside[this.codes[cell]];
    context.putImageData(pixels, 0, 0);
    return canvas;
  }

  changed() {
    this.counts = null;
    this.stencils = {};
  }
}

/** Reads compressed masks; the same object gives the same codes, so that a change of something else costs nothing. */
export function maskReader() {
  let last, codes;
  return (masks) => {
    if (masks !== last) {
      last = masks;
      codes = Promise.all(Object.entries(masks).map(async ([name, bytes]) => [name, await inflated(bytes)]));
    }
    return codes;
  };
}
