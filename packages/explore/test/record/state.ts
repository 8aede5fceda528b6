/** Everything that can be reached from an object, as location → value: what footprints must account for. */
import type { Value } from '../../src/record/footprint.js';
import type { Recorded } from './bundle.js';

const KEYS = 2 ** 27;

type Inside = Pick<Recorded, 'fieldKey' | 'fieldsOf' | 'LENGTH' | 'memberKey' | 'nameOf' | 'ORDER' | 'order' | 'SIZE' | 'valueOf'>;
type Words = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/**
 * What the recorder would call every location that holds something. Locations that hold nothing (undefined, and zero in typed arrays) are
 * left out.
 * @throws {Error} for an object that can be reached and has no name: a change of it would not be recorded.
 */
export function stateOf(inside: Inside, root: object): Map<number, Value> {
  const { nameOf } = inside;
  const state = new Map<number, Value>();
  const seen = new Set<object>([root]);
  const queue: object[] = [root];
  const put = (id: number, key: number, value: unknown): void => {
    if ((typeof value === 'object' || typeof value === 'function') && value !== null) {
      if (nameOf(value) === undefined) throw new Error(`no name: key ${key} of object ${id}`);
      if (!seen.has(value)) {
        seen.add(value);
        queue.push(value);
      }
    }
    if (value !== undefined) state.set(id * KEYS + key, inside.valueOf(value));
  };
  for (const o of queue) placesOf(inside, o, put); // the queue grows while it is walked
  return state;
}

function placesOf(inside: Inside, o: object, put: (id: number, key: number, value: unknown) => void): void {
  const named = inside.nameOf(o)!;
  const { id, kind } = named;
  const OPAQUE = 5;
  if (kind === OPAQUE) return;
  if (ArrayBuffer.isView(o)) {
    (o as Words).forEach((word, index) => {
      if (word !== 0) put(id, named.base + index * named.width, word);
    });
    return;
  }
  const member = (key: unknown): number => inside.memberKey(typeof key === 'object' && key !== null ? inside.nameOf(key)!.label : key);
  if (Array.isArray(o)) {
    put(id, inside.LENGTH, o.length);
    o.forEach((item: unknown, index) => put(id, index, item));
  } else if (o instanceof Map) {
    for (const [key, item] of o as Map<unknown, unknown>) put(id, member(key), item);
  } else if (o instanceof Set) for (const key of o as Set<unknown>) put(id, member(key), true);
  if (o instanceof Map || o instanceof Set) put(id, inside.SIZE, o.size);
  if (!Array.isArray(o)) put(id, inside.ORDER, inside.order(o, kind));
  for (const [key, item] of inside.fieldsOf(o, kind)) if (named.ignored?.has(inside.fieldKey(key)) !== true) put(id, inside.fieldKey(key), item);
}
