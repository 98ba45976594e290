// Pictures: two mattes under one slider, and any tile enlarged in a dialog.

/** Lay the two pictures of a comparison on each other; the slider says how much of the first is seen. */
function compare(section) {
  const pair = section.querySelector(".pair");
  const [before, after] = [...pair.querySelectorAll("figcaption")].map((words) => words.firstChild.textContent.trim());
  const slider = element("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": `${before} left of the line, ${after} right of it` });
  const show = (share) => {
    slider.value = 100 * share;
    pair.style.setProperty("--at", `${100 * share}%`);
    slider.setAttribute("aria-valuetext", `${Math.round(100 * share)} % ${before}, ${Math.round(100 - 100 * share)} % ${after}`);
  };
  const { bar } = lens(pair, `${section.querySelector("h3").textContent}: ${before} and ${after}`, show);
  slider.addEventListener("input", () => show(slider.value / 100));
  const holder = element("div", { class: "looking" });
  pair.replaceWith(holder);
  holder.append(pair, slider, bar);
  section.classList.add("live");
  show(0.5);
}

/** One dialog for all tiles; it goes through the pictures that stand together and keeps the place that is looked at. */
function enlarger() {
  const picture = element("img", { alt: "" });
  const stage = element("div", { class: "stage" }, element("div", { class: "frame" }, picture));
  const title = element("p", { class: "title", id: "enlarged" });
  const place = element("span", { class: "place", role: "status" });
  const { bar, reset, view, refresh } = lens(stage, "Picture");
  const dialog = element("dialog", { "aria-labelledby": "enlarged" });
  let tiles = [];
  let at = 0;

  const show = (number) => {
    at = (number + tiles.length) % tiles.length;
    const tile = tiles[at];
    picture.src = tile.src;
    picture.alt = tile.alt;
    stage.style.setProperty("--ratio", tile.naturalWidth / tile.naturalHeight);
    title.textContent = tile.alt;
    place.textContent = `${at + 1} of ${tiles.length}`;
    refresh();
  };
  bar.append(
    button("Previous picture", "‹", () => show(at - 1)),
    place,
    button("Next picture", "›", () => show(at + 1)),
    button("Close", "Close", () => dialog.close()),
  );
  dialog.append(title, stage, bar);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  stage.addEventListener("keydown", ({ key }) => {
    if (view.zoom === 1 && ARROWS[key]?.[0]) show(at + ARROWS[key][0]);
  });
  document.body.append(dialog);

  return (tile) => {
    tiles = [...tile.closest(".tiles").querySelectorAll("img")];
    reset();
    dialog.showModal(); // the focus comes back to the tile by itself
    stage.focus();
    show(tiles.indexOf(tile));
  };
}

document.querySelectorAll(".comparison").forEach(compare);
const shown = document.querySelectorAll(".tiles img");
if (shown.length) {
  const enlarge = enlarger();
  for (const tile of shown) {
    const opener = element("button", { type: "button", class: "opener", title: "Enlarge" });
    tile.replaceWith(opener);
    opener.append(tile);
    opener.addEventListener("click", () => enlarge(tile));
  }
}
