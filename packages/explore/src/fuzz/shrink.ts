/** The smallest program that shows the same. */
import type { Arg, Call, Program } from './program.js';

/** Runs at most, for one program. */
const BUDGET = 1500;

/** Takes calls out and makes arguments simpler, as long as `fails` holds. @returns the smallest that was found; deterministic. */
export function shrinkProgram(program: Program, fails: (program: Program) => boolean): Program {
  let budget = BUDGET;
  let best = program;
  const attempt = (candidate: Program): boolean => {
    if (budget-- <= 0 || !fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = best; budget > 0; before = best) {
    dropCalls(() => best, attempt);
    if (best.schedule !== null) attempt({ ...best, schedule: null });
    simplify(() => best, attempt);
    if (best === before) break;
  }
  return best;
}

type Attempt = (candidate: Program) => boolean;

function dropCalls(best: () => Program, attempt: Attempt): void {
  for (let size = best().calls.length >> 1; size >= 1; size >>= 1) {
    for (let at = best().calls.length - size; at >= 0; at = Math.min(at - 1, best().calls.length - size)) {
      const { calls, ...rest } = best();
      attempt({ ...rest, calls: calls.toSpliced(at, size) });
      if (best().schedule !== null) for (let schedule = 0; schedule < 3; schedule++) attemptSchedule(best(), at, size, schedule, attempt);
    }
  }
}
/** Without a call the seed means another schedule: some others are tried. */
function attemptSchedule(program: Program, at: number, size: number, schedule: number, attempt: Attempt): void {
  if (at + size <= program.calls.length) attempt({ ...program, schedule, calls: program.calls.toSpliced(at, size) });
}

function simplify(best: () => Program, attempt: Attempt): void {
  for (let i = 0; i < best().calls.length; i++) {
    const { args } = best().calls[i]!;
    for (let j = 0; j < args.length; j++) {
      for (const simpler of simplerThan(args[j]!)) {
        const call: Call = best().calls[i]!;
        if (attempt({ ...best(), calls: best().calls.with(i, { ...call, args: call.args.with(j, simpler) }) })) break;
      }
    }
  }
}

/** Simplest first. */
function simplerThan(arg: Arg): Arg[] {
  if (typeof arg === 'number') return arg === 0 ? [] : [0, 1, ...(Math.abs(arg) < 2 ** 20 ? [Math.trunc(arg / 2)] : [])].filter(value => Math.abs(value) < Math.abs(arg));
  if (typeof arg === 'string') return [];
  if ('area' in arg) return [...(arg.plus === 0 ? [] : [{ ...arg, plus: 0 }]), ...(arg.page === 0 ? [] : [{ ...arg, page: 0 }])];
  if ('result' in arg) return arg.page === 0 ? [] : [{ ...arg, page: 0 }];
  if ('page' in arg) return [{ page: 1, plus: 0 }, { page: arg.page, plus: 0 }].filter(({ page, plus }) => page < arg.page || plus < arg.plus);
  if ('u32' in arg) return arg.u32.length > 1 ? [{ u32: arg.u32.slice(0, 1) }, { u32: arg.u32.slice(1) }] : [];
  if ('mask' in arg) return arg.mask.map((_, i) => ({ mask: arg.mask.toSpliced(i, 1) }));
  return [];
}
