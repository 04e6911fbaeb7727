// How Sphinx's search ranks what it finds (it takes this in the place of its own `Scorer`): the course before the words, the words before
// what is looked up.
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,

  score: found => {
    const [page, title, anchor, , score] = found;
    if (anchor && !title.includes(" > ")) found[1] = Scorer.named(page, title, anchor);
    const room = [["chapters/", 4], ["book/trust", -20], ["book/quizzes", -10], ["book/article", -10], ["book/references", anchor ? 0 : -30], ["book/glossary", anchor ? 0 : -10]];
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

// A name is known in other forms too: split-brain, heart beat, virtual nodes, linearisable, gossip protocol. The library's interface is
// shown to who asks for it, and where the course has nothing.
{
  const parse = Search._parseQuery, find = Search._performSearch, show = Search.query, all = new URLSearchParams(location.search).has("library");
  const short = name => name.toLowerCase().trim().replace(/(?<=.)(\s(algorithm|pattern|problem|protocol|theorem)s?|算法|协议|问题|定理)$/, "");
  const bare = name => new Stemmer().stemWord(short(name).replace(/[^\p{L}\p{N}]/gu, "").replaceAll("z", "s"));
  let course, found;

  Search._parseQuery = asked => {
    const names = Object.keys(Search._index.indexentries), own = short(asked), form = bare(asked);
    return [names.find(name => name === asked.toLowerCase().trim()) ?? names.find(name => bare(name) === form) ?? own, ...parse(own).slice(1)];
  };

  Search._performSearch = (...asked) => {
    found = find(...asked);
    course = found.filter(([page]) => !page.startsWith("book/library/"));
    return all || !course.length ? found : course;
  };

  Search.query = asked => {
    show(asked);
    if (all || course.length === found.length) return;
    if (!course.length) Search.output.insertAdjacentHTML("beforebegin", "<p>Only the library has it:</p>");
    else Search.output.insertAdjacentHTML("afterend", `<p><a href="?${new URLSearchParams({ library: "", q: asked })}">Search the library too</a></p>`);
  };
}
