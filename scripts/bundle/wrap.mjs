// An ES module as a function of its imports. The text of what is in it stays as it is, so that the kit's functions read the same in a bundle: some commands show them.
import { parse } from '@babel/parser';
import MagicString from 'magic-string';

/** What a wrapped module calls to get at others (packages/cli/bin/bundle.js). */
const USE = '$use';

/** Every node below one of these types. */
function nodesOf(program, ...types) {
  const found = [];
  const waiting = [program];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (types.includes(node.type)) found.push(node);
    for (const key in node) {
      const value = node[key];
      if (key !== 'loc' && typeof value === 'object' && value !== null) waiting.push(value);
    }
  }
  return found;
}

const nameOf = ({ type, name, value }) => (type === 'Identifier' ? name : value);

/** `{ a, b: c }`, or nothing where everything is types. */
const pattern = specifiers => specifiers.map(({ imported, local }) => (nameOf(imported) === local.name ? local.name : `${JSON.stringify(nameOf(imported))}: ${local.name}`)).join(', ');

function importText(specifiers, used) {
  const named = specifiers.filter(({ type }) => type === 'ImportSpecifier');
  const parts = specifiers.filter(({ type }) => type === 'ImportNamespaceSpecifier').map(({ local }) => `const ${local.name} = ${used};`);
  const whole = /^\$use\.(?:node|installed)\(/.test(used) ? used : `${used}.default`;
  const ordinary = specifiers.filter(({ type }) => type === 'ImportDefaultSpecifier').map(({ local }) => `const ${local.name} = ${whole};`);
  if (named.length > 0) parts.push(`const { ${pattern(named)} } = ${used};`);
  return [...parts, ...ordinary].join(' ') || `${used};`;
}

/**
 * A binding is handed on once, when its module has run: nothing that is exported may change afterwards.
 * @throws {Error} for an exported variable that is assigned to.
 */
function checkConstant(file, program, locals) {
  const variables = program.body.filter(({ type, kind }) => type === 'VariableDeclaration' && kind !== 'const').flatMap(({ declarations }) => declarations.map(({ id }) => id.name));
  const exported = variables.filter(name => locals.has(name));
  if (exported.length === 0) return;
  for (const { left, argument } of nodesOf(program, 'AssignmentExpression', 'UpdateExpression')) {
    const target = left ?? argument;
    if (target.type === 'Identifier' && exported.includes(target.name)) throw new Error(`${file}: '${target.name}' is exported and assigned to: a bundle cannot have it`);
  }
}

/** `new URL('…/worker.js', import.meta.url)`: the module that a thread runs. */
const isThread = ({ type, callee, arguments: [of, from] = [] }) =>
  type === 'NewExpression' && callee.name === 'URL' && of?.type === 'StringLiteral' && of.value.endsWith('/worker.js') && from?.object?.type === 'MetaProperty';

/**
 * @param source an ES module as esbuild writes them: no exported declarations but of constants, no top-level await
 * @param resolve gives what stands for an import: the text of an expression for a static one, for a dynamic one (`true`) that of a promise
 * @param thread gives the text of an expression for the URL of a module that a thread runs, of its path from this one
 * @param url the text of an expression for `import.meta.url`
 * @returns the text of a method `(${USE}) { … }` that answers the module's exports, in the order in which a namespace has them
 */
export function wrapModule(file, source, { resolve, thread, url }) {
  const { program } = parse(source, { sourceType: 'module', sourceFilename: file, attachComment: false });
  const text = new MagicString(source);
  const head = [];
  const exported = new Map();
  const spread = [];
  let count = 0;
  for (const statement of program.body) {
    const { type, specifiers, declaration } = statement;
    const used = statement.source == null ? null : resolve(statement.source.value, false);
    if (type === 'ImportDeclaration') head.push(importText(specifiers, used));
    else if (type === 'ExportAllDeclaration') spread.push(used);
    else if (type === 'ExportNamedDeclaration' && declaration !== null) {
      text.remove(statement.start, declaration.start);
      const names = declaration.type === 'VariableDeclaration' ? declaration.declarations.map(({ id }) => id.name) : [declaration.id.name];
      for (const name of names) exported.set(name, name);
      continue;
    } else if (type === 'ExportNamedDeclaration') {
      const from = used === null ? null : `${USE}${count++}`;
      if (from !== null) head.push(`const ${from} = ${used};`);
      for (const { type: kind, local, exported: as } of specifiers) exported.set(nameOf(as), kind === 'ExportNamespaceSpecifier' ? from : from === null ? local.name : `${from}.${nameOf(local)}`);
    } else if (type === 'ExportDefaultDeclaration') throw new Error(`${file}: a default export that is no name of esbuild's`);
    else continue;
    text.remove(statement.start, statement.end);
  }
  checkConstant(file, program, new Set(exported.values()));
  const nodes = /\bimport(?:\.meta|\()/.test(source) ? nodesOf(program, 'MetaProperty', 'CallExpression', 'NewExpression') : [];
  const threads = nodes.filter(isThread);
  for (const { start, end, arguments: [of] } of threads) text.overwrite(start, end, thread(of.value));
  for (const node of nodes) {
    if (node.type === 'NewExpression' || threads.some(({ start, end }) => start < node.start && node.end < end)) continue;
    if (node.type === 'MetaProperty') text.overwrite(node.start, node.end, `{ url: ${url} }`);
    else if (node.callee.type === 'Import') {
      const [of] = node.arguments;
      if (of.type === 'StringLiteral') text.overwrite(node.start, node.end, resolve(of.value, true));
      else text.overwrite(node.callee.start, node.callee.end, `${USE}.foreign`);
    }
  }
  const names = [...exported.keys()].sort().map(name => (exported.get(name) === name ? name : `${JSON.stringify(name)}: ${exported.get(name)}`));
  const answer = [...spread.map(used => `...${used}`), ...names].join(', ');
  const body = text.toString().replace(/^\/\/# sourceMappingURL=.*$/m, '').trim();
  return `(${USE}) {\n"use strict";\n${head.join('\n')}\n${body}\nreturn { __proto__: null, ${answer} };\n}`;
}
