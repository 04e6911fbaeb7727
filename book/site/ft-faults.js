// Faults that the reader puts on a picture by hand: menus at its spots and at the lines of its story, undo, redo, the same as Python;
// the challenge above it, and the machine that looks for the fewest faults.
// All words are written by ftlib/drawing/by_hand.py. What this returns, ft-live.js calls when a picture is in place.
window.ftFaults = (root, set, called, question) => {
"use strict";
const view = root.querySelector(".ft-view"), menu = root.querySelector(".ft-menu"), list = menu.querySelector("ul");
const [undo, redo, copy, seek] = root.querySelectorAll(".ft-hands button"), [said, tried] = root.querySelectorAll(".ft-hands span");
const [ask, how, why] = root.querySelectorAll(".ft-challenge :is(span, strong, details)");
let now = [], before = [], after = [], focus; // focus: what had it, as a selector, for it may come anew with the next picture
let number = 0, seeking, given, next, setting; // the search; what a machine has put; the fault after it; of what the challenge is

function put(faults) {
  clearTimeout(next);
  said.textContent = "";
  before.push(now);
  after = [];
  set(now = faults);
}

function back(from, to) {
  clearTimeout(next);
  said.textContent = "";
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
  if (fault) put([...now, fault]); // first: to close the menu lays the page out
  if (fault || target === menu) menu.close(); // or beside it
};
undo.onclick = () => back(before, after);
redo.onclick = () => back(after, before);
copy.onclick = () => {
  const [name, given] = called(), at = name.lastIndexOf("."), figure = name.slice(at + 1), words = { true: "True", false: "False", null: "None" };
  const all = Object.entries(given).map(([key, value]) => [key, /^Schedule\(/.test(value) ? value : words[value] ?? JSON.stringify(value)].join("="));
  const call = `${figure}(${all.join(", ")})`, names = [...new Set(call.match(/\b[A-Z]\w+(?=\()/g))].sort();
  const code = `from ${name.slice(0, at)} import ${figure}\nfrom ftlib.simulation import ${names.join(", ")}\n\n${call}`;
  (navigator.clipboard?.writeText(code) ?? Promise.reject()).then(() => "Copied.", () => code).then(told => { said.textContent = told; });
};

// ---- the fewest faults: Python tries some schedules, tells how far it is, and is asked again
const searcher = {
  waits: stage => { if (stage !== "compute") tried.textContent = "Starting Python…"; },
  answered(key, html, trouble, ms, found) {
    if (key !== seeking) return;
    if (!found?.done) {
      tried.textContent = found?.words;
      return found ? search() : rest("It failed.");
    }
    rest(found.words);
    if (!found.faults.length) return;
    given = `${found.faults}`;
    try { sessionStorage.setItem(`ft-given ${setting}`, given); } catch {} // a page that is loaded again knows it too
    const place = n => {
      put(found.faults.slice(0, n));
      said.textContent = found.words;
      if (n < found.faults.length) next = setTimeout(place, 1200, n + 1);
    };
    place(1);
  },
  failed: (stage, words) => rest(`Python has stopped: ${words}`),
};

const search = () => window.ftPython.ask(searcher, { ...question(seeking), search: seeking });

function rest(words) {
  window.ftPython.forget(searcher);
  seeking = 0;
  tried.textContent = "";
  said.textContent = words;
  seek.textContent = "Find the shortest";
}

if (seek) seek.onclick = () => {
  if (seeking) return rest("Cancelled.");
  clearTimeout(next);
  said.textContent = "";
  seek.textContent = "Cancel";
  seeking = ++number;
  search();
};

function judge(goal) { // how the challenge stands; what was done is kept in this browser
  let best = 0;
  try {
    best = +localStorage.getItem(`ft-solved ${setting}`);
    given = sessionStorage.getItem(`ft-given ${setting}`);
  } catch {}
  const here = view.querySelector(".ft-faults[data-reached]") && `${now}` !== given && goal.solved[now.length - 1] ? now.length : 0;
  if (here && !(best <= here && goal.solved[best - 1])) {
    best = here;
    try { localStorage.setItem(`ft-solved ${setting}`, best); } catch {}
  }
  const words = goal.solved[best - 1] ?? "";
  ask.textContent = goal.ask;
  if (how.textContent !== words) how.textContent = words;
  why.hidden = !goal.why;
  why.lastChild.textContent = goal.why;
}

return (shown, where, goal) => {
  if (seeking && where !== setting) rest("Cancelled.");
  setting = where;
  if (`${shown}` !== `${now}`) { // by a link, or by Reset
    clearTimeout(next);
    said.textContent = "";
    before.push(now);
    after = [];
    now = shown;
  }
  undo.ariaDisabled = !before.length;
  redo.ariaDisabled = !after.length;
  queueMicrotask(() => { // once the menu is closed
    if (focus) (root.querySelector(focus) ?? undo).focus({ preventScroll: true });
    focus = "";
  });
  if (goal) judge(goal);
};
};
