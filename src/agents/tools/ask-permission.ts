import { z } from 'zod'
import type { Asks } from '../../bot/asks.ts'
import type { Role } from '../../bot/command.ts'
import type { Person, Place } from '../../bot/message.ts'
import { codeBlock, codeSpan, escapeMarkdown } from '../../kernel/markdown.ts'
import { Problem } from '../../kernel/problem.ts'
import { blankSecrets } from '../../kernel/secrets.ts'
import { permissionTool } from './names.ts'
import {
  commandOf,
  coverageOf,
  isPlain,
  type PermissionRules,
  ruleFor,
  type Wish,
} from './permission-rules.ts'
import { defineTool, type Tool } from './tool.ts'

export interface AskPermissionParts {
  readonly asks: Pick<Asks, 'ask'>
  readonly rules: Pick<PermissionRules, 'allow' | 'add'>
  readonly timeoutMs: number
}

/** Who has a wish, in Markdown, and where people are asked. */
export interface Wisher {
  readonly who: string
  readonly places: readonly Place[]
}

/** Who must say yes. */
const approver: Role = 'admin'

/** So much of a tool's arguments is shown; of a command nothing may hide behind a cut, so it is more. */
const longestArguments = 1_200
const longestCommand = 6_000

/**
 * `ask_permission`: what an agent program asks when its own rules do not say whether a tool may be
 * used. People in the rooms decide, unless one of their rules has; no answer is a no. The answer has
 * the shape that Claude Code takes from its `--permission-prompt-tool`.
 */
export function askPermissionTool(
  parts: AskPermissionParts,
  placesOf: (item: number, role: Role) => readonly Place[],
): Tool {
  return defineTool({
    name: permissionTool,
    summary: permissionSummary,
    input: permissionInput,
    run: (input, { run, item, signal }) => {
      const who = `${escapeMarkdown(run.agent)}, on item ${item.id} (${escapeMarkdown(item.name)})`
      return answerWish(parts, input, { who, places: placesOf(item.id, approver) }, signal)
    },
  })
}

export const permissionSummary =
  'Ask a person whether a tool may be used. Your program calls this by itself.'

export const permissionInput = z.object({
  tool_name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  tool_use_id: z.string().optional(),
})

/** The answer to a wish, as JSON. */
export async function answerWish(
  parts: AskPermissionParts,
  { tool_name: tool, input }: z.infer<typeof permissionInput>,
  wisher: Wisher,
  signal: AbortSignal,
): Promise<string> {
  const denial = await decide(parts, { tool, input }, wisher, signal)
  return JSON.stringify(
    denial === undefined
      ? { behavior: 'allow', updatedInput: input }
      : { behavior: 'deny', message: denial },
  )
}

/** Undefined where the wish is allowed; else why it is not, for the agent. */
async function decide(
  { asks, rules, timeoutMs }: AskPermissionParts,
  wish: Wish,
  { who, places }: Wisher,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (rules.allow(wish)) return undefined
  const answer = await asks.ask(
    {
      text: questionOf(wish, who),
      places,
      role: approver,
      timeoutMs,
      otherwise: 'it is a no',
      words: ruleFor(wish) ? ['yes', 'no', 'always'] : ['yes', 'no'],
      accept: (text, by) => accept(rules, wish, text, by),
    },
    signal,
  )
  if (answer === undefined)
    return 'Nobody was there to allow it. Go on without it, in another way that needs no permission.'
  return answer.allowed ? undefined : `${answer.by} has refused it. Do not try it in another way.`
}

function accept(
  rules: AskPermissionParts['rules'],
  wish: Wish,
  text: string,
  by: Person,
): { readonly answer: { readonly allowed: boolean; readonly by: string }; readonly reply: string } {
  const answer = (allowed: boolean, reply: string) => ({ answer: { allowed, by: by.name }, reply })
  const rule = ruleFor(wish)
  switch (text.trim().toLowerCase()) {
    case 'yes':
      return answer(true, 'Allowed, this once.')
    case 'no':
      return answer(false, 'Refused.')
    case 'always': {
      if (!rule) break
      rules.add(rule, by)
      return answer(
        true,
        `Allowed, and ${coverageOf(rule)} from now on. \`permissions\` lists the rules.`,
      )
    }
  }
  throw new Problem(
    'bad-answer',
    `Say yes${rule ? ', no or always' : ' or no'}: it is a permission that is asked for.`,
  )
}

function questionOf(wish: Wish, who: string): string {
  const rule = ruleFor(wish)
  const head = `${who}, asks to use ${codeSpan(oneLine(wish.tool))}:`
  const always =
    rule &&
    `"Always" allows ${coverageOf(rule)} for every agent${isPlain(wish) ? '' : ', which this one is not'}.`
  return [head, codeBlock(shown(wish)), ...(always ? [always] : [])].join('\n')
}

/** What is to be done, without secrets and without anything that a screen would not show. */
function shown(wish: Wish): string {
  const command = commandOf(wish)
  const text = command ?? JSON.stringify(wish.input, null, 2)
  // Far more than is shown, so that no secret is cut in two before it is known as one.
  const near = cut(text, 4 * longestCommand)
  return cut(visible(blankSecrets(near)), command === undefined ? longestArguments : longestCommand)
}

function cut(text: string, most: number): string {
  const letters = [...text]
  if (letters.length <= most) return text
  const half = most / 2
  const left = letters.slice(0, half).join('')
  const right = letters.slice(-half).join('')
  return `${left}\n[... ${letters.length - most} characters are not shown ...]\n${right}`
}

/** Control and direction characters would show something else than what is done. */
function visible(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}

function oneLine(text: string): string {
  return visible(text).replaceAll(/\s+/g, ' ')
}
