/** Bundles begin with it. What they ask for at once is `process` and `buffer`; of other modules there is nothing that they could call. */
const known = () => ({ buffer: { Buffer: globalThis.Buffer }, process: globalThis.process });

export const createRequire = () => name => known()[name.replace(/^node:/, '')] ?? {};
