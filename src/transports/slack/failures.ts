import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import { SendFailure, type SendFailureKind } from '../../bot/courier.ts'
import { Problem } from '../../kernel/problem.ts'
import { ConnectionFailure } from '../transport.ts'

/** Errors of a connection that was never made, so that nothing was sent over it. */
const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

const badTokens = [
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired'],
  ...['not_allowed_token_type', 'no_permission', 'org_login_required', 'team_access_not_granted'],
]

/** What Slack calls a refusal of one message, what it means, and what a person can do. */
const refusals: Readonly<Record<string, readonly [SendFailureKind, string]>> = {
  not_in_channel: ['forbidden', 'I am not in this channel: invite me there with /invite.'],
  channel_not_found: [
    'gone',
    'There is no such channel, or I am not in it: invite me there with /invite.',
  ],
  is_archived: ['gone', 'The channel is archived: unarchive it, or name another one.'],
  message_not_found: ['gone', 'The message is gone.'],
  thread_not_found: ['gone', 'The thread is gone.'],
  user_not_found: ['gone', 'The person is not there any more.'],
  missing_scope: [
    'forbidden',
    'The app lacks a permission: give it what "huskies manifest slack" lists, and install it anew.',
  ],
  ratelimited: ['rate-limited', 'Slack asks to wait.'],
  rate_limited: ['rate-limited', 'Slack asks to wait.'],
  message_limit_exceeded: ['forbidden', 'The workspace takes no more messages.'],
  ekm_access_denied: ['forbidden', 'The administrators have suspended messages there.'],
  fatal_error: ['unknown', 'Slack had an error.'],
  internal_error: ['unknown', 'Slack had an error.'],
  request_timeout: ['unknown', 'Slack had an error.'],
  service_unavailable: ['unknown', 'Slack had an error.'],
}

/** What a call's error says of the message that was to be sent. No secret is in it. */
export function sendFailure(error: unknown, now: number): SendFailure {
  if (error instanceof SendFailure) return error
  // The disk: what may have been sent is noted, so that it is looked for.
  if (error instanceof Problem) return new SendFailure('transient', error.message)
  if (error instanceof WebAPIRateLimitedError)
    return new SendFailure('rate-limited', 'Slack asks to wait.', {
      until: now + error.retryAfter * 1000,
    })
  if (error instanceof WebAPIHTTPError)
    return new SendFailure('unknown', `Slack answers ${error.statusCode}.`)
  if (error instanceof WebAPIRequestError) {
    const kind = neverConnected.includes(codeOf(error)) ? 'transient' : 'unknown'
    return new SendFailure(kind, `Slack gives no answer (${codeOf(error)}).`)
  }
  const name = errorName(error)
  if (name === undefined) throw error
  if (badTokens.includes(name)) return new SendFailure('refused', tokenAdvice('bot'))
  const [kind, sentence] = refusals[name] ?? [kindOf(name), `Slack answers "${name}".`]
  return new SendFailure(kind, sentence)
}

/** What a call's error says of the connection, with what a person can do. */
export function connectionFailure(error: unknown, now: number, token: 'bot' | 'app') {
  if (error instanceof ConnectionFailure) return error
  if (error instanceof WebAPIRateLimitedError)
    return new ConnectionFailure('lost', 'Slack asks to wait.', {
      until: now + error.retryAfter * 1000,
    })
  if (error instanceof WebAPIHTTPError)
    return new ConnectionFailure('lost', `Slack answers ${error.statusCode}.`)
  if (error instanceof WebAPIRequestError)
    return new ConnectionFailure(
      'lost',
      `Slack cannot be reached (${codeOf(error)}): see that this machine is online.`,
    )
  const name = errorName(error)
  if (name === undefined) throw error
  if (name === 'missing_scope')
    return new ConnectionFailure(
      'refused',
      token === 'app'
        ? 'The app token lacks the scope connections:write: make one that has it, at Basic Information of the app.'
        : 'The app lacks a permission: give it what "huskies manifest slack" lists, install it anew, and start again.',
    )
  if (badTokens.includes(name)) return new ConnectionFailure('refused', tokenAdvice(token))
  if (name === 'too_many_websockets')
    return new ConnectionFailure(
      'conflict',
      'Too many programs listen for this app: end the others.',
    )
  return new ConnectionFailure('lost', `Slack answers "${name}".`)
}

/** What a person can do where a token is not accepted. */
export function tokenAdvice(token: 'bot' | 'app'): string {
  const where =
    token === 'bot'
      ? 'the bot token (xoxb-): install the app anew, copy the token from OAuth & Permissions'
      : 'the app token (xapp-): make one with the scope connections:write at Basic Information'
  return `Slack does not accept ${where}, put it where [slack] in bot.toml says, and start again.`
}

/** How Slack calls what is wrong with a call. */
export function errorName(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined
}

function kindOf(name: string): SendFailureKind {
  return /^restricted_action|^cannot_|_denied$|not_allowed/.test(name) ? 'forbidden' : 'invalid'
}

function codeOf({ original }: WebAPIRequestError): string {
  const { code } = (original.cause ?? original) as { readonly code?: unknown }
  return String(code ?? original.name)
}
