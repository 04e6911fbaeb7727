// Python for the pictures of a page: one worker (ft-worker.js), started when it is first wanted, asked one question at a time, of
// each picture the last one only. An asker is told by its methods waits(stage, part, megabytes), answered(key, html, trouble, ms)
// and failed(why, again).
window.ftPython = (() => {
"use strict";
const here = document.currentScript.src;
const asked = new Map(); // figure: what it wants to know
let worker, ready, busy, never, last = 0, told = ["start"];

function start(functions) { // full names of the functions that it will be asked for
  if (worker || never) return;
  if (location.protocol === "file:") never = "browsers do not start it for a page opened from disk; for one from a web server they do.";
  else if (!window.Worker) never = "this browser has no workers.";
  if (never) return;
  const name = `ft-python-${Math.random()}`;
  const mine = worker = new Worker(new URL("ft-worker.js", here), { type: "module", name });
  worker.onmessage = ({ data }) => worker === mine && hear(data, name, mine);
  worker.onerror = event => { event.preventDefault(); worker === mine && fail(event.message || "its script could not be loaded."); };
  worker.postMessage({ functions: [...new Set(functions)] });
}

function hear({ alive, ready: booted, stage, part, megabytes, id, html, trouble, ms, failed, forever }, name, mine) {
  if (alive) navigator.locks.request(name, () => worker === mine && fail("it was stopped."));
  else if (stage) {
    told = [stage, part, megabytes];
    asked.forEach((_, figure) => figure.waits(...told));
  } else if (failed) {
    if (forever) never = failed;
    fail(failed);
  } else {
    if (booted) ready = true;
    if (id && id === busy?.id) {
      const { figure, question } = busy;
      busy = null;
      if (asked.get(figure)?.key === question.key) asked.delete(figure);
      figure.answered(question.key, html, trouble, ms);
    }
    next();
  }
}

function next() {
  if (!ready || busy || !asked.size) return;
  const [figure, question] = asked.entries().next().value;
  busy = { id: ++last, figure, question };
  worker.postMessage({ id: last, specification: question.specification, state: question.state });
  asked.forEach((_, figure) => figure.waits("compute"));
}

function stop() {
  worker?.terminate();
  worker = ready = busy = null;
  told = ["start"];
}

function fail(words) {
  const waiting = [...asked.keys()];
  stop();
  asked.clear();
  waiting.forEach(figure => figure.failed(words, !never));
}

return {
  start,
  stop,
  ask(figure, question) {
    asked.set(figure, question);
    start(question.functions);
    if (never) return fail(never);
    figure.waits(...ready ? ["compute"] : told);
    next();
  },
  forget: figure => asked.delete(figure), // an answer on its way is kept, but not waited for
  cancel(figure) {
    asked.delete(figure);
    if (busy?.figure === figure || !ready && !asked.size) stop();
    if (asked.size) start([...asked.values()][0].functions);
  },
};
})();
