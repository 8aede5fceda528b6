/** The scripts and races that the page offers by itself. */
import type { Script } from '../protocol.js';

/** `script` as a function takes the text of scenarios/overview.sh. */
export interface OfferedScript { readonly name: string; readonly title: string; readonly script: Script | ((overview: string) => Script) }

const END = 'END_OF_OVERVIEW';

/** The overview's sequence of events as a file on the machine's disk, and a call of it. */
const overview = (text: string): Script => ({ kind: 'console', name: 'overview', lines: [`cat > overview.sh <<'${END}'`, ...text.trimEnd().split('\n'), END, 'bash overview.sh 4-7 8-11 8'] });

/** A job with a little of each kind of memory is stopped, moved from nodes 0-1 to 2-3 and goes on: what the tour walks through. */
export const TOUR_SCENARIO = `machine: { nodes: 4, pages: 256, cpus: 2, swap: 256 }
files: { /data/result: 8, /data/table: 8 }
tasks: { job: { node: 0, uid: 1000 }, urgent: { node: 0, uid: 1001 } }
steps:
  - job: set_mempolicy(MPOL_INTERLEAVE, mask{0,1}, 257)
  - job: a = mmap(0, 24P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 24)
  - job: fd = open("/data/result", O_RDWR, 0)
  - job: r = mmap(0, 8P, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)
  - job: store(r, 8)
  - job: fd2 = open("/data/table", O_RDONLY, 0)
  - job: t = mmap(0, 8P, PROT_READ, MAP_SHARED, fd2, 0)
  - job: load(t, 8)
  - batchd: kill(job, SIGSTOP)
  - urgent: u = mmap(0, 16P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - urgent: store(u, 16)
  - urgent: migrate_pages(job, 2, {0, 1}, {2, 3})
  - batchd: migrate_pages(job, 2, {0, 1}, {2, 3})
  - batchd: kill(job, SIGCONT)
  - job: b = mmap(0, 8P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(b, 8)
  - job: load(a, 24)
`;

/** The same with the read-only table marked by mbind() before the move. */
const MARKED_SCENARIO = TOUR_SCENARIO.replace('  - job: load(t, 8)\n', '  - job: load(t, 8)\n  - job: mbind(t, 8P, MPOL_DEFAULT, NULL, 0, MPOL_MF_DO_MMIGRATE)\n');

/** A large job is stopped, moved and goes on. */
const MILLION = `machine: { nodes: 2, pages: 1048576, cpus: 1, swap: 1048576 }
tasks: { job: { node: 0 } }
steps:
  - job: a = mmap(0, 1000000P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 1000000)
  - batchd: kill(job, SIGSTOP)
  - batchd: migrate_pages(job, 1, {0}, {1})
  - batchd: kill(job, SIGCONT)
`;

export const SCRIPTS: readonly OfferedScript[] = [
  { name: 'tour', title: 'The overview in small: a job is stopped, moved and goes on', script: { kind: 'scenario', name: 'tour', text: TOUR_SCENARIO } },
  { name: 'marked', title: 'The same, with the read-only table marked to be moved', script: { kind: 'scenario', name: 'marked', text: MARKED_SCENARIO } },
  { name: 'overview', title: 'The overview\'s sequence of events, in bash', script: overview },
  { name: 'million', title: 'A job of a million pages is moved', script: { kind: 'scenario', name: 'million', text: MILLION } },
  { name: 'shell', title: 'An empty console', script: { kind: 'console', name: 'shell', lines: [] } },
];

/** Sentences for the races whose replay files are in races/. */
export const RACES: Readonly<Record<string, string>> = {
  'eagain-leaks-reference': 'A page that cannot be moved keeps a reference too many',
  'enospc-loses-pages': 'Pages that were collected are lost when the call gives up',
  'il-next-outside-policy': 'The next node of an interleave policy lies outside of the policy',
  'killed-by-vm': 'A job that runs while it is moved is killed by the VM',
  'page-in-pagevec': 'A page that waits for the LRU in a pagevec: BUG()',
  'task-freed': 'The process exits while it is moved',
};
