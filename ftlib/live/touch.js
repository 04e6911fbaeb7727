// Faults put by hand on a picture in a notebook: menus at its spots and at the lines of its story, as book/site/ft-faults.js has
// them in a page. All that is shown comes from touch.py; what is touched goes there, as the list of faults that it leaves.
function nearest(x, y) { // of the spots under a finger, the one that it is nearest to; they overlap
  const away = spot => {
    const length = spot.getTotalLength(), points = [...Array(21)].map((_, i) => spot.getPointAtLength(i * length / 20).matrixTransform(spot.getScreenCTM()));
    return Math.min(...points.map(point => Math.hypot(point.x - x, point.y - y)));
  };
  return document.elementsFromPoint(x, y).filter(each => each.matches(".ft-spots *")).sort((one, other) => away(one) - away(other))[0];
}

function render({ model, el }) {
  el.classList.add("ft-touch", "ft-new");
  el.innerHTML = model.get("frame");
  const [view, menu, status] = el.children, list = menu.querySelector("ul");
  let focus, touched = false; // focus: what had it, as a selector, for it comes anew with the next picture

  function show() {
    const line = view.querySelector(":focus")?.dataset.spot, to = focus ?? (line && `.ft-put[data-spot="${line}"]`);
    const open = view.querySelector(".ft-story")?.open, left = view.querySelector(".ft-scroll")?.scrollLeft;
    view.innerHTML = model.get("value");
    if (open) view.querySelector(".ft-story")?.setAttribute("open", "");
    if (left) view.querySelector(".ft-scroll")?.scroll(left, 0);
    if (to) (view.querySelector(to) ?? view.querySelector(".ft-faults button") ?? view).focus({ preventScroll: true });
    if (touched) status.textContent = view.querySelector("figcaption")?.textContent;
    focus = undefined;
    touched = false;
  }

  function put(change) {
    touched = true;
    el.classList.remove("ft-new");
    model.send({ faults: change([...view.querySelectorAll(".ft-faults [data-fault]")].map(({ dataset }) => dataset.fault)) });
  }

  view.addEventListener("click", ({ target: at, clientX, clientY }) => {
    const target = nearest(clientX, clientY) ?? at, line = target.matches("button");
    const { spot, fault } = target.closest("[data-spot], .ft-faults [data-fault]")?.dataset ?? {};
    if (fault) {
      focus = ".ft-faults button";
      return put(faults => faults.filter(other => other !== fault));
    }
    if (!spot) return;
    focus = line ? `.ft-put[data-spot="${spot}"]` : undefined;
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
    if (fault) put(faults => [...faults, fault]);
    if (fault || target === menu) menu.close(); // or beside it
  };
  menu.onclose = () => { if (!touched) focus = undefined; };
  el.onkeydown = event => { if (["Enter", " ", "Escape"].includes(event.key)) event.stopPropagation(); }; // the notebook has uses for them
  model.on("msg:custom", ({ copy }) => // for the reader to paste into a cell
    (navigator.clipboard?.writeText(copy) ?? Promise.reject()).then(() => model.send({ copied: true }), () => model.send({ copied: false })));
  model.on("change:value", show);
  show();
}

export default { render };
