/**
 * What the kernel's worker takes instead of modules of Node, by the name it is imported under (vite's `resolve.alias`).
 */
export const alias = [];
