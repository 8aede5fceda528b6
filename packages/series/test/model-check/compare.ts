/** Machine and model after a call: the first thing in which they differ, as a sentence. */
import type { Mempolicy } from '@pmkit/mm-core/include/linux/mempolicy';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { nodeList } from '@pmkit/mm-core/model/objects';
import type { Page as Frame } from '@pmkit/mm-core/include/linux/types';
import { check_invariants } from '@pmkit/mm-core/testing';
import { settle, type Mm } from '@pmkit/mm-core';
import type { Page, Policy } from '../model/situation.js';
import type { Scene } from './scene.js';
import { PAGE_SIZE } from './workshop.js';

const BUG_LINE = 'kernel BUG at mm/mmigrate.c:migrate_vma()!';

/** @returns null when placement and policies are as predicted */
export function difference(scene: Scene): string | null {
  return placesDiffer(scene) ?? policiesDiffer(scene);
}

function placesDiffer(scene: Scene): string | null {
  const { m, places, frames } = scene;
  const seen = new Map<Page, number>();
  const owners = new Map<number, Page>();
  for (const place of places) {
    const { slot: { page, mapped } } = place;
    const found = scene.frameAt(place);
    const where = `page ${place.page - place.pair.sim.vm_start / PAGE_SIZE} of ${place.pair.name}`;
    const expected = page === null ? 'nothing there' : page === 'zero' ? 'the zero page' : mapped ? 'mapped' : 'without a pte';
    if (found.mapped !== mapped) return `${where}: ${found.mapped ? 'mapped' : 'without a pte'}, expected ${expected}`;
    if (page === null) continue;
    if (page === 'zero') {
      if (found.frame !== m.zero_page) return `${where}: frame ${found.frame}, expected the zero page`;
      continue;
    }
    if (found.frame === 0) return `${where}: in no frame, expected on node ${page.node}`;
    const node = page_to_nid(m, found.frame as Frame);
    if (node !== page.node) return `${where}: on node ${node}, expected ${page.node}`;
    if (seen.has(page) ? seen.get(page) !== found.frame : owners.has(found.frame)) return `${where}: in frame ${found.frame}, no longer shared with the same others`;
    seen.set(page, found.frame);
    owners.set(found.frame, page);
  }
  return framesDiffer(scene, frames, seen);
}

/** A page that was moved is in another frame than before, any other is not; one that was moved twice may be back. */
function framesDiffer({ moves }: Scene, frames: Map<Page, number>, seen: ReadonlyMap<Page, number>): string | null {
  for (const [page, frame] of seen) {
    const moved = page.moves - (moves.get(page) ?? 0);
    if (moved < 2 && (frame !== frames.get(page)) !== (moved === 1)) return `frame ${frames.get(page)!}: is now in ${frame}, though it was ${moved === 1 ? '' : 'not '}to be moved`;
    frames.set(page, frame);
    moves.set(page, page.moves);
  }
  return null;
}

/** A policy of the kernel in the model's terms. */
function toPolicy(policy: Mempolicy | null): Policy | null {
  switch (policy?.policy) {
    case 1:
      return { mode: 'preferred', node: policy.preferred_node };
    case 2:
      return { mode: 'bind', nodes: [...new Set(policy.zonelist!.map(zone => zone.node))] };
    case 3:
      return { mode: 'interleave', nodes: nodeList(policy.nodes!) };
    default:
      return null;
  }
}
const inWords = (policy: Policy | null): string => (policy === null ? 'default' : policy.mode === 'preferred' ? `preferred ${policy.node}` : `${policy.mode} ${policy.nodes.join(',')}`);

function policiesDiffer({ k, tasks, vmas, objects }: Scene): string | null {
  for (const { task, sim } of tasks) {
    if (sim.state !== 'R') continue; // the dead have none
    const found = inWords(toPolicy(sim.mempolicy));
    if (found !== inWords(task.policy)) return `policy of ${sim.comm}[${sim.pid}]: ${found}, expected ${inWords(task.policy)}`;
    if (task.policy?.mode === 'interleave' && sim.il_next !== task.nextInterleaved) return `il_next of ${sim.comm}[${sim.pid}]: ${sim.il_next}, expected ${task.nextInterleaved}`;
  }
  for (const { vma, sim, name } of vmas) {
    const found = inWords(toPolicy(sim.vm_policy));
    if (found !== inWords(vma.policy)) return `policy of ${name}: ${found}, expected ${inWords(vma.policy)}`;
  }
  for (const { inode, policies } of objects) {
    if (inode.shmem === null) continue;
    for (let page = 0; page < Math.ceil(inode.i_size / PAGE_SIZE); page++) {
      const found = inWords(toPolicy(k.sp_lookup(inode.shmem.policy, page, page + 1)?.policy ?? null));
      const expected = inWords(policies!.get(page) ?? null);
      if (found !== expected) return `policy of page ${page} of the object ${inode.path}: ${found}, expected ${expected}`;
    }
  }
  return null;
}

/**
 * What the calls have left of the machine: consistent, but for references and pages that the model has seen being lost, and, when the caller
 * died of the BUG(), its locks.
 * @param died the address space over which it did; null when it did not
 */
export function damageDiffers(scene: Scene, died: Mm | null, callerPid: number): string | null {
  const { k, m, frames } = scene;
  scene.giveBack();
  settle(k);
  const pins = new Map<number, number>();
  const lost = new Set<number>();
  for (const [page, frame] of frames) {
    if (page.strangers > 0) pins.set(frame, page.strangers);
    if (page.place === 'lost') lost.add(frame);
  }
  const users = died === null ? 0 : [...m.tasks.values()].filter(task => task.mm === died).length;
  const expected = died === null ? [] : [
    `spinlock ${died.page_table_lock.name}: held by pid ${callerPid}, though nobody is in the kernel`,
    `mmap_sem of mm ${died.id}: held by pid ${callerPid}, though nobody is in the kernel`,
    `mm ${died.id}: mm_users is ${users + 1}, expected ${users}`,
  ];
  const found = check_invariants(k, { pins, lost });
  const wrong = [...found.filter(line => !expected.includes(line)), ...expected.filter(line => !found.includes(line)).map(line => `missing: ${line}`)];
  const bugs = m.log.filter(line => /kernel BUG|VM: killing|Oops/.test(line.text)).map(line => line.text);
  const expectedBugs = died === null ? [] : [BUG_LINE];
  if (bugs.join() !== expectedBugs.join()) wrong.push(`log: ${bugs.join('; ')}`);
  return wrong.length === 0 ? null : wrong.slice(0, 10).join('\n');
}
