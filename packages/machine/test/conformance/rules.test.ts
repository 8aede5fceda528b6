import { expect, it } from 'vitest';
import { RULES } from '../../src/conformance/judge.js';

it('every rule has a name of its own, a sentence, a date or patch, and a source', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  for (const { id, sentence, since, source } of RULES) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(sentence, id).not.toBe('');
    expect(source, id).not.toBe('');
    expect(since, id).toMatch(/\d\.\d+(\.\d+)? \(\d{4}-\d{2}\)|^rc3( \d+\/10)?|^not part of the kit$|^the recording$/);
  }
});
