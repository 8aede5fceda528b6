/**
 * Lays a patch package over the sources of a tree, as its reviewer would edit them: a declaration of the same name takes the place of the old
 * one, its comment with it, and a new one goes behind the one that it follows in the patch.
 */
import { Draft, draftItem, renamed, withoutExport, type DraftItem } from './draft.js';
import { foldRows } from './fold.js';
import { manifestOf, type Manifest } from './manifest.js';
import { readModule, type Item, type Module } from './module.js';
import { packageSources } from './packages.js';
import { applyEdits, namesUsed, referencesIn, type Edit } from './references.js';
import type { Target } from './resolve.js';
import { EXTERNS, externsEdits, importedBy, isExternsAlias, membersIn, TABLE, type Meaning, type Scope } from './scope.js';
import { modulesOfFile, updateTable } from './table.js';

/** The sources of a tree: path → text, sorted; and which patch wrote each top-level declaration, by `path#name`. What is not named is the base's. */
export interface Sources { readonly modules: ReadonlyMap<string, string>; readonly writers: ReadonlyMap<string, string> }

/** An item of the patch, and where it goes. */
interface Placed { readonly item: Item; readonly draft: Draft; readonly into: DraftItem; readonly old: DraftItem | null }
/** A module of the patch. */
interface Part { readonly path: string; readonly module: Module; readonly scope: Scope; readonly placed: Placed[] }

const beforeName = (name: string): string => `${name}_before`;
const keyOf = ({ module, name }: Target): string => `${module}#${name}`;

class Laying {
  readonly manifest: Manifest;
  readonly #package: string;
  readonly #modules: ReadonlyMap<string, string>;
  readonly #drafts = new Map<string, Draft>();
  /** What the patch replaces, by where it is in the tree. */
  readonly #replaced = new Map<string, Placed>();
  readonly #parts: Part[];

  constructor(modules: ReadonlyMap<string, string>, packageName: string) {
    this.#package = packageName;
    this.#modules = modules;
    const sources = packageSources(packageName);
    this.manifest = manifestOf(sources.get('index.ts') ?? '');
    this.#parts = [...sources].filter(([path]) => path !== 'index.ts').map(([path, text]) => this.#place(path, text));
    for (const part of this.#parts) this.#addHeader(part, readModule(sources.get(part.path)!).header);
    for (const part of this.#parts) for (const placed of part.placed) this.#write(part, placed);
  }

  result(writers: ReadonlyMap<string, string>): Sources {
    const { name } = this.manifest;
    const written = new Map(writers);
    for (const { placed } of this.#parts) for (const { draft, into } of placed) if (into.name !== null) written.set(`${draft.path}#${into.name}`, name);
    const modules = new Map(this.#modules);
    for (const draft of this.#drafts.values()) {
      draft.sweep();
      modules.set(draft.path, draft.print());
    }
    const places = new Map(this.#parts.flatMap(({ placed }) => placed.map(({ draft, into }) => [into.name ?? '', draft.path] as const)));
    return { modules: sorted(updateTable(modules, this.manifest, places)), writers: written };
  }

  #draft(path: string): Draft {
    let draft = this.#drafts.get(path);
    if (draft === undefined) this.#drafts.set(path, (draft = new Draft(path, this.#modules.get(path))));
    return draft;
  }

  /** The module of the tree that has the symbol now: a kernel file may be several. */
  #home(path: string, name: string): Draft | null {
    const listed = [...this.manifest.columns.replaces, ...this.manifest.columns.reprototypes];
    const symbolFile = listed.find(({ symbols, modules }) => symbols.some(symbol => symbol.name === name) || modules.some(module => `${module.slice(2, -3)}.ts` === path))?.file;
    const candidates = [path, ...(symbolFile === undefined ? [] : modulesOfFile(this.#modules, symbolFile))];
    const found = candidates.find(candidate => this.#modules.has(candidate) && this.#draft(candidate).find(name) !== undefined);
    return found === undefined ? null : this.#draft(found);
  }

  #place(path: string, text: string): Part {
    const module = readModule(text);
    const scope = importedBy(module, { package: this.#package, module: path });
    const items = module.items.filter((item) => {
      const isAlias = item.nodes.some(node => isExternsAlias(node, scope));
      if (isAlias) scope.names.set(item.name!, { ...EXTERNS, isType: true, isBelow: false });
      return !isAlias;
    });
    const placed: Placed[] = [];
    const homes = new Map(items.map(item => [item, item.name === null ? null : this.#home(path, item.name)]));
    for (const item of items) {
      const home = homes.get(item) ?? null;
      const entry = home === null ? this.#insert(path, item, placed.at(-1), items, homes) : this.#replace(home, item);
      placed.push(entry);
      if (item.name !== null) scope.names.set(item.name, { module: entry.draft.path, name: item.name, isType: !item.isValue, isBelow: false });
    }
    return { path, module, scope, placed };
  }

  #replace(draft: Draft, item: Item): Placed {
    const old = draft.find(item.name!)!;
    const into = draftItem(item, old.lead, old.preamble + item.preamble);
    draft.replace(old, into);
    const placed = { item, draft, into, old };
    this.#replaced.set(keyOf({ module: draft.path, name: item.name! }), placed);
    return placed;
  }

  /** Behind the one that it follows; a first one that only serves a later one that has its place, in front of that; else at the end of its module. */
  #insert(path: string, item: Item, previous: Placed | undefined, items: readonly Item[], homes: ReadonlyMap<Item, Draft | null>): Placed {
    const user = items.find(other => other !== item && referencesIn(other.nodes).some(({ name }) => name === item.name));
    const userHome = user === undefined ? null : (homes.get(user) ?? null);
    const draft = previous?.draft ?? userHome ?? this.#draft(path);
    const into = draftItem(item, previous !== undefined || draft.items.length === 0 ? item.lead : '\n\n', item.preamble);
    const at = previous !== undefined ? draft.items.indexOf(previous.into) + 1 : userHome !== null ? draft.items.indexOf(draft.find(user!.name!)!) : draft.items.length;
    draft.insert(into, at);
    return { item, draft, into, old: null };
  }

  /** A patch says at the top of each file what it does there; that stays below what the file said before. */
  #addHeader({ path }: Part, header: string): void {
    const draft = this.#draft(path);
    draft.header = draft.header === '' ? header : `${draft.header}\n${header}`;
  }

  #write({ scope, path }: Part, placed: Placed): void {
    const { item, draft, into, old } = placed;
    const meanings = new Map<string, Meaning>();
    const edits = this.#edits(item, draft, scope, meanings);
    into.text = applyEdits(item.text, edits, item.start);
    if (old !== null && namesUsed(into.text).has(beforeName(into.name!))) this.#keepOld(draft, into, old);
    if (into.isExported && this.#isOurs(into, path)) {
      into.text = withoutExport(into.text);
      into.isExported = false;
    }
    for (const name of namesUsed(into.text)) {
      const meaning = meanings.get(name);
      if (meaning === undefined || meaning.module === draft.path) continue;
      this.#checkExported(meaning, draft);
      draft.bind(name, meaning, meaning.isType);
    }
  }

  /** The references of an item as they are in its new place; what each name of the result means goes into `meanings`. */
  #edits(item: Item, draft: Draft, scope: Scope, meanings: Map<string, Meaning>): Edit[] {
    const edits = [...externsEdits(item.nodes, scope)];
    const isEdited = (start: number, end: number): boolean => edits.some(edit => start >= edit.start && end <= edit.end);
    meanings.set(EXTERNS.name, { ...EXTERNS, isType: true, isBelow: false });
    const rename = (meaning: Meaning, local: string): string => {
      const isOld = meaning.isBelow && this.#replaced.has(keyOf(meaning));
      const name = isOld ? beforeName(meaning.name) : meaning.module === draft.path || meaning.module === TABLE.module ? meaning.name : local;
      meanings.set(name, isOld ? { ...meaning, name } : meaning);
      return name;
    };
    for (const { start, end, ...reference } of membersIn(item.nodes, scope)) edits.push({ start, end, text: rename({ ...reference, isType: false, isBelow: true }, reference.name) });
    for (const { name, start, end, isShorthand } of referencesIn(item.nodes)) {
      const meaning = scope.names.get(name);
      if (meaning === undefined || isEdited(start, end)) continue;
      const text = rename(meaning, name);
      if (text !== name) edits.push({ start, end, text: isShorthand ? `${name}: ${text}` : text });
    }
    return edits;
  }

  /** The new definition goes on from the old one: with the rows of a table, or by calling it, which then stays under another name. */
  #keepOld(draft: Draft, into: DraftItem, old: DraftItem): void {
    const name = beforeName(into.name!);
    const folded = foldRows(into.text, name, old.text);
    if (folded !== null) into.text = folded;
    else draft.insert(renamed(old, name), draft.items.indexOf(into));
  }

  /** Whether an item of an object file is no symbol of the kernel: its manifest does not list it. */
  #isOurs(into: DraftItem, path: string): boolean {
    const entries = Object.values(this.manifest.columns).flat();
    const isObjectFile = entries.some(({ symbols, modules }) => [...symbols.map(({ specifier }) => specifier), ...modules].some(specifier => `${specifier.slice(2, -3)}.ts` === path));
    const isListed = entries.some(({ symbols, modules }) => symbols.some(({ name }) => name === into.name) || modules.some(specifier => `${specifier.slice(2, -3)}.ts` === path));
    return isObjectFile && !isListed && into.isValue && !path.startsWith('include/');
  }

  #checkExported({ module, name }: Target, draft: Draft): void {
    const own = this.#drafts.get(module)?.find(name);
    if (own !== undefined && !own.isExported) throw new Error(`${draft.path} uses ${name}, which ${module} keeps to itself`);
  }
}

const sorted = (modules: ReadonlyMap<string, string>): Map<string, string> => new Map([...modules].sort(([a], [b]) => (a < b ? -1 : 1)));

/** The sources with a patch on top. `packageName`: the patch's npm package. */
export function layPatch({ modules, writers }: Sources, packageName: string): Sources {
  return new Laying(modules, packageName).result(writers);
}
