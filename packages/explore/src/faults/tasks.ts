/** What the target of a migration, or somebody who is about, does in the middle of it. */
import { parseCall } from '@pmkit/series/scenario';
import * as signals from '@pmkit/mm-core/include/linux/sched';
import { stepTask } from '../world/world.js';
import { actorOf, nodeOf, refuse, somebody, taskOf, wayThrough, type Arm } from './site.js';

/** A task makes a system call in place of going on with what it does, when it is in user mode between two of its operations. */
function calls(text: (parameters: readonly string[]) => string): Arm {
  return site => {
    const { fault } = site;
    const actor = actorOf(site, fault.parameters[0]!);
    const step = { ...parseCall(text(fault.parameters.slice(1))), task: actor.name, line: 0, text: fault.text };
    return {
      pages: [], left: 0,
      can: () => actor.path === null && actor.done === 0 && actor.next < actor.ops.length && actor.task.state === 'R',
      begin: world => {
        actor.ops = [...actor.ops.slice(0, actor.next), { step, access: null }, ...actor.ops.slice(actor.next)];
        stepTask(world, actor);
        return undefined;
      },
    };
  };
}

export const exit = calls(() => 'exit(1)');
export const fork = calls(() => 'fork()');
export const munmap = calls(([address, pages = '1']) => `munmap(${address!}, ${pages}P)`);
/** maxnode is one more than there are node ids, as get_nodes() of 2.6.12 wants it. */
export const setMempolicy = calls(([mode, nodes = '']) => `set_mempolicy(MPOL_${mode!.toUpperCase()}, ${nodes === '' ? 'NULL, 0' : `mask{${nodes}}, 257`})`);

export const kill: Arm = site => {
  const [name, signal = 'SIGKILL'] = site.fault.parameters;
  const { pid } = taskOf(site, name!);
  const number = signal.startsWith('SIG') ? (signals as unknown as Readonly<Record<string, number>>)[signal] : Number(signal);
  if (typeof number !== 'number') refuse(site, `there is no signal ${signal}`);
  const { k } = site;
  return { pages: [], left: 0, who: somebody(site), can: () => true, begin: () => k.sys_kill(pid, number!) };
};

const CPUSET = '/fault';

/** Before the race the task is moved into a cpuset of its own that has everything; the fault takes nodes away from that. */
export const cpuset: Arm = site => {
  const { k } = site;
  const { m } = k;
  const [name, nodes] = site.fault.parameters;
  const { pid } = taskOf(site, name!);
  for (const node of nodes!.split(',')) nodeOf(site, node);
  if (!m.config.CONFIG_CPUSETS) refuse(site, 'the kernel has no cpusets');
  const who = somebody(site);
  const path = `${CPUSET}${who.pid}`;
  k.cpuset_mkdir(path);
  k.cpuset_write(path, 'mems', m.node_ids.join(','));
  k.cpuset_write(path, 'cpus', m.cpus.join(','));
  if (k.cpuset_write(path, 'tasks', String(pid)) < 0) refuse(site, `${name!} cannot be moved into a cpuset`);
  return { pages: [], left: 0, who, can: () => !m.cpuset_sem.held, begin: () => wayThrough(() => k.cpuset_write(path, 'mems', nodes!)) };
};
