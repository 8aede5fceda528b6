/** A module while a patch is laid over it. */
import { parseModule, startOf } from './ast.js';
import { printModule, readModule, type ImportedName, type ImportStatement, type Item } from './module.js';
import { applyEdits, namesUsed, renameIn } from './references.js';
import { resolveInTree, specifierFor, type Target } from './resolve.js';

/** An item of a draft; its text is written when it is known where everything goes. */
export interface DraftItem { readonly name: string | null; isExported: boolean; readonly isValue: boolean; readonly lead: string; readonly preamble: string; text: string }

const WIDTH = 150;

function printImport(from: string, names: readonly ImportedName[]): string {
  const allTypes = names.every(({ isType }) => isType);
  const parts = names.map(({ imported, local, isType }) => `${isType && !allTypes ? 'type ' : ''}${imported}${imported === local ? '' : ` as ${local}`}`);
  const keyword = allTypes ? 'import type' : 'import';
  const line = `${keyword} { ${parts.join(', ')} } from '${from}';`;
  if (line.length <= WIDTH) return line;
  const rows: string[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    if (last === undefined || last.length + part.length > WIDTH - 4) rows.push(`  ${part},`);
    else rows[rows.length - 1] = `${last} ${part},`;
  }
  return `${keyword} {\n${rows.join('\n')}\n} from '${from}';`;
}

export class Draft {
  readonly path: string;
  readonly items: DraftItem[];
  header: string;
  #imports: ImportStatement[];
  readonly #tail: string;

  constructor(path: string, text = '\n') {
    const module = readModule(text);
    this.path = path;
    this.header = module.header;
    this.#imports = [...module.imports];
    this.items = module.items.map(({ name, isExported, isValue, lead, preamble, text: itemText }) => ({ name, isExported, isValue, lead, preamble, text: itemText }));
    this.#tail = module.tail;
  }

  find(name: string): DraftItem | undefined {
    return this.items.find(item => item.name === name);
  }

  insert(item: DraftItem, at: number): void {
    this.items.splice(at, 0, item);
  }

  replace(old: DraftItem, item: DraftItem): void {
    this.items[this.items.indexOf(old)] = item;
  }

  /** Sees to it that `local` means `to` in this module. @throws {Error} when it means something else already. */
  bind(local: string, to: Target, isType: boolean): void {
    const bound = this.#imports.flatMap((statement, at) => statement.names.map(name => ({ at, name, target: resolveInTree(statement.from, this.path) }))).find(({ name }) => name.local === local);
    if (bound !== undefined) {
      if (bound.target !== to.module || bound.name.imported !== to.name) throw new Error(`${this.path}: ${local} is ${bound.name.imported} of ${bound.target}, and would have to be ${to.name} of ${to.module}`);
      if (bound.name.isType && !isType) this.#rewrite(bound.at, this.#imports[bound.at]!.names.map(name => (name === bound.name ? { ...name, isType } : name)));
      return;
    }
    const name: ImportedName = { imported: to.name, local, isType };
    const at = this.#imports.findIndex(({ from, namespace }) => namespace === null && resolveInTree(from, this.path) === to.module);
    if (at >= 0) this.#rewrite(at, [...this.#imports[at]!.names, name]);
    else {
      const from = specifierFor(to.module, this.path);
      this.#imports.push({ from, names: [name], namespace: null, text: printImport(from, [name]) });
    }
  }

  /** Leaves out what is not exported and not used, and then the imports that nothing uses. */
  sweep(): void {
    const uses = new Map(this.items.map(item => [item, namesUsed(item.text)]));
    for (let swept = true; swept; ) {
      const unused = this.items.findIndex(item => item.name !== null && !item.isExported && !this.items.some(other => other !== item && uses.get(other)!.has(item.name!)));
      swept = unused >= 0;
      if (swept) this.items.splice(unused, 1);
    }
    const isUsed = ({ local }: ImportedName): boolean => this.items.some(item => uses.get(item)!.has(local));
    for (let at = this.#imports.length - 1; at >= 0; at--) {
      const { names, namespace } = this.#imports[at]!;
      const kept = names.filter(isUsed);
      if (kept.length === names.length) continue;
      if (kept.length === 0 && namespace === null) this.#imports.splice(at, 1);
      else this.#rewrite(at, kept);
    }
  }

  print(): string {
    return printModule({ header: this.header, imports: this.#imports, items: this.items, tail: this.#tail });
  }

  #rewrite(at: number, names: readonly ImportedName[]): void {
    const statement = this.#imports[at]!;
    this.#imports[at] = { ...statement, names, text: printImport(statement.from, names) };
  }
}

/** The text of an item that is not exported any more. */
export function withoutExport(text: string): string {
  const [statement] = parseModule(text).body;
  if (statement?.type !== 'ExportNamedDeclaration' || !statement.declaration) return text;
  return applyEdits(text, [{ start: startOf(statement), end: startOf(statement.declaration), text: '' }]);
}

/** An item under another name, for its own module only. */
export function renamed(item: DraftItem, name: string): DraftItem {
  const references = renameIn(withoutExport(item.text), new Map([[item.name!, name]]));
  const declaration = parseModule(references).body[0]!;
  const id = declaration.type === 'VariableDeclaration' ? declaration.declarations[0]!.id : 'id' in declaration ? declaration.id : null;
  if (id?.type !== 'Identifier') throw new Error(`${item.name} cannot be kept beside its successor`);
  return { ...item, name, isExported: false, text: applyEdits(references, [{ start: startOf(id), end: startOf(id) + id.name.length, text: name }]) };
}

/** An item of a draft whose text is still to be written. */
export const draftItem = ({ name, isExported, isValue }: Item, lead: string, preamble: string): DraftItem => ({ name, isExported, isValue, lead, preamble, text: '' });

