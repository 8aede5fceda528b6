/** The kernel's worker: requests of the page in, answers and notices out. */
import { Engine } from './engine/engine.js';
import type { Request } from './protocol.js';

/** What a worker has of its own; the library is compiled without the types of a browser. */
interface Scope {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  setTimeout(callback: () => void, ms: number): unknown;
  readonly performance: { now(): number };
}
const scope = globalThis as unknown as Scope;

/** A turn of the event loop by a message: a timer waits for some ms. */
const turns = new MessageChannel();
const waiting: (() => void)[] = [];
turns.port1.addEventListener('message', () => { waiting.shift()?.(); });
turns.port1.start();
const breathe = (): Promise<void> => new Promise(resolve => {
  waiting.push(resolve);
  turns.port2.postMessage(null);
});
const sleep = (ms: number): Promise<void> => new Promise(resolve => scope.setTimeout(resolve, ms));

const engine = new Engine(
  { breathe, now: () => scope.performance.now(), sleep },
  (message, transfer) => { scope.postMessage(message, transfer); },
);
scope.addEventListener('message', ({ data }) => void engine.handle(data as Request));
scope.postMessage({ notice: 'ready' }, []);
