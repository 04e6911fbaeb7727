// Links of a notebook lead to pages of the book, in the folder around JupyterLite's; JupyterLab takes every relative one for a file
// of its own, below files/.
{
  const lite = new URL("../", location);
  const files = new URL("files/", lite).href, book = new URL("../", lite).href;

  const page = target => {
    const link = target.closest?.(".jp-RenderedMarkdown a[href]");
    if (link?.href.startsWith(files)) {
      link.href = book + link.href.slice(files.length);
      link.dataset.book = true;
    }
    return link?.dataset.book;
  };

  // before it is followed, or copied, or shown in the status bar
  for (const type of ["pointerover", "focusin"]) addEventListener(type, event => page(event.target), true);
  // JupyterLab's own listener would look for the file
  for (const type of ["click", "auxclick"]) addEventListener(type, event => page(event.target) && event.stopImmediatePropagation(), true);
}

// Menus by finger. They take what a pointer has moved over before it came down, and a finger has moved over nothing. When it comes up, it
// leaves the menu, which would close the submenu that it has just opened; its click is for what lies below the menu that was.
{
  const MENU = ".lm-Menu-item, .lm-MenuBar.lm-mod-active .lm-MenuBar-item:not(.lm-mod-active)";
  const stop = event => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  let item;
  addEventListener("pointerdown", event => {
    item = event.target.closest?.(MENU);
    item?.dispatchEvent(new PointerEvent("pointermove", event));
    // or the bar, which is higher than it looks where the window is narrow, takes it for its own, and closes
    if (item) stop(event);
  }, true);
  addEventListener("pointerleave", event => event.pointerType === "touch" && event.target.matches?.(".lm-Menu:has(~ .lm-Menu)") && stop(event), true);
  addEventListener("click", event => item && event.detail && stop(event), true);  // without detail: a key's, a script's
}
