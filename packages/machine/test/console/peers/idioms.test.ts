/** What scripts of the Linux Test Project and their like do with a shell, in scripts of our own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { posixArithmetic } from '../../../src/console/shell/parse-script.js';
import { bash } from '../shell/helpers.js';

const out = async (script: string): Promise<string> => (await bash(script)).stdout;
const all = async (script: string): Promise<readonly [string, string]> => {
  const { stdout, stderr } = await bash(script);
  return [stdout, stderr];
};

describe('a library of functions', () => {
  it('is sourced, whether or not it is executable', async () => {
    expect(await out(`
      cd /tmp
      printf 'N="\`grep -c processor /proc/cpuinfo\`"\\nhello() { local who=$1; echo "hello $who, $N"; }\\n' > lib.sh
      printf '#!/bin/sh\\nsource ./lib.sh\\nhello $1\\n' > main.sh
      chmod +x main.sh; ./main.sh a
      chmod +x lib.sh; ./main.sh b
      [ -x lib.sh ] && . ./lib.sh && hello c
      [ -x main.sh ] && bash main.sh d
    `)).toBe('hello a, 8\nhello b, 8\nhello c, 8\nhello d, 8\n');
  });
});

describe('code that is text: eval and source', () => {
  it.each([
    ['h=1; m=2; echo "${h}h ${m}m" ${h}x${m}_ ${h}[1]', '1h 2m 1x2_ 1[1]\n'], ['set -- a b; echo ${1}0 "${2}1" ${#}', 'a0 b1 2\n'], ["echo \"a\"$'\\n'b\"c$(echo d)\"", 'a\nbcd\n'],
    ["cat <<'X'\nit's $x\nX\n", "it's $x\n"], ['x=1; cat <<X\nit\'s ${x}x "q"\nX\n', 'it\'s 1x "q"\n'],
  ])('means the same: %s', async (text, expected) => {
    const code = `${text}\n(true) && echo x > /dev/null\n`;
    expect(await out(code)).toBe(expected);
    expect(await out(`cat > /tmp/f <<'END OF IT'\n${code}END OF IT\n. /tmp/f\neval "$(cat /tmp/f)"`)).toBe(expected.repeat(2));
  });
});

describe('a write that the kernel refuses', () => {
  const bad = 'mkdir /dev/cpuset/x; ';
  it('is told where the command tells its errors', async () => {
    expect(await all(`${bad} echo no > /dev/cpuset/x/cpus 2> /dev/null; echo $?`)).toEqual(['1\n', '']);
    expect(await all(`${bad} echo no > /dev/cpuset/x/cpus 2> /tmp/e; cat /tmp/e`)).toEqual(['bash: echo: write error: Invalid argument\n', '']);
    expect(await all(`${bad} echo no 2>&1 > /dev/cpuset/x/cpus | sed 's/^/>/'`)).toEqual(['>bash: echo: write error: Invalid argument\n', '']);
    expect(await all(`${bad} echo no > /dev/cpuset/x/cpus 2>&1; echo $?`)).toEqual(['1\n', '']);
    expect(await all(`${bad} echo no &> /dev/cpuset/x/cpus; echo $?`)).toEqual(['1\n', '']);
    expect(await all(`${bad} echo no > /dev/cpuset/x/cpus 2>&-; echo $?`)).toEqual(['1\n', '']);
  });
  it('is told by the program that wrote, or by the shell for what it does itself', async () => {
    expect(await all(`${bad} cd /dev/cpuset/x; f() { echo no; }; echo no > cpus; /bin/echo no > cpus; say no > cpus; f > cpus; { echo no; } > cpus`)).toEqual(['', [
      'bash: echo: write error: Invalid argument', '/bin/echo: write error: Invalid argument', 'say: write error: Invalid argument', 'bash: echo: write error: Invalid argument',
      'bash: echo: write error: Invalid argument', '',
    ].join('\n')]);
  });
  it('ends a script that wants to end at errors, and not one that asks', async () => {
    expect(await out(`${bad} set -e; ! echo no > /dev/cpuset/x/cpus 2> /dev/null; echo no > /dev/cpuset/x/cpus 2> /dev/null || echo asked; echo no > /dev/cpuset/x/cpus 2> /dev/null; echo not here`)).toBe('asked\n');
  });
  it('says nothing when it is the next file that cannot be opened and errors go elsewhere already', async () => {
    expect(await all('echo x 2> /tmp/e > /nowhere/f; cat /tmp/e; echo x > /nowhere/f 2> /tmp/e')).toEqual([
      'bash: /nowhere/f: No such file or directory\n', 'bash: /nowhere/f: No such file or directory\n',
    ]);
  });
});

describe('$[…]', () => {
  it('may be inside another, in quotes, in here-documents and in arithmetic', async () => {
    expect(await out(String.raw`
n=7; a=(4 5)
echo $[$[$n+1]/2] "$[$(echo 1)+$[2]]" $((1+$[2])) '$[$[1]]' $[ a[0] + $[#{a[1]}*2] ] # it's $[$[ here
cat <<X
don't $[$[1]+1]
X
cat <<'X'
$[$[1]]
X
eval 'echo $[$[3]]'; bash -c 'echo $[$[4]]'; (echo $[$[5]]); trap 'echo $[$[6]]' EXIT
`.replace('#{', '${'))).toBe("4 3 3 $[$[1]] 14\ndon't 2\n$[$[1]]\n3\n4\n5\n6\n");
  });

  it('is left alone where nothing is nested, and in comments and quotes', () => {
    for (const text of ['echo $[1] [a]', "a='$[$[1]]'", 'x # $[$[1]]\n', "cat <<'E'\n$[$[1]]\nE\n"]) expect(posixArithmetic(text)).toBe(text);
  });

  it('comes to what $((…)) comes to', () => {
    const expression = fc.letrec<{ e: readonly [string, string] }>(tie => ({
      e: fc.oneof(
        { maxDepth: 4, depthSize: 'medium' },
        fc.nat(9).map(n => [String(n), String(n)] as const),
        fc.constantFrom('x', '$x', '${a[1]}', 'a[0]', '$(echo "]")').map(text => [text, text] as const),
        fc.tuple(tie('e'), tie('e')).map(([[a, b], [c, d]]) => [`$[${a}]+$[${c}]`, `$((${b}))+$((${d}))`] as const),
        tie('e').map(([a, b]) => [`"$[(${a})]"`, `"$(((${b})))"`] as const),
      ),
    })).e;
    fc.assert(fc.property(expression, ([old, posix]) => {
      expect(posixArithmetic(`: "$[$[0]]" $[${old}]\n`)).toBe(`: "$(($((0))))" $((${posix}))\n`);
    }), { numRuns: 300, seed: 4 });
  });
});

describe('a trap', () => {
  it('is code like other code: jobs, redirections that fail, subshells', async () => {
    const { stdout, stderr } = await bash('trap \'kill $!; echo killed $?; echo x > /nowhere/f; echo $?; (exit 3); echo $?\' EXIT; trap "echo usr1 > /tmp/u; cat /tmp/u" USR1; nap 100000 & kill -USR1 $$; echo after');
    expect([stdout, stderr]).toEqual(['usr1\nafter\nkilled 0\n1\n3\n', 'bash: /nowhere/f: No such file or directory\n']);
  });
});

describe('errexit', () => {
  it.each([
    ['f || echo asked', 'in\nend 0\n'], ['{ false; echo in; } && echo yes', 'in\nyes\nend 0\n'], ['! f', 'in\nend 1\n'], ['{ false; } && echo no || echo asked', 'asked\nend 0\n'],
    ['for i in 1; do false; done || echo asked', 'asked\nend 0\n'], ['g && true', 'end 4\n'], ['x=$(false) || echo asked', 'asked\nend 0\n'], ['true || g', 'end 0\n'],
    ['if ! (exit 1); then echo yes; fi', 'yes\nend 0\n'], ['while ! true; do :; done', 'end 0\n'], ['true && g', ''], ['g || g', ''], ['false > /tmp/x', ''],
  ])('knows what in `%s` it is to mind', async (list, expected) => {
    expect(await out(`set -e; f() { false; echo in; }; g() { return 4; }; ${list}; echo end $?`)).toBe(expected);
  });
});

describe('a list', () => {
  it('hands statuses on', async () => {
    expect(await out('f() { return 3; }; f || echo $?; f && echo no; echo $?; f || f; echo $?; ! f; echo $?; ! true; echo $?; f || true && echo yes; (exit 2) || [ $? = 2 ] && echo two'))
      .toBe('3\n3\n3\n0\n1\nyes\ntwo\n');
  });
  it('may leave loops, functions and the script', async () => {
    const { stdout, exitCode } = await bash('for i in 1 2 3; do f() { [ $i = 2 ]; }; f && break; f || continue; done; echo $i; g() { (exit 2) || return 7; }; g; echo $?; g || exit 9; echo no');
    expect([stdout, exitCode]).toEqual(['2\n7\n', 9]);
  });
});
