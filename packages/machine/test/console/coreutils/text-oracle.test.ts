/** The host's coreutils as the judge of ours: tools for text. */
import { FILES, heldAgainstHost } from './oracle.js';

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  cat: [
    'printf "a\\n\\n\\n\\nb\\tc\\n\\nd" > t; cat -n t; cat -b t; cat -s t; cat -sn t t; cat -sb t f t; cat -nb t', 'printf "a\\tb\\r\\nc\\r\\rd\\r" > t; cat -E t; cat -T t; cat -v t; cat -e t; cat -t t; cat -A t; cat -E t f; cat -ET t; cat -nE t t', 'head -c 3000 /dev/urandom > b; cat b > c; cat b | cat > e; md5sum < b > x; md5sum < c | diff - x; md5sum < e | diff - x; cat b - < b | wc -c',
    'printf "\\000\\001\\033\\177 ~" | cat -A', 'cat f nope d/g; echo $?', 'cat f d d/g; echo $?', 'cat - f < d/g', 'cat f - d/g - < f', 'cat -u f', 'cat --number-nonblank --show-ends --squeeze-blank f', 'cat -x f', 'cat --zork', 'cat f >> f', 'cat f d/g > f; cat f', 'cat f - >> d/g < d/g; cat d/g', 'cat < f >> f', 'cat "a b"', 'echo -n a > x; cat -n x f x f', 'cat f > /dev/full; echo $?', 'printf "\\n\\n" | cat -ns', 'cat -n /dev/null', 'seq 100000 > s; cat s s | wc; cat -n s | tail -1',
  ],
  yes: [
    'yes | head -3', 'yes a "b c" | head -2', 'yes -- -x | head -1', 'yes -x', 'yes > /dev/full', 'yes x | head -c 100000 | md5sum', 'yes "" | head -2', 'yes a -n | head -1', 'yes | head -1; echo ${PIPESTATUS[@]}', 'timeout 0.1 yes > /dev/null; echo $?', 'timeout 0.1 cat /dev/zero > /dev/null; echo $?', 'seq inf | head -2',
  ],
  wc: [
    'wc f d/g', 'wc -L f d/g', 'printf "a\\tb\\n" | wc -L', 'printf "abc\\rxx\\n\\f" | wc -L', 'wc -lw f d/g', 'wc -wl f', 'wc -m f', 'wc -cm f', 'wc d', 'wc f d nope; echo $?', 'wc nope f', 'printf "a b" | wc', 'printf "\\001 \\200 x\\n" | wc -w', 'wc -c < f', 'echo a | wc - f', 'wc --max-line-length f', 'wc --lines --chars f',
    'wc -x', 'printf "f\\0d/g\\0" | wc --files0-from=-', 'wc --files0-from=nope', 'wc --files0-from=- f < f', 'wc /dev/null', 'wc -l /dev/null f', 'seq 100000 > s; wc s f', 'wc -l d', 'wc nope', 'printf "\\303\\251\\n" | wc -m', 'printf "\\303\\251\\n" > u; wc u; wc -L u',
  ],
  head: [
    'seq 20 | head -n -17', 'seq 20 | head -c -47', 'head -n x f', 'head -c x f', 'head -n -x f', 'head -z f', 'printf "a\\0b\\0c" | head -zn 2 | od -An -c', 'head -5c f', 'head -2x f', 'head -q -3 f', 'head -v -n1 f d/g', 'head -qn1 f d/g', 'head f nope d/g', 'head f d d/g', 'head -n1k f', 'head -c 1b f', 'head -c 1KB f', 'head -n 0 d', 'head -c0 f', 'seq 3 | head -n1 - f',
    'seq 30 | head -1b | wc -c', 'head -c 1000 /dev/zero | wc -c', 'seq 100000 > s; head -n -99998 s; head -c -588890 s; head -n 50000 s | tail -1', 'head --lines=1 f d/g', 'head --bytes 2 f', 'head -n -0 f', 'head -1qv f', 'head --zork', 'head -n', 'printf "a\\nb" | head -n -1', 'printf "a\\nb" | head -n 5', 'head -vz f', 'head -2kq f', 'head -n +1 f',
  ],
  tail: [
    'tail -n x f', 'tail -c x f', 'tail -n +2 f', 'seq 5 | tail -c +5', 'seq 5 | tail -c 3', 'tail f nope d/g', 'tail f d d/g', 'tail -v f', 'tail -qn1 f d/g', 'tail -n 1b f', 'printf "a\\0b\\0c" | tail -zn 2 | od -An -c', 'seq 20 | tail -5l', 'seq 20 | tail -5c', 'seq 20 | tail +5c', 'seq 20 | tail -1b | wc -c', 'tail -5 f d/g', 'tail -n -1 f', 'tail --lines=+1 f', 'tail -x',
    'seq 100000 > s; tail -n 2 s; tail -c 5 s; tail -n +99999 s; tail -c +588890 s', 'tail -c 0 f', 'tail -n 0 d', 'seq 3 | tail -n1 - f', 'printf "a\\nb" | tail -n 1', 'tail -n', 'tail --pid=1 f', 'tail --retry f', 'tail -s x f', 'tail --pid=x f', 'tail -n+0 f', 'tail -c +0 f', 'tail -f nope', 'sleep 1 & tail -f --pid=$! -s 0.1 f', 'seq 20 | tail -n 2k | wc -l', 'tail - < f',
  ],
  seq: [
    'seq -f %03g 3', 'seq 1 2 3 4', 'seq -w -1 10 20', 'seq -f %.2f 1 .5 3', 'seq -f %e 3', 'seq -f "%%x%g%%" 2', 'seq -f x 3', 'seq -f %d 3', 'seq -f %g%g 3', 'seq -f % 3', 'seq -w -f %g 3', 'seq 1e2 1e2 3e2', 'seq -w 1 .5 3', 'seq -w 5 100', 'seq .1 .1 1', 'seq -w .1 .1 1', 'seq 0 .1 .3', 'seq 1 1.5 5', 'seq 10 -3 -5', 'seq -w 10 -3 -5', 'seq -5 -1', 'seq 0x1 0x5', 'seq nan', 'seq 1 nan',
    'seq 99999999999999999998 100000000000000000001', 'seq 1000000 1000003', 'seq 1000000.5 1000002', 'seq -s, -w 8 10', 'seq -s "" 3', 'seq 1 -1 3', 'seq +1 +2', 'seq 2 1', 'seq -f "%5.1f|" 1 3', 'seq -f "%-5g|" 1 3', 'seq -f "%+g" 1 3', 'seq -f %a 1', 'seq --separator=: 3', 'seq --equal-width 9 11', 'seq -z', 'seq --zork', 'seq 1 2 x', 'seq 1 0.0 3', 'seq 5. 7', 'seq .5 2', 'seq -w 1. 3', 'seq 1e-1 3e-1', 'seq 1 .1 1.3', 'seq -0 1', 'seq -w 0 5 100 | head -3',
    'seq -f %G 1e10 1e10 2e10', 'seq -f %g 1e10 1e10 2e10', 'seq 1e10 1e10 2e10', 'seq 0.000001 0.000001 0.000003', 'seq -w 0.99 1.01', 'seq -w -0.5 0.5 1', 'seq " 1" 2', 'seq 1 " 2"', 'seq 1,5', 'seq ""', 'seq 1e', 'seq .', 'seq 9 10 | tail -1',
  ],
  du: [
    'du -b f', 'du -ab d | cut -f2', 'du -s d | cut -f2', 'du d/g nope | cut -f2', 'du -as', 'du -sd1 d | cut -f2', 'du -sd0 d | cut -f2', 'du -d x', 'du -z', 'du -c -b f d/g', 'ln f h; du -ab f h', 'ln f h; du -bl f h', 'truncate -s 5M f; du -bh f', 'truncate -s 5M f; du -b --si f', 'truncate -s 5000 f; du --apparent-size -k f; du --apparent-size -m f; du --apparent-size -B1000 f; du --apparent-size -BM f; du --apparent-size --block-size=K f',
    'truncate -s 1M f; du f', 'mkdir -p a/b/c; du a | cut -f2; du -d1 a | cut -f2; du --max-depth=0 a | cut -f2', 'du --inodes d', 'mkdir -p a/b; touch a/b/x a/y; du --inodes a; du -S --inodes a; du --inodes -c a d', 'du -a --inodes --exclude=g d', 'du -a --inodes --exclude="d*" d', 'echo g > x; du -aX x --inodes d', 'du -X nope d', 'du -b l', 'du -bL l', 'du -bD l', 'du -bL n', 'ln -s d dl; du --inodes dl; du --inodes dl/; du -D --inodes dl', 'du -b -t 3 -a d/g f', 'du -b -t -4 d/g f', 'du -t x',
    'touch -d @0 d/g d; du --inodes --time d; du --inodes --time --time-style=iso d; du --inodes --time=mtime --time-style=+%s d', 'du --time=x', 'du -0b f | od -An -c', 'printf "f\\0d/g\\0" | du -b --files0-from=-', 'du --files0-from=- f', 'du -B0 f', 'du -Bx f', 'du -b f f', 'du --inodes -l f f', 'du -bB1K f', 'du -ah --apparent-size f', 'du --inodes -h d', 'du /dev/null',
  ],
};

/** What the host says otherwise, and why that may be. */
const KNOWN: Readonly<Record<string, string>> = {
  'printf "\\303\\251\\n" | wc -m': 'just-bash: printf takes bytes for characters',
  'printf "\\303\\251\\n" > u; wc u; wc -L u': 'just-bash: printf takes bytes for characters',
  'seq -f %a 1': 'no %a here',
  'seq -0 1': 'numbers are counted exactly, and there is one zero',
};

heldAgainstHost(FILES, SCRIPTS, KNOWN);
