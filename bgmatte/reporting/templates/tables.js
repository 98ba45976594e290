// Tables: a column's head sorts by it, and what is shown can be taken along as text or as CSV.

const NUMBER = /^[+−-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/; // as the report prints one, without a unit
const INTERVAL = /^([+−]?[\d.,]+) to ([+−]?[\d.,]+)$/;
const BYTE_ORDER = "\ufeff"; // without it a spreadsheet reads ×10⁻³ as something else

const NEXT = new Map([[null, "ascending"], ["ascending", "descending"], ["descending", null]]); // what the next press of a head does

const printed = (cell) => (cell.firstChild?.nodeType === Node.TEXT_NODE ? cell.firstChild.textContent.trim() : "");
const notes = (cell) => [...cell.querySelectorAll("small")].map((note) => note.textContent.trim());
const plain = (text) => (NUMBER.test(text) ? text.replaceAll(",", "").replace("−", "-").replace("+", "") : text);
const exact = (cell) => (Number.isFinite(Number.parseFloat(cell.dataset.value)) ? cell.dataset.value : null);

/** What a cell is sorted by: its number, else a number that it prints, else its words; null where it is empty. */
function key(cell) {
  const text = plain(printed(cell));
  const number = Number.parseFloat(exact(cell) ?? (/^-?\d/.test(text) ? text : "?"));
  return Number.isNaN(number) ? text || null : number;
}

/** Numbers before words, the empty last whichever way it goes. */
function order(first, second, direction) {
  if (first === null || second === null) return (first === null) - (second === null);
  if (typeof first !== typeof second) return typeof first === "number" ? -1 : 1;
  return direction * (typeof first === "number" ? first - second : first.localeCompare(second, "en", { numeric: true }));
}

/** Turn the heads into buttons: upwards, downwards, as it was. */
function sortable(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const press = () => {
      const next = NEXT.get(head.getAttribute("aria-sort"));
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      if (next) head.setAttribute("aria-sort", next);
      table.classList.toggle("sorted", Boolean(next));
      const keys = new Map(original.map((row) => [row, key(row.cells[column])]));
      const rows = next ? original.toSorted((one, two) => order(keys.get(one), keys.get(two), next === "ascending" ? 1 : -1)) : original;
      body.append(...rows);
    };
    const words = printed(head);
    if (words) head.firstChild.replaceWith(element("span", { class: "title" }, words), button(words, words, press)); // one is for paper
  });
}

/** What stands in one line of small print, cell by cell: one column, or two numbers where every one of them is an interval. */
function beside(title, place, texts) {
  const ends = texts.map((text) => text.match(INTERVAL)?.slice(1).map(plain) ?? ["", ""]);
  if (!texts.every((text) => !text || INTERVAL.test(text))) return [[`${title}, note ${place + 1}`, ...texts.map(plain)]];
  return ["low", "high"].map((end, side) => [`${title}, ${end}`, ...ends.map((pair) => pair[side])]);
}

/**
 * The table as rows of text, in the order that is shown: numbers with all their digits, and under each other what a cell says in small print
 * beside it. Where words stand beside a number that they do not repeat, both have a column.
 */
function matrix(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells]);
  const columns = [...table.tHead.rows[0].cells].map((head, column) => {
    const cells = rows.map((row) => row[column]);
    const unit = head.querySelector("small")?.textContent;
    const title = (head.querySelector("button")?.textContent ?? "") + (unit ? ` (${unit})` : "");
    const worded = cells.some((cell) => exact(cell) !== null && !NUMBER.test(printed(cell).replace(/\s*[%×]$/, "")));
    const small = cells.map(notes);
    const most = Math.max(0, ...small.map((each) => each.length));
    return [
      [title, ...cells.map((cell) => exact(cell) ?? (worded ? "" : plain(printed(cell))))],
      ...(worded ? [[`${title}, as printed`, ...cells.map(printed)]] : []),
      ...Array.from({ length: most }, (_, place) => beside(title, place, small.map((each) => each[place] ?? ""))).flat(),
    ];
  });
  const flat = columns.flat();
  return flat[0].map((_, row) => flat.map((column) => column[row]));
}

/** Text that no spreadsheet takes for a formula: such a beginning is pushed back by a space. Numbers stay numbers. */
const harmless = (text) => (/^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? ` ${text}` : text);

/** A field after RFC 4180. */
const field = (text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const csv = (table) => BYTE_ORDER + matrix(table).map((row) => `${row.map((text) => field(harmless(text))).join(",")}\r\n`).join("");
const tabbed = (table) => matrix(table).map((row) => row.map((text) => harmless(text.replace(/\s+/g, " "))).join("\t")).join("\n");

function download(table, name) {
  const address = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv;charset=utf-8" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Copy; where that is not allowed, leave the table selected for the reader's own keys. */
async function copy(table) {
  try {
    await navigator.clipboard.writeText(tabbed(table));
    return "Copied";
  } catch {
    getSelection().selectAllChildren(table);
    return "Selected: copy it with the keyboard";
  }
}

document.querySelectorAll(".table").forEach((block) => {
  const table = block.querySelector("table");
  const section = block.closest("section[id]");
  const place = [...section.querySelectorAll(".table")].indexOf(block) + 1;
  const caption = block.querySelector(".caption").textContent;
  const said = element("span", { role: "status" });
  const tell = (words) => {
    said.textContent = words;
    setTimeout(() => (said.textContent = ""), 4000);
  };
  sortable(table);
  block.append(
    element(
      "div",
      { class: "tools", role: "group", "aria-label": `Take along: ${caption}` },
      button("Copy", "Copy", async () => tell(await copy(table))),
      button("CSV", "CSV", () => download(table, `${section.id}-${place}.csv`)),
      said,
    ),
  );
});
