// Words of the glossary show their definition in place: under the pointer, with the focus of the keyboard, and by a tap, of which the
// second follows the link. ftlib/live/sphinx_terms.py wrote the definitions into the page.
(() => {
"use strict";
const data = document.querySelector(".ft-terms");
if (!data) return;
const terms = JSON.parse(data.textContent), box = document.createElement("div"), onward = document.createElement("a");
const PAUSE = 250; // milliseconds to come to rest on a word, and to get from it into the box
const GAP = 6, EDGE = 8, HEADER = 56; // pixels kept free: between word and box, beside the box, above it for the bar of the theme
let shown, timer, touch = false;

function show(link) {
  clearTimeout(timer);
  if (link === shown) return;
  hide();
  shown = link;
  const [term, definition] = terms[link.hash.slice(1)], title = document.createElement("b");
  title.textContent = term;
  box.innerHTML = definition;
  box.firstElementChild.prepend(title, " ");
  onward.href = link.href;
  if (touch) box.append(onward);
  link.setAttribute("aria-describedby", box.id);
  box.hidden = false;
  place(link.getClientRects());
}

function place(lines) { // below the word or above it, wherever there is room, and never on it
  const first = lines[0], last = lines[lines.length - 1], above = first.top - HEADER, below = innerHeight - last.bottom;
  box.style.maxHeight = "";
  const under = box.offsetHeight + GAP + EDGE <= below || below >= above, room = (under ? below : above) - GAP - EDGE;
  box.style.maxHeight = `${Math.max(room, 80)}px`;
  box.style.left = `${scrollX + Math.max(EDGE, Math.min(last.left, document.documentElement.clientWidth - box.offsetWidth - EDGE))}px`;
  box.style.top = `${scrollY + (under ? last.bottom + GAP : first.top - GAP - box.offsetHeight)}px`;
}

function hide() {
  clearTimeout(timer);
  shown?.removeAttribute("aria-describedby");
  shown = null;
  box.hidden = true;
}

function later(action) {
  clearTimeout(timer);
  timer = setTimeout(action, PAUSE);
}

const leave = () => later(() => box.matches(":hover") || shown?.matches(":hover, :focus-visible") || hide());

Object.assign(box, { id: "ft-definition", className: "ft-definition", role: "tooltip", hidden: true });
Object.assign(onward, { textContent: "Open the glossary", tabIndex: -1 }); // the word itself is the link that the keyboard reaches
box.onpointerenter = () => clearTimeout(timer);
box.onpointerleave = event => event.pointerType === "touch" || leave();
document.body.append(box);
for (const link of document.querySelectorAll("a.ft-term")) {
  link.addEventListener("pointerenter", event => event.pointerType === "touch" || later(() => show(link)));
  link.addEventListener("pointerleave", event => event.pointerType === "touch" || leave());
  link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
  link.addEventListener("blur", leave);
  link.addEventListener("click", event => {
    if (!touch || link === shown) return;
    event.preventDefault();
    show(link);
  });
}
addEventListener("pointerdown", event => {
  touch = event.pointerType === "touch";
  if (!box.contains(event.target) && event.target.closest?.("a.ft-term") !== shown) hide();
}, true);
addEventListener("keydown", event => {
  touch = false;
  if (event.key === "Escape" && shown) hide();
}, true);
addEventListener("resize", hide);
addEventListener("pagehide", hide);
})();
