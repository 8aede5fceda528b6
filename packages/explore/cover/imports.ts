/** What a module takes from other packages by name, and not by way of the kernel's table: a function may call the one that it has replaced. */
import type { Program } from './syntax.js';

/** `mm-core/src/mm/page_alloc.ts free_hot_page`, of `import { free_hot_page }` and of `import * as page_alloc` with `page_alloc.free_hot_page`. */
export function importsOf(source: string, program: Program): string[] {
  return program.body.flatMap(node => {
    const [, name, inside] = node.type === 'ImportDeclaration' ? /^@pmkit\/([^/]+)\/(.+)$/.exec(node.source.value) ?? [] : [];
    if (node.type !== 'ImportDeclaration' || name === undefined || inside === undefined) return [];
    const names = node.specifiers.flatMap(one => {
      if (one.type === 'ImportNamespaceSpecifier') return [...source.matchAll(new RegExp(`\\b${one.local.name}\\.(\\w+)`, 'g'))].map(([, member]) => member!);
      return one.type === 'ImportSpecifier' && one.imported.type === 'Identifier' ? [one.imported.name] : [];
    });
    return names.map(imported => `${name}/src/${inside}.ts ${imported}`);
  });
}
