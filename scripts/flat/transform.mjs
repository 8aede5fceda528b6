/**
 * One module of kernel source as a part of a flat kernel: `this` becomes a parameter, calls of symbols become calls of functions, and what may sleep becomes a plain
 * function that calls sleepFlat() where the original yields.
 *
 * It is a rewriting of text at places that the parser gives: what is not said here stays as it was written.
 */
import { parse } from '@babel/parser';
import MagicString from 'magic-string';
import { childrenOf } from './syntax.mjs';

const KERNEL = '$k';
const SLEEP = '$sleep';
const TABLE = '$table';
const METHOD = '$method';

const declaredFunction = (statement) => {
  const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  return node?.type === 'FunctionDeclaration' ? node : null;
};
const typeName = (annotation) => annotation?.typeAnnotation?.typeName?.name;
const isSleeper = (fn) => /^MaySleep(Or)?$/.test(typeName(fn.returnType) ?? '');
const thisParameter = (fn) => (fn.params[0]?.type === 'Identifier' && fn.params[0].name === 'this' ? fn.params[0] : null);
/** A helper's parameter that is the kernel, typed with the rows it calls. */
const kernelParameter = (fn) => fn.params.find(({ type, name, typeAnnotation }) => type === 'Identifier' && name === 'k' && typeAnnotation !== undefined && typeAnnotation !== null) ?? null;

/** A module's program and what it declares. */
export function parseModule(text) {
  const { program } = parse(text, { sourceType: 'module', plugins: ['typescript'] });
  const functions = new Map(program.body.map(declaredFunction).filter((fn) => fn !== null).map((fn) => [fn.id.name, fn]));
  return { text, program, functions };
}

/** Functions of a module by name: arity, whether it has `this`, whether it must not be in the flat kernel for its waits. */
export const describe = ({ text, functions }) => new Map([...functions].map(([name, fn]) => [name, {
  arity: fn.params.length - (thisParameter(fn) === null ? 0 : 1),
  hasThis: thisParameter(fn) !== null,
  rest: fn.params.at(-1)?.type === 'RestElement',
  unbounded: /kind: '(?:child|wakeup)'|interruptible: true/.test(text.slice(fn.start, fn.end)),
  calls: [...text.slice(fn.start, fn.end).matchAll(/\b(?:this|k)\.([A-Za-z_]\w*)\(/g)].map((match) => match[1]),
}]));

/** Names of functions that are handed the kernel by a callback: it runs in an interrupt, on the table. */
function calledBack(program) {
  const names = new Set();
  const visit = (node, inArrow) => {
    const arrow = inArrow || node.type === 'ArrowFunctionExpression';
    if (arrow && node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.arguments.some((argument) => argument.type === 'ThisExpression' || argument.name === 'k')) {
      names.add(node.callee.name);
    }
    for (const child of childrenOf(node)) visit(child, arrow);
  };
  visit(program, false);
  return names;
}

/** Data that must be the original's, not a copy: tables, objects, classes. */
function keepsIdentity(init) {
  switch (init?.type) {
    case 'NumericLiteral': case 'StringLiteral': case 'BooleanLiteral': case 'NullLiteral': case 'BigIntLiteral': case 'ArrowFunctionExpression': case 'TemplateLiteral': case 'Identifier': return false;
    case 'UnaryExpression': return keepsIdentity(init.argument);
    case 'TSAsExpression': case 'TSSatisfiesExpression': return keepsIdentity(init.expression);
    case 'BinaryExpression': return keepsIdentity(init.left) || keepsIdentity(init.right);
    default: return true;
  }
}

class Printer {
  #out;
  #symbols;
  #used = new Set();
  #callbacks;
  #text;
  /** Whether an expression names a function, of the module or imported, that has the kernel as `this`. */
  #isMethod;

  /** `symbols`: what the tree defines as functions, name → { hasThis }; `isMethod`: of a function that is imported from `source`. */
  constructor({ text, program, functions }, symbols, isMethod) {
    this.#text = text;
    this.#out = new MagicString(text);
    this.#symbols = symbols;
    this.#callbacks = calledBack(program);
    const own = [...functions].filter(([, fn]) => thisParameter(fn) !== null).map(([name]) => name);
    const imports = program.body.filter(({ type, importKind }) => type === 'ImportDeclaration' && importKind !== 'type');
    const imported = imports.flatMap(({ source, specifiers }) =>
      specifiers.filter(({ type, imported: name }) => type === 'ImportSpecifier' && isMethod(source.value, name.name)).map(({ local }) => local.name));
    const methods = new Set([...own, ...imported]);
    const modules = new Map(imports.flatMap(({ source, specifiers }) =>
      specifiers.filter(({ type }) => type === 'ImportNamespaceSpecifier').map(({ local }) => [local.name, source.value])));
    this.#isMethod = ({ type, name, object, property }) => (type === 'Identifier' ? methods.has(name)
      : type === 'MemberExpression' && modules.has(object.name) && isMethod(modules.get(object.name), property.name));
  }

  /** The printed text, and the symbols that it calls by name. */
  print(program, original) {
    for (const statement of program.body) this.#statement(statement, original);
    return { text: this.#out.toString(), used: [...this.#used] };
  }

  #statement(statement, original) {
    const exported = statement.type === 'ExportNamedDeclaration';
    const node = exported ? statement.declaration : statement;
    if (node?.type === 'FunctionDeclaration') this.#function(node);
    else if (statement.type === 'ExpressionStatement') this.#out.remove(statement.start, statement.end);
    else if (exported && (node?.type === 'ClassDeclaration' || (node?.type === 'VariableDeclaration' && node.declarations.some(({ init }) => keepsIdentity(init))))) {
      const names = node.type === 'ClassDeclaration' ? [node.id.name] : node.declarations.map(({ id }) => id.name);
      this.#out.overwrite(statement.start, statement.end, `import { ${names.join(', ')} } from '${original}'; export { ${names.join(', ')} };`);
    } else if (!exported && node?.type === 'ClassDeclaration') throw new Error(`class ${node.id.name} would be another in the flat kernel: export it`);
    else if (node?.type === 'VariableDeclaration') this.#visit(node, { kernel: null, sleeper: false, arrow: false });
  }

  #function(fn) {
    const self = thisParameter(fn);
    const sleeper = isSleeper(fn);
    if (self !== null) this.#out.overwrite(self.start, self.end, `${KERNEL}: any`);
    if (sleeper && fn.generator) this.#out.remove(this.#text.indexOf('*', fn.start), this.#text.indexOf('*', fn.start) + 1);
    const kernel = self === null && !this.#callbacks.has(fn.id.name) ? kernelParameter(fn) : null;
    for (const param of fn.params.filter((each) => each !== self)) this.#visit(param, { kernel: null, sleeper, arrow: false });
    this.#visit(fn.body, { kernel: kernel === null ? null : kernel.name, sleeper, arrow: false });
  }

  #visit(node, scope) {
    if (node.type.startsWith('TS') && node.type !== 'TSAsExpression' && node.type !== 'TSNonNullExpression' && node.type !== 'TSSatisfiesExpression') return;
    const inner = node.type === 'ArrowFunctionExpression' ? { ...scope, arrow: true } : scope;
    if (node.type === 'CallExpression') this.#call(node, scope);
    else if (node.type === 'ThisExpression') this.#out.overwrite(node.start, node.end, scope.arrow ? `${TABLE}(${KERNEL})` : KERNEL);
    else if (node.type === 'Identifier' && scope.arrow && node.name === scope.kernel) this.#out.overwrite(node.start, node.end, `${TABLE}(${node.name})`);
    else if (node.type === 'YieldExpression') this.#yield(node, scope);
    else if (node.type === 'IfStatement' && node.alternate === null && /\.(?:preemptible|lockdep)\b/.test(this.#text.slice(node.test.start, node.test.end))) this.#out.overwrite(node.start, node.end, ';');
    else for (const child of childrenOf(node)) this.#visit(child, inner);
  }

  /** `this.f(a)` → `$$f($k, a)` where the tree defines f; elsewhere, and in callbacks, it stays a look-up. */
  #call(node, scope) {
    const { callee } = node;
    const visitArguments = () => { for (const argument of node.arguments) this.#visit(argument, scope); };
    if (callee.type === 'MemberExpression' && !callee.computed && !scope.arrow) {
      const kernel = callee.object.type === 'ThisExpression' ? KERNEL : callee.object.type === 'Identifier' && callee.object.name === scope.kernel ? scope.kernel : null;
      const symbol = kernel === null ? undefined : this.#symbols.get(callee.property.name);
      if (symbol !== undefined) {
        const open = this.#text.indexOf('(', callee.end);
        const first = symbol.hasThis ? `${kernel}${node.arguments.length > 0 ? ', ' : ''}` : '';
        this.#out.overwrite(callee.start, open + 1, `$$${callee.property.name}(${first}`);
        this.#used.add(callee.property.name);
        visitArguments();
        return;
      }
    }
    // f.call(this, a): a function of the file that has the kernel as `this` and no row
    if (callee.type === 'MemberExpression' && callee.property.name === 'call' && this.#isMethod(callee.object)) {
      this.#out.remove(callee.object.end, callee.end);
      visitArguments();
      return;
    }
    // aop(k, mapping, 'writepage'): with a look-up of its own at each place, as `mapping->a_ops->writepage` is
    const [kernel, mapping, method] = node.arguments;
    if (callee.type === 'Identifier' && callee.name === 'aop' && method?.type === 'StringLiteral' && !scope.arrow) {
      const name = kernel.type === 'ThisExpression' ? KERNEL : this.#text.slice(kernel.start, kernel.end);
      this.#out.overwrite(node.start, mapping.start, `${METHOD}(${name}, ${name}[`).overwrite(mapping.end, node.end, `.a_ops].${method.value})`);
      this.#visit(mapping, scope);
      return;
    }
    this.#visit(callee, scope);
    visitArguments();
  }

  #yield(node, scope) {
    if (!scope.sleeper) {
      if (node.argument !== null) this.#visit(node.argument, scope);
      return;
    }
    if (node.delegate) this.#out.remove(node.start, node.argument.start);
    else this.#out.overwrite(node.start, node.argument.start, `${SLEEP}(`).appendLeft(node.end, ')');
    this.#visit(node.argument, scope);
  }
}

/**
 * Prints a module. The explorer's preemption points and lock-order checks are left out; what tests need_resched() stays.
 * @param symbols what the tree defines as functions, name → { hasThis }.
 * @param isMethod whether a function that is imported from a specifier has the kernel as `this`.
 * @param original how the printed text imports what must not be copied.
 * @param homeOf symbol → where its function is imported from.
 * @param runtime where sleepFlat() is imported from.
 */
export function printModule(module, { symbols, isMethod, original, homeOf, runtime }) {
  const { text, used } = new Printer(module, symbols, isMethod).print(module.program, original);
  const imports = used.map((name) => `import { ${name} as $$${name} } from '${homeOf(name)}';`);
  return [
    ...imports,
    `import { sleepFlat as ${SLEEP} } from '${runtime}';`,
    `const ${TABLE} = (k: any): any => k.$table ?? k;`,
    `const ${METHOD} = (k: any, name: string | undefined): any => (name === undefined ? undefined : k[name]);`,
    text,
  ].join('\n');
}
