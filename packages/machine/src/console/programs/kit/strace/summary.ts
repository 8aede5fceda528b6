/** The table of strace -c. */

interface Row { readonly name: string; calls: number; errors: number; /** Simulated ms. */ time: number }

const HEAD = '% time     seconds  usecs/call     calls    errors syscall\n------ ----------- ----------- --------- --------- ----------------\n';
const FOOT = '------ ----------- ----------- --------- --------- ----------------\n';

export class Summary {
  readonly #rows = new Map<string, Row>();

  /** @param result of the call: negative is an error. */
  count(name: string, ms: number, result: number): void {
    const row = this.#rows.get(name) ?? { name, calls: 0, errors: 0, time: 0 };
    row.calls++;
    row.time += ms;
    if (result < 0) row.errors++;
    this.#rows.set(name, row);
  }

  /** By time, as strace sorts; equal ones by the number of calls, then by name. */
  text(): string {
    const rows = [...this.#rows.values()].sort((a, b) => b.time - a.time || b.calls - a.calls || (a.name < b.name ? -1 : 1));
    const total: Row = { name: 'total', calls: 0, errors: 0, time: 0 };
    for (const { calls, errors, time } of rows) {
      total.calls += calls;
      total.errors += errors;
      total.time += time;
    }
    return HEAD + rows.map(row => line(row, total.time)).join('') + FOOT + line(total, total.time, 100);
  }
}

function line({ name, calls, errors, time }: Row, all: number, percent = all === 0 ? 0 : (100 * time) / all): string {
  const each = calls === 0 ? 0 : Math.floor((time * 1000) / calls);
  return `${percent.toFixed(2).padStart(6)} ${(time / 1000).toFixed(6).padStart(11)} ${String(each).padStart(11)} ${String(calls).padStart(9)} ${(errors === 0 ? '' : String(errors)).padStart(9)} ${name}\n`;
}
