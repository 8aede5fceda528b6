/**
 * What just-bash does not have, put in before it runs a script: background jobs, subshells that are processes of their own, traps, `exec`,
 * redirections whose errors are reported where bash reports them, time and chance that are the simulated machine's.
 *
 * A construct that needs the console becomes a call of one of its commands (builtins/), whose names begin with __pmkit_:
 *
 *     cmd &            __pmkit_bg N "$(declare -p)" "$(set +o)" "$@"       N: number of the stored tree of `cmd`
 *     a | b            __pmkit_pipe … the same, with for each part N, or the words of a program
 *     <(list)          $(__pmkit_procsub N '<' … the same)
 *     ( list )         { ( __pmkit_enter || exit; list ) && :; __pmkit_leave $?; }     with traps in it: __pmkit_sub N …
 *     $(list)          $( ( __pmkit_enter -; list ) && :; __pmkit_leave $? )
 *     $!               ${__PMKIT_BANG}
 *     f() { … }        { f() { … }; __pmkit_fn N; }                     jobs and subshells know the functions
 *     exit 3           { __pmkit_exit 3; eval "$__PMKIT_TRAP"; exit "$__PMKIT_STATUS"; }
 *     eval "$x"        { __pmkit_eval "$x" && eval "$__PMKIT_TEXT"; }     what is in the text is rewritten too; `source` likewise
 *     cmd > file       { __pmkit_redirect --pmkit:>:1 file && { cmd && :; __pmkit_restore $?; } || __pmkit_status $?; }
 *     read a b         __pmkit_read a b; with arrays { __pmkit_read -a a; eval "$__PMKIT_TEXT"; }
 *     a || b           if a; then :; else b; fi                           errexit minds nothing inside `a`
 *     while a; do …    while [[ -e /.pmkit/turn/$? ]] || { __pmkit_turn && :; } && :; a; do …     a loop takes time, and lets others run
 *     ./script a       __pmkit_run ./script a                           a script is a process, with this rewriting
 *     "$@"             ${__PMKIT_NOTHING-} "$@"                          a command that may be several words
 *
 * The trees that are run in another shell are stored as they were: that shell rewrites them.
 */
import { parse } from 'just-bash';
import { BUILT_IN, BUNDLED_PATHS } from '../bundled.js';
import { commandsFirst } from './arithmetic.js';
import {
  both, group, literal, mapNodes, outputOf, pipeline, plainText, quoted, script, simple, someNode, statement, variable, word,
  type CommandNode, type FunctionDef, type PipelineNode, type Redirection, type ScriptNode, type SimpleCommandNode, type StatementNode, type WordNode, type WordPart,
} from './ast.js';
import { SHELL_BUILTINS } from './builtins/names.js';
import { besideNothing, bound, named, nounsetOf } from './nounset.js';

/** Directory that only the shell's own file system knows: its descriptors 1 and 2, rewritten texts. */
export const PRIVATE = '/.pmkit';
/** The start of paths that are asked for at each round of a loop. */
export const TURN_PATH = `${PRIVATE}/turn/`;
/** For what the interpreter itself prints: that does not go to the shell's descriptors otherwise. */
const OWN_OUTPUT: readonly Redirection[] = [
  { type: 'Redirection', fd: null, operator: '>>', target: literal(`${PRIVATE}/out`) },
  { type: 'Redirection', fd: 2, operator: '>>', target: literal(`${PRIVATE}/err`) },
];

/** Trees that a running script refers to by number. */
export class TreeStore {
  readonly #trees: ScriptNode[] = [];
  /** Rewritten. */
  readonly #functions: FunctionDef[] = [];
  /** Of functions that were seen. */
  readonly names = new Set<string>();
  add(tree: ScriptNode): number {
    return this.#trees.push(tree) - 1;
  }
  get(number: number): ScriptNode {
    return this.#trees[number] ?? script([]);
  }
  addFunction(definition: FunctionDef): number {
    return this.#functions.push(definition) - 1;
  }
  function(number: number): FunctionDef | undefined {
    return this.#functions[number];
  }
}

/** Where a node stands. */
interface Place {
  /** In $(…) or in a part of a pipeline: bash forks there, so `exit` ends that and not the shell. */
  readonly forked: boolean;
  /** Before each statement, traps of signals that have come are run. */
  readonly traps: boolean;
  /** In a function, which what is run in another shell has to know for `local` and `return`. */
  readonly inFunction: boolean;
  /** Redirections that are under way since the function and each loop around, innermost loop last, began: `return`, `break` and `continue` end them. */
  readonly scopes: readonly number[];
}

const BANG = '__PMKIT_BANG';
/** Builtins of just-bash's that are ours. */
const RENAMED: Readonly<Record<string, string>> = { wait: '__pmkit_wait', help: 'man' };
/** Builtins of just-bash's that print nothing, as a rule; what they complain of is seen when the statement ends. */
const SILENT = /^(?::|true|false|test|\[|\.|source|eval|exit|return|break|continue|shift|getopts|let|local|declare|typeset|export|readonly|unset|__pmkit_\w+)$/;
/** Those of them that print with an option, or when they have nothing to do. */
const PRINTING = /^(?:declare|typeset|export|readonly|local)$/;
/** just-bash's own commands that print, and that have been made to print by themselves. */
const PRINTERS = new Set([...BUILT_IN, 'kill', 'jobs', 'wait', 'fg', 'bg', 'disown', 'trap', 'ulimit', 'umask', 'times', 'bash', 'sh']);
/** Variables that change by themselves, or that are another process's in a subshell. */
const LIVE = new Set(['RANDOM', 'SECONDS', 'EPOCHSECONDS', 'EPOCHREALTIME', 'BASHPID']);
const SIGNAL_TRAPS = parse('[[ -n $__PMKIT_SIG ]] && { __PMKIT_NOW=$__PMKIT_SIG; __PMKIT_SIG=; eval "$__PMKIT_NOW"; }').statements[0]!;

/** Rewrites a whole script. */
export function rewriteScript(tree: ScriptNode, store: TreeStore): ScriptNode {
  const body = new Rewriter(store, true).statements(tree.statements, placeOf(tree));
  return { ...tree, statements: [...body, statement(exitCommand([outcome()]))].map(printing) };
}

/** Rewrites a line that was typed. */
export function rewriteLine(tree: ScriptNode, store: TreeStore): ScriptNode {
  return { ...tree, statements: new Rewriter(store, false).statements(tree.statements, placeOf(tree)).map(printing) };
}

/** Whether a here-document's end has not come yet. */
export const hasOpenHereDocument = (tree: ScriptNode): boolean => someNode(tree, node => node.type === 'HereDoc' && (node as { terminated?: boolean }).terminated === false);

/**
 * A tree that is nothing but one command: bash does not fork again for it, the process becomes the command. So a job that is one program has the
 * pid that `$!` says. `isProgram` knows what is a program and not a function or built in.
 */
export function asExec(tree: ScriptNode, isProgram: (name: string | null) => boolean): ScriptNode {
  const [only, ...more] = tree.statements;
  const [line, ...others] = only?.pipelines ?? [];
  const [command, ...parts] = line?.commands ?? [];
  if (more.length > 0 || others.length > 0 || parts.length > 0 || line?.negated !== false || line.timed === true) return tree;
  // ( list ) & is one process too
  if (command?.type === 'Subshell') return command.redirections.length === 0 ? asExec(script(command.body), isProgram) : script([statement({ ...command, type: 'Group' })]);
  if (command?.type !== 'SimpleCommand' || command.name === null || !isProgram(plainText(command.name))) return tree;
  return script([statement({ ...command, name: literal('exec'), args: [command.name, ...command.args] })]);
}

/** Rewrites text for eval or source. @returns null when nothing in it needs it. */
export function rewriteNested(tree: ScriptNode, store: TreeStore): ScriptNode | null {
  const rewritten = { ...tree, statements: new Rewriter(store, false).statements(tree.statements, placeOf(tree)) };
  return JSON.stringify(rewritten) === JSON.stringify(tree) ? null : rewritten;
}

class Rewriter {
  readonly #store: TreeStore;
  /** What is no bash ends the script; a line that was typed or given to eval has status 2. */
  readonly #endsAtErrors: boolean;
  /** Behind a `set -u`, and behind a `set -x`. */
  #nounset = false;
  #traced = false;
  constructor(store: TreeStore, endsAtErrors: boolean) {
    this.#store = store;
    this.#endsAtErrors = endsAtErrors;
  }

  statements(list: readonly StatementNode[], place: Place): StatementNode[] {
    return list.flatMap(node => {
      const rewritten = this.#statement(node, place);
      return place.traps && !place.forked && !readsStatus(node) ? [SIGNAL_TRAPS, rewritten] : [rewritten];
    });
  }

  #statement(node: StatementNode, place: Place): StatementNode {
    if (node.deferredError !== undefined) return statement(syntaxError(node.deferredError.message, this.#endsAtErrors));
    if (node.background) {
      const body = script([{ ...node, background: false }]);
      return statement(simple('__pmkit_bg', this.#inherited(body, place)));
    }
    return unminded({ ...node, pipelines: node.pipelines.map(item => this.#pipeline(item, place)) });
  }

  #pipeline(node: PipelineNode, place: Place): PipelineNode {
    const commands = node.commands.length > 1 ? [this.#parts(node, place)] : node.commands.map(command => this.#command(command, place));
    const rewritten: PipelineNode = { type: 'Pipeline', negated: node.negated, commands };
    if (node.timed !== true) return rewritten;
    const untimed: StatementNode = { type: 'Statement', pipelines: [{ ...rewritten, timed: false }], operators: [], background: false };
    const posix = node.timePosix === true ? [literal('-p')] : [];
    return pipeline(group([statement(simple('__pmkit_time', posix)), untimed, statement(simple('__pmkit_time', [outcome()]))]));
  }

  /** A pipeline: each part is run by a shell of its own. */
  #parts(node: PipelineNode, place: Place): CommandNode {
    const commands = partCommands(node);
    const alone = commands.map(command => this.#isProgram(command));
    const parts = commands.flatMap((command, at): WordNode[] => {
      if (alone[at]! && command.type === 'SimpleCommand') return [PART, quoted('run'), ...(this.#any([command.name, ...command.args], place) as WordNode[])];
      return [PART, literal(String(this.#store.add(this.#forAnother(script([statement(command)]), place))))];
    });
    return simple('__pmkit_pipe', [...(alone.every(Boolean) ? [] : this.#state()), ...parts]);
  }

  /** A part of a pipeline that needs no shell: a program, whose words change nothing when they are expanded. */
  #isProgram(node: CommandNode): boolean {
    if (node.type !== 'SimpleCommand' || node.assignments.length > 0 || node.redirections.length > 0 || hasProcessSubstitution(node)) return false;
    const name = plainText(node.name);
    return name !== null && (BUNDLED_PATHS.has(name) || name === 'echo' || name === 'printf') && !this.#store.names.has(name) && !someNode(node.args, part => ASSIGNING.test(part.type));
  }

  #command(node: CommandNode, place: Place): CommandNode {
    const { redirections } = node;
    const inside = redirections.length === 0 ? place : deeper(place);
    switch (node.type) {
      case 'SimpleCommand': return this.#simple(node, inside);
      case 'Subshell': {
        const { body } = node;
        return this.#redirected(setsTraps(body) ? simple('__pmkit_sub', this.#inherited(script(body), place), redirections) : { ...this.#subshell(body, inside), redirections }, place);
      }
      case 'FunctionDef': {
        this.#store.names.add(node.name);
        const body = 'redirections' in node.body ? { ...node.body, redirections: [...node.body.redirections, ...redirections] } : node.body;
        const definition = { ...node, redirections: [], body: this.#command(body, { ...place, inFunction: true, scopes: [0] }) as typeof node.body };
        return group([statement(definition), statement(simple('__pmkit_fn', [literal(String(this.#store.addFunction(definition)))]))]);
      }
      case 'While': case 'Until': {
        const loop = this.#children(node, { ...inside, scopes: [...inside.scopes, 0] });
        return this.#redirected({ ...loop, condition: [...TURN, ...loop.condition], redirections }, place);
      }
      case 'For': case 'CStyleFor': {
        const loop = this.#children(node, { ...inside, scopes: [...inside.scopes, 0] });
        return this.#redirected({ ...loop, body: [...TURN, ...loop.body], redirections }, place);
      }
      default: return this.#redirected({ ...this.#children({ ...node, redirections: [] }, inside), redirections }, place);
    }
  }

  /** `( list )` in the foreground, without its redirections. */
  #subshell(body: readonly StatementNode[], place: Place, capture = false): CommandNode & { readonly type: 'Group' } {
    const enter: StatementNode = { type: 'Statement', pipelines: [pipeline(simple('__pmkit_enter', [outcome(), ...(capture ? [literal('-')] : [])])), pipeline(simple('exit'))], operators: ['||'], background: false };
    const list = this.statements(this.#lastAsExec(body), { ...place, forked: true, traps: false, scopes: [0] });
    const inner: CommandNode = { type: 'Subshell', body: [enter, ...(body.some(readsStatus) ? [WAS] : []), ...list], redirections: [...OWN_OUTPUT] };
    return group([both(inner, nothingMore()), statement(simple('__pmkit_leave', [outcome()]))]) as CommandNode & { readonly type: 'Group' };
  }

  /** The program that is all of a subshell takes its process. */
  #lastAsExec(body: readonly StatementNode[]): readonly StatementNode[] {
    return asExec(script([...body]), name => name !== null && PROGRAM_NAME.test(name) && !SHELL_BUILTINS.has(name) && !this.#store.names.has(name)).statements;
  }

  #simple(node: SimpleCommandNode, place: Place): CommandNode {
    const name = plainText(node.name);
    const copy = { ...this.#children({ ...node, redirections: [] }, place), redirections: node.redirections };
    const { args, redirections } = copy;
    switch (name) {
      case 'exit': return place.forked ? copy : exitCommand(args.length > 0 ? args : [outcome()]);
      case 'return': return ending(copy, place.scopes.reduce((sum, count) => sum + count, 0));
      case 'break': case 'continue': return ending(copy, place.scopes.slice(-Math.max(Number(plainText(args[0] ?? null) ?? 1), 1)).reduce((sum, count) => sum + count, 0) - (place.scopes.length > 1 ? 0 : place.scopes[0] ?? 0));
      case 'read': case 'mapfile': case 'readarray': return this.#redirected(this.#reading(copy), place);
      case 'eval': return this.#redirected(group([both(simple('__pmkit_eval', args), simple('eval', [word(variable('__PMKIT_TEXT'))]))], redirections), place);
      case '.':
      case 'source': {
        const sourced = both(simple('__pmkit_source', args), simple('.', [word(variable('__PMKIT_FILE')), ...args.slice(1)]));
        return args.length === 0 ? copy : this.#redirected(group([sourced], redirections), place);
      }
      case 'exec': return this.#exec(copy, place);
      // just-bash prints all variables for a `set --` that has nothing behind it
      case 'set':
        this.#nounset = nounsetOf(node) ?? this.#nounset;
        if (args.some(arg => /^-\w*[xv]|^xtrace$|^verbose$/.test(plainText(arg) ?? ''))) this.#traced = true;
        return args.length === 1 && plainText(args[0]!) === '--' ? { ...copy, name: literal('shift'), args: [word(variable('#'))] } : copy;
      default: {
        const renamed = name === null ? undefined : RENAMED[name];
        if (renamed !== undefined) copy.name = literal(renamed);
        else if (namesPath(node.name)) Object.assign(copy, { name: literal('__pmkit_run'), args: [copy.name, ...args] });
        else if (isExpanded(node.name)) Object.assign(copy, { name: NOTHING, args: [copy.name, ...args] });
        return this.#redirected(copy, place);
      }
    }
  }

  /** What reads into arrays comes as text for eval. */
  #reading(node: SimpleCommandNode): CommandNode {
    const reads = plainText(node.name) === 'read';
    const copy = { ...node, name: literal(reads ? '__pmkit_read' : '__pmkit_mapfile') };
    if (reads && !node.args.some(arg => /^-\w*a/.test(plainText(arg) ?? ''))) return copy;
    return group([statement({ ...copy, redirections: [] }), statement(simple('eval', [word(variable('__PMKIT_TEXT'))]))], node.redirections);
  }

  /** `exec cmd` ends the shell with the command's status; `exec > file` changes the shell's own descriptors. */
  #exec(node: SimpleCommandNode, place: Place): CommandNode {
    if (node.args.length === 0) return node.redirections.length === 0 ? node : simple('__pmkit_redirect', [literal('--keep'), outcome(), ...this.#opened(node.redirections, place)]);
    const run = this.#redirected({ ...node, name: literal('__pmkit_exec') }, place);
    return group([statement(run), statement(simple('exit', [outcome()]))]);
  }

  /** `cmd > file` as bash does it: descriptors are pointed elsewhere, the command runs, they are what they were; when one cannot be, it does not run. */
  #redirected(node: CommandNode, place: Place): CommandNode {
    const { redirections } = node;
    const scoped = hasProcessSubstitution(node);
    if (redirections.length === 0 && !scoped) return node.type === 'SimpleCommand' && prints(node, this.#traced) ? group([statement(node)], [...OWN_OUTPUT]) : node;
    const plain = { ...node, redirections: [] };
    const inner = node.type === 'SimpleCommand' && node.name !== null && isQuiet(node) && !this.#traced ? plain : group([statement(plain)], [...OWN_OUTPUT]);
    const steps = [
      ...(scoped ? [simple('__pmkit_scope', [outcome()])] : []),
      ...(redirections.length > 0 ? [simple('__pmkit_redirect', [...(scoped ? [literal('--same')] : []), outcome(), ...this.#opened(redirections, place)])] : []),
    ];
    // What is there without a name is no command: it has the status of what was expanded.
    const was = someNode(plain, isStatus) ? [WAS] : [];
    const run = group([...was, node.type === 'SimpleCommand' ? both(inner, nothingMore()) : statement(inner), statement(simple('__pmkit_restore', [outcome()]))]);
    // The last of the list hands the status on, so that errexit sees it.
    const list = [...steps, run].map(command => pipeline(command));
    return group([{ type: 'Statement', pipelines: [...list, pipeline(simple('__pmkit_status', [outcome()]))], operators: [...list.slice(1).map(() => '&&' as const), '||'], background: false }]);
  }

  /** Arguments of __pmkit_redirect: each redirection as `--pmkit:operator:descriptor` and the words of its target. */
  #opened(redirections: readonly Redirection[], place: Place): WordNode[] {
    return redirections.flatMap(redirection => {
      const { fd, operator, target, fdVariable } = redirection;
      const mark = (op: string): WordNode => quoted(`--pmkit:${op}:${fdVariable ?? fd ?? ''}`);
      if (target.type === 'Word') {
        const rewritten = this.#children(target, place);
        return [mark(operator), operator === '<<<' ? word({ type: 'DoubleQuoted', parts: [...unquotedParts(rewritten), { type: 'Literal', value: '\n' }] }) : rewritten];
      }
      const written = this.#children(target.content, place);
      const content = target.stripTabs ? withoutTabs(written) : written;
      return [mark('<<<'), target.quoted ? quoted(content.parts.map(part => ('value' in part ? part.value : '')).join('')) : word({ type: 'DoubleQuoted', parts: content.parts })];
    });
  }

  /** The arguments by which another shell becomes a copy of this one, running `body`. */
  #inherited(body: ScriptNode, place: Place): WordNode[] {
    return [literal(String(this.#store.add(this.#forAnother(body, place)))), ...this.#state()];
  }
  #state(): WordNode[] {
    return [outcome(), outputOf(simple('declare', [literal('-p')])), outputOf(simple('set', [literal('+o')])), word(variable('@'))];
  }
  /** In a function, what only functions may do is done in one. */
  #forAnother(body: ScriptNode, { inFunction }: Place): ScriptNode {
    if (!inFunction || !someNode(body, node => ['local', 'declare', 'typeset', 'return'].some(name => isSimple(node, name)))) return body;
    const wrapper: FunctionDef = { type: 'FunctionDef', name: '__pmkit_body', body: group([...body.statements]) as FunctionDef['body'], redirections: [] };
    return script([statement(wrapper), statement(simple('__pmkit_body', [word(variable('@'))]))]);
  }

  /** A copy of the node with everything below it rewritten. */
  #children<T extends object>(node: T, place: Place): T {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, this.#any(value, place)])) as T;
  }

  #any(value: unknown, place: Place): unknown {
    if (Array.isArray(value)) {
      return value.length > 0 && (value[0] as { type?: string } | null)?.type === 'Statement' ? this.statements(value as StatementNode[], place) : value.map(item => this.#any(item, place));
    }
    if (typeof value !== 'object' || value === null) return value;
    const node = value as { readonly type?: string };
    switch (node.type) {
      case 'Statement': return this.#statement(node as StatementNode, place);
      case 'Pipeline': return this.#pipeline(node as PipelineNode, place);
      case 'SimpleCommand': case 'Subshell': case 'FunctionDef': case 'If': case 'For': case 'CStyleFor': case 'While': case 'Until': case 'Case': case 'Group':
      case 'ArithmeticCommand': case 'ConditionalCommand': return this.#command(node as CommandNode, place);
      case 'CommandSubstitution': return this.#substitution(node as Extract<WordPart, { type: 'CommandSubstitution' }>, place);
      case 'ProcessSubstitution': {
        const { body, direction } = node as Extract<WordPart, { type: 'ProcessSubstitution' }>;
        const [number, ...state] = this.#inherited(body, place);
        return { type: 'CommandSubstitution', body: script([statement(simple('__pmkit_procsub', [number!, quoted(direction), ...state]))]), legacy: false };
      }
      case 'ParameterExpansion': return this.#parameter(node as Extract<WordPart, { type: 'ParameterExpansion' }>, place);
      case 'DoubleQuoted': return this.#children(this.#nounset ? besideNothing(node as Extract<WordPart, { type: 'DoubleQuoted' }>) : node, place);
      case 'ArithmeticExpansion': {
        const substitution = commandsFirst(node as Extract<WordPart, { type: 'ArithmeticExpansion' }>);
        return substitution === null ? this.#children(node, place) : this.#any(substitution, place);
      }
      case 'ArithVariable': return LIVE.has((node as { name?: string }).name ?? '') ? { type: 'ArithCommandSubst', command: `__pmkit_clock ${(node as { name?: string }).name}` } : node;
      default: return this.#children(node, place);
    }
  }

  #substitution(node: Extract<WordPart, { type: 'CommandSubstitution' }>, place: Place): WordPart {
    const { body } = node;
    if (isFileRead(body)) return mapNodes(node, part => (part.type === 'Redirection' ? this.#children(part, place) : part));
    const list = setsTraps(body.statements) ? [statement(simple('__pmkit_sub', this.#inherited(body, place)))] : body.statements;
    return { ...node, body: script((this.#subshell(list, place, true) as { readonly body: StatementNode[] }).body) };
  }

  #parameter(node: Extract<WordPart, { type: 'ParameterExpansion' }>, place: Place): WordPart {
    const copy = this.#children(named(node), place);
    if (copy.parameter === '!') return { ...copy, parameter: BANG };
    if (!LIVE.has(copy.parameter) || copy.operation !== null) return this.#nounset ? bound(copy) : copy;
    return { type: 'CommandSubstitution', body: script([statement(simple('__pmkit_clock', [literal(copy.parameter)]))]), legacy: false };
  }
}

/** `__pmkit_status N && :`: a status that errexit does not mind. */
const unmindedStatus = (status: WordNode): StatementNode => both(simple('__pmkit_status', [status]), nothingMore());
const NOTHING_DONE = statement(nothingMore());

/**
 * A list as conditions: just-bash's errexit ends a script for what fails inside a function or group on the left of `&&` and `||` or behind `!`, where
 * bash does not mind; in the condition of an `if` it knows.
 */
function unminded(node: StatementNode): StatementNode {
  const { pipelines, operators } = node;
  const last = pipelines.at(-1)!;
  if (last.negated && last.timed !== true) {
    const inner = chosen(unminded({ ...node, pipelines: [{ ...last, negated: false }], operators: [] }), [unmindedStatus(literal('1'))], [NOTHING_DONE]);
    return unminded({ ...node, pipelines: [...pipelines.slice(0, -1), pipeline(inner)] });
  }
  if (pipelines.length === 1 || pipelines.slice(0, -1).every(isTest)) return node;
  const before = { ...node, pipelines: pipelines.slice(0, -1), operators: operators.slice(0, -1) };
  const then: StatementNode = { type: 'Statement', pipelines: [last], operators: [], background: false };
  const list = operators.at(-1) === '&&' ? chosen(before, [then], [unmindedStatus(outcome())]) : chosen(before, [NOTHING_DONE], [then]);
  return { ...node, pipelines: [pipeline(list)], operators: [] };
}

/** `[ … ]` and the like have nothing inside that could fail by itself. */
const isTest = ({ commands }: PipelineNode): boolean => commands.length === 1 && ((commands[0]!.type === 'SimpleCommand' && /^(?:\[|test|true|false|:)$/.test(plainText(commands[0].name) ?? ''))
  || commands[0]!.type === 'ConditionalCommand' || commands[0]!.type === 'ArithmeticCommand');

const chosen = (condition: StatementNode, body: StatementNode[], elseBody: StatementNode[]): CommandNode =>
  ({ type: 'If', clauses: [{ condition: [condition], body }], elseBody, redirections: [] });

/** `:`, told from those of scripts where they are traced. */
function nothingMore(): SimpleCommandNode {
  return simple(':', [literal('__pmkit_')]);
}

/** `"$?"` */
function outcome(): WordNode {
  return word(variable('?'));
}

/** A name that comes to nothing. */
const NOTHING = (parse('${__PMKIT_NOTHING-}').statements[0]!.pipelines[0]!.commands[0] as SimpleCommandNode).name;

/** `exit`, if the subshell that it is in was killed. */
const OVER = both(parse('${__PMKIT_NOTHING-} ${__PMKIT_OVER-}').statements[0]!.pipelines[0]!.commands[0]!, nothingMore());
/**
 * `[[ -e /.pmkit/turn/$? ]] || { __pmkit_turn && :; OVER } && :` before each round of a loop: the status stays, and is nothing that errexit minds. That there is such a file
 * says that the round may go straight on (builtins/turn.ts).
 */
const TURN: readonly StatementNode[] = [{
  type: 'Statement', background: false, operators: ['||', '&&'],
  pipelines: [pipeline(fileThere(TURN_PATH, outcome())), pipeline(group([both(simple('__pmkit_turn'), nothingMore()), OVER])), pipeline(nothingMore())],
}];
function fileThere(directory: string, name: WordNode): CommandNode {
  return { type: 'ConditionalCommand', expression: { type: 'CondUnary', operator: '-e', operand: word({ type: 'Literal', value: directory }, ...name.parts) }, redirections: [] };
}

const exitCommand = (args: WordNode[]): CommandNode => group([
  statement(simple('__pmkit_exit', args)), statement(simple('eval', [word(variable('__PMKIT_TRAP'))])), statement(simple('exit', [word(variable('__PMKIT_STATUS'))])),
]);

/** Says that something is no bash, when the script comes there. */
const syntaxError = (message: string, ends: boolean): CommandNode => group([
  statement(simple('printf', [quoted('%s: %s\n'), word(variable('0')), quoted(message)], [{ type: 'Redirection', fd: null, operator: '>&', target: literal('2') }])),
  statement(ends ? exitCommand([literal('2')]) : simple('__pmkit_status', [literal('2')])),
]);

const isSimple = (node: { readonly type: string }, name: string): node is SimpleCommandNode => node.type === 'SimpleCommand' && plainText((node as SimpleCommandNode).name) === name;

/** Where a script itself stands: in the shell. */
const placeOf = (tree: ScriptNode): Place => ({ forked: false, traps: setsSignalTraps(tree), inFunction: false, scopes: [0] });

/** Whether a script has a trap for something else than its end. */
const setsSignalTraps = (tree: ScriptNode): boolean => someNode(tree, node =>
  isSimple(node, 'trap') && node.args.slice(1).some(arg => !['EXIT', '0', '-p', '-l'].includes(plainText(arg) ?? '')));
const setsTraps = (body: readonly StatementNode[]): boolean => someNode(body, node => isSimple(node, 'trap') && node.args.length > 0);

const isStatus = (node: { readonly type: string }): boolean => node.type === 'ParameterExpansion' && (node as { parameter?: string }).parameter === '?';
const readsStatus = (node: StatementNode): boolean => someNode(node, isStatus);
/** `$?` as it was before commands of ours. */
const WAS = both(simple('__pmkit_was'), nothingMore());

/** A command whose name is expanded, so that it may be several words: just-bash splits those only behind a name that comes to nothing. */
const isExpanded = (name: WordNode | null): boolean => name !== null && someNode(name, node => node.type === 'ParameterExpansion' || node.type === 'CommandSubstitution');

/** A command that is given by its path. */
const namesPath = (name: WordNode | null): boolean => name?.parts.some(part => (part.type === 'Literal' || part.type === 'SingleQuoted') && part.value.includes('/')) === true
  || someNode(name, node => node.type === 'Literal' && (node as { value?: string }).value?.includes('/') === true, node => node.type !== 'CommandSubstitution');

/** What the interpreter has to say of a statement is said when it has ended. */
const printing = (node: StatementNode): StatementNode => statement(group([node], [...OWN_OUTPUT]));

/** Whether the interpreter prints for a command, so that it has to be told where. */
function prints(node: SimpleCommandNode, traced: boolean): boolean {
  return traced || (node.name !== null && !isQuiet(node));
}
function isQuiet({ name, args }: SimpleCommandNode): boolean {
  const text = plainText(name);
  if (text === null) return false;
  if (PRINTERS.has(text) || (BUNDLED_PATHS.has(text) && !SHELL_BUILTINS.has(text))) return true;
  if (!SILENT.test(text)) return false;
  return !PRINTING.test(text) || (args.length > 0 && !args.some(arg => /^-\w*[pfF]/.test(plainText(arg) ?? '')));
}
/** What may be a program, for all that can be seen of it. */
const PROGRAM_NAME = /^[\w.+-]+$/;

/** Begins a part of a pipeline among the arguments of __pmkit_pipe. */
const PART = quoted('--pmkit-part');
const ASSIGNING = /^(?:AssignDefault|ArithAssignment|ArithUnary|Arith\w*Substitution|ArithCommandSubst)$/;

/** The commands of a pipeline, with what `|&` adds to them. */
export const partCommands = ({ commands, pipeStderr }: PipelineNode): readonly CommandNode[] =>
  commands.map((command, at) => (pipeStderr?.[at] === true && 'redirections' in command ? { ...command, redirections: [...command.redirections, ERRORS_TOO] } : command));

/** `2>&1` */
const ERRORS_TOO: Redirection = { type: 'Redirection', fd: 2, operator: '>&', target: literal('1') };

/** One redirection more. */
const deeper = (place: Place): Place => ({ ...place, scopes: [...place.scopes.slice(0, -1), (place.scopes.at(-1) ?? 0) + 1] });

/** `break` and the like behind the end of so many redirections. */
const ending = (node: CommandNode, scopes: number): CommandNode => (scopes <= 0 ? node : group([both(simple('__pmkit_unwind', [literal(String(scopes)), outcome()]), nothingMore()), statement(node)]));

/** In the words of a command itself. */
const hasProcessSubstitution = (node: CommandNode): boolean => {
  const words = node.type === 'SimpleCommand' ? [node.name, node.args, node.assignments, node.redirections] : node.type === 'For' ? [node.words, node.redirections] : [node.redirections];
  return someNode(words, part => isSimple(part, '__pmkit_procsub') || part.type === 'ProcessSubstitution', part => part.type !== 'Subshell');
};

/** `$(< file)` */
const isFileRead = ({ statements: [only, ...more] }: ScriptNode): boolean => {
  const command = only?.pipelines[0]?.commands[0];
  return more.length === 0 && only?.pipelines.length === 1 && only.pipelines[0]!.commands.length === 1 && command?.type === 'SimpleCommand' && command.name === null
    && command.assignments.length === 0 && command.redirections.length === 1 && command.redirections[0]!.operator === '<';
};

/** What `<<-` makes of a here-document: lines have no tabs in front. */
function withoutTabs({ parts }: WordNode): WordNode {
  let beginsLine = true;
  return word(...parts.map(part => {
    const text = 'value' in part ? (beginsLine ? part.value.replaceAll(/^\t+/gm, '') : part.value.replaceAll(/(?<=\n)\t+/g, '')) : '';
    beginsLine = 'value' in part && (text.endsWith('\n') || (text === '' && beginsLine));
    return 'value' in part ? { ...part, value: text } : part;
  }));
}

/** Parts of a word to stand in double quotes: nothing of them is split, and quotes of their own have done what they do. */
const unquotedParts = ({ parts }: WordNode): WordPart[] => parts.flatMap((part): WordPart[] => {
  if (part.type === 'DoubleQuoted') return [...part.parts];
  return part.type === 'SingleQuoted' || part.type === 'Escaped' ? [{ type: 'Literal', value: part.value }] : [part];
});
