/** A step in words. */
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { VM_FAULT_MAJOR, VM_FAULT_MINOR, VM_FAULT_OOM, VM_FAULT_SIGBUS } from '@pmkit/mm-core/include/linux/mm';
import { NBSP } from './wrap.js';
import type { Place, SeenStep, Visit } from './observe.js';

/** Functions of a way down into the kernel that are named; those between are left out. */
const MAX_CHAIN = 4;
/** Functions that a function called, by name. */
const MAX_CALLS = 5;
/** Functions that a step came back from: the first ones, and the last. */
const MAX_LEFT = 3;

const FAULT_RESULTS = new Map([[VM_FAULT_OOM, 'VM_FAULT_OOM'], [VM_FAULT_SIGBUS, 'VM_FAULT_SIGBUS'], [VM_FAULT_MINOR, 'VM_FAULT_MINOR'], [VM_FAULT_MAJOR, 'VM_FAULT_MAJOR']]);
/** Functions of mm/memory.c that return VM_FAULT_*. */
const FAULT_HANDLERS = new Set(['handle_mm_fault', 'handle_pte_fault', 'do_swap_page', 'do_anonymous_page', 'do_no_page', 'do_wp_page', 'do_file_page']);

/** What a function returned, in a word; empty when that says nothing. */
export function resultText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return value === null ? 'NULL' : '';
  if (FAULT_HANDLERS.has(name)) return FAULT_RESULTS.get(value) ?? String(value);
  if (value > 0xffff_ffff) return `0x${value.toString(16)}`;
  // -1 is EPERM in a system call, and anything inside of the kernel
  return value === -1 && !name.startsWith('sys_') ? '-1' : errnoName(value);
}

/** A function, with the patch it comes from unless that is the base tree. */
const placeText = ({ name, patch }: Place): string => (patch === 'base' ? name : `${name}[${patch}]`);

/** What was done in a step, a line for each thing. */
export function stepLines({ name, from, to, at, visits, wait, op }: SeenStep): string[] {
  const left = visits.filter(({ result }) => result !== null);
  const inside = visits.filter(({ result }) => result === null);
  const lines = mainOf(left).map(leftText);
  if (inside.length > 0) lines.push(chainText(inside, from !== null && !inside[0]!.entered));
  if (visits.length === 0 && op !== null) lines.push('no fault');
  if (to === null && at !== 'idle' && at !== 'user') lines.push(at === 'hangs' ? 'hangs' : `is ${at}`);
  if (wait !== null) lines.push(`waits for ${wait}`);
  return lines.length > 0 ? lines : [op === null && name === 'clock' ? 'time moves on' : 'happens'];
}

/** Of the functions that a step came back from, the innermost and the outermost. */
const mainOf = (left: readonly Visit[]): readonly Visit[] => (left.length <= MAX_LEFT ? left : [...left.slice(0, MAX_LEFT - 1), left.at(-1)!]);

/** `do_swap_page { unlock_page, put_page } = VM_FAULT_OOM` */
const leftText = (visit: Visit): string => `${placeText(visit)}${callsText(visit)}${visit.result === '' ? ' returns' : `${NBSP}=${NBSP}${visit.result!}`}`;

/** `sys_migrate_pages → … → generic_migrate_page { replace_pages }` */
function chainText(visits: readonly Visit[], stays: boolean): string {
  const names = visits.map(placeText);
  const chain = names.length > MAX_CHAIN ? [names[0]!, '…', ...names.slice(1 - MAX_CHAIN)] : names;
  const idle = stays && visits.length === 1 && visits[0]!.calls.length === 0;
  return `${chain.join(' → ')}${callsText(visits.at(-1)!)}${idle ? ' goes on' : ''}`;
}

function callsText({ calls }: Visit): string {
  if (calls.length === 0) return '';
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(placeText(call), (counts.get(placeText(call)) ?? 0) + 1);
  const names = [...counts].map(([name, count]) => (count === 1 ? name : `${name}${NBSP}×${count}`));
  const more = names.length - MAX_CALLS;
  return ` {${NBSP}${(more > 0 ? [...names.slice(0, MAX_CALLS), `${more}${NBSP}more`] : names).join(', ')}${NBSP}}`;
}

/** The file of the function in which a step ended, or, back in user mode, began; with where its text comes from. */
export function sourceText({ from, to, visits }: SeenStep): string {
  const place = to ?? from ?? visits.at(-1);
  return place === undefined ? '' : `${place.file} (${place.patch})`;
}

/** One line: who goes from where to where, and what it does: `job, from do_swap_page to __lock_page: waits for the lock of page 160; mm/filemap.c (base)`. */
export function stepText(step: SeenStep): string {
  const { from, at, name, op } = step;
  const begin = from === null ? op?.text ?? at : from.name;
  const span = begin === at ? `in ${at}` : `from ${begin} to ${at}`;
  const way = from === null ? '' : `${begin} → ${at}`;
  return `${name}, ${span}: ${[...stepLines(step).filter(line => line !== way), sourceText(step)].filter(text => text !== '').join('; ')}`;
}
