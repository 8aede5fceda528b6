/** Numbers for keys, so that a location is one number. They are given out as keys come along and hold as long as the process lives. */

/** Places for the keys of one object; ids of objects are multiples of it. */
export const KEYS = 2 ** 27;
export const LENGTH = KEYS - 1;
/** In which order the keys of a Map, Set or object come; which there are. */
export const ORDER = KEYS - 2;
export const SIZE = KEYS - 3;
/** What an object that was made during a step is. */
export const KIND = KEYS - 4;
/** Indices of arrays and byte offsets end below. */
export const MAX_INDEX = KEYS - 5;

let next = 0;
function take(): number {
  if (next >= MAX_INDEX) throw new RangeError(`recorder: more than ${MAX_INDEX} keys`);
  return next++;
}

const fields = new Map<string | symbol, number>();
/** Names of fields by number. */
export const fieldNames: (string | symbol)[] = [];

/** The number of a field of objects. */
export function fieldKey(name: string | symbol): number {
  let key = fields.get(name);
  if (key === undefined) {
    key = take();
    fields.set(name, key);
    fieldNames[key] = name;
  }
  return key;
}

export const FIELD_LENGTH = fieldKey('length');
export const FIELD_SIZE = fieldKey('size');

const members = new Map<unknown, number>();
/** The number of a key of Maps and Sets: a primitive value, or the label of an object. Labels do not look like strings that a kernel uses as keys. */
export function memberKey(value: unknown): number {
  let key = members.get(value);
  if (key === undefined) {
    key = take();
    members.set(value, key);
  }
  return key;
}
