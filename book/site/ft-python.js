// Python for the pictures of a page: one worker (ft-worker.js), started when it is first wanted, asked one question at a time, of
// each picture the last one only. An asker is told by its methods waits(stage, part, megabytes), answered(key, html, trouble, ms, found)
// and failed(stage, why, again). A worker that says nothing for too long, because it was killed or hangs, is given up.
window.ftPython = (() => {
"use strict";
const here = document.currentScript.src;
const asked = new Map(); // figure: what it wants to know
const SILENCE = { start: 60, compute: 30 }; // seconds that it may say nothing
let worker, ready, busy, never, limit, last = 0, told = ["start"];

function start(functions, build) { // full names of the functions that it will be asked for, and of which build
  if (worker || never) return;
  if (location.protocol === "file:") {
    never = "browsers do not start it for a page opened from disk; for one from a web server they do.";
    return;
  }
  const mine = worker = new Worker(new URL(`ft-worker.js?${build}`, here), { type: "module" });
  worker.onmessage = ({ data }) => worker === mine && hear(data);
  worker.onerror = event => { event.preventDefault(); worker === mine && fail(event.message || "its script could not be loaded."); };
  worker.postMessage({ functions: [...new Set(functions)], build });
  watch();
}

function watch() {
  const stage = ready ? "compute" : "start";
  clearTimeout(limit);
  if (worker && (busy || !ready)) limit = setTimeout(() => fail(`it said nothing for ${SILENCE[stage]} seconds.`), SILENCE[stage] * 1000);
}

function hear({ ready: booted, stage, part, megabytes, id, html, trouble, ms, found, failed, forever }) {
  if (stage) {
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
      figure.answered(question.key, html, trouble, ms, found);
    }
    next();
  }
  watch();
}

function next() {
  if (!ready || busy || !asked.size) return;
  const [figure, question] = asked.entries().next().value;
  busy = { id: ++last, figure, question };
  watch();
  worker.postMessage({ id: last, specification: question.specification, state: question.state, search: question.search });
  asked.forEach((_, figure) => figure.waits("compute"));
}

function stop() {
  clearTimeout(limit);
  worker?.terminate();
  worker = ready = busy = null;
  told = ["start"];
}

function fail(words) {
  const waiting = [...asked.keys()], stage = ready ? "compute" : "start";
  stop();
  asked.clear();
  waiting.forEach(figure => figure.failed(stage, words, !never));
}

return {
  start,
  stop,
  ask(figure, question) {
    asked.set(figure, question);
    start(question.functions, question.build);
    if (never) return fail(never);
    figure.waits(...ready ? ["compute"] : told);
    next();
  },
  forget: figure => asked.delete(figure), // an answer on its way is kept, but not waited for
  cancel(figure) {
    asked.delete(figure);
    if (busy?.figure === figure || !ready && !asked.size) stop();
    const [next] = asked.values();
    if (next) start(next.functions, next.build);
  },
};
})();
