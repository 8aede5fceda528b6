/** The system call itself: number, arguments, errors. */
import type { Behaviour } from '../behaviour.js';

export const systemCall: readonly Behaviour[] = [
  {
    id: 'syscall-1279',
    kind: 'claim',
    sentence: 'System call 1279, the last slot of ia64\'s table, is migrate_pages().',
    sources: [{ from: 'overview', at: 'unresolved issues, (2)' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      lab.anonymous(job, 4);
      lab.stop(job);
      return lab.result(lab.migrate(job, [1], [2]));
    },
    expect: { 0: '-ENOSYS', 4: '4' },
  },
];
