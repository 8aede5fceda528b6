/** The kernel's worker. */
export {};
