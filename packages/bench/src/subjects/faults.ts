/** Memory that is touched, forked and swapped. */
import { settle, type Task } from '@pmkit/mm-core';
import { must, Rig, roomFor, uniform } from '../machines.js';
import { Columns } from '../rooflines/columns.js';
import { firstTouch, fork, swapThrough } from '../rooflines/faults.js';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

/** Bytes of memory that a page takes, in a machine and in the columns beside it. */
const BYTES_A_PAGE = 90;
const FIRST_TOUCH = 'page 8 stores; pte 1 load, 1 store; neighbours on the list 1 load, 2 stores';

/** A machine and columns that nothing has ever written to, for each sample. */
function cold(environment: Environment): Prepared {
  const pages = environment.size;
  let start = (): void => undefined;
  let columns = new Columns(pages, 1);
  return {
    before: () => {
      const rig = new Rig(environment, uniform(1, roomFor(pages)));
      const job = rig.job();
      const address = rig.map(job, pages);
      start = () => rig.touch(job, address, pages);
    },
    operation: () => {
      start();
      return pages;
    },
    beforeRoofline: () => {
      columns = new Columns(pages, 1);
      columns.link(pages, 0, 0);
    },
    roofline: () => firstTouch(columns, pages),
  };
}

const touchCold: SubjectText = {
  name: 'touch-cold', title: 'First touch of memory that was never used: the computer gives the pages of the columns too', unit: 'page', shown: 'rate', kernels: true,
  size: { of: 'pages', full: 500_000, quick: 2000 }, goals: [{ of: 'rate', limit: 3e6 }], roofline: FIRST_TOUCH, prepare: cold,
};

/** Memory that was unmapped before is mapped and touched again. */
function warm(environment: Environment): Prepared {
  const pages = environment.size;
  const rig = new Rig(environment, uniform(1, roomFor(pages)));
  const job = rig.job();
  let address = rig.map(job, pages);
  rig.touch(job, address, pages);
  const columns = new Columns(pages, 1);
  return {
    before: () => {
      rig.unmap(job, address, pages);
      address = rig.map(job, pages);
    },
    operation: () => {
      rig.touch(job, address, pages);
      return pages;
    },
    beforeRoofline: () => {
      columns.ptes.fill(0);
      columns.link(pages, 0, 0);
    },
    roofline: () => firstTouch(columns, pages),
  };
}

const touchWarm: SubjectText = {
  name: 'touch-warm', title: 'First touch of memory that somebody had before', unit: 'page', shown: 'rate', kernels: true, amongLevelsFrom: 0,
  size: { of: 'pages', full: 500_000, quick: 2000 }, memory: pages => pages * BYTES_A_PAGE, goals: [{ of: 'rate', limit: 8e6 }], roofline: FIRST_TOUCH, prepare: warm,
};

/** A child that gets the page tables of a process with so much memory; the one before it is gone. */
function forking(environment: Environment): Prepared {
  const pages = environment.size;
  const rig = new Rig(environment, uniform(1, roomFor(pages)));
  const job = rig.job();
  rig.touch(job, rig.map(job, pages), pages);
  const columns = new Columns(pages);
  columns.ptes.forEach((_, i, ptes) => (ptes[i] = i));
  const table = new Uint32Array(pages);
  let child = 0;
  return {
    before: () => {
      if (child === 0) return;
      must(rig.k, rig.scheduler, 'kill', child, 9);
      must(rig.k, job, 'wait4', child, null, 0);
    },
    operation: () => {
      child = must(rig.k, job, 'fork');
      return pages;
    },
    roofline: () => fork(columns, table, pages),
  };
}

const forkMemory: SubjectText = {
  name: 'fork', title: 'fork() of a process with private memory', unit: 'page', shown: 'rate', kernels: true, size: { of: 'pages', full: 500_000, quick: 2000 },
  roofline: 'pte of the parent 1 load, 1 store, of the child 1 store; page 2 loads, 2 stores', prepare: forking,
};

/** How much more memory is used in turn than there is. */
const OVERCOMMIT = 1.25;
/** Pages between two pauses in which kswapd and the disk keep up: who takes all free pages at once is killed by 2.6.12, since nothing dirty can be freed at once. */
const PAGES_AT_A_TIME = 8;

function touchWithPauses(rig: Rig, job: Task, address: number, pages: number): void {
  for (let at = 0; at < pages; at += PAGES_AT_A_TIME) {
    rig.touch(job, address + at * rig.k.m.PAGE_SIZE, Math.min(PAGES_AT_A_TIME, pages - at));
    settle(rig.k);
  }
}

/** A process goes round memory that is larger than the machine: each page comes from swap, and another goes there. */
function reclaim(environment: Environment): Prepared {
  const frames = environment.size;
  const pages = Math.floor(frames * OVERCOMMIT);
  const rig = new Rig(environment, uniform(1, frames), pages * 2);
  const { page_state } = rig.k.m;
  const job = rig.job();
  const address = rig.map(job, pages);
  touchWithPauses(rig, job, address, pages);
  const { PAGE_SIZE } = rig.k.m;
  const step = Math.floor(pages / 8);
  let at = 0;

  // the first pages are in memory, the oldest first; the one after them is the next to be wanted
  let from = frames;

  const columns = new Columns(frames, 1, pages);
  columns.link(frames, 0, frames);
  columns.ptes.forEach((_, i, ptes) => (ptes[i] = i));
  columns.index.forEach((_, i, index) => (index[i] = i));
  const swapMap = new Uint8Array(pages);
  const slots = new Uint32Array(pages);
  return {
    operation: () => {
      const before = page_state.pswpin;
      touchWithPauses(rig, job, address + at * step * PAGE_SIZE, step);
      at = (at + 1) % 8;
      return page_state.pswpin - before;
    },
    roofline: () => {
      swapThrough(columns, swapMap, slots, from, step);
      from = (from + step) % pages;
    },
  };
}

const reclaimUnderPressure: SubjectText = {
  name: 'reclaim', title: 'Reclaim: a process goes round memory a quarter larger than the machine, all of it through swap', unit: 'page swapped in', shown: 'rate', kernels: true,
  size: { of: 'frames', full: 65_536, quick: 8192 },
  roofline: 'of the page that goes and the one that comes: pte 3 loads, 3 stores; swap slot 2 stores; swap cache 4 stores; page 2 loads, 13 stores; neighbours on the list', prepare: reclaim,
};

export const subjects = subjectsOf(import.meta.url, [touchCold, touchWarm, forkMemory, reclaimUnderPressure]);
