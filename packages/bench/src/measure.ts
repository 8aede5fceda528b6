/** One measurement, in a process of its own: `node measure.js ORDER` prints an Answer; both are JSON. */
import { useKernel } from './kernels.js';
import { warmUp, measureRounds, type Effort, type Samples } from './rounds.js';
import type { Bytes, Environment, Prepared, Subject } from './subject.js';

/** What is to be measured. */
export interface Order extends Environment {
  readonly subject: string;
  /** URL of the module that has it. */
  readonly module: string;
  readonly effort: Effort;
  /** Machines of the other levels, up to this one, do the same in turn. */
  readonly amongLevelsUpTo?: number;
}

export interface Answer extends Samples {
  /** Resident memory of the process at the end, in bytes. */
  readonly rss: number;
  readonly bytes?: Bytes;
}

/** The same on every other level, each with a machine of its own, before each operation. */
async function amongLevels(subject: Subject, { amongLevelsUpTo: last, ...environment }: Order, prepared: Prepared): Promise<Prepared> {
  const first = subject.amongLevelsFrom;
  if (last === undefined || first === undefined) return prepared;
  const levels = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(level => level !== environment.level);
  const others: Prepared[] = [];
  for (const level of levels) {
    await useKernel(environment.kernel, level);
    others.push(await subject.prepare({ ...environment, level, size: subject.size.quick }));
  }
  return {
    ...prepared,
    before: () => {
      for (const other of others) {
        other.before?.();
        void other.operation();
      }
      prepared.before?.();
    },
  };
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const { subjects } = (await import(order.module)) as { readonly subjects: readonly Subject[] };
const subject = subjects.find(({ name }) => name === order.subject);
if (subject === undefined) throw new RangeError(`${order.module} has no subject '${order.subject}'`);
await useKernel(order.kernel, order.level);
const prepared = await amongLevels(subject, order, await subject.prepare(order));
if (subject.cold !== true) await warmUp(prepared, order.effort);
globalThis.gc?.();
const samples = await measureRounds(prepared, order.effort);
const answer: Answer = { ...samples, rss: process.memoryUsage().rss, ...(prepared.bytes === undefined ? {} : { bytes: prepared.bytes() }) };
// a console that waits at its prompt would keep the process
process.stdout.write(JSON.stringify(answer), () => process.exit());
