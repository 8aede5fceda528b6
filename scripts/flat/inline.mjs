/**
 * Inlines functions of a flat kernel into their callers, as the compiler of the kernel does with `static inline` functions, macros, and what is static and called once.
 * V8 does so too, but what it inlines into one function at most is used up long before a path through mm/ is.
 *
 * A call becomes the body of the function in a block of its own, before the statement that the call stands in: arguments are bound to constants, in order; names get a
 * number that nothing else has; `return` leaves the block. What the statement evaluates before the call is kept in constants before it: the order of everything stays.
 */
import { parse } from '@babel/parser';
import { childrenOf, isFunction, partsOf, survey } from './syntax.mjs';

/** Nodes of a function that is inlined wherever it is called. More than so many bring nothing more, and a larger module. */
const SMALL = 60;
/** Nodes of a function that is inlined when only one place calls it. */
const ONLY_ONE = 400;
/** Nodes that a function may grow to. */
const GROWN = 3000;
/** Where the paths are that a page takes (test/flat-inline.test.ts names the files). Functions that are written elsewhere are left as they are, and short. */
export const PATHS = /\/src\/(?:mm\/(?:filemap\.|memory|mempolicy_alloc|mmap_vma|mmigrate|page-writeback\.|page_alloc(?!_init)|rmap|swap(?!file_onoff)|vmscan)|lib\/|fs\/buffer\.|arch\/ia64\/mm\/)/;

/** What must not be in a function that is inlined. Who throws is not on a path that anybody waits for. */
const NOT_INLINED = [
  'Function', 'ThisExpression', 'ThrowStatement', 'TryStatement', 'LabeledStatement', 'YieldExpression', 'AwaitExpression', 'SpreadElement', 'RestElement', 'AssignmentPattern',
];
/** Fields that are never set again once a machine is booted: it does not matter that they are read later. */
const STABLE = new Set(['m', 'mem_map']);
const LITERALS = new Set(['NumericLiteral', 'StringLiteral', 'BooleanLiteral', 'NullLiteral']);

const isName = (text) => /^[\w$.]+$/.test(text);
const isWithin = (inner, outer) => inner.start >= outer.start && inner.end <= outer.end;
/** What a reference is made of that is evaluated. */
const target = ({ object, computed, property }) => (computed ? [object, property] : [object]);

/** The parts of an expression that are evaluated, all of them, in this order; null where it is not as simple as that. */
function evaluated(node) {
  switch (node.type) {
    case 'CallExpression': {
      const { callee } = node;
      return [...(callee.type === 'MemberExpression' ? target(callee) : callee.type === 'Identifier' ? [] : [callee]), ...node.arguments];
    }
    case 'NewExpression': return node.arguments;
    case 'BinaryExpression': return [node.left, node.right];
    case 'LogicalExpression': return [node.left];
    case 'ConditionalExpression': return [node.test];
    case 'UnaryExpression': return node.operator === 'delete' ? null : [node.argument];
    case 'MemberExpression': return target(node);
    case 'ArrayExpression': return node.elements.every((element) => element !== null && element.type !== 'SpreadElement') ? node.elements : null;
    case 'ObjectExpression': return node.properties.every(({ type, computed }) => type === 'ObjectProperty' && !computed) ? node.properties.filter(({ shorthand }) => !shorthand).map(({ value }) => value) : null;
    case 'SequenceExpression': case 'TemplateLiteral': return node.expressions;
    case 'UpdateExpression': return node.argument.type === 'MemberExpression' ? target(node.argument) : null;
    case 'AssignmentExpression':
      if (node.left.type === 'Identifier') return /^(?:\|\||&&|\?\?)=$/.test(node.operator) ? null : [node.right];
      return node.operator === '=' && node.left.type === 'MemberExpression' ? [...target(node.left), node.right] : null;
    default: return null;
  }
}

/** Statements of the top level begin in the first column, as does the comment that says which file follows. Lines of a text in a template may, too. */
const TOP_LEVEL = /^(?=(?:const|var|let|import|export) |\/\/ kernel:)/m;
/** Functions by the text of the statement that declares them: most levels have the same of most. */
const surveyed = new Map();
/** What was printed of functions, by all that it depends on. */
const printed = new Map();

/** The function that a statement declares: its name, tree and survey; null for any other statement. */
function functionOf(text) {
  let fn = surveyed.get(text);
  if (fn === undefined) {
    const [{ id, init }] = /^const [\w$]+ = \(/.test(text) ? parse(text, { sourceType: 'module', attachComment: false }).program.body[0].declarations : [{}];
    fn = init?.type === 'ArrowFunctionExpression' ? { name: id.name, text, number: surveyed.size, node: init, ...survey(init) } : null;
    surveyed.set(text, fn);
  }
  return fn;
}

class Inliner {
  #statements;
  /** Functions of the module by name. */
  #functions = new Map();
  /** Names at the top of the module that are assigned to. */
  #variables;
  #wanting = new WeakMap();
  #serial = 0;

  constructor(text) {
    this.#statements = text.split(TOP_LEVEL);
    this.#variables = new Set([...text.matchAll(/^(?:var|let) ([\w$]+)/gm)].map((match) => match[1]));
    const calls = new Map();
    for (const [, name] of text.matchAll(/(?<![.\w$])([\w$]+)\(/g)) calls.set(name, (calls.get(name) ?? 0) + 1);
    const constants = new Set([...text.matchAll(/^const ([\w$]+)/gm)].map((match) => match[1]));
    for (const fn of this.#statements.map(functionOf)) {
      if (fn === null) continue;
      const wrong = [...fn.assigned].find((name) => constants.has(name) && !fn.declared.has(name));
      if (wrong !== undefined) throw new SyntaxError(`${fn.name}() assigns to ${wrong}, which was taken for a constant`);
      this.#functions.set(fn.name, { ...fn, inlined: this.#isInlined(fn, calls.get(fn.name)) });
    }
  }

  #isInlined({ node, kinds, size }, calls) {
    if (node.async || NOT_INLINED.some((kind) => kinds.has(kind)) || node.params.some(({ type }) => type !== 'Identifier')) return false;
    return size <= SMALL || (calls === 1 && size <= ONLY_ONE);
  }

  /** The module, with calls inlined in functions of the files of which `isPath` says so. */
  print(isPath) {
    let home = '';
    return this.#statements.map((text) => {
      home = /^\/\/ kernel:(.*)$/m.exec(text)?.[1] ?? home;
      const fn = functionOf(text);
      return fn !== null && isPath(home) ? `const ${fn.name} = ${this.#printed(this.#functions.get(fn.name))};\n` : text;
    }).join('');
  }

  #printed(fn) {
    const key = [...this.#variables, ...this.#dependencies(fn, new Map()).values()].join();
    if (!printed.has(key)) printed.set(key, this.#function(fn));
    return printed.get(key);
  }

  /** The functions that may get into a function, and those that do not. */
  #dependencies(fn, found) {
    found.set(fn.name, `${fn.number}${fn.inlined ? '+' : '-'}`);
    for (const name of fn.free) {
      const other = this.#functions.get(name);
      if (other === undefined || found.has(name)) continue;
      if (other.inlined) this.#dependencies(other, found);
      else found.set(name, name);
    }
    return found;
  }

  #function(fn) {
    const { node: { params, body }, text, declared, assigned, size } = fn;
    const list = params.length === 0 ? '' : text.slice(params[0].start, params.at(-1).end);
    this.#serial = 0;
    const scope = { text, names: new Map(), declared, assigned, inside: [], root: { size, declared } };
    if (body.type === 'BlockStatement') return `(${list}) => ${this.#statement(body, scope)}`;
    const out = [];
    const value = this.#lower(body, scope, out).text;
    return `(${list}) => ${out.length === 0 ? `(${value})` : `{ ${out.join(' ')} return ${value}; }`}`;
  }

  // ---- what is inlined

  /** Whether there is a call below a node that may be inlined. */
  #wantsInlining(node) {
    let wants = this.#wanting.get(node);
    if (wants === undefined) {
      const fn = node.type === 'CallExpression' && node.callee.type === 'Identifier' ? this.#functions.get(node.callee.name) : undefined;
      wants = !isFunction(node) && (fn?.inlined === true || childrenOf(node).some((child) => this.#wantsInlining(child)));
      this.#wanting.set(node, wants);
    }
    return wants;
  }

  /** The function that a call is replaced by; undefined where it stays a call. */
  #callee(node, { declared, inside, root }) {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || declared.has(node.callee.name)) return undefined;
    const fn = this.#functions.get(node.callee.name);
    if (fn?.inlined !== true || node.arguments.length > fn.node.params.length || inside.includes(fn) || root.size + fn.size > GROWN) return undefined;
    // a name of the module must not become one of the function that it gets into
    return fn.free.some((name) => root.declared.has(name)) ? undefined : fn;
  }

  #inline(fn, node, scope, out) {
    const number = ++this.#serial;
    scope.root.size += fn.size;
    const names = new Map([...fn.declared].map((name) => [name, `${name}$${number}`]));
    const values = this.#inOrder(node.arguments, scope, out);
    for (const [i, { name }] of fn.node.params.entries()) {
      const { text, stable } = values[i] ?? { text: 'void 0', stable: true };
      if (stable && !fn.assigned.has(name) && !fn.redeclared.has(name)) names.set(name, isName(text) ? text : `(${text})`);
      else out.push(`${fn.assigned.has(name) ? 'let' : 'const'} ${names.get(name)} = ${text};`);
    }
    const inner = { text: fn.text, names, declared: fn.declared, assigned: fn.assigned, inside: [...scope.inside, fn], root: scope.root };
    const { body } = fn.node;
    if (body.type !== 'BlockStatement') return this.#lower(body, inner, out);
    if (body.body.length === 1 && body.body[0].type === 'ReturnStatement' && body.body[0].argument !== null) return this.#lower(body.body[0].argument, inner, out);
    Object.assign(inner, { result: fn.kinds.has('ReturnStatement') ? `r$${number}` : null, label: `L$${number}`, last: body.body.at(-1) });
    const text = body.body.map((statement) => this.#statement(statement, inner)).join(' ');
    if (inner.result !== null) out.push(`let ${inner.result};`);
    out.push(`${inner.isLeft ? `${inner.label}: ` : ''}{ ${text} }`);
    return { text: inner.result ?? 'void 0', stable: true };
  }

  // ---- expressions

  /** The text of a node with the names of where it gets to; nothing is inlined in it. */
  #plain(node, scope) {
    const { names } = scope;
    if (names.size === 0 || isFunction(node)) return scope.text.slice(node.start, node.end);
    if (node.type === 'Identifier') return names.get(node.name) ?? node.name;
    const text = this.#splice(node, partsOf(node).map((part) => [part, this.#plain(part, scope)]), scope);
    return node.type === 'ObjectProperty' && node.shorthand && text !== node.key.name ? `${node.key.name}: ${text}` : text;
  }

  /** The text of a node with those of parts of it replaced. */
  #splice(node, parts, scope) {
    let [text, at] = ['', node.start];
    for (const [part, replaced] of parts.toSorted(([a], [b]) => a.start - b.start)) {
      text += scope.text.slice(at, part.start) + replaced;
      at = part.end;
    }
    return text + scope.text.slice(at, node.end);
  }

  /** Whether an expression has the same value later in the statement, whatever is called before that. */
  #isStable(node, scope) {
    if (LITERALS.has(node.type)) return true;
    if (node.type === 'Identifier') return !scope.assigned.has(node.name) && !this.#variables.has(node.name);
    if (node.type === 'UnaryExpression') return node.operator !== 'delete' && LITERALS.has(node.argument.type);
    return node.type === 'MemberExpression' && !node.computed && STABLE.has(node.property.name) && this.#isStable(node.object, scope);
  }

  /** Expressions that are evaluated one after the other. */
  #inOrder(nodes, scope, out) {
    const last = nodes.findLastIndex((node) => this.#wantsInlining(node));
    return nodes.map((node, i) => {
      const value = this.#lower(node, scope, out);
      if (value.stable || i >= last) return value;
      const name = `t$${++this.#serial}`;
      out.push(`const ${name} = ${value.text};`);
      return { text: name, stable: true };
    });
  }

  /** An expression whose calls are inlined, by statements that are put before it. */
  #lower(node, scope, out) {
    if (!this.#wantsInlining(node)) return { text: this.#plain(node, scope), stable: this.#isStable(node, scope) };
    const fn = this.#callee(node, scope);
    if (fn !== undefined) {
      const { text, stable } = this.#inline(fn, node, scope, out);
      return { text: isName(text) ? text : `(${text})`, stable };
    }
    const branches = { LogicalExpression: [node.right], ConditionalExpression: [node.consequent, node.alternate] }[node.type] ?? [];
    if (branches.some((branch) => this.#wantsInlining(branch))) return this.#branch(node, scope, out);
    const parts = evaluated(node);
    if (parts === null) return { text: this.#plain(node, scope), stable: false };
    if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier' && node.operator !== '=') return this.#compound(node, scope, out);
    const values = this.#inOrder(parts, scope, out);
    return { text: this.#splice(node, [...parts.map((part, i) => [part, values[i].text]), ...this.#others(node, parts, scope)], scope), stable: false };
  }

  /** `a += f()`: a is read before the call, which may change it. */
  #compound({ left, operator, right }, scope, out) {
    const [target, before] = [this.#plain(left, scope), `t$${++this.#serial}`];
    out.push(`const ${before} = ${target};`);
    const { text } = this.#lower(right, scope, out);
    return { text: `${target} = ${before} ${operator.slice(0, -1)} (${text})`, stable: false };
  }

  /** What is beside parts of a node that are replaced. */
  #others(node, parts, scope) {
    return partsOf(node).filter((part) => !parts.includes(part)).flatMap((part) =>
      (parts.some((each) => isWithin(each, part)) ? this.#others(part, parts, scope) : [[part, this.#plain(part, scope)]]));
  }

  /** `a && f()`, `a || f()`, `a ? f() : g()`: f is not to be called where it was not. */
  #branch(node, scope, out) {
    const name = `t$${++this.#serial}`;
    const arm = (part) => {
      const before = [];
      const { text } = this.#lower(part, scope, before);
      return `{ ${before.join(' ')} ${name} = ${text}; }`;
    };
    if (node.type === 'ConditionalExpression') {
      const { text } = this.#lower(node.test, scope, out);
      out.push(`let ${name}; if (${text}) ${arm(node.consequent)} else ${arm(node.alternate)}`);
    } else {
      const { text } = this.#lower(node.left, scope, out);
      const test = { '&&': name, '||': `!${name}`, '??': `${name} === null || ${name} === void 0` }[node.operator];
      out.push(`let ${name} = ${text}; if (${test}) ${arm(node.right)}`);
    }
    return { text: name, stable: true };
  }

  // ---- statements

  #block(node, scope) {
    const text = this.#statement(node, scope);
    return node.type === 'BlockStatement' ? text : `{ ${text} }`;
  }

  #statement(node, scope) {
    if (node.type === 'ReturnStatement') return this.#return(node, scope);
    if (node.type === 'VariableDeclaration') return node.declarations.map((each) => this.#declaration(node.kind, each, scope)).join(' ');
    const out = [];
    const text = this.#structured(node, scope, out);
    return out.length === 0 ? text : `${out.join(' ')} ${text}`;
  }

  /** A statement; `out` gets what is to be done before it. */
  #structured(node, scope, out) {
    const lower = (part) => this.#lower(part, scope, out).text;
    const plain = (part) => [part, this.#plain(part, scope)];
    switch (node.type) {
      case 'BlockStatement': return `{ ${node.body.map((each) => this.#statement(each, scope)).join(' ')} }`;
      case 'ExpressionStatement': {
        const { text, stable } = this.#lower(node.expression, scope, out);
        if (stable) return '';
        return text.startsWith('{') ? `(${text});` : `${text};`;
      }
      case 'IfStatement': return `if (${lower(node.test)}) ${this.#block(node.consequent, scope)}${node.alternate === null ? '' : ` else ${this.#block(node.alternate, scope)}`}`;
      case 'ThrowStatement': return `throw ${lower(node.argument)};`;
      case 'WhileStatement': case 'DoWhileStatement': return this.#splice(node, [plain(node.test), [node.body, this.#block(node.body, scope)]], scope);
      case 'ForStatement': return this.#splice(node, [...[node.init, node.test, node.update].filter((part) => part !== null).map(plain), [node.body, this.#block(node.body, scope)]], scope);
      case 'ForOfStatement': case 'ForInStatement': return this.#splice(node, [plain(node.left), [node.right, lower(node.right)], [node.body, this.#block(node.body, scope)]], scope);
      case 'SwitchStatement': return `switch (${lower(node.discriminant)}) { ${node.cases.map((each) => this.#case(each, scope)).join(' ')} }`;
      case 'TryStatement': return this.#splice(node, [node.block, node.handler?.body, node.finalizer].filter((part) => part).map((part) => [part, this.#statement(part, scope)]), scope);
      case 'LabeledStatement': return `${node.label.name}: ${this.#structured(node.body, scope, out)}`;
      default: return scope.text.slice(node.start, node.end);
    }
  }

  #case({ test, consequent }, scope) {
    return `${test === null ? 'default' : `case ${this.#plain(test, scope)}`}: ${consequent.map((part) => this.#statement(part, scope)).join(' ')}`;
  }

  #declaration(kind, { id, init }, scope) {
    const out = [];
    const value = init === null ? '' : ` = ${this.#lower(init, scope, out).text}`;
    return [...out, `${kind} ${this.#plain(id, scope)}${value};`].join(' ');
  }

  #return(node, scope) {
    const out = [];
    const value = node.argument === null ? '' : this.#lower(node.argument, scope, out).text;
    if (scope.inside.length === 0) out.push(`return ${value};`);
    else {
      if (value !== '') out.push(`${scope.result} = ${value};`);
      if (node !== scope.last) {
        scope.isLeft = true;
        out.push(`break ${scope.label};`);
      }
    }
    return out.length === 1 ? out[0] : `{ ${out.join(' ')} }`;
  }
}

/** Whether functions of a file are on the paths that a page takes. */
const isOnPath = (file) => PATHS.test(file);

/**
 * @param text a module, as the bundler prints it, whose functions are constants.
 * @param isPath whether calls are to be inlined in the functions of a file.
 * @returns {string} the same with calls inlined; not laid out.
 */
export const inlineCalls = (text, isPath = isOnPath) => new Inliner(text).print(isPath);
