// Python in a worker: boots Pyodide from ../pyodide/ beside this folder and draws the pictures that ft-live.js asks for.
// In:  {functions, build}  import their modules while booting;  {id, specification, state}  draw (see ftlib/live/worker.py).
// Out: {stage, part}  how far booting is;  {ready};  {id, html | trouble, ms};  {failed, forever}  it cannot go on, nor ever will.
const home = new URL("../pyodide/", self.location);
const OTHER = "it is of another build of this book; reload the page.";
let booting, answer;

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
  const instantiate = WebAssembly.instantiateStreaming; // Pyodide waits for ever when it fails
  WebAssembly.instantiateStreaming = (...given) => instantiate(...given).catch(broken);
  const found = await fetch(new URL("ft-python.json", home)).catch(() => fail("it could not be fetched."));
  if (!found.ok) fail(`it could not be fetched (${found.status}).`);
  const { bytes } = await found.json();
  if (!bytes) fail("this copy of the book was built without it.", true);
  const ours = name => name.includes(`-0${build}-`);
  if (!Object.keys(bytes).some(ours)) fail(OTHER, true);
  count(Object.entries(bytes).reduce((sum, [name, size]) => sum + (name.endsWith(".mjs") ? 0 : size), 0)); // imports are not seen
  const { loadPyodide } = await import(new URL("pyodide.mjs", home)).catch(() => fail("it could not be fetched."));
  const python = await loadPyodide({ indexURL: home.href, packages: ["ftlib"] });
  if (!ours(python.lockfile.packages.ftlib.file_name)) fail(OTHER, true);
  postMessage({ stage: "start", part: 1 });
  const importing = python.pyimport("importlib").import_module;
  for (const name of functions) importing(name.slice(0, name.lastIndexOf(".")));
  answer = importing("ftlib.live.worker").answer;
  postMessage({ ready: true });
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

self.onmessage = async ({ data: { functions, build, id, specification, state } }) => {
  try {
    await (booting ??= boot(functions, build));
    if (id === undefined) return;
    const start = performance.now(), drawn = JSON.parse(answer(specification, state));
    postMessage({ id, ...drawn, ms: performance.now() - start });
  } catch (error) {
    broken(error);
  }
};
