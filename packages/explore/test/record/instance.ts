/** What the tests need of a kernel: the same on the plain modules and on the printed ones. */
export * from '@pmkit/mm-core';
export * from '@pmkit/mm-core/testing';
export * from '@pmkit/series/levels';
export type { AnyKernel } from '@pmkit/series/levels';
