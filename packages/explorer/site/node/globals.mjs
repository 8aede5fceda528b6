/** Globals of Node that the console counts on; loaded before anything that uses them. */
import { Buffer } from 'buffer/index.js';

globalThis.Buffer ??= Buffer;
globalThis.process ??= { browser: true, env: {}, platform: 'linux', versions: {}, argv: [], execArgv: [], cwd: () => '/', nextTick: (callback, ...args) => globalThis.queueMicrotask(() => callback(...args)), on: () => undefined };

/** A turn of the event loop; a timer of 0 ms would wait for 4 once timers start timers. */
const waiting = [];
const channel = new globalThis.MessageChannel();
channel.port1.onmessage = () => waiting.shift()?.();
globalThis.setImmediate ??= (callback, ...args) => {
  waiting.push(() => callback(...args));
  channel.port2.postMessage(0);
};
