// Brings the pictures of the built book to life. ftlib/live/page.py wrote the elements, ftlib/live/spec.py has the rules on states
// and keys. A classic script, so that a page opened from disk works too; no framework, no request.
(() => {
"use strict";
const PACE = 1200; // milliseconds a step stays when playing
const ICONS = { Play: "M5 3v14l12-7z", Pause: "M5 4h4v12H5zM11 4h4v12h-4z" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const explores = [];

// A box that scrolls sideways must be reachable by keyboard, and only then.
const scrolls = new ResizeObserver(entries => entries.forEach(({ target: box }) => {
  for (const [name, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": "Picture, scrolls sideways" }))
    box.scrollWidth > box.clientWidth + 1 ? box.setAttribute(name, value) : box.removeAttribute(name);
}));
const watch = within => within.querySelectorAll(".ft-scroll").forEach(box => scrolls.observe(box));

function bring(root) {
  const find = wanted => root.querySelector(wanted), all = wanted => [...root.querySelectorAll(wanted)];
  const parse = (script, otherwise) => JSON.parse(find(script)?.textContent ?? otherwise);
  const spec = parse(".ft-spec", '{"function":"picture","controls":[]}'), table = parse(".ft-table", "{}"), dials = spec.controls;
  const short = spec.function.split(".").pop(), same = explores.filter(other => other.short === short).length;
  const name = same ? `${short}-${same + 1}` : short; // one function may be shown twice
  const view = find(".ft-view"), bar = find(".ft-steps"), slider = bar.querySelector("input"), inputs = all("[data-dial]");
  const buttons = [...bar.querySelectorAll("button")], [reset, copy, save] = all(".ft-tools button"), done = find(".ft-tools [role]");
  let state, drawn, steps, step, stepped = false, timer;

  // ---- states
  const start = () => dials.map(dial => [...dial.default]);
  const place = wanted => dials.findIndex(dial => dial.name === wanted);
  const count = (dial, of) => dial.of ? dials[place(dial.of)].values[of[place(dial.of)][0]] : dial.default.length;
  const used = of => dials.map((dial, i) => of[i].slice(0, count(dial, of)));
  const key = of => used(of).map(indices => indices.join("-")).join(".");
  const text = (dial, index) => `${dial.labels[index]} ${dial.unit}`.trim();
  const words = of => used(of).map((indices, i) => `${dials[i].label}: ${indices.map(n => text(dials[i], n)).join(", ")}`).join(" · ");
  const values = of => used(of).map((indices, i) => {
    const { name, kind, values } = dials[i], chosen = indices.map(n => values[n]);
    return [name, kind === "toggles" ? chosen.join("") : chosen[0]];
  });

  // ---- the picture
  function say(words, quiet = false) { // quiet: for assistive technology only
    const status = find(".ft-status");
    status.classList.toggle("ft-quiet", quiet);
    status.textContent = words;
  }

  function update() {
    inputs.forEach(sync);
    const picture = table.pictures[key(state)];
    root.classList.toggle("ft-stale", !picture);
    // Python in a worker would compute what is missing, and put() it unless the state has moved on.
    if (picture) put(picture.map(part => table.parts[part]).join(""));
    else say("This combination is not among the pictures stored in the page. Open the notebook to compute it. "
      + `The picture still shows ${words(drawn)}.`);
  }

  function sync(input) {
    const { dial: i, at = 0 } = input.dataset, dial = dials[i], index = state[i][at];
    if (input.type === "checkbox") input.checked = index;
    else if (input.type === "radio") input.checked = +input.value === index;
    else input.value = index;
    if (dial.kind === "toggles") input.closest("fieldset").hidden = at >= count(dial, state);
    if (dial.kind !== "range") return;
    fill(input, text(dial, index));
    input.parentNode.querySelector(".ft-value").textContent = text(dial, index);
  }

  function fill(range, words) {
    range.style.setProperty("--at", range.value / (range.max || 1));
    range.setAttribute("aria-valuetext", words);
  }

  function put(html) {
    const open = find(".ft-story")?.open, end = step === steps;
    view.innerHTML = html;
    if (open) find(".ft-story").open = true;
    find(".ft-shown").textContent = words(drawn = structuredClone(state));
    found(end);
    say(find("figcaption").textContent, true);
  }

  function found(end) { // a picture is in place
    watch(view);
    steps = +find(".ft-svg").dataset.steps || 0;
    step = end ? steps : Math.min(step, steps);
    slider.max = steps;
    bar.hidden = !steps;
    paint();
  }

  // ---- steps
  function paint() {
    for (const part of view.querySelectorAll("[data-step]")) {
      part.dataset.step > step ? part.setAttribute("visibility", "hidden") : part.removeAttribute("visibility");
      part.toggleAttribute("data-now", stepped && +part.dataset.step === step);
    }
    all(".ft-story li").forEach((item, i) =>
      stepped && i + 1 === step ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current"));
    slider.value = step;
    fill(slider, `${step} of ${steps}`);
    find(".ft-number").textContent = `${step} / ${steps}`;
    buttons.forEach((button, i) => button.setAttribute("aria-disabled", i < 2 ? !step : i > 2 && step === steps));
  }

  function go(to) {
    step = Math.min(Math.max(to, 0), steps);
    stepped = true;
    root.classList.add("ft-stepping");
    paint();
    find(".ft-event").textContent = step ? all(".ft-story li")[step - 1].textContent : "Nothing has happened yet.";
    follow();
  }

  function follow() { // bring the newest part into view, no more than needed
    const boxes = all("[data-now]").map(part => part.getBoundingClientRect()).filter(box => box.width || box.height);
    const box = find(".ft-scroll"), frame = box.getBoundingClientRect(), behavior = calm.matches ? "auto" : "smooth";
    const shift = (from, to, one, other) => {
      const low = Math.min(...boxes.map(box => box[one])), high = Math.max(...boxes.map(box => box[other]));
      if (high - low > to - from) return 0;
      return high > to ? high - from - .65 * (to - from) : low < from ? low - from - .35 * (to - from) : 0;
    };
    if (!boxes.length) return;
    box.scrollBy({ left: shift(frame.left, frame.right, "left", "right"), behavior });
    const top = shift(72, innerHeight - bar.offsetHeight - 12, "top", "bottom");
    if (top) scrollBy({ top, behavior });
  }

  function play(on) {
    clearInterval(timer);
    if (on && step === steps) go(0);
    timer = on && setInterval(() => { go(step + 1); if (step === steps) play(false); }, PACE);
    const label = on ? "Pause" : "Play", button = buttons[2];
    button.title = label;
    button.setAttribute("aria-label", label);
    button.querySelector("path").setAttribute("d", ICONS[label]);
  }

  // ---- links and files
  const entries = () => [...values(state), ...step < steps ? [["step", step]] : []].map(([part, value]) => [`${name}.${part}`, value]);
  const moved = () => key(state) !== key(start()) || step < steps;

  function link() {
    const others = explores.filter(other => other.name !== name && other.moved());
    const url = `${location.href.split("#")[0]}#${new URLSearchParams([self, ...others].flatMap(each => each.entries()))}`;
    history.replaceState(null, "", url);
    (navigator.clipboard?.writeText(url) ?? Promise.reject())
      .then(() => "Link copied.", () => "The link is in the address bar.").then(told => { done.textContent = told; });
  }

  function read(pairs) { // the part of a link that is for this Explore
    const wrong = [];
    play(false);
    state = start();
    for (const [part, value] of pairs) {
      const i = place(part), dial = dials[i];
      const indices = dial && (dial.kind === "toggles" ? [...value] : [value]).map(each => dial.values.findIndex(v => String(v) === each));
      if (indices?.length && !indices.includes(-1) && indices.length <= dial.default.length) state[i].splice(0, indices.length, ...indices);
      else if (part !== "step") wrong.push(`${part} = ${value}`);
    }
    if (table.pictures) update();
    for (const [part, value] of pairs)
      if (part === "step") /^\d+$/.test(value) && +value <= steps ? go(+value) : wrong.push(`step = ${value}`);
    if (wrong.length) say(`The link asks for ${wrong.join(", ")}, which this picture does not have; that part is ignored.`);
  }

  function file() { // the picture as it is seen, colours and all, with what it was made from
    const svg = find(".ft-svg").cloneNode(true), css = getComputedStyle(view.firstChild);
    const [, , width, height] = svg.getAttribute("viewBox").split(" ");
    const made = { function: spec.function, parameters: { ...spec.fixed, ...Object.fromEntries(values(drawn)) }, ...steps && { step },
      version: table.version, licence: table.licence, source: location.href.split("#")[0] };
    const node = (tag, text) => {
      const element = document.createElementNS(svg.namespaceURI, tag);
      element.textContent = text;
      return element;
    };
    const ground = node("path");
    ground.setAttribute("d", `M0 0h${width}v${height}H0z`);
    ground.setAttribute("fill", getComputedStyle(root).backgroundColor);
    svg.prepend(node("title", find("figcaption").textContent), node("metadata", JSON.stringify(made)), ground);
    svg.setAttribute("height", height);
    svg.setAttribute("style", `color:${css.color};font-family:system-ui,sans-serif`);
    const whole = new XMLSerializer().serializeToString(svg)
      .replace(/var\((--[\w-]+),\s*([^)]+)\)/g, (_, known, fallback) => css.getPropertyValue(known).trim() || fallback);
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(new Blob([whole], { type: "image/svg+xml" }));
    anchor.download = `${short}-${key(drawn)}.svg`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1e4);
    done.textContent = "Saved.";
  }

  // ---- all together
  for (const input of inputs) {
    const { dial, at = 0 } = input.dataset;
    if (input.type === "radio") input.name = `${name}-${dial}-${at}`;
    input.oninput = () => {
      play(false);
      state[dial][at] = input.type === "checkbox" ? +input.checked : +input.value;
      update();
    };
  }
  [() => 0, () => step - 1, null, () => step + 1, () => steps].forEach((to, i) => {
    buttons[i].onclick = () => { to ? (play(false), go(to())) : play(!timer); };
  });
  slider.oninput = () => { play(false); go(+slider.value); };
  bar.onkeydown = event => {
    const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: steps }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    play(false);
    go(to);
  };
  const self = { root, name, short, entries, moved, read };
  explores.push(self);
  state = start();
  drawn = start();
  found(true);
  if (copy) {
    reset.onclick = () => { play(false); step = steps; stepped = false; find(".ft-event").textContent = ""; state = start(); update(); };
    copy.onclick = link;
    save.onclick = file;
    inputs.forEach(sync);
  }
  root.classList.add("ft-alive");
}

function open() { // #name.parameter=value&name.step=2
  const asked = new Map();
  if (!location.hash.includes("=")) return;
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    const [name, part] = key.split(".");
    asked.set(name, [...asked.get(name) ?? [], [part, value]]);
  }
  for (const [name, pairs] of [...asked].reverse()) { // the first named is where to end up
    const wanted = explores.find(explore => explore.name === name);
    wanted?.read(pairs);
    wanted?.root.scrollIntoView();
  }
}

watch(document);
document.querySelectorAll(".ft-explore:has(.ft-steps)").forEach(bring);
open();
addEventListener("hashchange", open);
})();
