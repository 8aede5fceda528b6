/** What a process read from JSON must keep to besides its shape: it is data like the files of /proc. */
import { findProblem } from '../topology/check.js';
import { ImportError } from './error.js';
import { MAX_MAPPED_PAGES, MAX_RESIDENT_PAGES } from './limits.js';
import { hex, pagesOf, type ImportedProcess, type ImportedVma } from './process.js';

/** @returns the process. @throws ImportError naming the vma and the field. */
export function checkImported(process: ImportedProcess, file: string): ImportedProcess {
  const { vmas, pageSize, machine } = process;
  const fail = (field: string, found: string | number, expected: string): never => {
    throw new ImportError({ file, field, found: String(found), expected });
  };
  let last = 0;
  let resident = 0;
  let mapped = 0;
  for (const [index, vma] of vmas.entries()) {
    const field = `vmas[${index}]`;
    if (vma.start < last) fail(`${field}.start`, hex(vma.start), `an address from ${hex(last)} on`);
    checkVma(process, vma, field, fail);
    last = vma.end;
    resident += pagesOf(vma);
    mapped += (vma.end - vma.start) / pageSize;
  }
  if (resident > MAX_RESIDENT_PAGES) fail('pages in memory', resident, `at most ${MAX_RESIDENT_PAGES}`);
  if (mapped > MAX_MAPPED_PAGES) fail('mapped pages', mapped, `at most ${MAX_MAPPED_PAGES}`);
  const problem = machine === null ? undefined : findProblem(machine);
  if (problem !== undefined) fail(`machine.${problem.field}`, problem.found, problem.expected);
  return process;
}

function checkVma({ pageSize, objects }: ImportedProcess, vma: ImportedVma, field: string, fail: (field: string, found: string | number, expected: string) => never): void {
  const size = (vma.end - vma.start) / pageSize;
  if (vma.start % pageSize !== 0 || !Number.isSafeInteger(size) || size < 1) fail(`${field}.end`, hex(vma.end), `whole pages of ${pageSize} bytes behind ${hex(vma.start)}`);
  const pages = pagesOf(vma);
  if (pages > size) fail(`${field}.nodes`, pages, `at most the ${size} pages of the vma`);
  if (new Set(vma.nodes.map(([node]) => node)).size !== vma.nodes.length) fail(`${field}.nodes`, vma.nodes.map(([node]) => node).join(' '), 'each node once');
  const anon = vma.object === null ? pages : vma.permissions.endsWith('s') ? 0 : vma.anon;
  if (vma.anon !== anon || anon > pages) fail(`${field}.anon`, vma.anon, vma.object === null || anon === 0 ? String(anon) : `at most ${pages}`);
  if (vma.object === null) return;
  const object = objects[vma.object] ?? fail(`${field}.object`, vma.object, `an index below ${objects.length}`);
  if (vma.offset + size > object.pages) fail(`${field}.offset`, vma.offset, `pages that lie within the ${object.pages} of ${object.path}`);
}
