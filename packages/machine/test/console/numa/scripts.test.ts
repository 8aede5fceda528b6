/** Scripts of the kind that the numactl package tests itself with: the same commands, options and ways to take output apart, in words of our own. */
import { describe, expect, it } from 'vitest';
import { Box, programs } from '../../../src/console/index.js';
import { Shell } from '../../../src/console/shell/shell.js';
import { machineConfig } from '../../../src/config.js';
import { uniformTopology } from '../../../src/topology/index.js';
import { expectSound } from '../helpers.js';

/** Two nodes of 64 MB, two CPUs each; swap, without which rc3 moves no anonymous memory. */
async function run(script: string): Promise<string> {
  const box = new Box({ tree: { level: 10, hotplug: false }, machine: machineConfig(uniformTopology({ nodes: 2, pagesPerNode: 4096 })), swap: 2048, programs });
  let output = '';
  const sink = { out: (text: string) => void (output += text), err: (text: string) => void (output += text) };
  await new Shell({ process: box.login, sink, name: 'bash' }).run(script);
  expectSound(box);
  return output;
}

describe('a script', () => {
  it('counts what an interleaved program took from each node', async () => {
    expect(await run(String.raw`
      size=$[15 * 1024 * 1024]
      pagesize=$(/usr/lib/numactl/test/pagesize)
      pages=$[size / pagesize]
      count() {
        column=$(numastat | head -1 | awk -v want=node$2 '{ for (i = 1; i <= NF; ++i) if ($i == want) print i }')
        numastat | grep $1 | while read -a fields; do echo \${fields[$column]}; done
      }
      sleep 5
      before0=$(count interleave_hit 0) before1=$(count interleave_hit 1)
      numactl --interleave=0,1 memhog -H $size
      after0=$(count interleave_hit 0) after1=$(count interleave_hit 1)
      for got in $[after0 - before0] $[after1 - before1]; do [ $got -ge $[pages / 2 - 20] ] && echo half; done
      before=$(count numa_hit 1)
      memhog -H $size membind 1
      [ $(expr $(count numa_hit 1) - $before) -ge $pages ] && echo all
    `.replaceAll('\\$', '$'))).toBe('..\nhalf\nhalf\n..\nall\n');
  });

  it('finds every CPU and node that --show names to be what a program gets', async () => {
    expect(await run(String.raw`
      cpus=$(numactl --show | grep physcpubind: | sed -e "s/physcpubind://")
      for cpu in $cpus; do
        got=$(numactl --physcpubind=$cpu numactl --show | awk '/^physcpubind/ { print $2 }')
        on=$(numactl --physcpubind=$cpu bash -c 'stat=( $(< /proc/self/stat) ); echo \${stat[38]}')
        echo $cpu $got $on
      done
      for node in $(numactl --show | grep nodebind: | sed -e "s/nodebind://"); do numactl --cpunodebind=$node numactl --show | awk '/nodebind/ { print $2 }'; done
    `.replaceAll('\\$', '$'))).toBe('0 0 0\n1 1 1\n2 2 2\n3 3 3\n0\n1\n');
  });

  it('finds in sysfs what --hardware says', async () => {
    expect(await run(String.raw`
      [ $(numactl --hardware | grep -c 'node.*size') = $(ls -1d /sys/devices/system/node/node[0-9]* | wc -l) ] && echo nodes
      [ $(numactl --hardware | grep cpus | sed 's/node.*cpus://' | wc -w) = $(grep -c processor /proc/cpuinfo) ] && echo cpus
      numactl --hardware | grep cpus | while read line; do
        node=\${line/ cpus*/} node=\${node/ /}
        for cpu in \${line/*: /}; do [ -h /sys/devices/system/node/$node/cpu$cpu ] && echo $node $cpu; done
      done
    `.replaceAll('\\$', '$'))).toBe('nodes\ncpus\nnode0 0\nnode0 1\nnode1 2\nnode1 3\n');
  });

  it('restricts itself with taskset, and --all reaches further', async () => {
    expect(await run(String.raw`
      mask=$(taskset -p $$ | cut -f2 -d: | sed -e 's/^[ \t]*//')
      last=$(grep processor /proc/cpuinfo | tail -n1 | cut -f2 -d:)
      last=$(echo $last | cut -f2 -d' ')
      taskset -p -c 0 $$ > /dev/null
      numactl --physcpubind=$last ls > /dev/null 2>&1 || echo refused
      numactl --all --physcpubind=$last ls > /dev/null 2>&1 && echo reached
      taskset -p $mask $$ > /dev/null
      numactl --physcpubind=$last ls > /dev/null 2>&1 && echo reset
      numactl -H | grep -Pzo 'node [0-9]* cpus: [0-9].*(.|\n)node [0-9]* size: [1-9].* MB' | tail -n1 | cut -f2 -d' '
    `)).toBe('refused\nreached\nreset\n1\n');
  });

  it('gives shared memory policies, and removes it by the key of its file', async () => {
    expect(await run(String.raw`
      set -e
      cd /tmp
      numactl --length=4m --shm=key --dump 2> /dev/null
      numactl --offset=2m --length=1m --shm=key --strict --interleave=0,1 --verify --dump
      numactl --shm=key --dump
      ipcrm -M $(/usr/lib/numactl/test/ftok key)
      rm key
      numactl --length 1m --file /dev/shm/b --membind=1 --verify
      rm /dev/shm/b
      numastat > after
      diff -u after after && echo same
    `)).toBe(`${'0000000000200000-0000000000300000: interleave : 0 1 \n'.repeat(2)}same\n`);
  });

  it('runs with a policy what the shell has built in, because it is a program as well', async () => {
    expect(await run('numactl -m 1 /bin/true && numactl -m 1 echo true; numactl --cpubind=0 false; echo $?; /bin/echo x | cat; cd /tmp; numactl -m 0 pwd')).toBe('true\n1\nx\n/tmp\n');
  });

  it('reaches its commands by paths, in variables and through links', async () => {
    expect(await run(String.raw`
      mkdir -p /root/build/test; cd /root/build
      ln -s /usr/bin/numactl numactl; ln -s /usr/lib/numactl/test/pagesize test/pagesize
      numactl() { $WRAPPER \${NUMACTL:-../numactl} "$@"; }
      cd test
      numactl --show | head -1
      "../test/pagesize"
      try() { if ! $WRAPPER "$@"; then echo failed; fi; }
      try /usr/lib/numactl/test/pagesize
      try ./nothing
      PATH=/root/build/test:$PATH; pagesize
    `.replaceAll('\\$', '$'))).toBe('policy: default\n16384\n16384\nbash: ./nothing: No such file or directory\nfailed\n16384\n');
  });

  it('moves a job that goes on running', async () => {
    expect(await run(String.raw`
      numactl --cpunodebind=0 memhog -r1000 10m > /dev/null &
      job=$!
      sleep 0.1
      kill -STOP $job
      migratepages $job 0 1 && echo moved
      numastat -p $job | awk '/^Private/ { print ($2 < 1 && $3 > 9) ? "on node 1" : "not on node 1: " $0 }'
      kill -CONT $job
      wait $job; echo $?
    `)).toBe('moved\non node 1\n0\n');
  });
});
