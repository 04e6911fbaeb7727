// Predictions in the built book: each question that ftlib/live/predict.py wrote as folds becomes a form, what the reader predicts stays
// in this browser, and the end of the page says how it went.
(() => {
"use strict";
const KEY = `ft-predicted ${location.pathname}`;
const make = (tag, properties = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};
const questions = [];
let kept = recall(), keeps = true; // { question: the choices made, in order; null where the answer was asked for }

function recall() {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(localStorage.getItem(KEY))).filter(([, tries]) => Array.isArray(tries)));
  } catch {
    return {};
  }
}

function store() {
  try {
    Object.keys(kept).length ? localStorage.setItem(KEY, JSON.stringify(kept)) : localStorage.removeItem(KEY);
  } catch {
    keeps = false; // the page still knows it
  }
}

function ask(root, number) {
  const words = root.querySelector(".ft-question").lastChild.textContent.trim(), folds = [...root.querySelectorAll(":scope > details")];
  const same = questions.filter(other => other.words === words).length, name = same ? `${words} (${same + 1})` : words;
  const choices = folds.map((fold, i) => {
    const input = make("input", { type: "radio", name: `ft-predict-${number}`, value: i, required: true }), mark = make("b");
    const text = fold.querySelector("summary").textContent;
    return { text, right: "right" in fold.dataset, input, mark, verdict: fold.querySelector("p"),
      label: make("label", {}, input, make("span", {}, text), mark) };
  });
  const right = choices.find(choice => choice.right), then = root.querySelector(".ft-then");
  const choose = make("button", {}, "This is my prediction"), show = make("button", { type: "button" }, "Show the answer");
  const verdict = make("div", { className: "ft-verdict", tabIndex: -1, role: "status" }), buttons = make("div", { className: "ft-answering" }, choose, show);
  const form = make("form", { autocomplete: "off" }, make("fieldset", {}, make("legend", {}, ...root.querySelector(".ft-question").childNodes),
    ...choices.map(choice => choice.label)), buttons);
  root.id = `ft-predict-${number}`;
  root.querySelectorAll(".ft-question, .ft-how").forEach(each => each.remove());
  folds.forEach(fold => { fold.hidden = true; }); // tools/paper.js prints them
  root.prepend(form, verdict);
  if (then) root.append(then);

  const tries = () => (kept[name] ?? []).map(text => text && choices.find(choice => choice.text === text)).filter(made => made !== undefined);

  function paint() {
    const made = tries(), last = made.at(-1), done = made.some(choice => !choice || choice.right);
    for (const choice of choices) {
      choice.input.disabled = done;
      choice.input.checked = choice === (done ? made.findLast(Boolean) : last);
      choice.mark.textContent = done && choice.right ? "✓ right" : made.includes(choice) ? "✗ not so" : "";
    }
    buttons.hidden = done;
    show.hidden = !made.length;
    if (then) then.hidden = !done;
    verdict.replaceChildren();
    if (!made.length) return;
    const said = (done ? right : last).verdict.cloneNode(true);
    if (!last) said.firstChild.textContent = `The answer: ${right.text}${/[.?!]$/.test(right.text) ? "" : "."}`;
    verdict.append(said);
  }

  function take(choice) {
    if (choice === tries().at(-1)) return;
    kept = { ...recall(), ...kept, [name]: [...tries().map(made => made?.text ?? null), choice?.text ?? null] };
    store();
    paint();
    conclude();
    if (buttons.hidden) verdict.focus({ preventScroll: true }); // what had the focus has gone
  }

  form.onsubmit = event => {
    event.preventDefault();
    take(choices.find(choice => choice.input.checked));
  };
  show.onclick = () => take(null);
  paint();
  root.classList.add("ft-alive");
  questions.push({ root, words, tries, paint });
}

// ---- how it went
let end;

function conclude() {
  const links = those => those.flatMap(({ root, words }, i) => [i ? " · " : " ", make("a", { href: `#${root.id}` }, words)]);
  const part = (title, those) => those.length ? [make("p", {}, title, ...links(those))] : [];
  const made = questions.filter(each => each.tries().length), open = questions.filter(each => !each.tries().length);
  const missed = made.filter(each => !each.tries()[0]?.right), first = made.length - missed.length;
  const said = made.length ? `You predicted ${first} of ${made.length} right at the first try.`
    : questions.length === 1 ? "This page asks for one prediction, and you have not made it yet."
    : `This page asks for ${questions.length} predictions, and you have made none of them yet.`;
  end.replaceChildren(make("p", {}, make("b", {}, "Your predictions."), ` ${said}`), ...part("Worth a second look:", missed),
    ...part("Not predicted yet:", open));
  if (!made.length) return;
  end.append(make("p", { className: "ft-keeps" }, keeps ? "They are kept in this browser only."
    : "This browser keeps nothing of them, so they are forgotten when you leave the page.",
    make("button", { type: "button", onclick: forget }, "Forget my predictions")));
}

function forget() {
  kept = {};
  store();
  questions.forEach(each => each.paint());
  conclude();
  end.focus({ preventScroll: true });
}

document.querySelectorAll(".ft-predict").forEach((root, i) => ask(root, i + 1));
if (questions.length) {
  end = document.querySelector(".ft-predicted");
  if (!end) (document.querySelector(".bd-article > section") ?? questions.at(-1).root.parentNode).append(end = make("div"));
  Object.assign(end, { className: "ft-predicted", tabIndex: -1, role: "group", ariaLabel: "Your predictions" });
  conclude();
  questions.find(({ root }) => `#${root.id}` === location.hash)?.root.scrollIntoView();
}
})();
