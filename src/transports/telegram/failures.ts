import { GrammyError, HttpError } from 'grammy'
import { SendFailure, type SendFailureKind } from '../../bot/courier.ts'
import { ConnectionFailure } from '../transport.ts'

/** Errors of a connection that was never made, so that nothing was sent over it. */
const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

export const anotherProgram =
  'Another program receives what is said to this bot: end that program, or get this one a bot of its own from @BotFather.'

/** What Telegram says where it has nothing but a sentence to tell one refusal from another. */
const refusals: readonly (readonly [RegExp, SendFailureKind])[] = [
  [/not found|PEER_ID_INVALID|deactivated|TOPIC_DELETED/i, 'gone'],
  [/rights|restricted|WRITE_FORBIDDEN|TOPIC_CLOSED/i, 'forbidden'],
]

/** What a call's error says of the message that was to be sent. No secret is in it. */
export function sendFailure(error: unknown, now: number): SendFailure {
  if (error instanceof SendFailure) return error
  if (error instanceof GrammyError) {
    const { description, parameters } = error
    const retry = parameters.retry_after
    const until = retry === undefined ? {} : { until: now + retry * 1000 }
    return new SendFailure(kindOf(error), description, until)
  }
  if (!(error instanceof HttpError)) throw error
  const kind = neverConnected.includes(codeOf(error)) ? 'transient' : 'unknown'
  return new SendFailure(kind, error.message)
}

/** What a call's error says of the connection, with what a person can do. */
export function connectionFailure(error: unknown, now: number): ConnectionFailure {
  if (error instanceof HttpError)
    return new ConnectionFailure('lost', `Telegram cannot be reached (${codeOf(error)}).`)
  if (error instanceof ConnectionFailure) return error
  if (!(error instanceof GrammyError)) throw error
  const { error_code: code, description, parameters } = error
  if (code === 401 || code === 404)
    return new ConnectionFailure(
      'refused',
      'Telegram does not accept the token: ask @BotFather for it with /token, put it where [telegram] in bot.toml says, and start again.',
    )
  if (code === 409) return new ConnectionFailure('conflict', anotherProgram)
  const retry = parameters.retry_after
  return new ConnectionFailure(
    'lost',
    `Telegram answers "${description}".`,
    retry === undefined ? {} : { until: now + retry * 1000 },
  )
}

function kindOf({ error_code: code, description }: GrammyError): SendFailureKind {
  if (code === 401) return 'refused'
  if (code === 403) return 'forbidden'
  if (code === 404) return 'refused'
  if (code === 409) return 'conflict'
  if (code === 429) return 'rate-limited'
  if (code >= 500) return 'unknown'
  return refusals.find(([pattern]) => pattern.test(description))?.[1] ?? 'invalid'
}

function codeOf({ error, message }: HttpError): string {
  const { code, type } = (error ?? {}) as { readonly code?: unknown; readonly type?: unknown }
  return String(code ?? type ?? message)
}
