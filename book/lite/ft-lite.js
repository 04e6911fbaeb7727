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
