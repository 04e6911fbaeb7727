// What a style sheet cannot do for a page on paper: tools/paper.py runs this in the page before it is printed.
// `name` is the page's path in the book; `site` the address the book is published under, or nothing.
({ name, site }) => {
  const article = document.querySelector(".bd-article");
  const make = (tag, kind, ...inside) => {
    const element = Object.assign(document.createElement(tag), { className: kind });
    element.append(...inside);
    return element;
  };
  const link = (href, ...inside) => Object.assign(make("a", "", ...inside), { href });
  const root = new URL(name.replace(/[^/]+/g, "..").replace(/\.\.$/, "."), location.href).href;
  const published = address => site ? site.replace(/\/$/, "") + "/" + address : "";

  // Links: on paper one must see which page is meant, and no address may be that of the server that only prints.
  const titles = new Map();
  for (const entry of document.querySelectorAll(".bd-sidebar-primary a.reference.internal"))
    titles.set(entry.pathname, entry.textContent.trim());
  for (const each of article.querySelectorAll("a[href]:not([href^='#'])")) {
    if (!each.href.startsWith(root)) continue;
    const title = titles.get(each.pathname), lists = /(glossary|references|library(\/\w+)?)\.html$/.test(each.pathname);
    if (title && !lists && !each.textContent.toLowerCase().includes(title.toLowerCase()))
      each.after(make("span", "ft-where", ` (“${title}”)`));
    if (site) each.href = published(each.href.slice(root.length));
    else each.removeAttribute("href");
  }

  article.querySelector(".ft-page")?.remove(); // what a page has around its text

  // Each Live: where its picture can be moved.
  for (const figure of article.querySelectorAll(".ft-live[data-table]")) {
    const spec = JSON.parse(figure.querySelector(".ft-spec").textContent);
    if (!spec.controls.length) continue;
    const [dial] = spec.controls, values = dial.default.map(index => dial.values[index]);
    const value = dial.kind === "toggles" ? values.join("") : values[0];
    const address = `${name}#${figure.dataset.name}.${dial.name}=${encodeURIComponent(value)}`;
    const words = figure.querySelector(".ft-shown"), parts = words.textContent.split(" · ").map(part => make("span", "ft-part", part));
    words.replaceChildren(...parts.flatMap((part, index) => index ? [" · ", part] : [part]),
      make("span", "ft-address", "Move it: ", site ? link(published(address), published(address)) : address));
  }

  // Predictions: question and choices stay; what each choice means, what follows and the code that computes the answer are one fold.
  for (const asked of article.querySelectorAll(".ft-predict")) {
    const fold = make("details", "", make("summary", "", "Answer")), choices = [...asked.querySelectorAll(":scope > details")];
    const then = asked.querySelector(".ft-then"), code = asked.closest(".cell")?.querySelector("details.hide");
    for (const choice of choices.sort((one, other) => ("right" in other.dataset) - ("right" in one.dataset))) {
      const words = choice.querySelector("p"), label = make("b", "", choice.querySelector("summary").textContent);
      fold.append(make("p", "", label, " ", ...words.childNodes));
      choice.remove();
    }
    if (then) fold.append(then);
    if (then) then.hidden = false;
    if (code) code.firstElementChild.remove();
    fold.append(...code?.childNodes ?? []);
    code?.remove();
    asked.querySelector(".ft-verdict")?.remove();
    fold.dataset.asked = asked.querySelector("legend").textContent;
    asked.append(fold);
  }

  // Folds: code is shown, so is what a version changes; answers go to the end, solutions after all hints.
  const chapter = name.startsWith("chapters/"), folded = [];
  const answers = make("section", chapter ? "ft-answers ft-apart" : "ft-answers", make("h2", "", "Answers"));
  for (const fold of article.querySelectorAll("details:not(.ft-story, .ft-challenge *)")) {
    const summary = fold.querySelector("summary"), title = summary.textContent.trim();
    if (fold.matches(".hide")) {
      summary.remove();
      fold.replaceWith(...fold.childNodes);
    } else if (/^What \w+ changes in/.test(title)) {
      summary.remove();
      fold.replaceWith(make("p", "ft-changes", title), make("div", "ft-change", ...fold.childNodes));
    } else folded.push({ fold, summary, title });
  }
  const numbered = [...folded].sort((one, other) => (one.title === "Solution") - (other.title === "Solution"));
  for (const { fold, summary, title } of folded) {
    const number = numbered.findIndex(each => each.fold === fold) + 1, asks = !/^(Hint|Solution|Answer)$/.test(title);
    let before = fold;
    while (before && !before.querySelector?.(":scope > strong")) before = before.previousElementSibling;
    const exercise = before?.querySelector("strong").textContent.match(/^\d+/)?.[0];
    const heading = fold.closest("section").querySelector("h1, h2, h3").firstChild.textContent;
    const asked = asks ? [...summary.cloneNode(true).childNodes]
      : fold.dataset.asked ? [fold.dataset.asked]
      : title === "Answer" ? [exercise ? `Question ${exercise}` : `Asked in “${heading}”`]
      : [exercise ? `${title}, exercise ${exercise}` : `${title}, “${heading}”`];
    const beside = !asks && fold.previousElementSibling?.matches(".ft-folded:not(.ft-asks)") ? fold.previousElementSibling : null;
    const place = beside ?? make("p", asks ? "ft-folded ft-asks" : "ft-folded");
    if (beside) place.append(" · ");
    else fold.before(place);
    if (asks) place.append(make("b", "", ...summary.childNodes), " ");
    place.append(/^(Hint|Solution)$/.test(title) ? `${title}: ` : "", link(`#ft-answer-${number}`, `Answer ${number}`));
    place.id ||= `ft-asked-${number}`;
    summary.remove();
    fold.remove();
    const answer = make("div", "ft-answer", make("p", "ft-asked", link(`#${place.id}`, `${number}.`), " ", ...asked), ...fold.childNodes);
    numbered[number - 1].answer = Object.assign(answer, { id: `ft-answer-${number}` });
  }
  article.querySelectorAll(".ft-folded").forEach(place => place.append(chapter ? ", at the end of the chapter." : ", at the end."));
  answers.append(...numbered.map(each => each.answer));
  if (folded.length) article.querySelector("section").append(answers);

  // Code: where a long line goes on, it goes on to the right of where it began.
  const at = (pre, offset) => {
    const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); offset -= node.length) if (offset <= node.length) return [node, offset];
  };
  for (const pre of article.querySelectorAll("pre")) {
    let stop = pre.textContent.length;
    for (const line of pre.textContent.split("\n").reverse()) {
      const start = stop - line.length, range = document.createRange();
      if (line.length > 80) {
        range.setStart(...at(pre, start));
        range.setEnd(...at(pre, stop));
        const whole = make("span", "ft-long", range.extractContents());
        whole.style.setProperty("--ft-hang", `${line.search(/\S|$/) + 4}ch`);
        range.insertNode(whole);
      }
      stop = start - 1;
    }
  }

  // Short code stays whole, and so does a short cell with what it prints.
  const lines = element => element.textContent.trim().split("\n").length;
  for (const pre of article.querySelectorAll("pre")) if (lines(pre) < 12) pre.classList.add("ft-whole");
  for (const cell of article.querySelectorAll("div.cell:has(div.cell_output pre):not(:has(.ft-picture, img))"))
    if ([...cell.querySelectorAll("pre")].reduce((sum, pre) => sum + lines(pre), 0) < 24) cell.classList.add("ft-whole");
}
