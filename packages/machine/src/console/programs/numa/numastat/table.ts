/**
 * The tables that numastat prints (its "vtab" of numactl 2.0.16): header rows and one header column, cells of numbers and texts,
 * columns folded to the width of the screen.
 */
import { fixed } from '../fixed.js';

/** A number, a text, or a rule of this character across the column. */
export type Cell = number | string | { readonly rule: string } | null;

export interface Column { width: number; places: number; left: boolean }

/** USUAL_GUTTER_WIDTH: spaces between columns. */
const GUTTER = 1;

export class Table {
  readonly cells: Cell[][];
  readonly columns: Column[];
  readonly headerRows: number;
  /** A row that is shown even if it is empty: the rule above a total. */
  alwaysShow = -1;
  /** Order of the rows. */
  readonly #order: number[];

  constructor(headerRows: number, dataRows: number, dataColumns: number) {
    this.headerRows = headerRows;
    this.cells = Array.from({ length: headerRows + dataRows }, () => Array<Cell>(1 + dataColumns).fill(null));
    this.columns = Array.from({ length: 1 + dataColumns }, (_, at) => ({ width: 16, places: 0, left: at === 0 }));
    this.#order = [...this.cells.keys()];
  }

  /** Zeros in all cells but the headers. */
  zero(): void {
    for (const row of this.cells.slice(this.headerRows)) row.fill(0, 1);
  }
  add(row: number, column: number, value: number): void {
    this.cells[row]![column] = ((this.cells[row]![column] ?? 0) as number) + value;
  }

  dropLastColumn(): void {
    this.columns.pop();
    for (const row of this.cells) row.pop();
  }

  /** As wide as what is in it, within limits, and a space. */
  fit(column: number, least: number, most: number): void {
    const texts = this.cells.map(row => (isRule(row[column]!) ? '' : this.#text(row[column]!, column, most)));
    this.columns[column]!.width = Math.min(most, Math.max(least, ...texts.map(text => text.length)) + GUTTER);
  }

  /** Puts the rows from `first` to `last` into descending order of a column, by choosing the largest again and again, as the original. */
  sort(first: number, last: number, column: number): void {
    const value = (at: number): number => this.cells[this.#order[at]!]![column] as number;
    for (let at = first; at <= last; at++) {
      let largest = at;
      for (let other = at + 1; other <= last; other++) if (value(largest) < value(other)) largest = other;
      [this.#order[at], this.#order[largest]] = [this.#order[largest]!, this.#order[at]!];
    }
  }

  /** The table as text; rows without any data are left out, and with `zeros` false rows and columns of zeros too. */
  print(screen: number, zeros: boolean): string {
    const data = this.cells.slice(this.headerRows).flatMap(row => row.slice(1));
    if (!data.some(isSeen)) return 'Table has no data.\n';
    if (!data.some(isNonZero) && !zeros) return 'Table has no non-zero data.\n';
    const wanted = zeros ? isSeen : isNonZero;
    const rows = this.#order.filter(row => row < this.headerRows || row === this.alwaysShow || this.cells[row]!.some((cell, at) => at > 0 && wanted(cell)));
    const shown = [...this.columns.keys()].filter(at => at > 0 && this.cells.some((row, index) => index >= this.headerRows && wanted(row[at]!)));
    return this.#fold(shown, screen).map(columns => rows.map(row => this.#line(row, columns)).join('')).join('\n');
  }

  /** Columns in sections, each as wide as the screen; one at least in each. */
  #fold(columns: readonly number[], screen: number): number[][] {
    const sections: number[][] = [];
    let width = Infinity;
    for (const column of columns) {
      const own = this.columns[column]!.width;
      if (width + own > screen) {
        sections.push([]);
        width = this.columns[0]!.width;
      }
      sections.at(-1)!.push(column);
      width += own;
    }
    return sections;
  }

  #line(row: number, columns: readonly number[]): string {
    return `${[0, ...columns].map(column => {
      const { width, left } = this.columns[column]!;
      const text = this.#text(this.cells[row]![column]!, column, width);
      return left ? text.padEnd(width) : text.padStart(width);
    }).join('')}\n`;
  }

  #text(cell: Cell, column: number, most: number): string {
    if (cell === null) return '';
    if (typeof cell === 'number') return fixed(cell, this.columns[column]!.places).slice(0, most);
    return typeof cell === 'string' ? cell.slice(0, most) : cell.rule.repeat(most - GUTTER);
  }
}

const isRule = (cell: Cell): boolean => typeof cell === 'object' && cell !== null;
const isSeen = (cell: Cell): boolean => cell !== null && !isRule(cell);
const isNonZero = (cell: Cell): boolean => isSeen(cell) && cell !== 0;
