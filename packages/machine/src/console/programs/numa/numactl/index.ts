import { program } from '../exit.js';
import { Numa } from '../libnuma/libnuma.js';
import { manual } from './manual.js';
import { Numactl } from './options.js';

export const numactl = program({
  path: '/usr/bin/numactl',
  summary: 'run a program with a memory policy or on some CPUs; give shared memory a policy; show the hardware',
  manual,
  libraries: ['libnuma'],
  async run(p) {
    return new Numactl(p, await Numa.load(p)).run();
  },
});
