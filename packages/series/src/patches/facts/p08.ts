import type { PatchFacts } from '../facts.js';

export const p08: PatchFacts = {
  name: 'sys_migrate_pages-cpuset-support.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 8/10', date: '2005-06-22', messageId: '20050622164001.25515.86485.67136@tomahawk.engr.sgi.com' },
  purpose: [
    'Makes the call respect cpusets. The new nodes must be allowed to the target, which will live there, and to the caller, who allocates the pages; if they are not, the call fails and nothing has changed.',
    'It also holds a reference to the target\'s task while the call lasts.',
  ],
  needs: [4],
  files: [
    { file: 'include/linux/cpuset.h', insertions: 7, deletions: 1, note: 'a prototype, and what stands for it without CONFIG_CPUSETS; here in kernel/cpuset.c' },
    { file: 'kernel/cpuset.c', insertions: 23, deletions: 1 },
    { file: 'mm/mmigrate.c', insertions: 20, deletions: 4 },
  ],
  diffstat: 'from the mail',
  remarks: ['The overview calls it without -rc3, the subject of its mail with it.'],
  reviews: [
    { by: 'Paul Jackson', date: '2005-05-11', text: 'Of -rc2: take the locks inside, as cpuset_cpus_allowed() does; one meaning a variable; operations on node masks. Adopted. That the stand-in without cpusets should be node_online_map was not, though Bryant answered that it makes more sense.' },
  ],
  lineage: [{ version: '2.6.16', text: 'cpuset_mems_allowed() stays. Only the target\'s set is tested, and failure is -EPERM unless the caller has CAP_SYS_NICE. Cpusets get a file memory_migrate that moves the memory of tasks along.' }],
  sources: ['the patch mail (linux-mm)', 'Paul Jackson\'s reviews of -rc2', 'rc2 7/8 and rc4 9/11', 'Linux 2.6.12 kernel/cpuset.c', 'Linux 2.6.18 mm/mempolicy.c'],
};
