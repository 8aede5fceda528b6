/** The tests' kernel and the inside of its recorder, for bundle.ts. */
export * from './instance.js';
export { recorder } from '../../src/record/recorder.js';
export { fieldKey, fieldNames, LENGTH, memberKey, ORDER, SIZE } from '../../src/record/keys.js';
export { fieldsOf, nameOf, valueOf } from '../../src/record/names.js';
export { order } from '../../src/record/adopt.js';
