/**
 * Why is this page here? For every page of a process, or of a part of it, after a migrate_pages() call: was it moved, which rule decided, in which
 * function of which patch, and what would every other level have decided.
 *
 * The rule is read off the call as it ran: which functions were entered for the page and what they returned. Only why a vma was passed over
 * is told from its flags, as migrate_vma() returns 0 without a word.
 */
import { definitionsOf, LinkError } from '@pmkit/linker';
import { residentPage, type Machine, type Page, type Task, type Vma } from '@pmkit/mm-core';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { EAGAIN } from '@pmkit/mm-core/include/linux/errno';
import { VM_IO, VM_LOCKED } from '@pmkit/mm-core/include/linux/mm_types';
import { AS_DO_NOT_MMIGRATE } from '@pmkit/p06-mbind-control/include/linux/pagemap';
import type { AnyKernel } from '../levels.js';
import { LEVEL_TREES, Lab, treeName, vmaText, type Behaviour, type Tree } from '../catalogue/index.js';
import { beginWatch, type CallWatch, type VmaWatch } from './watch.js';

export interface Question {
  /** Name of the process. */
  readonly task: string;
  /** From this address (bytes) on; default: all its memory. */
  readonly address?: number;
  /** So many pages; default: to the end of the vma. */
  readonly pages?: number;
}

/** What was decided for some neighbouring pages, and by what. */
export interface Verdict {
  /** In bytes, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly pages: number;
  /** What is mapped there, as in /proc/PID/maps: `rw-p (anonymous)`. */
  readonly mapping: string;
  /** Node before and after the call; -1: not in memory. */
  readonly from: number;
  readonly to: number;
  readonly moved: boolean;
  /** The rule that decided, in a sentence. */
  readonly rule: string;
  /** The function that decided, the kernel file it is in, and the patch (or base tree) that wrote it as it is. */
  readonly symbol: string;
  readonly file: string;
  readonly patch: string;
}

/** The answer for one tree. */
export interface Explanation {
  readonly tree: Tree;
  /** Whether the tree builds. */
  readonly builds: boolean;
  /** What the call returned, in words; null when no call for the process could be watched. */
  readonly result: string | null;
  readonly verdicts: readonly Verdict[];
}

interface Rule { readonly rule: string; readonly symbol: string }

/** Where the pages of a process were before the call, by vma. */
interface Before { readonly task: Task; readonly vmas: readonly { readonly vma: Vma; readonly mapping: string; readonly frames: Int32Array; readonly nodes: Int32Array }[] }

function lookAt({ m }: AnyKernel, task: Task): Before {
  const vmas: { vma: Vma; mapping: string; frames: Int32Array; nodes: Int32Array }[] = [];
  for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
    const start = vma.vm_start;
    const count = (vma.vm_end - start) / m.PAGE_SIZE;
    const frames = new Int32Array(count);
    for (let i = 0; i < count; i++) frames[i] = residentPage(m, task, start + i * m.PAGE_SIZE);
    vmas.push({ vma, mapping: vmaText(vma), frames, nodes: frames.map(page => nodeOf(m, page as Page)) });
  }
  return { task, vmas };
}
const nodeOf = (m: Machine, page: Page): number => (page === 0 ? -1 : page_to_nid(m, page));

/** What a call was refused for, by the function it asked last and the errno. */
const REFUSALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kmalloc: {
    '-ENOMEM': 'there is no memory for the arrays', '-EFAULT': 'an array of nodes cannot be read',
    '-EINVAL': 'a node is out of range, a new one is not online, or one is on both sides',
  },
  find_task_by_pid: { '-ESRCH': 'there is no such process', '-EINVAL': 'the process has no memory' },
  capable: { '-EPERM': 'the caller is neither of the user of the process nor CAP_SYS_ADMIN', '-EINVAL': 'the process has no memory' },
  cpuset_mems_allowed: { '-EINVAL': 'a new node is not in the cpuset of the process, or of the caller' },
  migrate_process_policy: { '-ENOMEM': 'there is no memory to rewrite the policy of the process' },
  migrate_vma_policy: { '-ENOMEM': 'there is no memory to rewrite the policy of the mapping' },
};

function refusal(result: string, last: CallWatch['lastCheck']): string {
  if (last === null) return 'the number of nodes is out of range';
  return REFUSALS[last.name]?.[result] ?? `${last.name}() was asked last`;
}

/** The call came to no page of this vma. */
function notVisited({ entered, lastCheck, vmas }: CallWatch, result: string): Rule {
  if (!entered) return { rule: 'the kernel has no such system call', symbol: 'sys_ni_syscall' };
  const last = vmas.at(-1);
  if (last === undefined) return { rule: `the call was refused with ${result}: ${refusal(result, lastCheck)}`, symbol: 'sys_migrate_pages' };
  if (lastCheck?.name === 'migrate_vma_policy' && Number(lastCheck.result) < 0) {
    return { rule: `the call ended with ${result}: ${refusal(result, lastCheck)}`, symbol: 'migrate_vma_policy' };
  }
  const where = `0x${last.vma.vm_start.toString(16)}`;
  if (last.result === null) return { rule: `the caller died at the mapping at ${where}`, symbol: 'migrate_vma' };
  return { rule: `the call ended with ${result} at the mapping at ${where}, before it came here`, symbol: 'sys_migrate_pages' };
}

function passedOver(vma: Vma): string {
  if ((vma.vm_flags & VM_LOCKED) !== 0) return 'mlocked memory is not moved';
  if ((vma.vm_flags & VM_IO) !== 0) return 'memory of a device is not moved';
  if (vma.vm_file !== null && (vma.vm_file.f_mapping.flags & AS_DO_NOT_MMIGRATE) !== 0) return 'mbind() has said that the file is not migrated';
  return 'a mapped file without VM_WRITE is not moved unless mbind() says so';
}

/** The call came to the vma; what did it do with the page at `address`, which was `before`? */
function visited({ m }: AnyKernel, at: VmaWatch, address: number, before: number): Rule {
  if (at.reached < 0) return { rule: passedOver(at.vma), symbol: 'migrate_vma' };
  if (at.reached < address) return { rule: 'the caller died before it came to this page', symbol: 'migrate_vma' };
  const index = (address - at.vma.vm_start) / m.PAGE_SIZE;
  const page = at.followed[index]! as Page;
  if (page === 0) return { rule: 'nothing is mapped here: never touched, or swapped out', symbol: 'follow_page' };
  if (page < 0) return { rule: 'the zero page is mapped without being counted, and is passed over', symbol: 'migrate_vma' };
  const stolen = at.stolen[index]!;
  if (stolen === 0) {
    if (page !== before) return { rule: 'it was moved with another mapping of it, earlier in the call', symbol: 'migrate_vma' };
    return { rule: `node ${page_to_nid(m, page)} is not one of the old nodes`, symbol: 'migrate_vma' };
  }
  if (stolen < 0) return { rule: 'the page is not on the LRU: BUG()', symbol: 'migrate_vma' };
  const outcome = at.tried.get(page);
  if (outcome === undefined) return { rule: 'it was taken off the LRU, and the call did not come to move it', symbol: 'migrate_vma' };
  if (outcome > 0) return { rule: MOVED, symbol: 'migrate_vma' };
  return { rule: `it could not be moved (${errnoName(outcome)}): ${fateOf(at)}`, symbol: 'migrate_onepage' };
}

const MOVED = 'it is in a mapping that is migrated, on an old node';

/** The new page is not on the node that was asked for: the call is not strict. */
const wentElsewhere = (wanted: number | undefined): Rule =>
  ({ rule: `${MOVED}; node ${wanted} has no room, or is not allowed to the caller, and the next in its zonelist was taken`, symbol: '__alloc_pages' });

/** Old node → new node, as the arguments of the call say; the last pair of a node counts. */
function wantedNodes([, , from, to]: readonly unknown[]): Map<number, number> {
  const wanted = new Map<number, number>();
  if (from instanceof Uint32Array && to instanceof Uint32Array) from.forEach((node, i) => wanted.set(node, to[i]!));
  return wanted;
}

/** What became of the pages of a vma that could not be moved: the defects b and c of patch 4. */
function fateOf({ result }: VmaWatch): string {
  if (result === null) return 'the caller died';
  if (result >= 0) return 'nobody used it any more, and it was freed';
  return result === -EAGAIN ? 'it is back on the LRU with a reference too many' : 'it is lost from the LRU';
}

type Growing = { -readonly [Field in keyof Verdict]: Verdict[Field] };

function verdictsOf(k: AnyKernel, question: Question, before: Before, watch: CallWatch, result: string, wanted: ReadonlyMap<number, number>): Verdict[] {
  const { m } = k;
  const definitions = definitionsOf(k);
  const verdicts: Growing[] = [];
  const watches = new Map(watch.vmas.map(watched => [watched.vma, watched]));
  for (const { vma, mapping, frames, nodes } of before.vmas) {
    const watched = watches.get(vma);
    let run: Growing | null = null;
    frames.forEach((frame, i) => {
      const start = vma.vm_start + i * m.PAGE_SIZE;
      if (!isAsked(question, vma, start, m.PAGE_SIZE)) return;
      const from = nodes[i]!;
      const to = before.task.mm === null ? -1 : nodeOf(m, residentPage(m, before.task, start));
      const decided = watched === undefined ? notVisited(watch, result) : visited(k, watched, start, frame);
      const { rule, symbol } = decided.rule === MOVED && wanted.get(from) !== to ? wentElsewhere(wanted.get(from)) : decided;
      // neighbours that fared alike are told together; there may be millions of them
      if (run?.end === start && run.from === from && run.to === to && run.rule === rule) {
        run.end += m.PAGE_SIZE;
        run.pages++;
        return;
      }
      const { file, patch } = definitions.get(symbol)!.origin;
      run = { start, end: start + m.PAGE_SIZE, pages: 1, mapping, from, to, moved: from >= 0 && to >= 0 && from !== to, rule, symbol, file, patch };
      verdicts.push(run);
    });
  }
  return verdicts;
}

function isAsked({ address, pages }: Question, vma: Vma, start: number, pageSize: number): boolean {
  if (address === undefined) return true;
  if (address < vma.vm_start || address >= vma.vm_end) return pages !== undefined && start >= address && start < address + pages * pageSize;
  return start + pageSize > address && (pages === undefined || start < address + pages * pageSize);
}

/** A migrate_pages() call that is watched from before its first instruction. */
export interface MigrationWatch {
  /** The call has come back, or never will: what became of the pages, by the state that the machine is in now. */
  finish(result: string): readonly Verdict[];
  /** Nobody looks any more; finish() does this too. */
  stop(): void;
}

/**
 * Looks at a process and begins to watch what `caller` does for it in a migrate_pages() call; `args` are the call's. To be called before the call has begun.
 * The rows of the kernel are others until finish() or stop().
 */
export function watchMigration(k: AnyKernel, caller: Task, target: Task, args: readonly unknown[], question: Question): MigrationWatch {
  const before = lookAt(k, target);
  const { watch, stop } = beginWatch(k, caller);
  return {
    finish(result) {
      stop();
      return verdictsOf(k, question, before, watch, result, wantedNodes(args));
    },
    stop,
  };
}

/** Runs a scenario and explains the last migrate_pages() call that was made for the process. */
export function explain(scenario: Behaviour['scenario'], tree: Tree, question: Question): Explanation {
  let answer: Explanation = { tree, builds: true, result: null, verdicts: [] };
  const aroundMigrate = (lab: Lab, caller: Task, args: readonly unknown[], call: () => number): number => {
    const task = lab.k.m.tasks.get(Number(args[0]));
    if (task?.comm !== question.task) return call();
    const watch = watchMigration(lab.k, caller, task, args, question);
    try {
      const result = call();
      const text = lab.result(result);
      answer = { tree, builds: true, result: text, verdicts: watch.finish(text) };
      return result;
    } finally {
      watch.stop();
    }
  };
  const lab = new Lab(tree, { aroundMigrate });
  try {
    scenario(lab);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { tree, builds: false, result: null, verdicts: [] };
  } finally {
    lab.dispose();
  }
  return answer;
}

/** explain() at every level. */
export const whyAtEveryLevel = (scenario: Behaviour['scenario'], question: Question): Explanation[] => LEVEL_TREES.map(tree => explain(scenario, tree, question));

/** `0-3` for the levels of explanations that say the same, in order; a level that stands alone by itself. */
export function alike(explanations: readonly Explanation[]): { readonly levels: string; readonly explanation: Explanation }[] {
  const groups: { first: Tree; last: Tree; explanation: Explanation }[] = [];
  const essence = ({ builds, result, verdicts }: Explanation): string => JSON.stringify([builds, result, verdicts]);
  for (const explanation of explanations) {
    const group = groups.at(-1);
    if (group !== undefined && essence(group.explanation) === essence(explanation)) group.last = explanation.tree;
    else groups.push({ first: explanation.tree, last: explanation.tree, explanation });
  }
  return groups.map(({ first, last, explanation }) => ({ levels: first === last ? treeName(first) : `${treeName(first)}-${treeName(last)}`, explanation }));
}
