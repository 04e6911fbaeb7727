// What was read, kept in this browser only, and the keys. Without this script the pages lack both, and nothing else.
{
  const KEY = "ft-read", name = address => /\/chapters\/([^/]+)\.html$/.exec(address.split(/[?#]/)[0])?.[1];
  const kept = () => {
    try {
      return new Set([...JSON.parse(localStorage.getItem(KEY))].filter(each => typeof each === "string"));
    } catch {
      return new Set();
    }
  };

  const links = [...document.querySelectorAll(".bd-docs-nav a, .ft-map a")].filter(link => name(link.href));
  const sidebar = links.filter(link => link.closest(".bd-docs-nav"));
  const caption = sidebar[0]?.closest("ul").previousElementSibling;
  const count = caption?.appendChild(document.createElement("span"));
  const box = document.querySelector("[data-read]");
  const show = () => {
    const read = kept();
    for (const link of links) link.classList.toggle("ft-read", read.has(name(link.href)));
    const done = sidebar.filter(link => read.has(name(link.href))).length;
    if (count) count.textContent = done ? ` · ${done} of ${sidebar.length} read` : "";
    if (box) box.checked = read.has(name(location.href));
  };
  show();
  addEventListener("pageshow", show);
  addEventListener("storage", show);

  if (box) {
    box.parentElement.hidden = false;
    box.onchange = () => {
      const read = kept();
      box.checked ? read.add(name(location.href)) : read.delete(name(location.href));
      try {
        read.size ? localStorage.setItem(KEY, JSON.stringify([...read])) : localStorage.removeItem(KEY);
      } catch { /* a browser that keeps nothing */ }
      show();
    };
  }

  const help = () => document.querySelector("dialog[open]") || document.querySelector("#ft-keys").showModal();
  addEventListener("keydown", event => {
    const typing = event.target.closest?.("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) help();
  });
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.onclick = help;
  }

  // The book for offline: nothing is kept before the reader asks. Where no such worker can be (from disk), there is no button.
  const root = new URL(document.documentElement.dataset.content_root, location), workers = navigator.serviceWorker;
  const ours = () => workers.getRegistrations().then(all => all.find(each => each.scope === root.href));
  const offline = async () => {
    const said = await fetch(new URL("offline.json", root)).then(answer => answer.json()).catch(() => ({}));
    const size = said.bytes ? `${Math.round(said.bytes / 1e6)} MB` : "some 20 MB";
    let kept = await ours();
    const dialog = Object.assign(document.createElement("dialog"), { className: "ft-over", ariaLabel: "Keep for offline",
      innerHTML: `<h2>Keep for offline</h2><p role="status">${kept
        ? `This browser keeps the book: ${size}. A newer version takes its place when you are online.`
        : `All pages, their pictures, the search and Python for them: ${size}, once, kept in this browser. Notebooks that run are not among it.`}</p>
        <form method="dialog"><button>${kept ? "Remove it" : "Keep it"}</button> <button>Close</button></form>` });
    dialog.onclose = () => dialog.remove();
    document.body.append(dialog);
    dialog.showModal();
    const status = dialog.querySelector("p"), go = dialog.querySelector("button");
    go.onclick = async event => {
      event.preventDefault();
      go.disabled = true;
      try {
        if (kept) {
          await kept.unregister();
          for (const name of await caches.keys()) if (name.startsWith(`ft ${root.href} `)) await caches.delete(name);
          status.textContent = "Removed.";
          return;
        }
        status.textContent = `Fetching ${size} …`;
        // at a new address: one that was removed stays until its pages close, and would come back as it is, with nothing kept
        const worker = (await workers.register(new URL(`offline.js?${Date.now()}`, root))).installing;
        await new Promise((done, failed) => {
          const look = () => worker.state === "activated" ? done() : worker.state === "redundant" && failed();
          worker.addEventListener("statechange", look);
          look();
        });
        status.textContent = "Kept. These pages now open without a network.";
        kept = await ours();
        go.textContent = "Remove it";
      } catch {
        status.textContent = "It could not be fetched or kept. Nothing was changed.";
      }
      go.disabled = false;
    };
  };
  if (workers && location.protocol !== "file:") {
    for (const button of document.querySelectorAll("[data-offline]")) {
      button.hidden = false;
      button.onclick = offline;
    }
  }
}
