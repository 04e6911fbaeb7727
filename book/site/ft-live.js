// Brings the pictures of the built book to life. ftlib/live/page.py wrote the elements, ftlib/live/spec.py has the rules on states
// and keys. A picture comes from its table, a script beside the page; what is not in there, Python draws in a worker (ft-python.js).
// A classic script, so that a page opened from disk works too.
(() => {
"use strict";
const { ftPython: python, ftFaults } = window;
const PACE = 1200; // milliseconds a step stays when playing
const ICONS = { Play: "M5 3v14l12-7z", Pause: "M5 4h4v12H5zM11 4h4v12h-4z" };
const PATIENCE = 150; // milliseconds a picture may be late before the page says so
const LIMIT = 3e4; // milliseconds a table may take
const MEMORY = 200; // pictures kept of those that Python drew
const LONGEST = 40; // letters of a link that are said again
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
const figures = [];

// A box that scrolls sideways must be reachable by keyboard, and only then.
const scrolls = new ResizeObserver(entries => entries.forEach(({ target: box }) => {
  for (const [name, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": "Picture, scrolls sideways" }))
    box.scrollWidth > box.clientWidth + 1 ? box.setAttribute(name, value) : box.removeAttribute(name);
}));
const watch = within => within.querySelectorAll(".ft-scroll, .cell_output > figure").forEach(box => scrolls.observe(box));

let away; // the reader has scrolled since something plays
for (const sign of ["wheel", "touchmove", "keydown"]) addEventListener(sign, () => { away = true; }, { passive: true });

function wrap(words, most) { // lines of at most so many letters
  return words.split(/\s+/).reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`;
    return longer.length > most ? [...lines, word] : [...lines.slice(0, -1), longer];
  }, [""]).map(line => line.trim()).filter(Boolean);
}

// ---- what two pictures share stays: to parse and lay out all of one takes long on a phone
const BETWEEN = /(?<=>)(?=<)/; // where ftlib/live/table.py cuts

function grown(parts) { // the elements that the parts make up; open: its start, the whole if it has words only, missing if it is not to be looked into
  const path = [{ inside: [] }];
  for (const part of parts) {
    const rise = part.split(/<\w/).length - part.split(/<\/|\/>/).length, last = path.at(-1);
    if (rise >= 0) {
      const element = { whole: rise ? "" : part, kind: rise + part.match(/\w+/), inside: [], open: /^<[^<]+(<\/\w+>)?$/.test(part) && part };
      last.inside.push(element);
      if (rise) path.push(element);
    }
    path.slice(1).forEach(element => { element.whole += part; });
    if (rise < 0) path.pop().open &&= /^<\/\w+>$/.test(part) && last.open;
  }
  return path[0].inside;
}

function dress(node, like) { // like another: attributes, in order, and words
  const names = node.getAttributeNames();
  if (`${names}` !== `${like.getAttributeNames()}`) names.forEach(name => node.removeAttribute(name));
  for (const { name, value } of like.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  if (!node.firstElementChild && node.textContent !== like.textContent) (node.firstChild ?? node.appendChild(new Text())).data = like.textContent;
}

function change(within, before, after) { // elements into others; false if they were not those
  const nodes = [...within.children], html = [], [old, wanted] = [before, after].map(all => all.map(({ whole }) => whole));
  let next = 0; // the first not used or passed by; none is moved, for that lays it out anew
  if (nodes.length !== before.length) return false;
  const mine = after.map(({ whole, kind, open, inside }, i) => {
    const at = old.indexOf(whole, next), stays = at >= 0 && at < next + 50, leaf = whole === open;
    const j = stays ? at : before.findIndex((was, j) => j >= next && (was.kind === kind || wanted.includes(was.whole, i)));
    const node = nodes[j], was = before[j];
    if (!was || !stays && !(open && was.open && !wanted.includes(was.whole, i))) return html.push([i, whole]);
    next = j + 1;
    const same = stays || leaf || change(node, was.inside, inside);
    if (!same || was.open !== open) html.push([i, same && !leaf ? `${open}</${kind.slice(1)}>` : whole, same]);
    return node;
  });
  const hull = within.cloneNode(false);
  hull.innerHTML = html.map(([, text]) => text).join(""); // at once: it is the start that takes long
  const fresh = hull.children;
  if (fresh.length !== html.length) return false;
  html.forEach(([i, , same], n) => same ? dress(mine[i], fresh[n]) : mine[i] = fresh[n]);
  nodes.forEach(node => mine.includes(node) || node.remove());
  mine.forEach((node, i) => node === within.children[i] || within.insertBefore(node, within.children[i] ?? null));
  return true;
}

// ---- what the reader has made stays in the history of his tab, for going back, reloading and duplicating
let writing, wrote = 0, followed = location.hash; // the link last followed: another's entry is not to be written upon
const made = (shown = figures.filter(figure => figure.moved())) => `${new URLSearchParams(shown.flatMap(figure => figure.entries()))}`;
function write() {
  wrote = Date.now();
  if (location.hash === followed) history.replaceState({ ...history.state, ft: made() }, "");
}
function keep() { // browsers bear a few writes a second
  clearTimeout(writing);
  writing = setTimeout(write, wrote + 400 - Date.now());
}

const cut = words => words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
const some = list => [...list.slice(0, 3), ...list.length > 3 ? [`${list.length - 3} more`] : []].join(", ");

const functions = () => figures.map(figure => figure.function).filter(Boolean); // those that Python may be asked for

function bring(root) {
  const find = wanted => root.querySelector(wanted), all = wanted => [...root.querySelectorAll(wanted)];
  const spec = JSON.parse(find(".ft-spec")?.textContent ?? '{"function":"picture","controls":[]}'), dials = spec.controls, data = root.dataset;
  const { name } = data;
  const view = find(".ft-view"), bar = find(".ft-steps"), slider = bar.querySelector("input"), inputs = all("[data-dial]");
  const buttons = [...bar.querySelectorAll("button")], [reset, copy, save] = all(".ft-tools button"), done = find(".ft-tools [role]");
  const event = find(".ft-event"), room = make("div", { className: "ft-room" }); // keeps the bar from jumping
  const waiting = find(".ft-waiting"), known = new Map(); // key: { parts, ms } of pictures that need not be computed again
  let state, drawn, steps, step, stepped = false, timer, table, fetching, late, touched, wish, tree, high;

  // ---- states
  const start = () => dials.map(dial => [...dial.default]);
  const place = wanted => dials.findIndex(dial => dial.name === wanted);
  const byHand = dial => dial.kind === "faults"; // its positions are the texts of faults
  const count = (dial, of) => byHand(dial) ? of[dials.indexOf(dial)].length : dial.of ? dials[place(dial.of)].values[of[place(dial.of)][0]] : dial.default.length;
  const used = of => dials.map((dial, i) => of[i].slice(0, count(dial, of)));
  const key = of => used(of).map(indices => indices.join("-")).join(".");
  const text = (dial, index) => `${dial.labels[index]} ${dial.unit}`.trim();
  const told = (dial, at) => byHand(dial) ? `${at.length || "no"} fault${at.length === 1 ? "" : "s"}` : at.map(n => text(dial, n)).join(", ");
  const textOf = of => used(of).map((indices, i) => `${dials[i].label}: ${told(dials[i], indices)}`).join(" · ");
  const values = of => used(of).map((indices, i) => {
    const { name, kind, values } = dials[i], chosen = indices.map(n => values[n]);
    return [name, byHand(dials[i]) ? `Schedule([${indices.join(", ")}])` : kind === "toggles" ? chosen.join("") : chosen[0]];
  });

  // ---- the picture
  const title = () => find("figcaption").firstChild.textContent.trim();

  function say(words, quiet = false) { // quiet: for assistive technology only
    const status = find(".ft-status");
    status.classList.toggle("ft-quiet", quiet);
    status.textContent = quiet && status.textContent === words ? `Still: ${words}` : words; // the same would not be heard
  }

  function update() { // show the picture of the state, or say how it comes
    const wanted = key(state), found = tabled(wanted) ?? known.get(wanted);
    inputs.forEach(sync);
    keep();
    if (found) {
      python.forget(self);
      put(found);
    } else if (table) {
      python.ask(self, question(wanted, state));
    } else {
      waits("table");
      fetchTable();
    }
  }

  const question = (key, of) => ({ key, functions: functions(), build: data.build, specification: find(".ft-spec").textContent, state: JSON.stringify(used(of)) });
  const bare = of => of.map((at, i) => byHand(dials[i]) ? [] : at); // without faults: what a challenge is about
  const goal = () => hands?.(drawn[mine], `${name} ${key(bare(drawn))}`, table?.goals?.[key(bare(drawn))]);

  function tabled(wanted) {
    const parts = table?.pictures[wanted];
    return parts && { parts: parts.map(part => table.parts[part]) };
  }

  function fetchTable(again = "") {
    if (!data.table || table || fetching) return;
    const script = fetching = make("script");
    const here = () => {
      if (fetching !== script) return;
      clearTimeout(limit);
      script.remove();
      fetching = null;
      table = window.ftTables?.[data.table.split("#")[1]]; // another build's has another name
      if (table) near.disconnect(), goal();
      else if (!again) return fetchTable(`?${Date.now()}`); // past every cache
      if (key(state) !== key(drawn)) table ? update() : failed("table", "", true);
    };
    const limit = setTimeout(here, LIMIT);
    if (location.protocol !== "file:") script.integrity = data.integrity; // a page from disk may not ask for it
    script.src = data.table.split("#")[0] + again;
    script.onload = script.onerror = here;
    document.head.append(script);
  }

  // ---- while a picture is on its way
  const WORDS = {
    table: () => "Fetching the pictures of this page…",
    fetch: megabytes => `Fetching Python, ${megabytes.toFixed(0)} MB, which the browser keeps for the next time…`,
    start: () => "Starting Python…",
    compute: () => "Computing…",
  };

  function waits(stage, part, megabytes) {
    clearTimeout(late);
    const tell = () => {
      const words = `${WORDS[stage](megabytes)} The picture still shows ${textOf(drawn)}.`, bar = waiting.firstChild;
      if (find(".ft-status").textContent !== words) say(words); // once a stage, and not with every byte
      stage === "fetch" ? bar.value = part : bar.removeAttribute("value");
      hold("Cancel", cancel);
    };
    stage === "compute" || stage === "table" ? late = setTimeout(tell, PATIENCE) : tell();
  }

  function hold(label, action) { // the picture is not that of the controls; offer a way out
    root.classList.add("ft-stale");
    waiting.hidden = false;
    waiting.firstChild.hidden = action !== cancel;
    Object.assign(waiting.lastChild, { textContent: label, onclick: action, hidden: !action });
  }

  function release() {
    clearTimeout(late);
    if (waiting.contains(document.activeElement)) touched?.focus({ preventScroll: true });
    root.classList.remove("ft-stale");
    waiting.hidden = true;
    find(".ft-problem").replaceChildren();
  }

  function cancel() {
    python.cancel(self);
    state = drawn.map((indices, i) => [...indices, ...byHand(dials[i]) ? [] : state[i].slice(indices.length)]);
    wish = null;
    update();
  }

  function answered(answer, html, trouble, ms) {
    if (html) known.set(answer, { parts: html.split(BETWEEN), ms });
    if (known.size > MEMORY) known.delete([...known.keys()][1]); // the first is the default
    if (answer !== key(state)) return; // the reader has moved on
    if (html) return put(known.get(answer));
    clearTimeout(late);
    hold("", null);
    find(".ft-problem").innerHTML = trouble;
    say(`The picture still shows ${textOf(drawn)}.`);
  }

  const FAILED = {
    table: () => "The pictures of this page could not be fetched, or are those of another build. If trying again does not help, reload the page.",
    start: why => `This combination is not stored in the page, and there is no Python to compute it: ${why}`,
    compute: why => `Python was computing this combination, and ${why}`,
  };

  function failed(stage, why, again) {
    clearTimeout(late);
    hold("Try again", again && update);
    say(`${FAILED[stage](why)} The picture still shows ${textOf(drawn)}.`);
  }

  function sync(input) {
    const { dial: i, at = 0 } = input.dataset, dial = dials[i], index = state[i][at];
    if (input.type === "checkbox") input.checked = index;
    else if (input.type === "radio") input.checked = +input.value === index;
    else input.value = index;
    if (dial.kind === "toggles") input.closest("fieldset").hidden = at >= count(dial, state);
    if (dial.kind === "range") fill(input, text(dial, index));
    const value = input.parentNode.querySelector(".ft-value");
    if (value) value.textContent = text(dial, index);
  }

  function fill(range, words) {
    range.style.setProperty("--at", range.value / (range.max || 1));
    range.ariaValueText = words;
  }

  function put({ parts, ms }) {
    const wanted = grown(parts), end = step === steps;
    release();
    if (!wish?.moving) view.style.minHeight = `${high}px`;
    tree ??= grown(tabled(key(drawn))?.parts ?? []); // what the page came with
    if (!change(view, tree, wanted)) view.innerHTML = parts.join("");
    tree = wanted;
    find(".ft-source").textContent =
      ms === undefined ? "" : `Computed by Python in this page, in ${ms.toFixed(0)} ms.`;
    drawn = used(state);
    if (dials.length) find(".ft-shown").textContent = textOf(drawn);
    found(end);
    say(find("figcaption").textContent, true);
    if (wish) arrive();
  }

  function found(end) { // a picture is in place
    watch(view);
    find(".ft-svg").ariaLabel = "Picture";
    for (const [part, label] of [[find(".ft-controls"), "Controls"], [find(".ft-hands"), "Faults"], [bar, "Steps"], [find(".ft-tools"), "Tools"],
      [reset], [copy], [save]])
      if (part) part.ariaLabel = `${label ?? part.textContent}: ${title()}`;
    room.replaceChildren(...["Nothing has happened yet.", ...all(".ft-story li").map(item => item.firstChild.textContent)]
      .map(textContent => make("p", { textContent })));
    steps = +find(".ft-svg").dataset.steps || 0;
    goal();
    step = end ? steps : Math.min(step, steps);
    slider.max = steps;
    bar.hidden = !steps;
    paint();
    keep();
  }

  // ---- steps
  function paint() {
    for (const part of view.querySelectorAll("[data-step]")) {
      part.dataset.step > step ? part.setAttribute("visibility", "hidden") : part.removeAttribute("visibility");
      part.toggleAttribute("data-now", stepped && +part.dataset.step === step);
    }
    all(".ft-story li").forEach((item, i) => { item.ariaCurrent = stepped && i + 1 === step ? "step" : null; });
    const words = stepped ? room.children[step].textContent : "";
    if (event.textContent !== words) event.textContent = words; // the same would be heard again
    slider.value = step;
    fill(slider, `${step} of ${steps}`);
    find(".ft-number").textContent = `${step} / ${steps}`;
    buttons.forEach((button, i) => { button.ariaDisabled = i < 2 ? !step : i > 2 && step === steps; });
  }

  function go(to, moving = true) {
    step = Math.min(Math.max(to, 0), steps);
    stepped = true;
    root.classList.add("ft-stepping");
    paint();
    if (moving) follow();
    keep();
  }

  function follow() { // bring the newest part into view, no more than needed
    const boxes = all("[data-now]").map(part => part.getBoundingClientRect()).filter(box => box.width || box.height);
    const box = find(".ft-scroll"), frame = box.getBoundingClientRect(), behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
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
    away = false;
    timer = on && setInterval(() => {
      const { top, bottom } = root.getBoundingClientRect();
      go(step + 1, !away && bottom > 0 && top < innerHeight);
      if (step === steps) play(false);
    }, PACE);
    const label = on ? "Pause" : "Play", button = buttons[2];
    button.title = button.ariaLabel = label;
    button.querySelector("path").setAttribute("d", ICONS[label]);
  }

  // ---- links and files
  const named = () => values(state).flatMap((pair, i) => byHand(dials[i]) ? state[i].map(fault => [pair[0], fault]) : [pair]);
  const at = () => wish ? wish.step : step < steps && `${step}`; // nothing at the end
  const entries = () => [...named(), ...at() ? [["step", at()]] : []].map(([part, value]) => [`${name}.${part}`, value]);
  const moved = () => key(state) !== key(start()) || at();

  function link() {
    const others = figures.filter(other => other !== self && other.moved());
    const url = `${location.href.split("#")[0]}#${made([self, ...others])}&v=${data.version}`;
    history.replaceState(history.state, "", url);
    followed = location.hash;
    (navigator.clipboard?.writeText(url) ?? Promise.reject())
      .then(() => "Link copied.", () => "The link is in the address bar.").then(told => { done.textContent = told; });
  }

  function read(pairs, version, moving) { // the part of a link that is for this Live; all else is as at the start
    const wrong = [];
    play(false);
    step = steps;
    stepped = false;
    state = start();
    wish = { wrong, version, moving };
    for (const [part, value] of pairs) {
      const i = place(part), dial = dials[i];
      const indices = dial && (dial.kind === "toggles" ? [...value] : [value]).map(each => dial.values.findIndex(v => String(v) === each));
      if (dial && byHand(dial)) state[i].length < dial.maximum && value.length < 501 ? state[i].push(value) : wrong.push(cut(`${part} = ${value}`));
      else if (indices?.length && !indices.includes(-1) && indices.length <= dial.default.length) state[i].splice(0, indices.length, ...indices);
      else if (part === "step") wish.step = value;
      else wrong.push(cut(`${part ?? name} = ${value}`));
    }
    update();
  }

  function arrive() { // the picture that a link asked for is there
    const { step: to, wrong, version, moving } = wish;
    wish = null;
    if (to !== undefined) /^\d+$/.test(to) && +to <= steps ? go(+to, moving) : wrong.push(cut(`step = ${to}`));
    if (wrong.length) say(`The link asks for ${some(wrong)}, which this picture does not have; that part is ignored.${whence(version)}`);
  }

  function file() { // the picture as it is seen, colours and all, with what it was made from
    const svg = find(".ft-svg").cloneNode(true), css = getComputedStyle(view.firstChild);
    const [, , drawnWide, drawnHigh] = svg.getAttribute("viewBox").split(" ").map(Number), width = Math.max(drawnWide, 360);
    const page = location.href.split("#")[0], head = wrap(title(), (width - 24) / 9);
    const foot = wrap(`${page} · version ${data.version} · ${data.licence}`, (width - 24) / 7);
    const top = 24 * head.length + 12, height = top + drawnHigh + 18 * foot.length + 12;
    const made = { function: spec.function, parameters: { ...spec.fixed, ...Object.fromEntries(values(drawn)) }, ...steps && { step },
      version: data.version, licence: data.licence, source: page };
    const node = (tag, text, attributes = {}) => {
      const element = document.createElementNS(svg.namespaceURI, tag);
      element.textContent = text;
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    const ground = node("path", "", { d: `M0 ${-top}h${width}v${height}H0z`, fill: getComputedStyle(root).backgroundColor });
    const line = (size, weight, y, gap) => (words, i) =>
      node("text", words, { x: 12, y: y + gap * i, "font-size": size, "font-weight": weight, fill: "var(--ft-ink, #1b1f24)" });
    svg.prepend(node("title", find("figcaption").textContent), node("metadata", JSON.stringify(made)), ground,
      ...head.map(line(16, 600, 22 - top, 24)), ...foot.map(line(12, 400, drawnHigh + 18, 18)));
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 ${-top} ${width} ${height}`,
      style: `color:${css.color};font-family:system-ui,sans-serif` })) svg.setAttribute(name, value);
    const whole = new XMLSerializer().serializeToString(svg)
      .replace(/var\((--[\w-]+),\s*([^)]+)\)/g, (_, known, fallback) => css.getPropertyValue(known).trim() || fallback);
    const href = URL.createObjectURL(new Blob([whole], { type: "image/svg+xml" }));
    make("a", { href, download: `${[name, key(drawn)].filter(Boolean).join("-")}.svg` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1e4);
    done.textContent = "Saved.";
  }

  for (const input of inputs) {
    const { dial, at = 0 } = input.dataset;
    if (input.type === "radio") input.name = `${name}-${dial}-${at}`;
    input.oninput = () => {
      play(false);
      touched = input;
      wish = null;
      state[dial][at] = input.type === "checkbox" ? +input.checked : +input.value;
      update();
    };
  }
  [() => 0, () => step - 1, null, () => step + 1, () => steps].forEach((to, i) => {
    buttons[i].onclick = () => { to ? (play(false), go(to())) : play(!timer); };
  });
  slider.oninput = () => { play(false); go(+slider.value); };
  bar.onkeydown = event => {
    const button = buttons[{ Home: 0, ArrowLeft: 1, ArrowRight: 3, End: 4 }[event.key]];
    if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    button.click();
  };
  function resume() { // after the browser has put into the controls what it thinks stood there
    inputs.forEach(sync);
    paint();
    if (key(state) !== key(drawn)) update();
  }

  const mine = dials.findIndex(byHand), hands = mine < 0 ? null : ftFaults(root, faults => {
    play(false);
    wish = null;
    state[mine] = faults;
    update();
  }, () => [spec.function, { ...spec.fixed, ...Object.fromEntries(values(drawn)) }], key => question(key, bare(state)));
  const near = new IntersectionObserver(entries => entries.at(-1).isIntersecting && fetchTable(), { rootMargin: "100% 0%" });
  const self = { root, version: data.version, name, function: data.table && spec.function, entries, moved, read, waits, answered, failed, resume };
  figures.push(self);
  event.after(room);
  state = start();
  drawn = used(state);
  known.set(key(state), { parts: view.innerHTML.split(BETWEEN) });
  found(true);
  reset.onclick = () => read([]);
  copy.onclick = link;
  save.onclick = file;
  for (const input of [...inputs, slider]) input.autocomplete = "off"; // the browser is not to restore what the state holds
  inputs.forEach(sync);
  if (data.table) addEventListener("load", () => near.observe(root)); // a table on its way would hold that event
  new IntersectionObserver(entries => {
    const { isIntersecting, intersectionRatio, boundingClientRect } = entries.at(-1);
    if (intersectionRatio >= .2) root.classList.add("ft-seen");
    if (!isIntersecting && boundingClientRect.top > 0) view.style.minHeight = ""; // a card shrinks only below the reader's sight: nothing jumps
  }, { threshold: [0, .2] }).observe(view);
  new ResizeObserver(() => { if (!root.matches(".ft-stale")) high = view.offsetHeight; }).observe(view);
  for (const touch of ["focusin", "pointerdown", "pointerover"].slice(0, hands ? 3 : 2)) // nothing for those who only read
    (hands ? root : find(".ft-controls"))?.addEventListener(touch, () => { fetchTable(); if (!("complete" in data)) python.start(functions(), data.build); }, { once: true });
  root.classList.add("ft-alive");
}

const whence = version => version && version !== figures[0]?.version ? ` It was made with version ${cut(version)} of this page.` : "";

function open(link, moving) { // name.parameter=value&name.step=2&v=version
  const asked = new Map(moving ? [] : figures // the history says all of the page
    .filter(figure => figure.moved()).map(({ name }) => [name, []]));
  const unknown = [], parts = new URLSearchParams(link), version = parts.get("v");
  if (moving && (!link.includes("=") || document.getElementById(link))) return;
  parts.delete("v");
  for (const [key, value] of parts) {
    const [name, part] = key.split(".");
    asked.set(name, [...asked.get(name) ?? [], [part, value]]);
  }
  for (const [name, pairs] of [...asked].reverse()) { // the first named is where to end up
    const wanted = figures.find(figure => figure.name === name);
    wanted?.read(pairs, version, moving);
    if (wanted && moving) wanted.root.scrollIntoView();
    if (!wanted && name && pairs[0][0] !== undefined) unknown.unshift(cut(name));
  }
  if (!unknown.length) return;
  document.querySelector("h1")?.after(lost);
  lost.textContent = `The link asks for the picture ${some(unknown)}, which this page does not have.${whence(version)}`;
}
const lost = make("p", { className: "ft-lost", role: "status" });

watch(document);
if (location.protocol === "file:") // JupyterLite needs a server
  document.querySelectorAll("[data-live]").forEach(link =>
    link.replaceWith(make("span", { textContent: "From a web server, this chapter can be opened live." })));
document.querySelectorAll(".ft-live:has(.ft-steps)").forEach(bring);
function follow() { // the link, or what the reader has made of it since
  const kept = history.state?.ft;
  followed = location.hash;
  lost.remove();
  if (kept === undefined) open(followed.slice(1), true);
  else if (kept !== made()) open(kept);
  write();
}
follow();
addEventListener("popstate", follow);
addEventListener("click", ({ target, ctrlKey, metaKey }) => { // once more, of which browsers tell nothing, or nothing new
  if (target.closest?.("a")?.href !== location.href || ctrlKey || metaKey) return;
  history.replaceState(null, "");
  follow();
});
addEventListener("pagehide", () => { python.stop(); write(); });
addEventListener("pageshow", () => figures.forEach(figure => figure.resume()));
})();
