import type { Access } from '../bot/access.ts'
import type { Bot } from '../bot/bot.ts'
import type { CommandContext } from '../bot/command.ts'
import type { Outbox } from '../bot/outbox.ts'
import type { Clock } from '../kernel/clock.ts'
import { codeSpan, escapeMarkdown } from '../kernel/markdown.ts'
import type { Asker, Entrust, Errand } from '../pipeline/later/errand.ts'
import { shownAt } from '../pipeline/later/local-time.ts'

/** What carries out the commands that people have asked to be said later. */
export interface ErrandParts {
  readonly bot: Pick<Bot, 'relay'>
  readonly outbox: Pick<Outbox, 'enqueue'>
  readonly access: Access
  readonly clock: Clock
  readonly timezone: string
}

/** Whoever asks now, to be answered here later. */
export function askerOf({ asker, place }: CommandContext): Asker {
  return { person: asker, place }
}

/**
 * Says an errand's command in its asker's name and place, with a line that tells why. Both are
 * stored in the caller's transaction: the command waits in the inbox like any other message, so that
 * no crash loses it or has it done twice. Histories name its cause beside the asker.
 */
export function createEntrust({ bot, outbox, access, clock, timezone }: ErrandParts): Entrust {
  return (errand) => {
    const { asker, command, cause } = errand
    const { person, place } = asker
    const isServed = access.roleOf(person.id) !== undefined
    const key =
      cause.kind === 'timer'
        ? `huskies/timer/${cause.item}/${cause.at}`
        : `huskies/trigger/${cause.id}/${cause.time}`
    outbox.enqueue({
      ...place,
      key,
      text: isServed ? announced(errand, timezone) : refused(errand),
    })
    if (!isServed) return
    const name = `${person.name}, by ${cause.kind === 'timer' ? 'a timer' : `trigger ${cause.id}`}`
    const sender = { id: person.id, name }
    const message = { ...place, eventId: key, sender, text: command, at: clock.now() }
    bot.relay({ ...message, direct: true, addressed: true })
  }
}

function announced({ asker, command, cause }: Errand, timezone: string): string {
  const what = `${codeSpan(command)}, for ${escapeMarkdown(asker.person.name)}.`
  if (cause.kind === 'timer') return `Timer of ${shownAt(cause.at, timezone)}: ${what}`
  const over = cause.exhausted
    ? ` That was time ${cause.time} and the last: set it again, if it is to go on.`
    : ''
  return `Trigger ${cause.id}, item ${cause.item} in ${cause.stage}: ${what}${over}`
}

function refused({ asker, command }: Errand): string {
  return `${codeSpan(command)} was to be done for ${escapeMarkdown(asker.person.name)}, who is not served any more: nothing is done.`
}
