// The pictures: decoded off the main thread, kept while their bytes stay the same, and given back as soon as no pane shows them.

const octets = (bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function same(one, other) {
  if (one.byteLength !== other.byteLength) return false;
  const [a, b] = [octets(one), octets(other)];
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export class Layers {
  constructor() {
    this.kept = new Map(); // name -> bytes and the promise of their picture
    this.retired = []; // what may still be on the screen
  }

  /** The pictures of `layers` by name. */
  async read(layers) {
    if (layers !== this.last) {
      this.last = layers;
      const before = this.kept;
      this.kept = new Map(
        Object.entries(layers).map(([name, bytes]) => {
          const old = before.get(name);
          return [name, old && same(old.bytes, bytes) ? old : { bytes, picture: decoded(name, bytes) }];
        }),
      );
      for (const [name, old] of before) if (this.kept.get(name) !== old) this.retired.push(old);
    }
    const pictures = [...this.kept].map(async ([name, { picture }]) => [name, await picture]);
    return new Map(await Promise.all(pictures));
  }

  /** Free what was replaced, once the replacement is drawn: a browser is slow to notice how large pictures are. */
  tidy() {
    for (const { picture } of this.retired.splice(0)) picture.then((bitmap) => bitmap.close(), () => {});
  }

  close() {
    this.retired.push(...this.kept.values());
    this.kept = new Map();
    this.tidy();
  }
}

async function decoded(name, bytes) {
  try {
    return await createImageBitmap(new Blob([bytes]));
  } catch {
    throw new Error(`The picture “${name}” could not be decoded.`);
  }
}
