import type { Statement } from 'better-sqlite3'
import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../store/store.ts'

/** A tool that an agent wants to use, with its arguments. */
export interface Wish {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
}

/**
 * What was allowed once and for all: exactly this tool; with a word, only its plain shell commands
 * that begin with it. There are no wildcards that could match too much, or nothing.
 */
export interface PermissionRule {
  readonly tool: string
  readonly word?: string
}

export interface KeptRule extends PermissionRule {
  /** What people call it; never given twice. */
  readonly number: number
  readonly by: { readonly id: string; readonly name: string }
  readonly at: number
}

interface Row {
  readonly number: number
  readonly tool: string
  readonly word: string | null
  readonly by_id: string
  readonly by_name: string
  readonly added_at: number
}

/** How the shell tools of the agent programs are called. */
const shells = new Set(['Bash', 'bash', 'shell', 'run_shell_command'])

/** The rule that "always" makes of this wish; undefined for a command without a plain first word. */
export function ruleFor(wish: Wish): PermissionRule | undefined {
  const { tool } = wish
  const command = commandOf(wish)
  if (command === undefined) return { tool }
  const word = /^[\w./-]+(?=\s|$)/.exec(command.trim())?.[0]
  return word === undefined ? undefined : { tool, word }
}

/**
 * Whether the rule that fits the wish would cover it: a command that may start another one by the
 * shell's own means (`;`, `&&`, `|`, `$(...)`, a redirection, a further line) is never covered.
 */
export function isPlain(wish: Wish): boolean {
  return !/[;&|<>()`$\\\n\r{}]/.test(commandOf(wish)?.trim() ?? '')
}

/** The command that a wish would give to a shell; undefined for all other tools. */
export function commandOf({ tool, input }: Wish): string | undefined {
  if (!shells.has(tool)) return undefined
  return typeof input.command === 'string' ? input.command : JSON.stringify(input.command ?? '')
}

/** The rules that people have made by "always", for all agents of the project, durably. */
export class PermissionRules {
  readonly #clock: Clock
  readonly #insert: Statement<[string, string | null, string, string, number]>
  readonly #find: Statement<[string, string]>
  readonly #all: Statement<[], Row>
  readonly #remove: Statement<[number], Row>

  constructor({ db }: Store, clock: Clock) {
    this.#clock = clock
    this.#insert = db.prepare(
      `INSERT INTO permission_rules (tool, word, by_id, by_name, added_at)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#find = db.prepare(
      `SELECT 1 FROM permission_rules WHERE tool = ? AND coalesce(word, '') = ?`,
    )
    this.#all = db.prepare('SELECT * FROM permission_rules ORDER BY number')
    this.#remove = db.prepare('DELETE FROM permission_rules WHERE number = ? RETURNING *')
  }

  /** Whether a rule allows it. */
  allow(wish: Wish): boolean {
    const rule = isPlain(wish) ? ruleFor(wish) : undefined
    return rule !== undefined && this.#find.get(rule.tool, rule.word ?? '') !== undefined
  }

  /** Part of the caller's transaction. A rule that there is already stays as it is. */
  add({ tool, word }: PermissionRule, by: KeptRule['by']): void {
    this.#insert.run(tool, word ?? null, by.id, by.name, this.#clock.now())
  }

  /** Oldest first. */
  all(): readonly KeptRule[] {
    return this.#all.all().map(keptRule)
  }

  /** Part of the caller's transaction. Undefined where there is none of this number. */
  remove(number: number): KeptRule | undefined {
    const row = this.#remove.get(number)
    return row && keptRule(row)
  }
}

function keptRule({ number, tool, word, by_id, by_name, added_at }: Row): KeptRule {
  const by = { id: by_id, name: by_name }
  return { number, tool, ...(word !== null && { word }), by, at: added_at }
}

/** What a rule covers, for a sentence. */
export function coverageOf({ tool, word }: PermissionRule): string {
  return word === undefined ? `the tool \`${tool}\`` : `plain \`${word}\` commands`
}
