/**
 * From a module of the kernel to one that notes which arms of its branches are taken: what it computes stays as it is. Text is only put between what stands in the source, so that
 * places are those of the source.
 *
 * Arms are: both ways of `if`, `?:` and the like of `??=`; of `a && b`, `a || b`, `a ?? b` each operand that ends it, and the last one; each case of a switch, and none of them; that a loop is entered, and
 * that it is passed by. There are none where there is no choice, as in `while (true)`.
 */
import MagicString from 'magic-string';
import type { CoveredFunction } from '../src/cover/branches.js';
import { importsOf } from './imports.js';
import {
  children, endOf, isFunction, operandsOf, parseTyped, startOf,
  type AnyNode, type AssignmentExpression, type ConditionalExpression, type DoWhileStatement, type FunctionNode, type IfStatement, type LabeledStatement, type LogicalExpression, type Loop,
  type SwitchStatement,
} from './syntax.js';

export interface CoverOptions {
  /** As functions name it. */
  readonly file: string;
  /** The first free slot. */
  readonly slot: number;
  /** Where `hits` is imported from. */
  readonly runtime: string;
}
export interface CoveredModule {
  readonly text: string;
  readonly functions: readonly CoveredFunction[];
  /** What it calls by name (imports.ts). */
  readonly imports: readonly string[];
  /** The next free slot. */
  readonly slot: number;
}

/** @throws {SyntaxError} for names that are the printer's. */
export function printCovered(source: string, { file, slot, runtime }: CoverOptions): CoveredModule {
  return new Printer(source, file, slot).print(runtime);
}

/** Variables of the printed module: what an operand was, what an assignment has left, and whether that was there already. */
const VARIABLES = 'let $t, $v, $kept;';

class Printer {
  readonly #source: string;
  readonly #file: string;
  readonly #out: MagicString;
  readonly #functions: CoveredFunction[] = [];
  /** Of the function that is being printed. */
  #arms: string[] = [];
  #slot: number;

  constructor(source: string, file: string, slot: number) {
    this.#source = source;
    this.#file = file;
    this.#slot = slot;
    this.#out = new MagicString(source);
  }

  print(runtime: string): CoveredModule {
    const program = parseTyped(this.#source);
    for (const statement of program.body) this.#declarations(statement, '');
    this.#out.prepend(`import { hits as $hits } from ${JSON.stringify(runtime)}; ${VARIABLES} `);
    return { text: this.#out.toString(), functions: this.#functions, imports: importsOf(this.#source, program), slot: this.#slot };
  }

  /** Functions get the name that they have in the module, `table.method` and `Class.method`; those inside of functions are parts of them. What only makes a constant of the module is none. */
  #declarations(node: AnyNode, name: string): void {
    const own = nameOf(node);
    const full = own === null ? name : name === '' ? own : `${name}.${own}`;
    if (isFunction(node)) this.#function(node, full);
    else if (node.type !== 'CallExpression' && node.type !== 'NewExpression') for (const child of children(node)) this.#declarations(child, full);
  }
  #function(node: FunctionNode, name: string): void {
    this.#arms = [];
    const { line } = node.loc!.start;
    const slot = this.#slot++;
    for (const child of children(node)) this.#visit(child);
    const { body } = node;
    if (body.type === 'BlockStatement') this.#out.prependRight(startOf(body) + 1, hit(slot));
    else this.#wrap(body, `(${mark(slot)}, `, ')');
    this.#functions.push({ name, file: this.#file, line, slot, byName: false, arms: this.#arms });
  }

  /** A slot for one more arm of the present function. */
  #arm({ loc }: AnyNode, what: string): number {
    const { line, column } = loc!.start;
    this.#arms.push(`${line}:${column + 1} ${what}`);
    return this.#slot++;
  }

  #visit(node: AnyNode, tested = false): void {
    switch (node.type) {
      case 'IfStatement': this.#if(node); break;
      case 'ConditionalExpression': this.#conditional(node, tested); break;
      case 'LogicalExpression': this.#logical(node, tested); break;
      case 'AssignmentExpression': this.#assignment(node); break;
      case 'SwitchStatement': this.#switch(node); break;
      case 'LabeledStatement': this.#labeled(node); break;
      case 'ForStatement': case 'ForInStatement': case 'ForOfStatement': case 'WhileStatement': this.#loop(node, node); break;
      case 'DoWhileStatement': this.#doWhile(node); break;
      case 'ParenthesizedExpression': this.#visit(node.expression, tested); break;
      case 'UnaryExpression': this.#visit(node.argument, node.operator === '!'); break;
      case 'Identifier': this.#checkName(node.name); break;
      default: this.#parts(node);
    }
  }
  #parts(node: AnyNode): void {
    for (const child of children(node)) this.#visit(child);
  }
  #checkName(name: string): void {
    if (name.startsWith('$')) throw new SyntaxError(`${this.#file}: names that begin with $ are the printer's: ${name}`);
  }

  #if(node: IfStatement): void {
    const taken = this.#arm(node, 'if');
    const passed = this.#arm(node, 'else');
    this.#visit(node.test, true);
    this.#visit(node.consequent);
    this.#begin(node.consequent, hit(taken));
    if (node.alternate) {
      this.#visit(node.alternate);
      this.#begin(node.alternate, hit(passed));
    } else this.#out.appendLeft(endOf(node), ` else ${hit(passed)}`);
  }

  #conditional(node: ConditionalExpression, tested: boolean): void {
    const arms = [this.#arm(node, '?'), this.#arm(node, ':')];
    this.#visit(node.test, true);
    for (const part of [node.consequent, node.alternate]) {
      this.#visit(part, tested);
      this.#wrap(part, `(${mark(arms.shift()!)}, `, ')');
    }
  }

  /**
   * `a && b && c` as `($t = a) ? ($t = b) ? c : $t : $t`: the variable is read before anybody else can write it. Where only the truth of it matters, the operand is not kept.
   */
  #logical(node: LogicalExpression, tested: boolean): void {
    const { operator } = node;
    const operands = operandsOf(node, operator);
    const arms = operands.map((operand, i) => this.#arm(operand, i === operands.length - 1 ? `${operator} last` : `${operator} ends`));
    const truth = tested && operator !== '??';
    for (const [i, operand] of operands.entries()) this.#visit(operand, truth || (tested && i === operands.length - 1));
    const test = truth ? '((' : operator === '??' ? '((($t = ' : '(($t = ';
    const tell = `${operator === '??' ? ') != null' : ''}) ? `;
    const ends = (i: number): string => `(${mark(arms[i]!)}, ${truth ? String(operator === '||') : '$t'})`;
    const last = `(${mark(arms.at(-1)!)}, `;
    this.#out.prependRight(startOf(operands[0]!), test);
    for (let i = 1; i < operands.length; i++) {
      const next = i === operands.length - 1 ? last : test;
      this.#out.overwrite(endOf(operands[i - 1]!), startOf(operands[i]!), operator === '&&' ? tell + next : `${tell}${ends(i - 1)} : ${next}`);
    }
    const closed = operator === '&&' ? arms.slice(0, -1).map((_, i) => ` : ${ends(i)})`).reverse() : arms.slice(1).map(() => ')');
    this.#out.appendLeft(endOf(node), `)${closed.join('')}`);
  }

  #assignment(node: AssignmentExpression): void {
    if (!['&&=', '||=', '??='].includes(node.operator)) {
      this.#parts(node);
      return;
    }
    const assigned = this.#arm(node, `${node.operator} assigns`);
    const left = this.#arm(node, `${node.operator} leaves it`);
    this.#parts(node);
    this.#wrap(node.right, '($t = ', `, $kept = false, ${mark(assigned)}, $t)`);
    this.#wrap(node, '($kept = true, $v = (', `), $kept && (${mark(left)}), $v)`);
  }

  #switch(node: SwitchStatement): void {
    const arms = node.cases.map(one => this.#arm(one, one.test ? 'case' : 'default'));
    this.#parts(node);
    for (const [i, { consequent, end }] of node.cases.entries()) {
      if (consequent.length === 0) this.#out.appendLeft(end!, ` ${hit(arms[i]!)}`);
      else this.#out.prependRight(startOf(consequent[0]!), hit(arms[i]!));
    }
    if (node.cases.every(({ test }) => test)) this.#out.appendLeft(endOf(node) - 1, `break; default: ${hit(this.#arm(node, 'no case'))}`);
  }

  #labeled(node: LabeledStatement): void {
    const { body } = node;
    if (body.type === 'ForStatement' || body.type === 'ForInStatement' || body.type === 'ForOfStatement' || body.type === 'WhileStatement') this.#loop(body, node);
    else this.#visit(body);
  }
  /** A variable of the loop's own says whether it was entered. @param whole the loop with its label. */
  #loop(loop: Loop, whole: AnyNode): void {
    if (isEndless(loop)) {
      this.#parts(loop);
      return;
    }
    const entered = this.#arm(loop, 'loop');
    const passed = this.#arm(loop, 'no loop');
    for (const child of children(loop)) this.#visit(child, 'test' in loop && child === loop.test);
    const flag = `$passed${passed}`;
    this.#begin(loop.body, `${flag} = false; ${hit(entered)}`);
    this.#wrap(whole, `{ let ${flag} = true; `, ` if (${flag}) ${hit(passed)} }`);
  }
  #doWhile(node: DoWhileStatement): void {
    this.#visit(node.body);
    if (node.test.type === 'BooleanLiteral') return;
    const again = this.#arm(node, 'again');
    const done = this.#arm(node, 'not again');
    this.#visit(node.test, true);
    this.#wrap(node.test, '((', `) ? (${mark(again)}, true) : (${mark(done)}, false))`);
  }

  /** Puts a statement at the beginning of another, which is a block after that. */
  #begin(statement: AnyNode, text: string): void {
    if (statement.type === 'BlockStatement') this.#out.prependRight(startOf(statement) + 1, text);
    else this.#wrap(statement, `{ ${text}`, ' }');
  }
  /** Around all that has been put around parts of the node before. */
  #wrap(node: AnyNode, before: string, after: string): void {
    this.#out.prependRight(startOf(node), before).appendLeft(endOf(node), after);
  }
}

const mark = (slot: number): string => `$hits[${slot}] = 1`;
const hit = (slot: number): string => `${mark(slot)}; `;

const isEndless = (loop: Loop): boolean =>
  (loop.type === 'ForStatement' && !loop.test) || (loop.type === 'WhileStatement' && loop.test.type === 'BooleanLiteral' && loop.test.value);

/** What a declaration, a method or a property adds to the names of functions below it; null for nothing. */
function nameOf(node: AnyNode): string | null {
  const named = ('id' in node && node.id) || ('key' in node && node.key) || null;
  if (named?.type === 'PrivateName') return `#${named.id.name}`;
  return named?.type === 'Identifier' ? named.name : null;
}
