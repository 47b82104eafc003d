import { z } from 'zod'
import { rest } from '../bot/arguments.ts'
import { type Command, type CommandContext, defineCommand } from '../bot/command.ts'
import { Registry } from '../bot/registry.ts'
import { Router } from '../bot/router.ts'
import { codeSpan, escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { mostTimes, type Trigger } from '../pipeline/later/triggers.ts'
import type { StageKind } from '../pipeline/stage.ts'
import { askerOf } from './errands.ts'
import { membersOnly } from './rights.ts'
import type { Services } from './services.ts'
import { stageKinds, standing } from './standing.ts'

/**
 * `when #N STAGE: COMMAND [once/always]`: a command that is said in the asker's name when an item
 * comes into a stage; `when list`, `when cancel K`.
 */
export function when(
  { pipeline, triggers }: Services,
  commands: () => readonly Command[],
): Command {
  return defineCommand({
    name: 'when',
    group: 'work',
    summary:
      'Run a command when an item reaches a stage, once or always; `when list` shows what is set, `when cancel K` drops one',
    role: 'viewer',
    input: z.object({
      what: rest(z.string().describe('or `list`, or `cancel K`'), { called: '#N STAGE: COMMAND' }),
    }),
    examples: ['when #3 done: start 4', 'when #3 blocked: priority 3 high always', 'when list'],
    run: {
      change({ what }, context) {
        if (what.toLowerCase() === 'list') return listed()
        const cancel = /^cancel\s+#?(\d+)$/i.exec(what)
        const words = /^#?(\d+)\s+([a-z-]+)\s*:\s*(.+?)(?:\s+(once|always))?$/is.exec(what)
        if (!cancel && !words)
          throw new Problem(
            'bad-arguments',
            'Say `when #N STAGE: COMMAND`, such as `when #3 done: start 4`; or `when list`, or `when cancel K`.',
          )
        membersOnly(context, 'set and cancel triggers')
        if (cancel) return cancelled(Number(cancel[1]))
        const [, item, stage = '', command = '', often] = words ?? []
        const always = often?.toLowerCase() === 'always'
        return set({ item: Number(item), stage: stageOf(stage), command, always }, context)
      },
    },
  })

  function set(
    draft: Pick<Trigger, 'item' | 'stage' | 'command' | 'always'>,
    context: CommandContext,
  ): string {
    const { stage } = pipeline.need(draft.item)
    checkCommand(draft.command, context)
    if (!draft.always && stage.kind === draft.stage)
      throw new Problem(
        'already-there',
        `Item ${draft.item} is ${standing(stage)} already: say ${codeSpan(draft.command)} now, or add \`always\` for the next times.`,
      )
    const { id } = triggers.add({ ...draft, asker: askerOf(context) })
    const often = draft.always ? `, each time (${mostTimes} times at most)` : ''
    return `Trigger ${id} is set: when item ${draft.item} comes into ${draft.stage}${often}, ${codeSpan(draft.command)} is done in your name. \`when cancel ${id}\` drops it.`
  }

  /** What the asker may not do, or nobody can, is refused now and not in the middle of the night. */
  function checkCommand(command: string, { role }: CommandContext): void {
    const route = new Router(new Registry(commands()), [], false).route(command, true, role)
    if (route.kind === 'refusal') throw route.problem
    if (route.kind === 'text')
      throw new Problem(
        'no-such-command',
        `${codeSpan(command)} is no command: \`help\` lists them.`,
      )
    if (route.command.byHand)
      throw new Problem(
        'by-hand',
        `\`${route.command.name}\` is only done for somebody who says it at that moment.`,
      )
    if (route.command.name === 'when')
      throw new Problem(
        'trigger-in-trigger',
        'A trigger cannot set another one: set both now, each with its own item and stage.',
      )
  }

  function cancelled(id: number): string {
    if (triggers.remove(id)) return `Trigger ${id} is dropped.`
    throw new Problem('no-trigger', `There is no trigger ${id}: \`when list\` shows them.`)
  }

  function listed(): string {
    const set = triggers.all()
    if (set.length === 0) return 'No trigger is set. Set one with `when #N STAGE: COMMAND`.'
    return set
      .map(({ id, item, stage, command, always, times, asker }) => {
        const often = always ? `always, ${times} of ${mostTimes} times so far` : 'once'
        const who = escapeMarkdown(asker.person.name)
        return `- ${id}: when #${item} comes into ${stage}, ${codeSpan(command)} (${often}, set by ${who})`
      })
      .join('\n')
  }
}

function stageOf(word: string): StageKind {
  const stage = stageKinds.find((kind) => kind === word.toLowerCase())
  if (stage) return stage
  throw new Problem(
    'no-such-stage',
    `There is no stage "${escapeMarkdown(word)}": choose of ${stageKinds.join(', ')}.`,
  )
}
