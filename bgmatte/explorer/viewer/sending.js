// What the brush painted, on its way to the kernel: one message at a time, for a queue would only grow older.

const PATIENCE = 2000; // [ms] for which a stroke waits for the kernel to answer the one before

export class Outbox {
  constructor(send) {
    this.send = send;
    this.waiting = []; // strokes: mask, code and cells
    this.late = 0;
    this.answered();
  }

  add(mask, code, cells) {
    const last = this.waiting.at(-1);
    if (last?.mask === mask && last.code === code) last.cells.push(...cells);
    else this.waiting.push({ mask, code, cells });
    this.flush();
  }

  /** Forget what waits: all of it, or what was painted on one mask. */
  drop(mask) {
    this.waiting = this.waiting.filter((painted) => mask && painted.mask !== mask);
  }

  /** The kernel has shown something new. */
  answered() {
    this.asked = -PATIENCE;
    this.flush();
  }

  flush() {
    clearTimeout(this.late);
    if (!this.waiting.length) return;
    const wait = this.asked + PATIENCE - performance.now();
    if (wait > 0) {
      this.late = setTimeout(() => this.flush(), wait); // should no answer come
      return;
    }
    this.asked = performance.now();
    const { cells, ...painted } = this.waiting.shift();
    this.send({ ...painted, cells: [...new Set(cells)] });
  }

  close() {
    clearTimeout(this.late);
  }
}
