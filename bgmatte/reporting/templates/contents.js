// The contents follow the reader: the section under the upper part of the window is marked. On a narrow page they fold into one line that
// names that section. Runs right behind the contents, so that nothing moves once it is seen.

const nav = document.querySelector("nav");
const folder = nav.querySelector("details");
const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const beside = matchMedia("(min-width: 72rem)"); // as in style.css: there is room for them next to the text

const fold = () => {
  folder.open = beside.matches;
};
const shut = (event) => {
  if (!beside.matches && folder.open && event.target !== folder.firstElementChild) fold();
};

document.documentElement.classList.add("js");
fold();
beside.addEventListener("change", fold);
nav.addEventListener("click", (event) => event.target.closest("a") && shut(event));
document.addEventListener("click", (event) => nav.contains(event.target) || shut(event));
nav.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || beside.matches || !folder.open) return;
  fold();
  folder.firstElementChild.focus();
});

document.addEventListener("DOMContentLoaded", () => {
  const seen = new Set();
  const sections = [...links.keys()].map((name) => document.getElementById(name)).filter(Boolean);
  const watch = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) seen[isIntersecting ? "add" : "delete"](target);
      const last = sections.findLast((section) => seen.has(section));
      if (last) mark(last.id);
    },
    { rootMargin: "-15% 0px -80% 0px" }, // a line through the window's upper part
  );
  sections.forEach((section) => watch.observe(section));
});

/** Mark a section's link as the place where the reader is. */
function mark(name) {
  for (const [each, link] of links) {
    if (each !== name) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "location");
      nav.querySelector(".here").textContent = link.textContent;
      if (beside.matches) nav.scrollTop = link.offsetTop - nav.clientHeight / 2; // `scrollIntoView` would stop the page's own scrolling
    }
  }
}
