import { z } from 'zod'
import { rest } from '../bot/arguments.ts'
import { type Command, type CommandContext, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { momentAt, nextMoment, readTimeOfDay } from '../pipeline/later/local-time.ts'
import { askerOf } from './errands.ts'
import { membersOnly } from './rights.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { duration } from './time.ts'
import { titled } from './wording.ts'

/** `timer N HH:MM`: an item starts later, once; `timer list`, `timer cancel N`. */
export function timer({ pipeline, timers, timezone }: Services): Command {
  return defineCommand({
    name: 'timer',
    group: 'work',
    summary:
      'Start an item later, once; `timer list` shows which are set, `timer cancel N` drops one',
    role: 'viewer',
    input: z.object({
      what: rest(z.string().describe('or `list`, or `cancel N`'), { called: 'N HH:MM' }),
    }),
    examples: ['timer 3 02:30', 'timer list', 'timer cancel 3'],
    run: {
      change({ what }, context) {
        if (what.toLowerCase() === 'list') return listed()
        const words = /^(cancel\s+)?#?(\d+)(?:\s+(\S+))?$/i.exec(what)
        const [, isCancel, item, time] = words ?? []
        if (item === undefined || (isCancel === undefined) !== (time !== undefined))
          throw new Problem(
            'bad-arguments',
            'Say `timer N HH:MM`, such as `timer 3 02:30`; or `timer list`, or `timer cancel N`.',
          )
        membersOnly(context, 'set and cancel timers')
        return time === undefined ? cancelled(Number(item)) : set(Number(item), time, context)
      },
    },
  })

  function set(id: number, time: string, context: CommandContext): string {
    const { stage, type, name } = pipeline.need(id)
    const timeOfDay = readTimeOfDay(time)
    if (!timeOfDay)
      throw new Problem(
        'bad-time',
        `"${escapeMarkdown(time)}" is no time of day: write one from 00:00 to 23:59, such as 02:30.`,
      )
    if (type === 'epic' || (stage.kind !== 'backlog' && stage.kind !== 'upcoming'))
      throw new Problem(
        'not-waiting',
        type === 'epic'
          ? `Item ${id} is an epic, which groups items and is never started: set timers for its items.`
          : `Item ${id} is ${standing(stage)}, and a timer starts what waits in the backlog: \`status ${id}\` says what fits.`,
      )
    const at = nextMoment(timeOfDay, timezone, context.now)
    timers.set({ item: id, at, asker: askerOf(context) })
    return `Item ${id} starts at ${shown(at)}, in ${duration(at - context.now)}: ${escapeMarkdown(name)}. Until then, \`timer cancel ${id}\` drops that.`
  }

  function cancelled(id: number): string {
    if (timers.remove(id)) return `The timer of item ${id} is dropped.`
    pipeline.need(id)
    throw new Problem('no-timer', `Item ${id} has no timer: \`timer list\` shows which are set.`)
  }

  function listed(): string {
    const set = timers.all()
    if (set.length === 0) return 'No timer is set. Set one with `timer N HH:MM`.'
    return set
      .map(({ item, at, asker }) => {
        const who = escapeMarkdown(asker.person.name)
        return `- ${shown(at)}: ${titled(pipeline.need(item))}, set by ${who}`
      })
      .join('\n')
  }

  function shown(at: number): string {
    return momentAt(at, timezone)
  }
}
