/** A module in its parts: header comment, imports, and top-level declarations, each with its comments. Put together again it is the same text. */
import { endOf, nodesIn, parseModule, startOf, type Comment, type Statement, type StatementOf } from './ast.js';

/** A name that an import binds. */
export interface ImportedName { readonly imported: string; readonly local: string; readonly isType: boolean }

export interface ImportStatement {
  /** As written: `../include/linux/errno.js`. */
  readonly from: string;
  readonly names: readonly ImportedName[];
  /** `import * as …`. */
  readonly namespace: string | null;
  readonly text: string;
}

/** A top-level declaration, with the statements behind it that declare nothing (`handsOnSleep(f);`). */
export interface Item {
  /** What it declares; null for what only exports others' names. */
  readonly name: string | null;
  readonly isExported: boolean;
  /** Whether it is there at run time: not so types and interfaces. */
  readonly isValue: boolean;
  /** Empty lines and the like in front of it. */
  readonly lead: string;
  /** Comments that stand for themselves above it, each with what follows it. */
  readonly preamble: string;
  /** Its doc comment, the declaration, and what belongs to it. */
  readonly text: string;
  /** The declarations' nodes; positions are those in the text of the module. */
  readonly nodes: readonly Statement[];
  /** Where `text` begins in the text of the module. */
  readonly start: number;
}

export interface Module {
  /** The comments at the top of the file; empty when there are none. */
  readonly header: string;
  readonly imports: readonly ImportStatement[];
  readonly items: readonly Item[];
  /** What follows the last item. */
  readonly tail: string;
}

/** The end of a statement, or of a comment that follows it on its last line. */
function endWithRemark(source: string, statement: Statement, comments: readonly Comment[]): number {
  const end = endOf(statement);
  const remark = comments.find(comment => startOf(comment) >= end && !source.slice(end, startOf(comment)).includes('\n'));
  return remark === undefined || source.slice(end, startOf(remark)).trim() !== '' ? end : endOf(remark);
}

/** TypeScript that modules of the kit are not written in. */
export class UnusualModule extends Error {
  override readonly name = 'UnusualModule';
}

/** The string behind `from`, and its place. */
export interface Specifier { readonly specifier: string; readonly start: number; readonly end: number }

/** What a module has of others. */
interface Links { readonly imports: readonly ImportStatement[]; readonly specifiers: readonly Specifier[] }

const linksOf = new Map<string, Links>();

/** Most modules are the same in all trees, and are parsed once. */
function readLinks(source: string): Links {
  let known = linksOf.get(source);
  if (known === undefined) {
    const { body } = parseModule(source);
    const specifiers = body.flatMap((statement): Specifier[] => {
      const [from] = nodesIn('source' in statement ? statement.source : null);
      return from?.type === 'StringLiteral' ? [{ specifier: from.value, start: startOf(from), end: endOf(from) }] : [];
    });
    linksOf.set(source, (known = { imports: body.flatMap(statement => (statement.type === 'ImportDeclaration' ? [readImport(source, statement)] : [])), specifiers }));
  }
  return known;
}

/** The imports of any module. @throws {SyntaxError} with line and column. */
export const readImports = (source: string): readonly ImportStatement[] => readLinks(source).imports;

/** What any module imports or exports on. @throws {SyntaxError} with line and column. */
export const specifiersOf = (source: string): readonly Specifier[] => readLinks(source).specifiers;

/** @throws {SyntaxError} with line and column. @throws {UnusualModule} */
export function readModule(source: string): Module {
  const { body, comments } = parseModule(source);
  const imports = body.filter(statement => statement.type === 'ImportDeclaration');
  const rest = body.filter(statement => statement.type !== 'ImportDeclaration');
  const first = comments[0];
  const hasHeader = first !== undefined && startOf(first) === 0;
  const headerEnd = imports.length > 0 ? startOf(imports[0]!) : hasHeader ? endOf(first) : 0;
  let at = imports.length > 0 ? endOf(imports.at(-1)!) : headerEnd;
  const items: Item[] = [];
  for (const group of declarationsOf(rest)) {
    items.push(readItem(source, group, comments, at));
    at = items.at(-1)!.start + items.at(-1)!.text.length;
  }
  return { header: source.slice(0, headerEnd).trimEnd(), imports: imports.map(statement => readImport(source, statement)), items, tail: source.slice(at) };
}

/** A declaration each, with the statements behind it that declare nothing. */
function declarationsOf(statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [];
  for (const statement of statements) {
    if (statement.type === 'ExpressionStatement' && groups.length > 0) groups.at(-1)!.push(statement);
    else groups.push([statement]);
  }
  return groups;
}

function readItem(source: string, nodes: Statement[], comments: readonly Comment[], from: number): Item {
  const declaration = nodes[0]!;
  const above = comments.filter(comment => startOf(comment) >= from && endOf(comment) <= startOf(declaration));
  // a comment with an empty line under it stands for itself
  let doc = above.length;
  while (doc > 0 && !/\n\s*\n/.test(source.slice(endOf(above[doc - 1]!), doc < above.length ? startOf(above[doc]!) : startOf(declaration)))) doc--;
  const start = doc < above.length ? startOf(above[doc]!) : startOf(declaration);
  const preambleStart = doc > 0 ? startOf(above[0]!) : start;
  return {
    ...declared(declaration), nodes, start,
    lead: source.slice(from, preambleStart), preamble: source.slice(preambleStart, start),
    text: source.slice(start, endWithRemark(source, nodes.at(-1)!, comments)),
  };
}

function declared(statement: Statement): Pick<Item, 'name' | 'isExported' | 'isValue'> {
  const isExported = statement.type === 'ExportNamedDeclaration';
  const declaration = isExported ? (statement.declaration ?? null) : statement;
  switch (declaration?.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return { name: declaration.id?.name ?? null, isExported, isValue: true };
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return { name: declaration.id.name, isExported, isValue: false };
    case 'VariableDeclaration': {
      const id = declaration.declarations[0]?.id;
      if (declaration.declarations.length !== 1 || id?.type !== 'Identifier') throw new UnusualModule('a kernel module declares its variables one by one');
      return { name: id.name, isExported, isValue: true };
    }
    default:
      return { name: null, isExported, isValue: false };
  }
}

function readImport(source: string, statement: StatementOf<'ImportDeclaration'>): ImportStatement {
  const names: ImportedName[] = [];
  let namespace: string | null = null;
  for (const specifier of statement.specifiers) {
    if (specifier.type === 'ImportNamespaceSpecifier') namespace = specifier.local.name;
    if (specifier.type !== 'ImportSpecifier') continue;
    const imported = specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
    names.push({ imported, local: specifier.local.name, isType: statement.importKind === 'type' || specifier.importKind === 'type' });
  }
  return { from: statement.source.value, names, namespace, text: source.slice(startOf(statement), endOf(statement)) };
}

/** What a module is printed from. */
export interface ModuleParts {
  readonly header: string;
  readonly imports: readonly Pick<ImportStatement, 'text'>[];
  readonly items: readonly Pick<Item, 'lead' | 'preamble' | 'text'>[];
  readonly tail: string;
}

export function printModule({ header, imports, items, tail }: ModuleParts): string {
  const top = [...(header === '' ? [] : [header]), ...imports.map(({ text }) => text)].join('\n');
  return top + items.map(({ lead, preamble, text }) => lead + preamble + text).join('') + tail;
}
