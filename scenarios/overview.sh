#!/bin/bash
# The normal sequence of events, as the overview of the series tells it: Ray Bryant, "[PATCH 2.6.12-rc5 0/10] mm: manual page migration-rc3 -- overview",
# 22 June 2005, section "Background". Run it at any level of the series, on any machine that has the nodes:
#
#     pmkit run --at 9 --machine altix64 scenarios/overview.sh [FROM TO MEGABYTES]

from=${1:-5-8} to=${2:-24-27} megabytes=${3:-64}

# migratepages, and the system call as strace shows it.
migrate() { strace -q -e trace=migrate_pages migratepages "$@" 2>&1 | grep '^migrate_pages('; }
say()   { printf '\n%s\n' "$*"; }
nodes() { seq $(echo "$1" | tr - ' ') | tr '\n' ' '; }
cpus()  { for node in $(nodes "$1"); do cat /sys/devices/system/node/node$node/cpulist; done | paste -sd, -; }

# Pages of the job by kind and node.
placement() {
  for pid in $pids; do cat /proc/$pid/numa_maps; done | awk '
    { kind = "anonymous"
      if ($0 ~ /file=/) kind = "program and libraries"
      if ($0 ~ /file=\/data/) kind = "data files"
      if ($0 ~ /file=\/data\/table/) kind = "read-only table"
      if ($0 ~ /SYSV/) kind = "shared memory"
      if ($0 ~ / (heap|stack)/) kind = "heap and stack"
      for (i = 3; i <= NF; i++) if ($i ~ /^N[0-9]+=/) { split($i, at, "="); pages[kind "\t" at[1]] += at[2] } }
    END { for (place in pages) print place "=" pages[place] }' | sort -t "$(printf '\t')" -k 1,1 -k 2,2V |
    awk -F '\t' '{ if ($1 != kind) { if (kind != "") print line; kind = $1; line = sprintf("  %-22s", kind) } line = line " " $2 } END { print line }'
}
# Policies of its processes: how many have which.
policies() { for pid in $pids; do awk '/anon=/ && !/file=|heap|stack/ { print "  " $2; exit }' /proc/$pid/numa_maps; done | sort | uniq -c | sed 's/^ */  /'; }

say "A job is running on, say, nodes $from"
mkfs -t xfs -q /dev/sdc1 && mkdir -p /data && mount -t xfs /dev/sdc1 /data && chmod 777 /data
su user1000 -c "workload --verify --rounds forever --period 500 --processes 8 --nodes $from --policy interleave=$from \
  anon:${megabytes}m heap:256k file:/data/table:2m:ro:read file:/data/result:2m:write=share \
  file:/data/state:2m:private:read:write=half shm:0x6a6f62:2m:write=share text:/usr/lib/libnuma.so.1" > /tmp/job.out 2>&1 &
sleep 1
pids=$(pgrep -u user1000 workload | tr '\n' ' ')
mkdir /dev/cpuset/job
cpus $from > /dev/cpuset/job/cpus
echo $from > /dev/cpuset/job/mems
for pid in $pids; do echo $pid > /dev/cpuset/job/tasks; done
placement

say "A higher priority job arrives and the only place it can be run is nodes $from: the scheduler suspends the processes of the existing job and starts the new one"
kill -STOP $pids
ps -o stat= -p $(echo $pids | tr ' ' ,) | sort | uniq -c | sed 's/^ */  /'
numactl --cpunodebind=$from --membind=$from workload --stay anon:4m &
urgent=$!
sleep 1

say "Other nodes become available: the scheduler moves the processes of the suspended job to nodes $to"
echo "  a stranger may not move what is not his:"
su user1001 -c "strace -q -e trace=migrate_pages migratepages $urgent ${from%-*} 0" 2>&1 | grep '^migrate_pages(' | sed 's/^/    /'
echo "  the read-only table is the job's own, so it is to move too:"
workload file:/data/table:2m:ro:untouched:migrate 2>&1 | sed 's/^/    /'
echo "  as long as the job's cpuset has the old nodes:"
migrate ${pids%% *} $from $to | sed 's/^/    /'
cpus $to > /dev/cpuset/job/cpus
echo $to > /dev/cpuset/job/mems
echo "  and with the new ones:"
for pid in $pids; do migrate $pid $from $to; done | sed 's/^/    /'
placement
say "Policies now"
policies

say "The job goes on"
kill -CONT $pids
sleep 2
placement
kill $pids
wait 2>/dev/null
grep -c . /tmp/job.out | sed 's/^/  pages with other contents: /'
