/**
 * All commands, in the order in which help lists them. A new one is a file in commands/ and an entry here; its module is
 * loaded only when it is called or when its help is asked for, so that no command pays for the others.
 */
import type { CommandEntry } from './context.js';

export const commands: readonly CommandEntry[] = [
  { name: 'shell', summary: 'sit down at the simulated machine: bash, /proc, numactl', load: () => import('./commands/shell.js') },
  { name: 'run', summary: 'run a bash script on the simulated machine', load: () => import('./commands/run.js') },
  { name: 'explorer', summary: 'serve the page in the browser: push patches and watch pages move', load: () => import('./commands/explorer.js') },
  { name: 'series', summary: 'list the patches of the series', load: () => import('./commands/series.js') },
  { name: 'applied', summary: 'list the applied patches', load: () => import('./commands/applied.js') },
  { name: 'unapplied', summary: 'list the patches that are not applied', load: () => import('./commands/unapplied.js') },
  { name: 'top', summary: 'show the topmost applied patch', load: () => import('./commands/top.js') },
  { name: 'next', summary: 'show the patch that a push would apply', load: () => import('./commands/next.js') },
  { name: 'previous', summary: 'show the patch below the topmost one', load: () => import('./commands/previous.js') },
  { name: 'push', summary: 'apply patches and link the kernel again', load: () => import('./commands/push.js') },
  { name: 'pop', summary: 'take patches off again', load: () => import('./commands/pop.js') },
  { name: 'goto', summary: 'push or pop until a patch is on top (not in quilt)', load: () => import('./commands/goto.js') },
  { name: 'matrix', summary: 'run every behaviour at every level and show what is seen', load: () => import('./commands/matrix.js') },
  { name: 'show', summary: "show a patch as its reviewer wants it: the patch's page", load: () => import('./commands/show.js') },
  { name: 'graph', summary: 'show which patches need which, in the text and in what they do', load: () => import('./commands/graph.js') },
  { name: 'check', summary: 'check a patch, for people, b4, JUnit or GitHub', load: () => import('./commands/check.js') },
  { name: 'behaviour-diff', summary: 'show which behaviours differ between two levels, and how', load: () => import('./commands/behaviour-diff.js') },
  { name: 'bisect', summary: 'find the patch that first made the machine behave so', load: () => import('./commands/bisect.js') },
  { name: 'why', summary: 'explain why a page was migrated or not, at every level', load: () => import('./commands/why.js') },
  { name: 'explore', summary: 'take the steps of a race in every order, and show how it can end', load: () => import('./commands/explore.js') },
  { name: 'replay', summary: 'take the steps of a race in the order of a file', load: () => import('./commands/replay.js') },
  { name: 'fuzz', summary: 'make random system calls until the kernel does something wrong', load: () => import('./commands/fuzz.js') },
  { name: 'import-process', summary: 'build a real process on a simulated machine', load: () => import('./commands/import-process.js') },
  { name: 'dry-run', summary: 'tell what each level would move of a real process, and why', load: () => import('./commands/dry-run.js') },
  { name: 'conformance', summary: 'compare with what real kernels did, from recordings of them', load: () => import('./commands/conformance.js') },
  { name: 'diff', summary: 'show what a patch changes in the sources, or what differs between two levels', load: () => import('./commands/diff.js') },
  { name: 'annotate', summary: 'show which patch wrote each line of a file or function', load: () => import('./commands/annotate.js') },
  { name: 'symbol', summary: 'show a function through the series: versions, callers, callees, what is said of it', load: () => import('./commands/symbol.js') },
  { name: 'originals', summary: 'show the mails of 2005, from your own download, beside the packages', load: () => import('./commands/originals.js') },
  { name: 'export', summary: 'write the series as a git repository, for quilt, or as mails', load: () => import('./commands/export.js') },
  { name: 'import', summary: 'make a stack again of patches that somebody has sent', load: () => import('./commands/import.js') },
  { name: 'docs', summary: 'write the generated pages of docs/ anew', load: () => import('./commands/docs.js') },
];
