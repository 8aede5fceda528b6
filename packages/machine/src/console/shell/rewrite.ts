/**
 * What just-bash does not have, put in before it runs a script: background jobs, subshells that are processes of their own, traps, `exec`,
 * redirections whose errors are reported where bash reports them, time and chance that are the simulated machine's.
 *
 * A construct that needs the console becomes a call of one of its commands (builtins/), whose names begin with __pmkit_:
 *
 *     cmd &            __pmkit_bg N "$(declare -p)" "$(set +o)" "$@"       N: number of the stored tree of `cmd`
 *     ( list )         __pmkit_sub N … the same
 *     $!               ${__PMKIT_BANG}
 *     f() { … }        { f() { … }; __pmkit_fn N; }                     jobs and subshells know the functions
 *     exit 3           { __pmkit_exit 3; eval "$__PMKIT_TRAP"; exit "$__PMKIT_STATUS"; }
 *     eval "$x"        { __pmkit_eval "$x" && eval "$__PMKIT_TEXT"; }     what is in the text is rewritten too; `source` likewise
 *     cmd > file       { __pmkit_open N '>' 2 file && { cmd > (descriptor N); __pmkit_close $? cmd 2 N; } || __pmkit_status $?; }
 *     a || b           if a; then :; else b; fi                           errexit minds nothing inside `a`
 *     while a; do …    while __pmkit_turn $? && :; a; do …                a loop takes time, and lets others run
 *     ./script a       __pmkit_run ./script a                           a script is a process, with this rewriting
 *     "$@"             ${__PMKIT_NOTHING-} "$@"                          a command that may be several words
 *
 * The trees that are run in another shell are stored as they were: that shell rewrites them.
 */
import { parse } from 'just-bash';
import { commandsFirst } from './arithmetic.js';
import {
  both, group, literal, outputOf, pipeline, plainText, quoted, script, simple, someNode, statement, variable, word,
  type CommandNode, type FunctionDef, type PipelineNode, type Redirection, type ScriptNode, type SimpleCommandNode, type StatementNode, type WordNode, type WordPart,
} from './ast.js';
import { besideNothing, bound, named, nounsetOf } from './nounset.js';
import { Streams } from './streams.js';

/** Directory that only the shell's own file system knows: descriptors, terminals, rewritten texts. */
export const PRIVATE = '/.pmkit';
/** The terminal of a shell: what is written there is shown at once. */
const TERMINAL: readonly Redirection[] = [
  { type: 'Redirection', fd: null, operator: '>>', target: literal(`${PRIVATE}/out`) },
  { type: 'Redirection', fd: 2, operator: '>>', target: literal(`${PRIVATE}/err`) },
];

/** For commands of ours that stand where they must not take the input of others. */
const NO_INPUT: Redirection = { type: 'Redirection', fd: null, operator: '<', target: literal('/dev/null') };

/** Trees that a running script refers to by number. */
export class TreeStore {
  readonly #trees: ScriptNode[] = [];
  readonly #functions: FunctionDef[] = [];
  #sites = 0;
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
  /** A number for a redirection. */
  newSite(): number {
    return this.#sites++;
  }
}

/** Where a node stands. */
interface Place {
  /** In $(…) or in a part of a pipeline: bash forks there, so `exit` ends that and not the shell. */
  readonly forked: boolean;
  /** Before each statement, traps of signals that have come are run. */
  readonly traps: boolean;
}

const BANG = '__PMKIT_BANG';
/** Builtins of just-bash's that are ours. */
const RENAMED: Readonly<Record<string, string>> = { wait: '__pmkit_wait', help: 'man' };
/** Variables that change by themselves, or that are another process's in a subshell. */
const LIVE = new Set(['RANDOM', 'SECONDS', 'EPOCHSECONDS', 'EPOCHREALTIME', 'BASHPID']);
const OUTPUT = new Set(['>', '>>', '>|', '&>', '&>>']);
const SIGNAL_TRAPS = parse('[[ -n $__PMKIT_SIG ]] && { __PMKIT_NOW=$__PMKIT_SIG; __PMKIT_SIG=; eval "$__PMKIT_NOW"; }').statements[0]!;

/** Rewrites a whole script. `stream`: what its statements print goes to the terminal when each has ended, not when all have. */
export function rewriteScript(tree: ScriptNode, store: TreeStore, stream: boolean): ScriptNode {
  const place = placeOf(tree);
  const body = new Rewriter(store, true).statements(tree.statements, place);
  const statements = [...body, statement(exitCommand([outcome()]))];
  return { ...tree, statements: stream && !redirectsShell(tree) ? statements.map(streamed) : statements };
}

/** Rewrites a line that was typed: what each of its statements prints is shown at once. */
export function rewriteLine(tree: ScriptNode, store: TreeStore): ScriptNode {
  const statements = new Rewriter(store, false).statements(tree.statements, placeOf(tree));
  return { ...tree, statements: redirectsShell(tree) ? statements : statements.map(streamed) };
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
  /** Behind a `set -u`. */
  #nounset = false;
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
      return statement(simple('__pmkit_bg', this.#inherited(body)));
    }
    return unminded({ ...node, pipelines: node.pipelines.map(item => this.#pipeline(item, place)) });
  }

  #pipeline(node: PipelineNode, place: Place): PipelineNode {
    const inside = node.commands.length > 1 ? { ...place, forked: true, traps: false } : place;
    const rewritten = { ...node, commands: node.commands.map(command => this.#command(command, inside)) };
    if (node.timed !== true) return rewritten;
    const untimed: StatementNode = { type: 'Statement', pipelines: [{ ...rewritten, timed: false }], operators: [], background: false };
    const posix = node.timePosix === true ? [literal('-p')] : [];
    return pipeline(group([statement(simple('__pmkit_time', posix)), untimed, statement(simple('__pmkit_time', [outcome()]))]));
  }

  #command(node: CommandNode, place: Place): CommandNode {
    switch (node.type) {
      case 'SimpleCommand': return this.#simple(node, place);
      case 'Subshell': return this.#redirected(simple('__pmkit_sub', this.#inherited(script(node.body)), node.redirections), place);
      case 'FunctionDef': {
        const number = this.#store.addFunction(node);
        return group([statement(this.#children(node, place)), statement(simple('__pmkit_fn', [literal(String(number))]))]);
      }
      case 'While': case 'Until': {
        const loop = this.#children(node, place);
        return this.#redirected({ ...loop, condition: [TURN, ...loop.condition] }, place);
      }
      case 'For': case 'CStyleFor': {
        const loop = this.#children(node, place);
        return this.#redirected({ ...loop, body: [TURN, ...loop.body] }, place);
      }
      default: return this.#redirected(this.#children(node, place), place);
    }
  }

  #simple(node: SimpleCommandNode, place: Place): CommandNode {
    const name = plainText(node.name);
    const copy = this.#children(node, place);
    const { args, redirections } = copy;
    switch (name) {
      case 'exit': return place.forked ? copy : exitCommand(args.length > 0 ? args : [outcome()]);
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

  /** `exec cmd` ends the shell with the command's status; `exec > file` changes the shell's own descriptors. */
  #exec(node: SimpleCommandNode, place: Place): CommandNode {
    if (node.args.length === 0) return this.#opened(node, place, redirected => redirected);
    const run = this.#redirected({ ...node, name: literal('__pmkit_exec') }, place);
    return group([statement(run), statement(simple('exit', [outcome()]))]);
  }

  /** `cmd > file` with what goes wrong with the file reported as bash does, and the command not run when it cannot be opened. */
  #redirected(node: CommandNode, place: Place): CommandNode {
    return this.#opened(node, place, (redirected, sites, errors) => (sites.length === 0 ? redirected : group([
      statement(redirected), statement(simple('__pmkit_close', [outcome(), quoted(writerOf(node)), literal(errors), ...sites.map(site => literal(String(site)))])),
    ])));
  }

  #opened(node: CommandNode, place: Place, then: (redirected: CommandNode, sites: readonly number[], errors: string) => CommandNode): CommandNode {
    const sites: number[] = [];
    const openings: SimpleCommandNode[] = [];
    const streams = new Streams();
    const redirections = ('redirections' in node ? node.redirections : []).map((redirection): Redirection => {
      const { operator, target } = redirection;
      if (!OUTPUT.has(operator) || target.type !== 'Word' || plainText(target) === '/dev/null' || plainText(target)?.startsWith(PRIVATE) === true) {
        streams.redirect(redirection);
        return redirection;
      }
      const site = this.#store.newSite();
      sites.push(site);
      const rewritten = this.#children(target, place);
      openings.push(simple('__pmkit_open', [literal(String(site)), quoted(operator), literal(streams.errors), rewritten], [NO_INPUT]));
      streams.redirect(redirection, String(site));
      // noclobber is minded when the file is opened
      return { ...redirection, operator: operator === '>' ? '>|' : operator, target: literal(`${PRIVATE}/fd/${site}`) };
    });
    if (sites.length === 0) return then(node, sites, streams.errors);
    // The last of the list hands the status on, so that errexit sees it.
    const steps = [...openings, then({ ...node, redirections }, sites, streams.errors)].map(command => pipeline(command));
    return group([{
      type: 'Statement', pipelines: [...steps, pipeline(simple('__pmkit_status', [outcome()]))], operators: [...steps.slice(1).map(() => '&&' as const), '||'], background: false,
    }]);
  }

  /** The arguments by which another shell becomes a copy of this one, running `body`. */
  #inherited(body: ScriptNode): WordNode[] {
    return [literal(String(this.#store.add(body))), outputOf(simple('declare', [literal('-p')])), outputOf(simple('set', [literal('+o')])), word(variable('@'))];
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
      case 'ProcessSubstitution': return this.#children(node, { ...place, forked: true, traps: false });
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

  /** A substitution that starts jobs is a process, so that its jobs write where it writes. */
  #substitution(node: Extract<WordPart, { type: 'CommandSubstitution' }>, place: Place): WordPart {
    if (!someNode(node.body, startsJob)) return this.#children(node, { ...place, forked: true, traps: false });
    return { ...node, body: script([statement(simple('__pmkit_sub', this.#inherited(node.body)))]) };
  }

  #parameter(node: Extract<WordPart, { type: 'ParameterExpansion' }>, place: Place): WordPart {
    const copy = this.#children(named(node), place);
    if (copy.parameter === '!') return { ...copy, parameter: BANG };
    if (!LIVE.has(copy.parameter) || copy.operation !== null) return this.#nounset ? bound(copy) : copy;
    return { type: 'CommandSubstitution', body: script([statement(simple('__pmkit_clock', [literal(copy.parameter)]))]), legacy: false };
  }
}

/** `__pmkit_status N && :`: a status that errexit does not mind. */
const unmindedStatus = (status: WordNode): StatementNode => both(simple('__pmkit_status', [status], [NO_INPUT]), simple(':'));
const NOTHING_DONE = statement(simple(':'));

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

/** Who complains of a write error: a command by its name; '' for what is not a simple command. */
function writerOf(node: CommandNode): string {
  if (node.type !== 'SimpleCommand') return '';
  const name = plainText(node.name);
  return (name === '__pmkit_run' ? plainText(node.args[0] ?? null) : name) ?? '';
}

/** `"$?"` */
const outcome = (): WordNode => word(variable('?'));

/** `__pmkit_turn $? && :` before each round of a loop: the status stays, and is nothing that errexit minds. */
const TURN = both(simple('__pmkit_turn', [outcome()], [{ type: 'Redirection', fd: null, operator: '<<<', target: quoted('') }]), simple(':'));

const exitCommand = (args: WordNode[]): CommandNode => group([
  statement(simple('__pmkit_exit', args)), statement(simple('eval', [word(variable('__PMKIT_TRAP'))])), statement(simple('exit', [word(variable('__PMKIT_STATUS'))])),
]);

/** Says that something is no bash, when the script comes there. */
const syntaxError = (message: string, ends: boolean): CommandNode => group([
  statement(simple('printf', [quoted('%s: %s\n'), word(variable('0')), quoted(message)], [{ type: 'Redirection', fd: null, operator: '>&', target: literal('2') }])),
  statement(ends ? exitCommand([literal('2')]) : simple('__pmkit_status', [literal('2')])),
]);

const startsJob = (node: { readonly type: string }): boolean => node.type === 'Statement' && (node as StatementNode).background;
const isSimple = (node: { readonly type: string }, name: string): node is SimpleCommandNode => node.type === 'SimpleCommand' && plainText((node as SimpleCommandNode).name) === name;

/** Where a script itself stands: in the shell. */
const placeOf = (tree: ScriptNode): Place => ({ forked: false, traps: setsSignalTraps(tree) });

/** Whether a script has a trap for something else than its end. */
const setsSignalTraps = (tree: ScriptNode): boolean => someNode(tree, node =>
  isSimple(node, 'trap') && node.args.slice(1).some(arg => !['EXIT', '0', '-p', '-l'].includes(plainText(arg) ?? '')));

const readsStatus = (node: StatementNode): boolean => someNode(node, child => child.type === 'ParameterExpansion' && (child as { parameter?: string }).parameter === '?');

/** `exec > file` moves the shell's own output: then its statements must not be sent to the terminal one by one. */
const redirectsShell = (tree: ScriptNode): boolean => someNode(tree, node => isSimple(node, 'exec') && node.args.length === 0 && node.redirections.length > 0);

/** A command whose name is expanded, so that it may be several words: just-bash splits those only behind a name that comes to nothing. */
const isExpanded = (name: WordNode | null): boolean => name !== null && someNode(name, node => node.type === 'ParameterExpansion' || node.type === 'CommandSubstitution');
const NOTHING = (parse('${__PMKIT_NOTHING-}').statements[0]!.pipelines[0]!.commands[0] as SimpleCommandNode).name;

/** A command that is given by its path. */
const namesPath = (name: WordNode | null): boolean => name?.parts.some(part => (part.type === 'Literal' || part.type === 'SingleQuoted') && part.value.includes('/')) === true
  || someNode(name, node => node.type === 'Literal' && (node as { value?: string }).value?.includes('/') === true, node => node.type !== 'CommandSubstitution');

/** Loops and conditions show what each round has printed; everything else when it has ended. */
function streamed(node: StatementNode): StatementNode {
  if (node === TURN) return node;
  const only = node.pipelines.length === 1 && node.pipelines[0]!.commands.length === 1 ? node.pipelines[0]!.commands[0]! : null;
  if (only !== null && STREAMS_INSIDE.has(only.type) && 'redirections' in only && only.redirections.length === 0) {
    return { ...node, pipelines: [{ ...node.pipelines[0]!, commands: [streamedInside(only)] }] };
  }
  return statement(group([node], [...TERMINAL]));
}
const STREAMS_INSIDE = new Set(['For', 'CStyleFor', 'While', 'Until', 'If', 'Group']);

function streamedInside(node: CommandNode): CommandNode {
  const copy: Record<string, unknown> = { ...node };
  for (const key of ['body', 'condition', 'elseBody']) if (Array.isArray(copy[key])) copy[key] = (copy[key] as StatementNode[]).map(streamed);
  if (node.type === 'If') copy['clauses'] = node.clauses.map(({ condition, body }) => ({ condition: condition.map(streamed), body: body.map(streamed) }));
  return copy as unknown as CommandNode;
}

