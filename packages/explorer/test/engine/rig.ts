/** An engine and its page's end of the wire, in one thread. */
import { Engine } from '../../src/engine/engine.js';
import { connect, type Client } from '../../src/engine/client.js';
import type { Host } from '../../src/engine/host.js';
import type { Notice, Request, RunSetup, Side, Standing } from '../../src/protocol.js';

export interface Rig {
  readonly client: Client;
  readonly engine: Engine;
  /** What the engine has told unasked. */
  readonly notices: Notice[];
  open(setup: RunSetup, side?: Side): Promise<Standing>;
}

const host: Host = {
  breathe: () => new Promise(resolve => { setImmediate(resolve); }),
  now: () => 0,
  sleep: () => new Promise(resolve => { setImmediate(resolve); }),
};

export function rig(): Rig {
  const listeners: ((event: { readonly data: unknown }) => void)[] = [];
  const engine = new Engine(host, (message, transfer) => {
    // as a worker's messages arrive: a copy, for which buffers are handed over
    const data = structuredClone(message, { transfer: [...transfer] });
    queueMicrotask(() => { for (const listener of listeners) listener({ data }); });
  });
  const client = connect({
    postMessage: message => void engine.handle(structuredClone(message) as Request),
    addEventListener: (_, listener) => { listeners.push(listener); },
  });
  const notices: Notice[] = [];
  client.onNotice(notice => { notices.push(notice); });
  return { client, engine, notices, open: async (setup, side = 'a') => (await client.request('open', { side, setup })).standing };
}

/** A job of some pages on node 1 is stopped and moved to node 2; a read-only file that it has mapped stays. */
export const MOVING: RunSetup = {
  machine: { kind: 'own' }, tree: '10',
  script: {
    kind: 'scenario', name: 'moving.yaml', text: `
machine: { nodes: 4, pages: 256, cpus: 2, swap: 256 }
files: { /data/table: 2 }
tasks: { job: { node: 1, uid: 1000 } }
steps:
  - job: a = mmap(0, 4P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 4)
  - job: fd = open("/data/table", O_RDONLY, 0)
  - job: t = mmap(0, 2P, PROT_READ, MAP_SHARED, fd, 0)
  - job: load(t, 2)
  - batchd: kill(job, SIGSTOP)
  - batchd: migrate_pages(job, 1, {1}, {2})
  - batchd: kill(job, SIGCONT)
  - job: store(a, 4)
`,
  },
};
/** Steps of MOVING that are done when the pages have been moved. */
export const MOVED = 7;
/** Pid of its job. */
export const JOB = 8;
