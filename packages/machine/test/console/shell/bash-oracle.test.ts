/** The host's bash as the judge of the simulated shell: what scripts print, complain of and end with. */
import { describe, expect, it } from 'vitest';
import { hasBash, sameAsOnHost, simulated } from '../coreutils/oracle.js';

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  words: [
    'a="x  y"; echo $a; echo "$a"; echo \'$a\' \\$a "\\$a \\"q\\""', "echo $'a\\tb\\x41\\n'", 'echo {a,b}{1,2} x{1..3}y {5..1..2} {a..e}', 'echo ~ ~/x "~"',
    'set -- a "b c" d; for i in "$@"; do echo "<$i>"; done; for i in $*; do echo "[$i]"; done; echo "$#" "$*"', 'IFS=:; set -- a b; echo "$*"; x="1:2:3"; for i in $x; do echo $i; done',
    'unset u; echo "${u:-d}" "${u-e}" "${u:+f}"; : "${u:=g}"; echo $u', 'f=/a/b/c.tar.gz; echo "${f##*/}" "${f%/*}" "${f%%.*}" "${f#*/}" "${#f}"',
    's=hello; echo "${s:1:3}" "${s: -2}" "${s/l/L}" "${s//l/L}" "${s^}" "${s^^}" "${s/#he/HE}" "${s/%lo/LO}"', 'echo $((1+2*3)) $((7/2)) $((7%3)) $((2**10)) $((0x1f)) $((010)) $((1<<4)) $((5>3?1:0))',
    'x=5; ((x++)); ((x+=2)); echo $x; ((x>100)); echo $?; let "y=x*2"; echo $y', 'echo $(echo $(echo nested)) `echo old \\`echo older\\``', 'touch a.c b.c; echo *.c *.h; echo [ab].c "?.c" ?.c', 'shopt -s nullglob; echo x *.none y',
    'v=name; name=value; echo "${!v}"', 'echo "a\\nb"; echo -e "a\\nb"; echo -n x; echo', "printf '%s-%d-%x-%5s|%-5s|%05d|%.2f\\n' a 10 255 r l 42 3.14159; printf '%s\\n' a b c; printf '%b\\n' 'x\\ty'; printf '%q\\n' 'a b'",
    "printf -v var '%03d' 7; echo $var", 'a="*"; echo "$a"; set -f; echo *; set +f', 'echo ${#}; echo "${@:2}"', 'set -- a b c d; echo "${@:2:2}"; shift 2; echo $1 $#', 'x="a b"; y=$x; echo "$y"; z=($x); echo ${#z[@]}',
    'echo "$(printf "a\\n\\n\\n")"x', 'mkdir p q; touch p/1 q/2; echo */ */*', 'x=1; echo "${x}0" "$x"0 ${x}_', 'echo "${x:-"a b"}"', 'echo a\\\nb', 's="  trim  "; echo "[${s# }]" [$s]', 'x=abc; echo ${x@Q} ${x@U}',
    'echo ${nothing?gone}; echo not here', ': ${a:=1} ${b:=2}; echo $a$b',
  ],
  arrays: [
    'a=(1 "2 3" 4); echo ${a[1]} ${#a[@]} ${a[@]} "${!a[@]}"; a+=(5); echo ${a[-1]}; unset "a[0]"; echo "${a[@]}"', 'declare -A m; m[x]=1; m[y]=2; for k in x y; do echo $k=${m[$k]}; done; echo ${#m[@]}; [[ -v m[x] ]] && echo set',
    'a=(1 2 3 4); echo "${a[@]:1:2}"; echo "${a[@]/2/x}"; for ((i=0;i<${#a[@]};i++)); do echo -n "${a[i]} "; done; echo', 'mapfile -t l < <(printf "a\\nb\\n"); echo ${#l[@]} ${l[1]}', 'read -a w <<< "x y z"; echo ${w[2]}',
    'a=([3]=x [1]=y); echo "${!a[@]}" "${a[@]}"', 'declare -a e; echo ${#e[@]}; e[5]=1; echo ${#e[@]}', 'a=(x y); b=("${a[@]}" z); echo "${b[*]}"', 'declare -i n=5; n+=3; echo $n', 'declare -A m=([a]=1 [b]=2); echo "${m[a]}${m[b]}"',
  ],
  'control flow': [
    'if false; then echo a; elif true; then echo b; else echo c; fi', 'case abc in a*) echo one;; *) echo two;; esac; case x in a|x) echo ax;; esac; case "" in ?) echo q;; "") echo empty;; esac',
    'case a in a) echo 1;& b) echo 2;; c) echo 3;; esac; case a in a) echo 1;;& ?) echo 2; esac', 'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done',
    'i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done; until [ $i = 0 ]; do i=$((i-1)); done; echo $i', 'for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done', 'printf "a b\\nc d\\n" | while read x y; do echo "$y-$x"; done',
    'while read -r l; do echo "<$l>"; done << END\none\n  two\\n\nEND', 'true && echo y || echo n; false && echo y || echo n; ! true; echo $?', '{ echo a; echo b; } | tac; (exit 3); echo $?', 'for ((i=0, j=5; i<j; i++, j--)); do echo $i $j; done',
    'false; echo $?; true; echo $?; (exit 257); echo $?', 'true | false; echo $? ${PIPESTATUS[@]}', 'set -o pipefail; false | true; echo $?', 'if ! grep -q x /dev/null; then echo none; fi', 'while :; do break; done; echo $?',
    '[[ a < b && ! -e nope ]] && echo ok; [[ abc == a* ]] && echo glob; [[ "a*" == "a*" ]] && echo lit', '[[ foo123 =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"', '[[ -z "" && -n x ]]; echo $?; [ -z "" -o 1 = 2 ]; echo $?; [[ 10 -gt 9 ]]; echo $?',
  ],
  functions: [
    'f() { echo "$1 $#"; return 4; }; f a b; echo $?', 'f() { local x=1; g; echo $x; }; g() { x=2; }; x=0; f; echo $x', 'f() { echo $FUNCNAME; }; f', 'function f { echo kw; }; f; unset -f f; f', 'f() { f2() { echo inner; }; f2; }; f; f2',
    'fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1-1))) )); fi; }; fact 6', 'f() { while getopts "ab:" o; do case $o in a) echo a;; b) echo "b=$OPTARG";; *) echo bad;; esac; done; shift $((OPTIND-1)); echo "$@"; }; f -a -b x rest',
    'while getopts ":x:" o -x; do echo "$o $OPTARG"; done', 'f() { return; }; false; f; echo $?', 'f() ( x=sub; echo $x ); x=main; f; echo $x', 'f() { echo out; echo err >&2; }; f 2>&1 > /dev/null; f 2> /dev/null', 'local x=1; echo $?',
    'f() { set -- x y; echo $1; }; set -- a; f; echo $1', 'f() { local -a l=(1 2); l+=(3); echo ${#l[@]}; }; f; echo ${#l[@]}', 'declare -F nope; echo $?; f() { :; }; declare -F f; type -t f echo cat if', 'f() { cat; }; echo in | f',
    'f() { local v; v=$(false); echo $?; local w=$(false); echo $?; }; f', 'f() { echo "${@: -1}"; }; f a b c', 'g() { declare -n r=$1; r=changed; }; v=old; g v; echo $v',
  ],
  options: [
    'set -e; true; false; echo not reached', 'set -e; false || true; if false; then :; fi; ! true; echo reached', 'set -e; f() { false; echo in; }; f || echo no; f; echo never', 'set -u; echo $undefined; echo never', 'set -u; echo "${undefined:-ok}"; echo reached',
    'set -e; x=$(false); echo never', 'set -e; (false); echo never', 'set -euo pipefail; true | false | true; echo never', 'set -x; echo a "b c"; x=1', 'set -n; echo never', 'set -- -a; echo $1', 'set -o noclobber; echo a > x; echo b > x; echo $?; echo c >| x; cat x',
    'set -e; trap "echo bye" EXIT; false', 'set -e; false && true; echo reached', 'set -e; for i in 1 2; do [ $i = 1 ]; echo $i; done; echo never',
  ],
  redirections: [
    'echo a > f; echo b >> f; cat < f; cat f > g; wc -l < g', "cat << END\nx $((1+1)) $(echo s)\nEND\ncat << 'END'\nx $((1+1))\nEND\ncat <<- END\n\ttab\n\tEND", 'cat <<< "here $((2*3))"', 'ls nope 2> err; cat err; ls nope > all 2>&1; cat all; ls nope &> all2; cat all2',
    '{ echo out; echo err >&2; } > o 2> e; cat o e', 'exec 3> f; echo three >&3; exec 3>&-; cat f', 'exec 4< <(printf "l1\\nl2\\n"); read a <&4; read b <&4; echo $b $a', 'echo x > nope/f; echo $?', 'cat < nope; echo $?', ': > empty; [ -s empty ] || echo empty',
    'diff <(echo a) <(echo a) && echo same; cat <(echo ps)', 'echo err 1>&2 2> /dev/null', 'exec > log; echo hidden; exec >&2; cat log', 'while read a b; do echo $b; done < <(printf "1 2\\n3 4\\n")', 'read x < /dev/null; echo $?; echo v | { read y; echo $y; }',
    'printf "a\\nb\\n" > f; { read p; read q; } < f; echo $q$p', 'echo a | tee b > c; cat b c', 'x=$(< /dev/null); echo "[$x]"; echo q > f; echo $(< f)', 'f() { echo body; } > out; f; cat out', 'for i in 1 2; do echo $i; done > f; cat f; if true; then echo t; fi >> f; tail -1 f',
    'echo a b c | (read x y; echo $y)', '(echo sub > f); cat f', 'read -r -n 2 x <<< abcd; echo $x; read -d : y <<< "m:n"; echo $y', 'IFS=, read a b <<< 1,2,3; echo "$b"', 'echo > "a b"; ls; f="c d"; echo 1 > "$f"; ls | wc -l',
  ],
  processes: [
    '(x=2; echo $x); echo [$x]; (cd /; pwd); pwd', 'sleep 0 & wait $!; echo $?; (exit 5) & wait $!; echo $?', 'false & p=$!; wait $p || echo failed', 'for i in 1 2 3; do (exit $i) & done; wait; echo $?', 'trap "echo bye" EXIT; echo hi', 'trap "echo term" TERM; kill -TERM $$; echo after',
    'trap "echo usr1; exit 3" USR1; kill -USR1 $$; echo never', 'trap "" TERM; kill $$; echo alive', 'trap "echo x" EXIT; trap - EXIT; echo no trap', "trap 'echo $?' EXIT; exit 7", 'trap "echo a" INT; trap -p INT', '(trap "echo sub" EXIT); echo main',
    "bash -c 'echo $0 $1' zero one; bash -c 'exit 9'; echo $?", "sh -c 'kill -9 $$'; echo $?", 'nosuchcommand; echo $?; /tmp; echo $?; touch notexec; ./notexec; echo $?', 'printf "echo script \\$1\\nexit 6\\n" > s.sh; bash s.sh arg; echo $?; chmod +x s.sh; ./s.sh two; echo $?',
    "printf '#!/bin/bash\\necho \"$0\" \"$@\"\\n' > t.sh; chmod +x t.sh; ./t.sh a 'b c'", "printf 'v=sourced; f() { echo from f; }\\n' > lib; . ./lib; echo $v; f; source lib; echo $?", 'source nope; echo $?; . ./nope; echo still', 'exec echo replaced; echo never', 'exec nosuch; echo never',
    "eval 'x=1; echo $x'; eval \"echo a\" \"b\"; eval; echo $?", 'x=$(exit 3); echo $?; y=$(echo a; exit 2); echo $y $?', 'command -v ls echo f if; type nosuch; echo $?; hash -r; command echo c', "A=1 bash -c 'echo $A'; echo [$A]; export B=2; bash -c 'echo $B'; env -i bash -c 'echo \"[$B]\"'",
    "echo $$ | grep -qx '[0-9]*' && echo pid; [ $BASHPID = $$ ] && echo same", 'sleep 0.1 & sleep 0.2 & jobs | wc -l; wait', 'kill -0 $$; echo $?', 'kill -l 9; kill -l TERM', '{ sleep 0.5; echo late; } & kill $!; wait $!; echo $?', 'echo 1; exit; echo 2', 'exit 300',
    'readonly r=1; r=2; echo never', 'unset PATH; ls; echo $?', 'x=1 y=2; echo $x$y; x=3 true; echo $x', 'cd nope; echo $?; cd /; cd - ; cd; pwd', 'umask; umask 022; pwd; pushd / > /dev/null; popd > /dev/null; pwd', 'test -t 0; echo $?; [ -p /dev/stdin ]; echo $?', 'wait 99999; echo $?',
    '(sleep 0.1; echo first) & echo second; wait', 'trap "echo err" ERR; false; true', 'timeout 0.1 sleep 5; echo $?', 'seq 3 | while read i; do echo $((i*i)); done | tail -1', 'x=0; seq 3 | while read i; do x=$i; done; echo $x',
  ],
  'what is no bash': [
    'if true; then echo a', 'echo a; fi', 'for i in; do echo $i; done; echo ok', 'echo "unclosed', 'echo )', 'case x in', '{ echo a', 'echo a &&', '| cat', "bash -c 'echo a; )'; echo $?", "eval 'if'; echo $?", 'echo $((1/0)); echo $?', 'echo $((x+)); echo next', 'f( { :; }', '1x=3; echo $?', 'shift 5; echo $?', 'break; echo $?', 'return; echo $?',
    'cd a b; echo $?', 'read 1x; echo $?', 'unset 1x; echo $?', 'export 1x=2; echo $?', 'let; echo $?', 'exit abc',
  ],
};

/** Where the shell differs, and why. `just-bash`: its interpreter does it, and no change of the tree could mend that. */
const KNOWN: Readonly<Record<string, string>> = {
  'mkdir p q; touch p/1 q/2; echo */ */*': 'just-bash takes the slash from what */ matches',
  's="  trim  "; echo "[${s# }]" [$s]': 'just-bash joins a blank at the beginning of $s with what stands before it',
  'echo ${nothing?gone}; echo not here': 'bash -c ends with 127, a script with 1, as here',
  'set -u; echo $undefined; echo never': 'bash -c ends with 127, a script with 1, as here',
  'set -x; echo a "b c"; x=1': 'the end of the script, which is ours, is traced too',
  "sh -c 'kill -9 $$'; echo $?": 'as an interactive shell says it',
  'exec nosuch; echo never': 'the command is said to be not found as any other',
  'unset PATH; ls; echo $?': 'without PATH commands are still found where they are installed',
  'trap "echo err" ERR; false; true': 'traps for ERR, DEBUG and RETURN are not there',
  'echo a &&': 'just-bash reads a list that ends in && as one without it',
  "bash -c 'echo a; )'; echo $?": 'bash reads a whole line before it runs any of it',
  'echo )': 'bash reads a whole line before it runs any of it',
  "eval 'if'; echo $?": 'just-bash words it otherwise',
  'echo $((1/0)); echo $?': 'bash gives up the whole line, just-bash the command',
  'echo $((x+)); echo next': 'bash gives up the whole line, just-bash the command',
  'f( { :; }': 'just-bash complains of the token before',
  'shift 5; echo $?': 'just-bash says why it fails',
  'break; echo $?': 'just-bash says nothing',
  'return; echo $?': 'just-bash ends it with 1',
  'cd a b; echo $?': 'just-bash looks at the first only',
  'unset 1x; echo $?': 'just-bash says why it fails',
};

describe.skipIf(!hasBash)('as the bash of the host', () => {
  sameAsOnHost(Object.entries(SCRIPTS).map(([subject, scripts]) => [subject, scripts.filter(script => KNOWN[script] === undefined)]));
  it('knows of no difference that is none', () => {
    const scripts = new Set(Object.values(SCRIPTS).flat());
    expect(Object.keys(KNOWN).filter(script => !scripts.has(script))).toEqual([]);
  });
});

describe('what a script that minds unset variables sees', () => {
  it('ends at one, wherever it stands', async () => {
    expect(await simulated('set -u; f() { echo $undefined; }; f; echo never')).toEqual({ stdout: '', stderr: 'bash: undefined: unbound variable\n', exitCode: 1 });
  });
  it('goes on when a default is there', async () => {
    expect(await simulated('set -u; for i in 1; do echo "${undefined:-$i}"; done; set +u; echo "[$undefined]"')).toEqual({ stdout: '1\n[]\n', stderr: '', exitCode: 0 });
  });
});
