// Python in a worker: boots Pyodide from ../pyodide/ beside this folder and draws the pictures that ft-live.js asks for.
// In:  {functions, build}  import their modules while booting;  {id, specification, state, search}  draw or search (see ftlib/live/worker.py).
// Out: {stage, part}  how far booting is;  {ready};  {id, html | trouble | found, ms};  {failed, forever}  it cannot go on, nor ever will.
const home = new URL("../pyodide/", self.location);
const OTHER = "it is of another build of this book; reload the page.";
const ROOM = `ft-python ${home.href}`; // where the browser keeps the memory of a Python that has started
let booting, python;

function fail(words, forever = false) {
  throw Object.assign(new Error(words), { forever });
}

function broken(error) {
  postMessage({ failed: String(error?.message || error).trim().split("\n").pop(), forever: error?.forever });
}

async function boot(functions, build) {
  if (!self.WebAssembly) fail("this browser does not run WebAssembly.", true);
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the smallest there is
  } catch {
    fail("the content policy of this site forbids it.", true);
  }
  let memory;
  const instantiate = WebAssembly.instantiateStreaming; // Pyodide waits for ever when it fails
  WebAssembly.instantiateStreaming = (...given) => instantiate(...given).then(made => {
    const room = made.instance.exports.memory; // as large as what is to be put back, for which Pyodide makes no room
    room?.grow(Math.max(0, Math.ceil(((memory?.length ?? 0) - room.buffer.byteLength) / 65536)));
    return made;
  }).catch(broken);
  const found = await fetch(new URL("ft-python.json", home)).catch(() => fail("it could not be fetched."));
  if (!found.ok) fail(`it could not be fetched (${found.status}).`);
  const { pyodide, bytes, integrity, figures } = await found.json();
  if (!bytes) fail("this copy of the book was built without it.", true);
  const library = Object.keys(bytes).find(name => name.includes(`-0${build}-`));
  if (!library) fail(OTHER, true);
  count(Object.entries(bytes).reduce((sum, [name, size]) => sum + (name.endsWith(".mjs") ? 0 : size), 0)); // imports are not seen
  const { loadPyodide } = await import(new URL("pyodide.mjs", home)).catch(() => fail("it could not be fetched."));
  const archive = fetch(new URL(library, home), { integrity }).then(got => got.arrayBuffer()).catch(() => null);
  const begin = memory => loadPyodide({ indexURL: home.href, ...memory ? { _loadSnapshot: memory } : { _makeSnapshot: true } });
  const key = new URL(`memory?${pyodide}&${library}`, home);
  memory = await kept(key);
  python = await begin(memory).catch(error => {
    if (!memory) throw error;
    memory = null; // it is spoilt
    return begin();
  });
  if (!await archive) fail("the library could not be fetched.");
  python.FS.writeFile(`/lib/${library}`, new Uint8Array(await archive)); // files are no part of the memory
  postMessage({ stage: "start", part: 1 });
  if (!memory) python.runPython(`import sys; sys.path.append("/lib/${library}")`);
  for (const name of functions) load(name.slice(0, name.lastIndexOf(".")));
  load("ftlib.live.worker");
  postMessage({ ready: true });
  performance.mark(memory ? "remembered" : "started");
  if (!memory) setTimeout(keep, 300, key, figures); // the first picture comes first
}

function load(module) {
  python.runPython(`import ${module}`);
}

// Starting takes seconds, and most of them pass until Python itself is in memory; so what is then in memory is kept, and the next start
// begins there: at once, for who soon leaves, and again with all figures loaded. It holds no object that JavaScript knows, hence no
// proxies here. It is not packed: to pack it takes ten times as long as to write it, to unpack it five times as long as to read it.
async function keep(key, figures) {
  try {
    const room = await caches.open(ROOM);
    for (const old of await room.keys()) await room.delete(old);
    await put(room, key);
    await pause(3000);
    for (const name of figures) {
      load(name);
      await pause(0); // who asks meanwhile is answered
    }
    await put(room, key);
  } catch {} // there is no room, or not in this browser: the next start takes as long as this one
}

async function put(room, key) {
  const memory = python.makeMemorySnapshot();
  await room.put(key, new Response(memory, { headers: { digest: await digest(memory) } }));
}

async function kept(key) {
  try {
    const found = await (await caches.open(ROOM)).match(key), memory = new Uint8Array(await found.arrayBuffer());
    if (await digest(memory) === found.headers.get("digest")) return memory;
  } catch {}
}

async function digest(memory) {
  return String(new Uint8Array(await crypto.subtle.digest("SHA-256", memory)));
}

function pause(milliseconds) {
  return new Promise(go => setTimeout(go, milliseconds));
}

function count(all) { // tell how much of what booting fetches has come
  const fetched = self.fetch;
  let come = 0;
  self.fetch = async (what, options) => {
    const response = await fetched(what, { ...options, cache: "no-cache" }); // it may be of an older build: ask whether it has changed
    if (!response.ok || !response.body) return response;
    const counted = response.body.pipeThrough(new TransformStream({
      transform(chunk, out) {
        come += chunk.length;
        postMessage({ stage: come < all ? "fetch" : "start", part: Math.min(come / all, 1), megabytes: all / 1e6 });
        out.enqueue(chunk);
      },
    }));
    return new Response(counted, response);
  };
}

self.onunhandledrejection = event => broken(event.reason);

self.onmessage = async ({ data: { functions, build, id, specification, state, search = 0 } }) => {
  try {
    await (booting ??= boot(functions, build));
    if (id === undefined) return;
    const start = performance.now(), drawn = JSON.parse(
      python.runPython(`ftlib.live.worker.answer(*${JSON.stringify([specification, state, search])})`)); // JSON's strings are Python's
    postMessage({ id, ...drawn, ms: performance.now() - start });
  } catch (error) {
    broken(error);
  }
};
