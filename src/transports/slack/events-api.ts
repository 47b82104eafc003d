import { createHmac, timingSafeEqual } from 'node:crypto'
import type { WebClient } from '@slack/web-api'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { Hook, HookAnswer, HookCall, Hooks } from '../../kernel/hooks.ts'
import type { Envelope } from './events.ts'

/** What being called works with. */
export interface CalledParts {
  readonly api: WebClient
  /** The address that Slack calls: a proxy hands it on to `/hooks/slack` of the program. */
  readonly url: string
  readonly signingSecret: string
  readonly hooks: Hooks
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
  /** Told when Slack may call. */
  readonly opened: () => void
  /** Told now and then that Slack still accepts the token. */
  readonly alive: () => void
  readonly take: (envelope: Envelope) => void
}

/** How often Slack is asked whether it still knows the bot: calls alone would not tell. */
const lookMs = 60_000
/** An older call may be one that somebody has recorded and plays again. */
const longestAgeMs = 300_000

/**
 * Has Slack call for what happens, until the signal is aborted. Each call is answered when all of it is
 * stored: Slack makes any other again. Throws when the token is not accepted any more.
 */
export async function beCalled(parts: CalledParts): Promise<void> {
  const { api, hooks, url, clock, signal, opened, alive } = parts
  const close = hooks.open('slack', { host: new URL(url).host, answer: answering(parts) })
  try {
    opened()
    while (!signal.aborted) {
      alive()
      await pause(clock, lookMs, signal)
      if (!signal.aborted) await api.auth.test()
    }
  } finally {
    close()
  }
}

function answering({ signingSecret, clock, signal, take }: CalledParts): Hook['answer'] {
  return async (call) => {
    if (!isSlacks(call, signingSecret, clock.now())) return 401
    const event = call.body as { readonly type?: unknown; readonly challenge?: unknown } | undefined
    // It is asked once, when somebody tells Slack the address.
    if (event?.type === 'url_verification')
      return { status: 200, body: { challenge: event.challenge } }
    const { promise: answered, resolve } = Promise.withResolvers<number | HookAnswer>()
    const ending = () => resolve(503)
    signal.addEventListener('abort', ending)
    if (signal.aborted) ending()
    else
      take({
        ...contentOf(call),
        ack: async (body) => resolve(body ? { status: 200, body } : 200),
      })
    return answered.finally(() => signal.removeEventListener('abort', ending))
  }
}

/** Whether Slack has signed it, and not long ago. */
function isSlacks({ headers, text }: HookCall, secret: string, now: number): boolean {
  const at = String(headers['x-slack-request-timestamp'])
  if (!/^\d+$/.test(at) || Math.abs(now - Number(at) * 1000) > longestAgeMs) return false
  const wanted = createHmac('sha256', secret).update(`v0:${at}:${text}`).digest()
  const given = Buffer.from(String(headers['x-slack-signature']).replace(/^v0=/, ''), 'hex')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Events come as JSON; what people do beside talking as forms, one of whose fields may hold JSON. */
function contentOf({ body, text }: HookCall): Pick<Envelope, 'type' | 'body'> {
  if (body !== undefined) return { type: 'events_api', body }
  const { payload, ...fields } = Object.fromEntries(new URLSearchParams(text))
  if (payload === undefined) return { type: 'slash_commands', body: fields }
  return { type: 'interactive', body: JSON.parse(payload) }
}
