/**
 * The kernel's worker, made of parts. A page that was opened from a file may not start a worker from one, so its source is the text of functions that classic scripts have left here, handed to it as Blobs.
 */
import { workerPart } from './scripts.js';

/** What the worker says to its page before its own code hears of anything, and the page to it. */
interface PartWanted { readonly wantsPart: string }
interface PartGiven { readonly givenPart: string; readonly texts?: readonly string[]; readonly failure?: string }

/**
 * In the worker, before its code: modules of CommonJS, and `part()`, which asks the page for one that is not there. Its text goes over, so it uses nothing from outside.
 */
function loader(first: string): void {
  type Code = (part: (name: string) => Promise<void>, require: (name: string) => unknown, exports: object, module: { exports: object }) => void;
  const scope = self as unknown as { pmkitDefine: (name: string, code: Code) => void; importScripts(...urls: string[]): void; addEventListener(type: 'message', listener: (event: MessageEvent) => void): void; postMessage(message: unknown): void };
  const codes = new Map<string, Code>();
  const modules = new Map<string, { exports: object }>();
  const waiting = new Map<string, { done: Promise<void>; settle(failure?: string): void }>();
  scope.pmkitDefine = (name, code) => codes.set(name, code);

  const require = (path: string): unknown => {
    const name = path.replace(/^\.\//, '');
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const code = codes.get(name);
    if (code === undefined) throw new Error(`${name} is not here`);
    const module = { exports: {} };
    modules.set(name, module);
    code(part, require, module.exports, module);
    return module.exports;
  };
  const part = (name: string): Promise<void> => {
    if (codes.has(name)) return Promise.resolve();
    const asked = waiting.get(name);
    if (asked !== undefined) return asked.done;
    let settle: (failure?: string) => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      settle = failure => (failure === undefined ? resolve() : reject(new Error(failure)));
    });
    waiting.set(name, { done, settle });
    scope.postMessage({ wantsPart: name });
    return done;
  };
  scope.addEventListener('message', (event: MessageEvent) => {
    const { givenPart, texts, failure } = event.data as Partial<PartGiven>;
    if (givenPart === undefined) return;
    event.stopImmediatePropagation();
    // its own Blob: that of a page that was opened from a file is of another origin
    if (texts !== undefined) scope.importScripts(URL.createObjectURL(new Blob([...texts], { type: 'text/javascript' })));
    waiting.get(givenPart)?.settle(failure);
    waiting.delete(givenPart);
  });
  queueMicrotask(() => require(first));
}

/** A part and those that it needs, these first, less what the worker has. */
async function withNeeds(name: string, has: Set<string>): Promise<string[]> {
  if (has.has(name)) return [];
  has.add(name);
  const { needs, code } = await workerPart(name);
  const before = await Promise.all(needs.map(need => withNeeds(need, has)));
  // a method's text: `code(part,…){…}`
  return [...before.flat(), `pmkitDefine(${JSON.stringify(name)},({${code.toString()}}).code);\n`];
}

/** Starts the worker whose first part is `first`. */
export async function startWorker(first: string): Promise<Worker> {
  const has = new Set<string>();
  const texts = await withNeeds(first, has);
  const worker = new Worker(URL.createObjectURL(new Blob([`(${loader.toString()})(${JSON.stringify(first)});\n`, ...texts], { type: 'text/javascript' })));
  worker.addEventListener('message', event => {
    const { wantsPart } = event.data as Partial<PartWanted>;
    if (wantsPart === undefined) return;
    event.stopImmediatePropagation();
    const answer = (given: Omit<PartGiven, 'givenPart'>): void => worker.postMessage({ givenPart: wantsPart, ...given } satisfies PartGiven);
    withNeeds(wantsPart, has).then(more => answer(more.length === 0 ? {} : { texts: more }), (error: unknown) => answer({ failure: error instanceof Error ? error.message : String(error) }));
  });
  return worker;
}
