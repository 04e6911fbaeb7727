// Faults that the reader puts on a picture by hand: menus at its spots and at the lines of its story, undo, redo, the same as Python.
// All words are written by ftlib/drawing/by_hand.py. What this returns, ft-live.js calls when a picture is in place.
window.ftFaults = (root, set, called) => {
"use strict";
const view = root.querySelector(".ft-view"), menu = root.querySelector(".ft-menu"), list = menu.querySelector("ul");
const [undo, redo, copy] = root.querySelectorAll(".ft-hands button"), said = root.querySelector(".ft-hands span");
let now = [], before = [], after = [], focus; // focus: what had it, as a selector, for it may come anew with the next picture

function put(faults) {
  before.push(now);
  after = [];
  set(now = faults);
}

function back(from, to) {
  if (!from.length) return;
  to.push(now);
  set(now = from.pop());
}

function nearest(x, y) { // of the spots under a finger, the one that it is nearest to; they overlap
  const away = spot => {
    const length = spot.getTotalLength(), points = [...Array(21)].map((_, i) => spot.getPointAtLength(i * length / 20).matrixTransform(spot.getScreenCTM()));
    return Math.min(...points.map(point => Math.hypot(point.x - x, point.y - y)));
  };
  return document.elementsFromPoint(x, y).filter(each => each.matches(".ft-spots *")).sort((one, other) => away(one) - away(other))[0];
}

view.addEventListener("click", ({ target: touched, clientX, clientY }) => {
  const target = nearest(clientX, clientY) ?? touched;
  const { spot, fault } = target.closest("[data-spot], .ft-faults [data-fault]")?.dataset ?? {}, line = target.matches("button");
  if (fault) {
    focus = ".ft-hands button";
    return put(now.filter(other => other !== fault));
  }
  if (!spot) return;
  focus = line && `.ft-put[data-spot="${spot}"]`;
  const found = [...view.querySelectorAll("[data-at]")].filter(({ dataset: { at } }) =>
    spot.split(" ").includes(at) || line && at.startsWith(`${spot}-`)); // a line's messages too
  list.replaceChildren(...found.flatMap(at => [...at.cloneNode(true).children]));
  const story = view.querySelectorAll(".ft-story li")[parseInt(spot) - 1];
  menu.firstChild.textContent = !line && found[0].dataset.of || story.firstChild.textContent;
  menu.showModal();
  menu.style.left = `${Math.max(8, Math.min(clientX, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(clientY, innerHeight - menu.offsetHeight - 8))}px`;
});
menu.onclick = ({ target }) => {
  const { fault } = target.dataset;
  if (fault || target === menu) menu.close(); // or beside it
  if (fault) put([...now, fault]);
};
undo.onclick = () => back(before, after);
redo.onclick = () => back(after, before);
copy.onclick = () => {
  const [name, given] = called(), at = name.lastIndexOf("."), figure = name.slice(at + 1), words = { true: "True", false: "False", null: "None" };
  const all = Object.entries(given).map(([key, value]) => [key, key in given && /^Schedule\(/.test(value) ? value : words[value] ?? JSON.stringify(value)].join("="));
  const call = `${figure}(${all.join(", ")})`, names = [...new Set(call.match(/\b[A-Z]\w+(?=\()/g))].sort();
  const code = `from ${name.slice(0, at)} import ${figure}\nfrom ftlib.simulation import ${names.join(", ")}\n\n${call}`;
  (navigator.clipboard?.writeText(code) ?? Promise.reject()).then(() => "Copied.", () => code).then(told => { said.textContent = told; });
};

return shown => {
  if (`${shown}` !== `${now}`) { // by a link, or by Reset
    before.push(now);
    after = [];
    now = shown;
  }
  undo.setAttribute("aria-disabled", !before.length);
  redo.setAttribute("aria-disabled", !after.length);
  said.textContent = "";
  if (focus) (root.querySelector(focus) ?? undo).focus({ preventScroll: true });
  focus = "";
};
};
