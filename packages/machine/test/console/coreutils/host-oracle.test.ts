/** The host's coreutils as the judge of ours: what they print, complain of and end with. */
import { FILES, heldAgainstHost } from './oracle.js';

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  rm: [
    'rm', 'rm -f', 'rm nope', 'rm -f nope f/x', 'rm f/x', 'rm d', 'rm -d d', 'rm -rv d', 'rm -v f l', 'rm .', 'rm -r . ..', 'rm -rf d/.', 'rm -r /', 'rm -q', 'rm --zork', 'rm --re', 'rm "a b" "it\'s"', 'echo n | rm -i f; ls',
    'echo y | rm -i f; ls', 'touch a b c; echo y | rm -I a b c f; ls', 'printf "y\\ny\\ny\\n" | rm -ri d; ls', 'rm n; ls', 'rm l/; ls', 'rm d/ ; ls', 'rm -- f; ls', 'rm -f -i f < /dev/null; ls', 'rm -i -f f; ls',
  ],
  mkdir: [
    'mkdir', 'mkdir d', 'mkdir f', 'mkdir a/b/c', 'mkdir -pv a/b/c', 'mkdir -p d f', 'mkdir f/x', 'mkdir -p f/x', 'mkdir -m 0700 z; stat -c %a z', 'mkdir -m u=rwx,g= y; stat -c %a y', 'mkdir -m zz x', 'mkdir z/; ls', 'mkdir -vp x//y', 'mkdir -x',
    'mkdir -p -m 700 q/r; stat -c %a q q/r', 'mkdir n', 'mkdir -p n',
  ],
  rmdir: ['rmdir', 'rmdir nope', 'rmdir d', 'rmdir f', 'rmdir -v d', 'mkdir -p a/b/c; rmdir -pv a/b/c; ls', 'rmdir --ignore-fail-on-non-empty d; ls', 'mkdir -p q/r; touch q/x; rmdir -p q/r', 'mkdir e; rmdir e/; ls', 'rmdir .', 'rmdir l'],
  mv: [
    'mv', 'mv f', 'mv nope x', 'mv f f', 'mv d d/e', 'mv d f', 'mv f d; ls d', 'mv d/g f d nope', 'mv f l d nope', 'mv f nope/', 'mv f nope/x', 'mv -v f x', 'mv -n f d/g; cat d/g', 'mv -T f d', 'mv -t nope f', 'mkdir d/f; mv f d', 'mv -vt d f l',
    'mkdir e e/d; touch e/d/x; mv d e', 'echo n | mv -i f d/g; cat d/g', 'echo y | mv -i f d/g; cat d/g', 'mv -T a b c', 'mv d e; ls e', 'ln f h; mv f h; ls', 'mv l d; readlink d/l', 'mv -v d/ z; ls z', 'mv d d', 'mv f d/g; cat d/g',
  ],
  cp: [
    'cp', 'cp f', 'cp f g; cat g', 'cp f f', 'cp nope x', 'cp d e', 'cp -rv d e', 'cp f d nope', 'cp -v f d', 'cp -r d d/e', 'cp f nope/x', 'cp f nope/', 'cp -n f d/g; cat d/g', 'cp -t nope f', 'cp -s f s; readlink s', 'cp -l f h; stat -c %h f', 'cp d/ x',
    'cp f n', 'cp -P n x; readlink x', 'cp n x', 'cp -rv d d2; cp -rv d d2; ls -R d2', 'cp -T d d2; ls', 'cp -rT d f', 'cp f d; ls d', 'mkdir -p k/f; cp f k', 'mkdir k; cp --parents d/g k; ls -R k', 'mkdir k; cp -v --parents d/g k', 'chmod 751 f; cp f g; stat -c %a g',
    'chmod 777 f; cp -p f g; stat -c %a g', 'echo n | cp -i f d/g; cat d/g', 'cp -a l x; readlink x', 'cp -r l x; readlink x', 'cp -rL l x; cat x', 'cp l d; ls -F d', 'cp -R nope d', 'cp -u f d/g', 'cp -f f d/g; cat d/g', 'cp f d/g/', 'cp -rd d e; ls -F e',
    'touch -t 200001020304 f; cp -p f g; stat -c %y g', 'cp -z', 'cp --remove-destination f l; ls -F', 'cp /dev/null x; wc -c x', 'cp f l d; ls -F d',
  ],
  'backups and install': [
    'mv -b f d/g; ls d; cat d/g~', 'mv -v --backup f d/g', 'mv --backup=t -v f d/g; ls d', 'touch d/g.~3~; mv -bv f d/g', 'touch d/g.~3~; mv --backup=simple -v f d/g', 'mv --backup=zork f d/g', 'mv --backup=n f d/g', 'mv --backup=off f d/g; ls d', 'mv -S .old -v f d/g', 'VERSION_CONTROL=numbered mv -bv f d/g', 'VERSION_CONTROL=x mv -b f d/g', 'SIMPLE_BACKUP_SUFFIX=.b mv -bv f d/g', 'mv -bn f d/g', 'cp d/g f~; mv -b f~ f',
    'cp -bv f d/g; cat d/g d/g~', 'cp --backup=numbered -v f d/g; ls d', 'cp -bn f d/g', 'cp -S.x f d/g; ls d', 'cp -rbv d d2; cp -rbv d/. d2; ls d2', 'cp d/g f~; cp -b f~ f', 'mkdir e; mv -bT e d; ls -F', 'cp -b f l; ls -F', 'ls d/nope; cp -b f new; ls',
    'install', 'install f', 'install f x; stat -c %a x', 'install -m 640 f x; stat -c %a x', 'install -m u=rw,g=r f x; stat -c %a x', 'install -m zz f x', 'install -v f x; install -v f x', 'install nope x', 'install d x', 'install f d nope', 'install -d a/b c; stat -c %a a a/b', 'install -dv a/b', 'install -d -m 700 a/b; stat -c %a a a/b', 'install -d f', 'install -d', 'install -D f p/q/r; cat p/q/r', 'install -Dv f p/q/r', 'install -D -t p/q f; ls p/q', 'install f nope/x',
    'install -o nosuch f x', 'install -g nosuch f x', 'install -o 5 -g 6 f x; stat -c "%u %g" x', 'touch -d @9 f; install -p f x; stat -c %Y x', 'install -bv f d/g; ls d', 'install -t d f l; ls d', 'install f l d; ls -F d', 'install -T f d', 'install f f', 'install -z', 'install n x', 'install f n; ls -F',
  ],
  ln: [
    'ln', 'ln -s', 'ln f h; stat -c %h h', 'ln f l', 'ln -s x f', 'ln nope y', 'ln d dd', 'ln -sv f s', 'ln -v f h', 'ln -sf x l; readlink l', 'ln -sfv y l', 'ln -s d sd; ln -sfn f sd; readlink sd', 'ln f d nope', 'ln -s f nope/x', 'ln -f f f', 'ln -t d f; ls d',
    'ln -sT a d', 'ln -s a; readlink a', 'ln -s /nowhere/xyz; readlink xyz', 'ln -s f d/; readlink d/f', 'ln -s "" x', 'ln f nope/x', 'ln -sf f d/g; readlink d/g', 'ln -sr d/g d/k; readlink d/k', 'ln -rv f x', 'ln -f d/g f; cat f', 'ln -sf f d; readlink d/f', 'ln l hl; ls -F hl',
  ],
  chmod: [
    'chmod', 'chmod 7', 'chmod zz f', 'chmod +x nope', 'chmod -v +x f', 'chmod -v 644 f', 'chmod -c u-x,g=o f', 'chmod -c 600 f', 'chmod -v 4755 f', 'chmod 755 f; chmod -x f; stat -c %a f', 'chmod -v a-x f', 'chmod --reference d f; stat -c %a f', 'chmod u+s,+t f; stat -c %a f',
    'chmod = f; stat -c %a f', 'chmod u=rwX,go=rX f d; stat -c %a f d', 'chmod g+u,o=u d; stat -c %a d', 'chmod 99 f', 'chmod -v 644 n', 'chmod u+zz f', 'chmod -rw f; stat -c %a f', 'chmod +t,g-s d; stat -c %a d', 'chmod 2755 d; chmod 755 d; stat -c %a d',
    'chmod 2755 d; chmod 00755 d; stat -c %a d', 'chmod -vR 700 d', 'chmod -R go= d; stat -c %a d d/g', 'chmod -w f; stat -c %a f', 'chmod 777 l; stat -c %a f', 'chmod u+x -v f', 'chmod -f 644 nope', 'chmod a+rwx,o-w f; stat -c %a f', 'chmod g=u-w f; stat -c %a f', 'chmod +X f d; stat -c %a f d',
    'chmod 10000 f', 'chmod 7777 f; stat -c "%a %A" f', 'chmod -- -x f; stat -c %a f',
  ],
  chown: [
    'chown', 'chown root', 'chown nosuch f', 'chown root:nosuch f', 'chown root nope', 'chown -v root:root f', 'chown -v 12:34 f', 'chown -v : f', 'chown -v 0 f', 'chown 1234 f; stat -c %u f', 'chown -c 0:0 f', 'chown -Rv 0 d', 'chgrp', 'chgrp nosuch f', 'chgrp -v root f', 'chgrp -v 77 f',
    'chgrp root nope', 'chown --reference nope f', 'chown :55 f; stat -c "%u %g" f', 'chown -R 7:8 d; stat -c "%u %g" d d/g', 'chown -v 12345 f; chown -v root f', 'chown -v root: f', 'chgrp -c 0 f', 'chgrp 12', 'chown -z',
  ],
  mknod: ['mknod', 'mknod x', 'mknod x c', 'mknod x c 1', 'mknod f c 1 3', 'mknod z p 1 2', 'mknod w q', 'mknod w q 1 2', 'mknod w c a b', 'mknod w c 1 b', 'mknod nope/x c 1 3', 'mknod x c 1 3 4', 'mknod -m zz x c 1 3'],
  touch: [
    'touch', 'touch nope/x', 'touch -c nope; ls', 'touch -t 200506221639.08 f; stat -c %y f', 'touch -t 0506221639 f; stat -c %y f', 'touch -t 9 f', 'touch -t 200513010000 f', 'touch -d "2005-01-01 00:00:00" f; stat -c "%x %y" f', 'touch -d zork f', 'touch -r nope f',
    'touch -d @5 f; touch -r f x; stat -c %Y x', 'touch d; echo $?', 'touch d/', 'touch f/', 'touch -a -t 197001010000 f; stat -c %X f', 'touch -m -t 197001010005 f; stat -c %Y f', 'touch -t 197001010005 -d now f', 'touch new; ls; wc -c new', 'touch -z', 'touch n; ls -F',
  ],
  stat: [
    'stat', 'stat nope', 'stat -f nope', 'stat -c "%a %A %F %g %G %h %n %N %s %t %T %u %U" f l d /dev/null', 'stat -c "%%|%n|%10s|%-10s|%q" f', 'stat --printf "%s\\n\\x41\\t" f', 'stat -c %z', 'stat -L -c %F l', 'stat -c "%.3n|%05a|%#a|%#f|%f" f', 'touch -d @86400 f; stat -c "%x %X %y %Y" f', 'stat -q f',
    'stat -c %F f d l; : > f; stat -c %F f', 'stat -c "%A %a" d /tmp', 'stat -Lc %N n', 'stat -c %n f nope d', 'stat -f -c "%n %l" f', 'stat -f -t nope',
  ],
  ls: [
    'ls', 'ls -a', 'ls -A', 'ls -F', 'ls -d d f', 'ls d f', 'ls -R', 'ls nope', 'ls nope f', 'ls -l nope', 'ls -1 f d', 'ls -q', 'touch "a b" .h; ls -a', 'ls -p', 'ls -m', 'ls l', 'ls -d .', 'ls -Q', 'ls -b', 'ls -z', 'ls --zork', 'ls d/ nope/ l/', 'ls -r', 'ls -S; ls -Sr', 'ls -C', 'ls -x', 'ls --time-style=foo -l',
    'ls --sort=size', 'ls ""', 'touch -d @0 f; ls -l f', 'touch -d "2001-02-03 04:05" f; ls -l f', 'touch -d @0 f; ls -lu f; ls -l --full-time f; ls -l --time-style=long-iso f; ls -l --time-style=+%s f; ls -ln f; ls -lG f; ls -g f; ls -o f; ls -lh f', 'touch -hd @0 l; ls -l d | wc -l',
    'ls -l /dev/null | cut -c1-27', 'ls -d */', 'ls -d *', 'touch -d @1 a; touch -d @3 b; touch -d @2 c; ls -t a b c; ls -tr a b c', 'touch a.c b.a c.b; ls -X', 'touch v10 v9 v1; ls -v', 'ls -I f', 'ls -R d nope', 'chmod 4755 f; ls -l f | cut -c1-10', 'truncate -s 1500 f; ls -lh f | cut -c1-25', 'truncate -s 5M f; ls -lh f | cut -c1-25',
    'seq 40 | while read i; do touch file$i; done; ls -C; ls -x; ls -m', 'ls -ld l | cut -d" " -f9-', 'ls -lL l | cut -c1-15', 'ls -lF d | head -1 | cut -d" " -f1', 'ls --group-directories-first', 'ls -U | wc -l', 'ls -la d | wc -l', 'ls -H l', 'ls -i f | wc -w',
  ],
  readlink: [
    'readlink l', 'readlink f', 'readlink -f l', 'readlink -f nope/x', 'readlink -f n', 'readlink -e n', 'readlink -m nope/x/y', 'readlink -n l', 'readlink', 'readlink l n', 'readlink -v f', 'readlink -z l', 'readlink -v nope', 'readlink -fn f', 'readlink -f d/../f', 'readlink -n l n', 'readlink -x',
    'realpath l', 'realpath nope/x', 'realpath n', 'realpath -e n', 'realpath -m a/../b/c', 'realpath -s l', 'realpath --relative-to=d f', 'realpath', 'realpath f/x', 'realpath -q nope/y', 'realpath . /', 'realpath --relative-base=. d f /', 'realpath -z f', 'ln -s loop loop; readlink -f loop; realpath loop', 'readlink -f /../..//tmp',
  ],
  truncate: [
    'truncate', 'truncate t', 'truncate -s', 'truncate -s zz t', 'truncate -c -s 5 nope; ls', 'truncate -s 10 t; wc -c t', 'for s in 10 +5 -3 1K "<100" ">200" %64 /100 1MB 1MiB; do truncate -s $s t; stat -c %s t; done', 'truncate -r f t; stat -c %s t', 'truncate -s 5 d', 'truncate -s 5 nope/x',
    'truncate -s 4 -r f t', 'truncate -s /0 t', 'truncate -s 5', 'echo abcdef > t; truncate -s 3 t; cat t',
  ],
  tee: ['echo a | tee x y; cat x y', 'echo a > x; echo b | tee -a x; cat x', 'echo c | tee nope/x y; echo $?; cat y', 'echo d | tee d', 'tee --zork < /dev/null', 'echo z | tee -; cat ./-', 'printf abc | tee x | wc -c', 'echo q | tee x > /dev/null; cat x', 'tee x < f; cat x'],
  env: [
    'env -i A=b', 'env -i A=b env', 'env -i', 'A=b env -u A printenv A', 'env nosuch', 'env /tmp', 'env A=1 B=2 sh -c "echo \\$A\\$B"', 'env -C d pwd', 'env -z', 'printenv NOSUCH', 'A=1 printenv A', 'A=1 B=2 printenv A B nope', 'env -i A=b printenv', 'env -u', 'env -S "A=b printenv A"', 'env -i FOO=bar /usr/bin/env', 'env -C nope pwd',
    'env -u A=b pwd', 'env -0 pwd', 'env -C d', 'printenv -z', 'x=1; export y=2; env | grep -E "^[xy]="', 'env | grep -cE "^(0|IFS|\\?|#)="', 'env false; echo $?', 'env -- true', 'export A="b c"; printenv A', 'unset HOME; printenv HOME', 'env A=1 env B=2 env | grep -E "^[AB]=" | sort', 'printenv PATH', 'tty', 'tty -s; echo $?', 'tty x',
  ],
  mktemp: [
    'mktemp -d | cut -c1-8', 'mktemp | wc -c', 'mktemp foo', 'mktemp foo.XX', 'mktemp foo.XXX | wc -c', 'mktemp -p d XXXXXX | wc -c', 'mktemp -t x.XXXX | wc -c', 'mktemp -u | wc -c', 'mktemp nope/XXXXXX', 'mktemp a b', 'mktemp --suffix=.c fXXXX | wc -c', 'mktemp XXXX.c | wc -c', 'mktemp -q nope/XXXX', 'mktemp -p nope',
    'mktemp -t a/b.XXX', 'mktemp --suffix=a/b XXXX', 'stat -c %a $(mktemp) $(mktemp -d)', 'mktemp --tmpdir=d | wc -c', 'TMPDIR=$PWD/d mktemp | grep -c /d/tmp', 'mktemp -p d /XXXX', 'mktemp -d nope/XXXX', 'a=$(mktemp); b=$(mktemp); [ "$a" != "$b" ]; echo $?', 'mktemp --suffix=x abc',
  ],
  df: ['df nope', 'df -z', 'df -t nosuch', 'df -P / | head -1 | tr -s " "', 'df -T / | head -1 | tr -s " "', 'df -h / | head -1 | tr -s " "', 'df -i / | head -1 | tr -s " "', 'df -k / | head -1 | tr -s " "', 'df -m / | head -1 | tr -s " "', 'df -B1 / | head -1 | tr -s " "', 'df /proc | cut -c15-', 'df -P . | wc -l', 'df --output=target /', 'df --output=zork /', 'df -P /proc f nope | tail -n +2 | wc -l'],
  cat: ['cat nope', 'cat d', 'cat f d/g', 'cat -n f d/g', 'cat < f', 'echo x | cat - f', 'cat -A f', 'cat f/x', 'cat -b f', 'cat -E f', 'cat -s f', 'printf "a\\tb\\n" | cat -T', 'cat -z', 'cat l n', 'cat f nope d/g; echo $?'],
  'head and tail': [
    'seq 20 | head', 'seq 20 | head -n 3', 'seq 20 | head -3', 'seq 20 | head -n -17', 'seq 20 | head -c 5', 'seq 20 | tail', 'seq 20 | tail -n 2', 'seq 20 | tail -2', 'seq 20 | tail -n +19', 'seq 20 | tail -c 4', 'head f d/g', 'tail f d/g', 'head -q f d/g', 'head nope', 'tail nope', 'head -n x f', 'tail -n x f', 'head d', 'head -v f', 'head -n 0 f', 'printf abc | head -n 1',
    'printf abc | tail -n 1', 'head -z', 'seq 5 | tail -n 0', 'seq 5 | tail +3', 'head -c 2 f',
  ],
  seq: ['seq 3', 'seq 2 4', 'seq 1 2 7', 'seq 5 -2 1', 'seq -s, 3', 'seq -w 8 10', 'seq 0.5 0.5 2', 'seq -f %03g 3', 'seq 3 1', 'seq', 'seq x', 'seq 1 0 3', 'seq -- -1 1', 'seq -1 1', 'seq 1 2 3 4', 'seq -s " " 3', 'seq 1 .25 2', 'seq 100000 | tail -1', 'seq -w -1 10 20'],
  expr: [
    'expr 1 + 2', 'expr 5 / 2', 'expr 5 % 3', 'expr 2 \\* 3', 'expr 1 - 4', 'expr 1 / 0', 'expr a + 1', 'expr abc : "a\\(.\\)c"', 'expr abc : "a.*"', 'expr length abc', 'expr substr abcdef 2 3', 'expr index abc c', 'expr 1 = 1', 'expr 1 \\< 2', 'expr a \\> b', 'expr 0', 'expr ""', 'expr 1 \\| 0', 'expr 1 \\& 0', 'expr', 'expr 1 +', 'expr \\( 1 + 2 \\) \\* 3',
    'expr 10 \\>= 9', 'expr abc : xyz', 'expr 1 != 2', 'expr match abc "ab"', 'expr 1 2', 'expr + 5', 'x=3; x=`expr $x + 1`; echo $x', 'expr 5 : "[0-9]*$"',
  ],
  xargs: [
    'echo a b c | xargs', 'echo a b c | xargs -n 1 echo', 'echo a b c | xargs -n1', 'printf "a b\\nc\\n" | xargs -I{} echo "<{}>"', 'printf "a\\0b c\\0" | xargs -0 -n1 echo', 'xargs echo hi < /dev/null', 'xargs -r echo hi < /dev/null', 'echo f nope | xargs cat', 'echo 1 | xargs false; echo $?', 'echo 1 | xargs nosuch; echo $?', 'echo "a \'b c\' d" | xargs -n1 echo', 'seq 5 | xargs -n 2 echo',
    'echo x | xargs sh -c "exit 3"; echo $?', 'seq 3 | xargs -t echo', 'printf "a\\nb\\n" | xargs -L1 echo x', 'echo a:b | xargs -d: -n1 echo', 'echo f | xargs ls -d', 'seq 3 | xargs -P2 -n1 | sort', 'echo "a  b" | xargs echo', 'echo a | xargs -i echo {}-{}',
  ],
  'other tools': [
    'printf "b\\na\\nc\\n" | sort', 'printf "10\\n9\\n" | sort -n', 'printf "a\\na\\nb\\n" | uniq -c', 'wc f', 'wc -l < f', 'wc nope', 'wc -c f d/g', 'wc -l d', 'basename /a/b.c .c', 'dirname /a/b', 'basename', 'printf "a:b\\n" | cut -d: -f2', 'echo abc | tr a-c x', 'echo abc | rev', 'comm f d/g', 'diff f d/g', 'diff f f', 'diff f nope', 'sort nope', 'echo a b | awk "{print \\$2}"', 'echo abc | sed s/b/X/',
    'sed -n 1p nope', 'grep hi f nope', 'grep -c hi f', 'grep -q hi f; echo $?', 'grep zork f; echo $?', 'grep -l hi f d/g', 'grep hi d', 'grep -r more . ', 'grep -v hi f', 'grep -E "h|m" f d/g', 'which ls cat nosuch; echo $?', 'echo 5 | tr -d "\\n" | od -c', 'sleep x', 'sleep', 'printf "%d\\n" x', 'echo hi | md5sum', 'id -u', 'uname -s', 'true x; false; echo $?', 'sort -u f f', 'paste f d/g', 'nl f', 'tac f d/g', 'yes | head -2', 'test -f f; echo $?',
    '[ -d d ] && echo d', '[ f -nt d/g ] || echo older', '[ -L l ] && echo link', '[ -e n ] || echo dangling', '[ -s f ] && echo full', '[ a = a -a b = b ]; echo $?', '[ 1 -eq x ]', '[', 'test', 'cmp f d/g', 'cmp f f', 'date -d @0 +%F', 'nproc --zork', 'split -l 1 f; ls', 'fold -w 1 f', 'expand f', 'join f f', 'sha1sum f',
  ],
};

/** What the host says otherwise, and why that may be. */
const KNOWN: Readonly<Record<string, string>> = {
  'ln l hl; ls -F hl': 'a symbolic link has one name here',
  'ls -d */': 'just-bash takes the slash from what */ matches',
  'printf "a\\na\\nb\\n" | uniq -c': 'just-bash: other blanks',
  'grep hi d': 'just-bash ends with 1 instead of 2',
  'grep -r more . ': 'just-bash takes the ./ away',
  'echo 5 | tr -d "\\n" | od -c': 'just-bash: other blanks',
  'printf "%d\\n" x': 'just-bash leaves out who complains',
  'tac f d/g': 'just-bash reads the first file only',
  'which ls cat nosuch; echo $?': 'the which of Debian says nothing of what it does not find, and where /bin is a link it finds the other name',
  'yes | head -2': 'a part of a pipeline has all its input before it begins, so that yes would never end',
  '[ 1 -eq x ]': 'just-bash says nothing',
  '[': 'just-bash leaves out who complains',
  'cmp f d/g': 'not there',
  'cmp f f': 'not there',
};

heldAgainstHost(FILES, SCRIPTS, KNOWN);
