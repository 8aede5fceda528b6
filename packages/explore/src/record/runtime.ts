/** What printed modules call; the names are short because they stand in every line of them. */
export {
  add, addAfter, addAt, addBefore, addSince, all, at, atIn, get, getIn, has, hasOwn, isOwn, keysOf, own, remove, set, setAt, setPrivate,
} from './access.js';
export { assign, deep, each, eachLater, others, pairs, take, text } from './iterate.js';
export { fieldKey as field } from './keys.js';
export { call0, call1, call2, call3, callMethod, callWith, target } from './methods.js';
export { addGlobal as global, PRIVATES } from './names.js';
