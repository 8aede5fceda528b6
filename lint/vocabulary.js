/**
 * A lint rule for the two vocabularies, which are never mixed: snake_case is a kernel symbol, spelt exactly as the
 * kernel spells it; camelCase is ours. So one word finds the same thing in the mails, in a 2.6.12 tree and here.
 *
 * What it asks depends on where a file stands:
 *   kernel  mirrors the kernel's tree: what it exports has kernel names, what it keeps to itself is free
 *   border  beside such a tree: functions and exports are ours, locals are free, since they often hold kernel fields
 *   ours    everything else: camelCase, and UPPER_CASE for constants
 * Object properties are data and exempt everywhere, and so is what is taken out of an object under its own name.
 * Types are PascalCase; a kernel tree may keep a kernel's name for one.
 */
import { kernelPackages, kernelTrees } from '../layers.js';
import { placeOf } from './place.js';

/** snake_case; macros (`PG_lru`, `VM_READ`, `__GFP_DMA`, `pte_ERROR`); page flag macros (`PageLRU`, `TestClearPageLRU`). */
const kernelName =
  /^_*([a-z][a-z0-9]*(_+([a-z0-9]+|[A-Z0-9]+))*_*|[A-Z][A-Z0-9]*(_+[A-Za-z0-9]+)*|(Test)?(Set|Clear)?Page[A-Z][A-Za-z0-9]*)$/;
const camelCase = /^_*[a-z][A-Za-z0-9]*$|^_+$/;
const pascalCase = /^[A-Z][A-Za-z0-9]*$/;
const upperCase = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/** The identifier that a parameter declares, if it declares just one. */
function parameterName(node) {
  if (node.type === 'AssignmentPattern') return parameterName(node.left);
  if (node.type === 'RestElement') return parameterName(node.argument);
  return node.type === 'Identifier' ? node : undefined;
}

const isExported = (declaration) => declaration.parent.type === 'ExportNamedDeclaration';

/** @param {string} filename */
function standingOf(filename) {
  const place = placeOf(filename);
  if (place === null || !kernelPackages.includes(place.name)) return 'ours';
  if (place.part === 'src' && kernelTrees.includes(place.inside.split('/')[0])) return place.inside.includes('/') ? 'kernel' : 'border';
  return place.part === 'src' || place.part === 'test' ? 'border' : 'ours';
}

export const vocabulary = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      kernel:
        "'{{name}}' is exported from a kernel tree, so it must be a kernel symbol, spelt as the kernel spells it (snake_case, PG_lru, SetPageLRU). A helper of ours stays unexported or moves out of the tree.",
      ours: "'{{name}}' is not camelCase: snake_case is kept for kernel symbols, which live in the kernel trees of mm-core and the patch packages. Rename it.",
      type: "The type '{{name}}' is not PascalCase. Rename it.",
    },
  },

  create(context) {
    const place = standingOf(context.filename);

    const check = (id, messageId, ...allowed) => {
      if (!allowed.some((pattern) => pattern.test(id.name))) context.report({ node: id, messageId, data: { name: id.name } });
    };

    const types = {
      [[...['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'ClassDeclaration', 'TSEnumDeclaration'].map((kind) => `${kind} > Identifier.id`), 'TSTypeParameter > Identifier.name']](id) {
        if (place === 'kernel') check(id, 'type', pascalCase, kernelName);
        else check(id, 'type', pascalCase);
      },
    };

    if (place === 'kernel') {
      return {
        ...types,
        'ExportNamedDeclaration > FunctionDeclaration': ({ id }) => check(id, 'kernel', kernelName),
        'ExportNamedDeclaration > VariableDeclaration > VariableDeclarator > Identifier.id': (id) => check(id, 'kernel', kernelName),
        'ExportNamedDeclaration[source=null] > ExportSpecifier[exportKind!="type"] > Identifier.exported': (id) => {
          // Types are exported by the same syntax; they are PascalCase, and another rule's business.
          if (!/^[A-Z][a-z]/.test(id.name)) check(id, 'kernel', kernelName);
        },
      };
    }

    const parameters = (node) => {
      for (const parameter of node.params) {
        const id = parameterName(parameter);
        if (id && place === 'ours') check(id, 'ours', camelCase);
      }
    };
    return {
      ...types,
      FunctionDeclaration(node) {
        if (node.id) check(node.id, 'ours', camelCase);
        parameters(node);
      },
      FunctionExpression: parameters,
      ArrowFunctionExpression: parameters,
      VariableDeclarator(node) {
        const isFunction = node.init?.type === 'ArrowFunctionExpression' || node.init?.type === 'FunctionExpression';
        const free = place === 'border' && !isFunction && !isExported(node.parent);
        if (node.id.type === 'Identifier' && !free) check(node.id, 'ours', camelCase, upperCase);
      },
      'MethodDefinition[computed=false] > Identifier.key': (id) => check(id, 'ours', camelCase),
    };
  },
};
