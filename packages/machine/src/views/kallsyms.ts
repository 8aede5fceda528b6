/**
 * /proc/kallsyms (kernel/kallsyms.c): the symbols of the running kernel. Addresses are modelled: the simulated kernel has no machine code, so
 * functions stand 2 KB apart from KERNEL_START on in the order in which they were linked, data behind them. A function that a patch
 * replaces keeps its place, those that it adds come behind all others.
 */
import { definitionsOf, type Definition } from '@pmkit/linker';
import { hex, type View } from './view.js';

/** KERNEL_START of asm-ia64/page.h: the gate page plus 4 GB. Doubles are exact there in steps of 2 KB. */
const KERNEL_START = 0xa000_0001_0000_0000;
const DATA_START = KERNEL_START + 0x100_0000;
const STEP = 2048;

const isFunction = ({ value }: Definition): boolean => typeof value === 'function';

export const kallsyms: View = {
  summary: 'the symbols of the running kernel (modelled addresses)',
  text(k) {
    const definitions = [...definitionsOf(k).values()];
    const lines = (list: readonly Definition[], start: number, type: string): string =>
      list.map(({ name }, i) => `${hex(start + i * STEP, 16)} ${type} ${name}\n`).join('');
    return lines(definitions.filter(isFunction), KERNEL_START, 'T') + lines(definitions.filter(definition => !isFunction(definition)), DATA_START, 'D');
  },
};
