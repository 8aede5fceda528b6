/**
 * The layers of the kit, lowest first. A package may import from those before it and from nothing after it.
 *
 * This list is the only place that says so. The linter derives its rules from it (lint/imports.js), and
 * test/architecture.test.ts holds it against the directories and manifests.
 */
export const layers = [
  'linker',
  'mm-core',
  'p01-steal-page-from-lru',
  'p02-xfs-migrate-page',
  'p03-node-map-argument',
  'p04-sys-migrate-pages',
  'p05-mempolicy-migration',
  'p06-mbind-control',
  'p07-migration-selection',
  'p08-cpuset-support',
  'p09-permissions-check',
  'n10-memsection-migrate',
  'n11-pass-page-list',
  'p10-hotplug-fixup',
  'series',
  'machine',
  'explore',
  'review',
  'explorer',
  'cli',
  'bench',
];

/** Packages of kernel code: no clock, no chance, no host. */
export const kernelPackages = layers.filter((name) => name === 'mm-core' || /^[np]\d\d-/.test(name));

/** Directories below src/ that mirror the kernel's tree and speak its vocabulary. */
export const kernelTrees = ['arch', 'drivers', 'fs', 'include', 'init', 'ipc', 'kernel', 'lib', 'mm'];
