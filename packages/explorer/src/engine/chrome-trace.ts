/**
 * Events of trace points as trace viewers read them (Trace Event Format, duration events B and E). A kernel that does not sleep takes no simulated time, so that all would lie at one point: `ts`
 * counts events instead, a microsecond each; the simulated time is in `args`.
 */
import type { StepRecord, TraceRecord } from '../protocol.js';

export interface TracedStep { readonly step: StepRecord; readonly events: readonly TraceRecord[] }

/** @param tree is told in the file, as is which steps it has. */
export function chromeTrace(steps: readonly TracedStep[], tree: string): string {
  const traceEvents: object[] = [];
  const named = new Set<number>();
  let ts = 0;
  const thread = (pid: number, name: string): { readonly pid: number; readonly tid: number } => {
    if (!named.has(pid)) traceEvents.push({ ph: 'M', name: 'thread_name', pid, tid: pid, args: { name } });
    named.add(pid);
    return { pid, tid: pid };
  };
  for (const { step, events } of steps) {
    traceEvents.push({ ph: 'B', name: step.call, cat: 'step', ...thread(step.pid, step.who), ts: ts++, args: { step: step.number } });
    const open = new Map<number, string[]>();
    for (const { kind, name, file, patch, pid, who, text, now } of events) {
      const names = open.get(pid) ?? [];
      open.set(pid, names);
      if (kind === 'enter') {
        names.push(name);
        traceEvents.push({ ph: 'B', name, cat: file, ...thread(pid, who), ts: ts++, args: { patch, ms: now, arguments: text } });
      } else if (names.at(-1) === name) {
        names.pop();
        traceEvents.push({ ph: 'E', name, ...thread(pid, who), ts: ts++, args: { ms: now, result: text } });
      }
    }
    // who was killed in the middle of something never leaves it
    for (const [pid, names] of open) for (const name of names.reverse()) traceEvents.push({ ph: 'E', name, pid, tid: pid, ts: ts++, args: {} });
    traceEvents.push({ ph: 'E', name: step.call, pid: step.pid, tid: step.pid, ts: ts++, args: { ms: step.now, result: step.result } });
  }
  return `${JSON.stringify({ traceEvents, displayTimeUnit: 'ms', otherData: { tree, steps: steps.length } })}\n`;
}
