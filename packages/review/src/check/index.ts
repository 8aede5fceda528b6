/** A patch, checked: what review tools are told of it. */
export { checkPatch, type CheckOptions } from './check.js';
export { patchOfMail } from './mail.js';
export type { Check, CheckCase, CheckId, CheckReport, Place, Status } from './model.js';
export type { Layout } from './places.js';
