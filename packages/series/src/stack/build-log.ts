/**
 * A build that fails, as one saw it in 2005: gcc 3 or ld, and then make giving up, one directory after the other. gcc also named the line, which
 * a simulated file does not have.
 */

/** What `@pmkit/linker` throws. It is not loaded for this. */
export interface BuildFailure extends Error {
  readonly errors: readonly { /** Kernel file: `mm/page_alloc.c`. */ readonly file: string; readonly message: string }[];
}

export function buildLog({ errors }: BuildFailure): string {
  const compiled = errors.filter(({ message }) => message.includes(': error: '));
  // ld's turn comes when all objects are there
  const [first] = compiled;
  if (first === undefined) return [...errors.map(({ message }) => message), 'make: *** [.tmp_vmlinux1] Error 1'].join('\n');
  // make stops at the first object that is not made, gcc not at the first error of it
  const ofObject = compiled.filter(({ file }) => file === first.file);
  return [...ofObject.map(({ message }) => message), ...givingUp(first.file)].join('\n');
}

function givingUp(file: string): readonly string[] {
  const directory = file.slice(0, file.lastIndexOf('/'));
  return /\.[cS]$/.test(file) ? [`make[1]: *** [${file.replace(/\.[cS]$/, '.o')}] Error 1`, `make: *** [${directory}] Error 2`] : [];
}
