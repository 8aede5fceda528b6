/** The stack: linking its levels, pushing and popping patches. */
import { createMachine } from '@pmkit/mm-core';
import { goTo, kernelAt, levels, TOP_LEVEL } from '@pmkit/series/levels';
import { Rig, roomFor, uniform } from '../machines.js';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

/** The kernels of all levels over one machine. */
function link(): Prepared {
  const m = createMachine(uniform(1, 1024));
  return {
    operation: () => {
      for (let level = 0; level <= TOP_LEVEL; level++) kernelAt(level, m);
      return levels.length;
    },
  };
}
const LINK = { unit: 'level', shown: 'time', kernels: false, size: { of: 'levels', full: levels.length, quick: levels.length }, prepare: link } as const;

const linkFirst: SubjectText = {
  ...LINK, name: 'link-first', title: 'All eleven levels linked, for the first time in a process', cold: true, samples: 5,
  goals: [{ of: 'ms', limit: 5 }],
};
const linkAgain: SubjectText = { ...LINK, name: 'link-again', title: 'All eleven levels linked again' };

/** A running machine whose stack goes from no patch to all and back. */
function pushPop(environment: Environment): Prepared {
  const pages = environment.size;
  const rig = new Rig({ ...environment, level: 0 }, uniform(2, roomFor(pages)), pages);
  const job = rig.job();
  rig.touch(job, rig.map(job, pages), pages);
  let level = 0;
  return {
    operation: () => {
      level = TOP_LEVEL - level;
      goTo(rig.k, level);
      return TOP_LEVEL;
    },
  };
}

const pushAndPop: SubjectText = {
  name: 'push-pop', title: 'All ten patches pushed on a running machine, or popped', unit: 'patch', shown: 'time', kernels: false, size: { of: 'pages of the job', full: 10_000, quick: 1000 },
  goals: [{ of: 'ms', limit: 50 }], prepare: pushPop,
};

export const subjects = subjectsOf(import.meta.url, [linkFirst, linkAgain, pushAndPop]);
