import { parseRecording, type Recording } from '../../src/conformance/recording.js';

/** An operation as it stands in the file. */
export interface Step { readonly op: string; readonly [field: string]: unknown }

/** What a recording says of the machine: nodes of 128 MB with a CPU each. */
export function bootOf(nodes = 4): object {
  const ids = Array.from({ length: nodes }, (_, id) => id);
  return {
    kernel: 'Linux 6.1', zones: ids.map(id => `${id}:DMA32=32768`).join(' '), dmesg: ids.map(id => `Fallback order for Node ${id}: ${[...ids.slice(id), ...ids.slice(0, id)].join(' ')} `),
    nodes: Object.fromEntries(ids.map(id => [id, { MemTotal_kB: 128_604, cpus: String(id), distance: ids.map(other => (other === id ? 10 : 20)).join(' ') }])),
  };
}
export function recordingOf(steps: readonly Step[], nodes = 4): Recording {
  return parseRecording('a.json', JSON.stringify({ scenario: 'a', title: 'made up', boot: bootOf(nodes), results: steps.map((step, i) => ({ i, ...step })) }));
}

/** A region of private anonymous memory of one vma, all of whose pages of `pg` are dirty. */
export function region(pg: string, { pol = 'default', perm = 'rw-p', pages = pagesOf(pg), ...counts }: { pol?: string; perm?: string; pages?: number; anon?: number; dirty?: number; mapmax?: number } = {}): object {
  const present = [...pg.matchAll(/(?:^| )p?(\d+)(?:\*(\d+))?/g)];
  const N: Record<string, number> = {};
  for (const [, node, run] of present) N[node!] = (N[node!] ?? 0) + Number(run ?? 1);
  const total = Object.values(N).reduce((sum, count) => sum + count, 0);
  return { pg, vmas: [{ at: `0+${pages}`, perm, pol, ...(total > 0 ? { anon: total, dirty: total } : {}), ...counts, N }] };
}
const pagesOf = (pg: string): number => pg.split(' ').reduce((sum, run) => sum + Number(/\*(\d+)$/.exec(run)?.[1] ?? 1), 0);
