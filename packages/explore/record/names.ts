/** What the printer knows of the language's own objects. */

const typedArrays = ['Int8Array', 'Uint8Array', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array'];

/**
 * Methods of containers and functions, by name: a call of one goes through the recorder, which looks what it is called on. All others are
 * the kernel's own.
 */
export const builtinMethods: ReadonlySet<string> = new Set([
  ...[Map.prototype, Set.prototype, Array.prototype, Object.getPrototypeOf(Uint8Array.prototype) as object].flatMap(proto =>
    Object.entries(Object.getOwnPropertyDescriptors(proto)).filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function').map(([name]) => name)),
  'call', 'apply', 'bind',
]);

/** Globals whose functions see primitive values only, or make something new. */
const plainGlobals = new Set([
  'Math', 'Number', 'BigInt', 'Boolean', 'Symbol', 'Error', 'RangeError', 'TypeError', 'EvalError', 'WeakMap', 'WeakSet', 'ArrayBuffer', 'parseInt',
  'undefined', 'NaN', 'Infinity',
]);
/** Of classes that take a container apart when one is made: how the argument is read. */
export const constructors: ReadonlyMap<string, string> = new Map([['Map', '$pairs'], ['Set', '$all'], ...typedArrays.map(name => [name, '$all'] as const)]);

/** Static functions: how each argument is read (the last for all that follow), or '' where nothing of it is. */
export const statics: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Object.keys', ['$keysOf']], ['Object.values', ['$own']], ['Object.entries', ['$own']], ['Object.fromEntries', ['$pairs']], ['Object.freeze', ['']],
  ['Array.isArray', ['']], ['Array.from', ['$all', '']], ['Array.of', ['']], ['String.fromCharCode', ['']],
  ['JSON.parse', ['']], ['JSON.stringify', ['$deep', '']],
  ...typedArrays.flatMap(name => [[`${name}.from`, ['$all', '']], [`${name}.of`, ['']]] as [string, readonly string[]][]),
]);
/** Global functions, in the same way. */
export const functions: ReadonlyMap<string, string> = new Map([['String', '$text'], ['structuredClone', '$deep']]);

/** Whose static functions have to be in the list. */
export const listedGlobals = new Set(['Object', 'Array', 'String', 'JSON', 'Map', 'Set', ...typedArrays]);
export const isKnownGlobal = (name: string): boolean => plainGlobals.has(name) || listedGlobals.has(name) || functions.has(name);
