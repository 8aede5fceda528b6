/** Figures at several sizes: whether the cost grows as the size does. */
import { findSubject } from './subjects/index.js';
import type { Subject } from './subject.js';

export interface Curve {
  readonly name: string;
  readonly subject: Subject;
  /** What grows. */
  readonly by: string;
  readonly sizes: readonly number[];
  /** Why the curve need not be straight. */
  readonly reason?: string;
}

/** An exponent above this is a curve that bends upwards. */
export const STRAIGHT = 1.05;

const powers = (base: number, first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => base ** (first + i));

function curve(name: string, subject: string, by: string, sizes: readonly number[], reason?: string): Curve {
  const found = findSubject(subject);
  if (found === undefined) throw new RangeError(`curve ${name}: no subject is called ${subject}`);
  return { name, subject: found, by, sizes, ...(reason === undefined ? {} : { reason }) };
}

export const curves: readonly Curve[] = [
  curve('pages-migrate', 'migrate-anonymous', 'pages', powers(10, 4, 8)),
  curve('pages-touch', 'touch-warm', 'pages', powers(10, 4, 8)),
  curve('pages-numa-maps', 'numa-maps', 'pages', powers(10, 4, 7)),
  curve('nodes-boot', 'boot-nodes', 'nodes', powers(2, 1, 8), 'every node has a list of the zones of all nodes, nearest first: n × n entries, and 2.6.12 looks at all nodes to find the next of each'),
  curve('nodes-migrate', 'migrate-nodes', 'nodes', powers(2, 1, 8)),
  curve('processes-migrate', 'migrate-processes', 'processes', powers(10, 0, 4)),
  curve('vmas-migrate', 'migrate-vmas', 'vmas', [1, ...powers(4, 2, 8)]),
  curve('vmas-adjacent', 'migrate-adjacent-vmas', 'vmas', powers(4, 1, 6),
    'vmas side by side share an anon_vma, as in 2.6.12, so that they could become one again; to find who maps a page, its list of vmas is gone along until the page is not mapped any more'),
];
