import { type Logger, LogLevel, WebClient, type WebClientOptions } from '@slack/web-api'

/** So long a call may take, in ms. */
const answerMs = 30_000

/** What the SDK tells of is thrown as well, and at its finer levels it would log what people say. */
export const silence: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}

/**
 * How calls are made: each once, without a wait for limits, since whoever called knows whether it may be
 * repeated and which room has to wait. All end with `signal`.
 */
export function clientOptions(apiRoot: string, signal: AbortSignal): WebClientOptions {
  return {
    slackApiUrl: apiRoot,
    logger: silence,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: answerMs,
    fetch: (url, init) =>
      fetch(url, {
        ...init,
        signal: AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]),
      }),
  }
}

/** A client of the Web API; it is made for a few calls at a time, and all of them end with `signal`. */
export function slackApi(token: string, apiRoot: string, signal: AbortSignal): WebClient {
  return new WebClient(token, clientOptions(apiRoot, signal))
}
