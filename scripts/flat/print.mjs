/** Prints the flat kernel of a tree: one module in which the functions of all its object files call each other directly. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { inlineCalls } from './inline.mjs';
import { describe, parseModule, printModule } from './transform.mjs';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
const CORE = '@pmkit/mm-core';
const RUNTIME = 'pmkit:flat-runtime';
const ENTRY = 'pmkit:flat-kernel';
/** What makes machines, and what looks at them from outside. */
const NOT_COPIED = /^mm-core\/src\/(?:machine|testing)\.ts$/;

/** Files are named from packages/ on: what is printed must not depend on where the kit lies. */
const directoryOf = (name) => path.join(name.replace('@pmkit/', ''), 'src');

/** All modules of a package by file, parsed. */
function modulesOf(name) {
  const src = directoryOf(name);
  const files = readdirSync(path.join(packages, src), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !/(?:^|\/)(?:index|kernel-table)\.ts$/.test(file) && !file.startsWith('sim/'));
  return new Map(files.map((file) => [path.join(src, file), parseModule(readFileSync(path.join(packages, src, file), 'utf8'))]));
}

/** How a module of a package is imported from outside. */
function specifier(file) {
  const [, name, inside] = /^([^/]+)\/src\/(.*)\.ts$/.exec(file);
  return `@pmkit/${name}/${inside}`;
}

/** The sources of the packages that trees are made of, read once for all trees. */
export function readSources(names) {
  const modules = new Map(names.flatMap((name) => [...modulesOf(name)]));
  const described = new Map([...modules].map(([file, module]) => [file, describe(module)]));
  return { modules, described, printed: new Map() };
}

/** Where the function of a definition is written. */
function homeOfDefinition({ described }, { name, origin }) {
  const src = directoryOf(origin.package);
  const homes = [...described].filter(([file, functions]) => file.startsWith(`${src}/`) && functions.has(name)).map(([file]) => file);
  if (homes.length !== 1) throw new Error(`${name}() of ${origin.package}: expected one module that defines it, found ${homes.length}: ${homes.join(', ')}`);
  return homes[0];
}

/** Symbols in which a task may wait without end, whoever of them it was that it called. */
function unboundedSymbols(symbols) {
  const unbounded = new Set([...symbols].filter(([, each]) => each.unbounded).map(([name]) => name));
  for (let before = -1; before !== unbounded.size; ) {
    before = unbounded.size;
    for (const [name, { calls }] of symbols) if (calls.some((callee) => unbounded.has(callee))) unbounded.add(name);
  }
  return [...unbounded].sort();
}

/** A module as it is printed in a tree. Most trees have the same of most modules. */
function printed({ modules, described, printed: known }, file, symbols, resolve) {
  const called = new Set([...described.get(file).values()].flatMap(({ calls }) => calls));
  const key = [file, ...[...called].map((name) => `${name} ${symbols.get(name)?.home} ${symbols.get(name)?.hasThis}`)].join('\n');
  if (!known.has(key)) {
    const isMethod = (source, name) => described.get(resolve(source, file))?.get(name)?.hasThis === true;
    known.set(key, printModule(modules.get(file), { symbols, isMethod, original: `original:${file}`, homeOf: (name) => symbols.get(name).home, runtime: RUNTIME }));
  }
  return known.get(key);
}

function entryText(symbols, data) {
  const names = [...symbols.keys()].sort();
  const row = (name) => {
    const { arity, hasThis, rest } = symbols.get(name);
    const parameters = rest ? ['...rest'] : Array.from({ length: arity }, (_, i) => `a${i}`);
    return `  ${name}(${parameters.join(', ')}) { return $$${name}(${[...(hasThis ? ['this'] : []), ...parameters].join(', ')}); }`;
  };
  return [
    ...names.map((name) => `import { ${name} as $$${name} } from ${JSON.stringify(symbols.get(name).home)};`),
    'export class FlatKernel {',
    `  constructor(table) { this.$table = table; this.m = table.m; ${data.map((name) => `this.${name} = table.${name};`).join(' ')} }`,
    ...names.map(row),
    `  static unbounded = new Set(${JSON.stringify(unboundedSymbols(symbols))});`,
    '}',
  ].join('\n');
}

/**
 * The bundler declares what is at the top of a module with `var` and `function`. V8 takes a binding that cannot change for its value; one that can change it loads at each use, and compares the
 * function in it with the one that it has inlined. Only statements of the top level begin in the first column of what the bundler prints.
 */
export function withConstants(text) {
  const assigned = new Set([...text.matchAll(/(?<!\b(?:const|let|var) |[.\w$])([\w$]+)(?: (?:[-+*/%&|^]|\?\?|\|\||&&|<<|>>>?)?= |\+\+|--)|(?:\+\+|--)([\w$]+)/g)].map((match) => match[1] ?? match[2]));
  return text
    .replaceAll(/^var ([\w$]+)(?= = )/gm, (declaration, name) => (assigned.has(name) ? declaration : `const ${name}`))
    .replaceAll(/^function(\*?) ([\w$]+)(\(.*\)) \{$([^]*?)^\}$/gm, (_, star, name, parameters, body) => `const ${name} = ${star === '*' ? `function* ${parameters}` : `${parameters} =>`} {${body}};`);
}

/**
 * @param sources as readSources() gives them.
 * @param definitions of the tree.
 * @returns the text of an ES module that exports the class FlatKernel.
 */
export async function printFlat(sources, definitions) {
  const { modules, described } = sources;
  const symbols = new Map();
  const data = [];
  for (const definition of definitions.values()) {
    if (typeof definition.value !== 'function') data.push(definition.name);
    else {
      const home = homeOfDefinition(sources, definition);
      symbols.set(definition.name, { ...described.get(home).get(definition.name), home });
    }
  }
  const resolve = (source, importer) => {
    if (source.startsWith('.')) return path.join(path.dirname(importer), source.replace(/\.js$/, '.ts'));
    const [, name, inside] = /^@pmkit\/([^/]+)\/(.+)$/.exec(source) ?? [];
    return name === undefined ? null : path.join(name, 'src', `${inside}.ts`);
  };
  // also headers: what is shared by all levels would be optimised for all of them
  const isCopied = (file) => modules.has(file) && !NOT_COPIED.test(file);
  const plugin = {
    name: 'flat-kernel',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path: source, importer }) => {
        if (source === ENTRY) return { path: ENTRY, namespace: 'flat' };
        if (source === RUNTIME) return { path: `${CORE}/flat`, external: true };
        if (source.startsWith('original:')) return { path: specifier(source.slice('original:'.length)), external: true, sideEffects: false };
        const file = modules.has(source) ? source : resolve(source, importer);
        if (file !== null && isCopied(file)) return { path: file, namespace: 'kernel', sideEffects: false };
        return { path: file === null ? source : specifier(file), external: true, sideEffects: false };
      });
      onLoad({ filter: /.*/, namespace: 'flat' }, () => ({ contents: entryText(symbols, data.sort()), loader: 'js' }));
      onLoad({ filter: /.*/, namespace: 'kernel' }, ({ path: file }) => {
        try {
          return { contents: printed(sources, file, symbols, resolve), loader: 'ts' };
        } catch (error) {
          return { errors: [{ text: `${file}: ${error.message}` }] };
        }
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [ENTRY], bundle: true, write: false, format: 'esm', target: 'es2022', platform: 'neutral', treeShaking: true, plugins: [plugin], logLevel: 'silent',
  });
  const { code } = await transform(inlineCalls(withConstants(outputFiles[0].text)), { format: 'esm', target: 'es2022' });
  return code;
}
