// How Sphinx's search ranks what it finds (it takes this in the place of its own `Scorer`): the course before the words, the words before
// what is looked up, the library's interface last.
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,

  score: found => {
    const [page, title, anchor, , score] = found;
    if (anchor && !title.includes(" > ")) found[1] = Scorer.named(page, title, anchor);
    const room = [["chapters/", 4], ["book/library", -1000], ["book/trust", -20], ["book/quizzes", -10], ["book/article", -10], ["book/references", anchor ? 0 : -30], ["book/glossary", anchor ? 0 : -10]];
    return score + (room.find(([start]) => page.startsWith(start))?.[1] ?? 0);
  },

  // an entry of the index is found with the name of its page only: the heading it stands below says more
  named: (page, title, anchor) => {
    if (!Scorer.headings) {
      Scorer.headings = new Map();
      for (const [heading, places] of Object.entries(Search._index.alltitles)) {
        for (const [file, id] of places) Scorer.headings.set(`${Search._index.docnames[file]}#${id}`, heading);
      }
    }
    const heading = Scorer.headings.get(page + anchor);
    return heading ? `${title} > ${heading}` : title;
  },
};
