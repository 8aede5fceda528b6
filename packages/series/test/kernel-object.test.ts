/** What V8 makes of kernels. Nothing goes wrong when it makes something else of them, but everything takes many times as long. */
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { bootAt, goTo, levels } from '../src/levels.js';

setFlagsFromString('--allow-natives-syntax');
// oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- V8's own functions are no JavaScript: a file with them could not be parsed
const engine = new Function('return { sameClass: (a, b) => %HaveSameMap(a, b), fast: a => %HasFastProperties(a) }')() as {
  sameClass(a: object, b: object): boolean;
  fast(a: object): boolean;
};
// what is called first is compiled then
engine.sameClass({}, {});
engine.fast({});
setFlagsFromString('--no-allow-natives-syntax');

const config = { nodes: [{ id: 0, pages: 256, cpus: [0] }] };

describe('the objects of kernels', () => {
  const kernels = levels.map((_, level) => bootAt(level, config));
  it('have one hidden class at all levels, in the form in which a property is one load', () => {
    expect(kernels.filter(kernel => engine.fast(kernel))).toHaveLength(levels.length);
    expect(kernels.filter(kernel => engine.sameClass(kernel, kernels[0]!))).toHaveLength(levels.length);
  });
  it('keep it when they are linked anew while they run', () => {
    const kernel = bootAt(0, config);
    for (let level = 1; level < levels.length; level++) goTo(kernel, level);
    expect(engine.sameClass(kernel, kernels[0]!)).toBe(true);
  });
  it('are told from other objects by this test', () => {
    expect(engine.sameClass(kernels[0]!, { m: kernels[0]!.m })).toBe(false);
    const slow: { m?: unknown; n: number } = { m: null, n: 1 };
    delete slow.m;
    expect(engine.fast(slow)).toBe(false);
  });
});
