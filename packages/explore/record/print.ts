/** From a module of the kernel to one that tells what it does. */
import { accesses } from './accesses.js';
import { functions } from './functions.js';
import { parseModule, Printer, type PrintOptions } from './printer.js';
import { statements } from './statements.js';

/**
 * The module with its accesses recorded; it imports what it calls from `runtime` (src/record/runtime.ts).
 * @throws {SyntaxError} naming file and text, for what the printer does not know how to record.
 */
export function printModule(source: string, runtime: string, options: PrintOptions): string {
  const program = parseModule(source);
  const printer = new Printer(source, program, options, { ...statements, ...functions, ...accesses });
  const text = printer.print(program);
  const names = [...printer.used].sort();
  return names.length === 0 ? text : `import { ${names.map(name => `${name.slice(1)} as ${name}`).join(', ')} } from ${JSON.stringify(runtime)};\n${text}`;
}
