/** Syntax trees of @babel/parser: what there is below a node, and which names a function declares, assigns and uses. */

const isNode = (value) => typeof value === 'object' && value !== null && typeof value.type === 'string';
const NO_PARTS = new Set(['type', 'start', 'end', 'loc', 'extra', 'leadingComments', 'trailingComments', 'innerComments']);

const known = new WeakMap();

/** The nodes right below one. */
export function childrenOf(node) {
  let children = known.get(node);
  if (children !== undefined) return children;
  children = [];
  for (const key in node) {
    if (NO_PARTS.has(key)) continue;
    const value = node[key];
    if (Array.isArray(value)) { for (const each of value) if (isNode(each)) children.push(each); } else if (isNode(value)) children.push(value);
  }
  known.set(node, children);
  return children;
}

export const isFunction = ({ type }) => type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression' || type === 'ObjectMethod' || type === 'ClassMethod';

/** The name of a property, which is no part of an expression; undefined where there is none. */
function propertyName(node) {
  if (node.computed) return undefined;
  if (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression') return node.property;
  return node.type === 'ObjectProperty' || node.type === 'ObjectMethod' ? node.key : undefined;
}

/** The nodes right below one that are no names of properties. */
export function partsOf(node) {
  const name = propertyName(node);
  return name === undefined ? childrenOf(node) : childrenOf(node).filter((child) => child !== name);
}

/** The names that a pattern binds. */
function boundNames(pattern) {
  switch (pattern?.type) {
    case 'Identifier': return [pattern.name];
    case 'ObjectPattern': return pattern.properties.flatMap((property) => boundNames(property.type === 'RestElement' ? property : property.value));
    case 'ArrayPattern': return pattern.elements.flatMap(boundNames);
    case 'AssignmentPattern': return boundNames(pattern.left);
    case 'RestElement': return boundNames(pattern.argument);
    default: return [];
  }
}

const addAll = (names, more) => { for (const name of more) names.add(name); };

/** What a function is made of: names that it declares, once or more often, assigns to after that, and has from outside; kinds of nodes in it, and their number. */
export function survey(fn) {
  const [declared, redeclared, assigned, used, kinds] = [new Set(), new Set(), new Set(), new Set(), new Set()];
  let size = 0;
  const declare = (pattern) => { for (const name of boundNames(pattern)) (declared.has(name) ? redeclared : declared).add(name); };
  const visit = (node) => {
    size++;
    kinds.add(node !== fn && isFunction(node) ? 'Function' : node.type);
    if (node.type === 'Identifier') used.add(node.name);
    else if (node.type === 'VariableDeclarator') declare(node.id);
    else if (node.type === 'CatchClause') declare(node.param);
    else if (isFunction(node)) node.params.forEach(declare);
    else if (node.type === 'AssignmentExpression') addAll(assigned, boundNames(node.left));
    else if ((node.type === 'ForOfStatement' || node.type === 'ForInStatement') && node.left.type !== 'VariableDeclaration') addAll(assigned, boundNames(node.left));
    else if (node.type === 'UpdateExpression') addAll(assigned, boundNames(node.argument));
    partsOf(node).forEach(visit);
  };
  visit(fn);
  return { declared, redeclared, assigned, free: [...used].filter((name) => !declared.has(name)), kinds, size };
}
