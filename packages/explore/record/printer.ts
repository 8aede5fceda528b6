/**
 * Prints a module of the kernel so that each access to an object tells the recorder (src/record/access.ts): what it computes stays as it
 * is, in the same order. User expressions are never moved into functions, since they may hold a `yield`.
 *
 * It goes by syntax and knows no types; what is recorded is decided when it runs, by what an access meets. Syntax it does not know is an
 * error: an access that nobody sees would make the search unsound without a sign.
 *
 * Input is JavaScript without `?.`, `??` and logical assignments (the build lowers them).
 */
import { parse, type AnyNode, type Identifier, type Program } from 'acorn';
import { isKnownGlobal } from './names.js';
import { boundNames, children, containsYield } from './tree.js';

export interface PrintOptions {
  /** For messages. */
  readonly file: string;
  /** Variables and objects of the module that hold nothing from one step to the next: they are not recorded. */
  readonly scratch?: ReadonlySet<string>;
}

/** What a function, or the module, is while its inside is printed. */
export interface Frame {
  /** Variables that the printer needs in it; null where it can declare none. */
  readonly temps: string[] | null;
  /** `this`: the linked kernel, whose fields never change, or an object like any other. */
  readonly kernelThis: boolean;
}

export type NodePrinter = (printer: Printer, node: never) => string;

/** Node types that print as they are, their parts printed. */
const AS_IS = new Set([
  'BlockStatement', 'ReturnStatement', 'IfStatement', 'WhileStatement', 'DoWhileStatement', 'SwitchStatement', 'SwitchCase', 'TryStatement', 'ThrowStatement',
  'EmptyStatement', 'ParenthesizedExpression', 'ConditionalExpression', 'LogicalExpression', 'ArrayExpression', 'SequenceExpression', 'YieldExpression', 'Literal',
  'TemplateElement', 'ThisExpression',
]);

export class Printer {
  readonly source: string;
  readonly options: PrintOptions;
  readonly namespaces = new Set<string>();
  readonly #declared: ReadonlySet<string>;
  readonly #tables: Readonly<Record<string, NodePrinter>>;
  readonly #fields = new Map<string, string>();
  readonly used = new Set<string>();
  frame: Frame = { temps: [], kernelThis: true };
  #count = 0;

  constructor(source: string, program: Program, options: PrintOptions, tables: Readonly<Record<string, NodePrinter>>) {
    this.source = source;
    this.options = options;
    this.#tables = tables;
    this.#declared = boundNames(program);
    for (const name of options.scratch ?? []) if (!this.#declared.has(name)) throw new SyntaxError(`${options.file}: nothing there is called ${name}, which is not to be recorded`);
    for (const name of this.#declared) {
      if (name.startsWith('$')) throw new SyntaxError(`${options.file}: names that begin with $ are the printer's: ${name}`);
      if (isKnownGlobal(name)) throw new SyntaxError(`${options.file}: ${name} hides what the language has by this name`);
    }
  }

  fail(node: AnyNode, what: string): never {
    throw new SyntaxError(`${this.options.file}: cannot record ${what}: ${this.raw(node).slice(0, 80)}`);
  }
  raw(node: AnyNode): string {
    return this.source.slice(node.start, node.end);
  }

  print(node: AnyNode): string {
    const own = this.#tables[node.type];
    if (own !== undefined) return own(this, node as never);
    if (AS_IS.has(node.type)) return this.copy(node);
    return this.fail(node, node.type);
  }
  /** The text of a node with its parts printed, or replaced by what is given. */
  copy(node: AnyNode, replaced: ReadonlyMap<AnyNode, string> = new Map()): string {
    let out = '';
    let at = node.start;
    for (const child of children(node)) {
      out += this.source.slice(at, child.start) + (replaced.get(child) ?? this.print(child));
      at = child.end;
    }
    return out + this.source.slice(at, node.end);
  }
  printList(nodes: readonly AnyNode[]): string {
    return nodes.map(node => this.print(node)).join(', ');
  }

  /** Prints something as the inside of a function; `temps`: the variables it turned out to need. */
  inside(frame: Frame, print: () => string): string {
    const outer = this.frame;
    this.frame = frame;
    try {
      return print();
    } finally {
      this.frame = outer;
    }
  }

  /** A function of the recorder. */
  call(name: string, ...args: readonly string[]): string {
    this.used.add(name);
    return `${name}(${args.join(', ')})`;
  }
  /** The variable that holds the number of a field. */
  field(name: string): string {
    let variable = this.#fields.get(name);
    if (variable === undefined) {
      this.used.add('$field');
      variable = /^\w+$/.test(name) ? `$f_${name}` : `$f${this.#fields.size}`;
      this.#fields.set(name, variable);
    }
    return variable;
  }
  fieldDeclarations(): string {
    return [...this.#fields].map(([name, variable]) => `const ${variable} = /* @__PURE__ */ $field(${JSON.stringify(name)});\n`).join('');
  }

  /** A name that the module does not have. */
  fresh(): string {
    return `$${++this.#count}`;
  }
  /** A variable of the present function. */
  temp(node: AnyNode): string {
    if (this.frame.temps === null) this.fail(node, 'an access that needs a variable where none can be declared');
    const name = this.fresh();
    this.frame.temps.push(name);
    return name;
  }

  isNamespace(node: AnyNode): boolean {
    return node.type === 'Identifier' && this.namespaces.has(node.name);
  }
  /** The name of a global; null for everything else. */
  globalName(node: AnyNode): string | null {
    return node.type === 'Identifier' && !this.#declared.has(node.name) ? node.name : null;
  }
  identifier(node: Identifier): string {
    if (this.globalName(node) !== null && !isKnownGlobal(node.name)) this.fail(node, 'a global that the printer does not know');
    return node.name;
  }
  isKernelThis(node: AnyNode): boolean {
    return node.type === 'ThisExpression' && this.frame.kernelThis;
  }
  checkNoYield(node: AnyNode, what: string): void {
    if (containsYield(node)) this.fail(node, `${what} with a yield in it`);
  }
}

export function parseModule(source: string): Program {
  return parse(source, { ecmaVersion: 2024, sourceType: 'module', preserveParens: true });
}
