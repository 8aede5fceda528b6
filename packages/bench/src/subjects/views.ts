/** Calls that set and ask policies, and what shows where memory is. */
import { MPOL_BIND, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE } from '@pmkit/mm-core/include/linux/mempolicy';
import { PROC_PID_FILES } from '@pmkit/machine/views';
import { maskOf, must, Rig, roomFor, uniform } from '../machines.js';
import { Columns } from '../rooflines/columns.js';
import { count } from '../rooflines/faults.js';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

/** mbind() of memory, set_mempolicy(), get_mempolicy() of an address, in turn. */
function policies(environment: Environment): Prepared {
  const PAGES = 16;
  const rig = new Rig(environment, uniform(4, roomFor(64)));
  const { k } = rig;
  const job = rig.job();
  const address = rig.map(job, PAGES);
  rig.touch(job, address, PAGES);
  const bind = [maskOf([1]), maskOf([2])] as const;
  const interleave = maskOf([0, 1, 2, 3]);
  const node = { value: 0 };
  return {
    operation: () => {
      for (let call = 0; call < environment.size; call += 3) {
        must(k, job, 'mbind', address, PAGES * k.m.PAGE_SIZE, MPOL_BIND, ...bind[call % 2 === 0 ? 0 : 1], 0);
        must(k, job, 'set_mempolicy', MPOL_INTERLEAVE, ...interleave);
        must(k, job, 'get_mempolicy', node, null, 0, address, MPOL_F_NODE | MPOL_F_ADDR);
      }
      return environment.size;
    },
  };
}

const policyCalls: SubjectText = {
  name: 'policy-calls', title: 'mbind(), set_mempolicy() and get_mempolicy() in turn', unit: 'call', shown: 'rate', kernels: true, size: { of: 'calls', full: 30_000, quick: 300 }, prepare: policies,
};

/** /proc/PID/numa_maps of a process with so much memory. */
function numaMaps(environment: Environment): Prepared {
  const pages = environment.size;
  const rig = new Rig(environment, uniform(2, roomFor(pages)));
  const job = rig.job();
  rig.touch(job, rig.map(job, pages), pages);
  const columns = new Columns(pages);
  columns.ptes.forEach((_, i, ptes) => (ptes[i] = i));
  return {
    operation: () => {
      if (!PROC_PID_FILES.numa_maps.text(rig.k, job).includes(`N0=${pages}`)) throw new Error('numa_maps does not show the job');
      return pages;
    },
    roofline: () => {
      if (count(columns, pages) !== 0) throw new Error('the columns are not empty');
    },
  };
}

const numaMapsOfJob: SubjectText = {
  name: 'numa-maps', title: '/proc/PID/numa_maps', unit: 'page', shown: 'rate', kernels: false, size: { of: 'pages', full: 1_000_000, quick: 5000 },
  roofline: 'pte, flags, mapping and _mapcount: a load each', prepare: numaMaps,
};

export const subjects = subjectsOf(import.meta.url, [policyCalls, numaMapsOfJob]);
