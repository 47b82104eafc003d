import { MatrixClient, MatrixError } from 'matrix-bot-sdk'
import type { RoomKeys } from './room-keys.ts'

/** Who the bot is on its server, and what lets it in. */
export interface MatrixSession {
  readonly homeserver: string
  readonly user: string
  readonly device: string
  readonly token: string
}

/** Longer than the server holds a sync open. */
const requestTimeoutMs = 60_000

/**
 * The SDK's client, with its requests made by fetch: they end when the connection does, and their
 * answers keep what the server says of waiting.
 */
export class HuskiesMatrixClient extends MatrixClient {
  readonly session: MatrixSession
  #signal: AbortSignal = new AbortController().signal

  /** Without `keys` encrypted rooms cannot be read. */
  constructor(session: MatrixSession, keys: RoomKeys | undefined) {
    super(session.homeserver, session.token, undefined, keys)
    this.session = session
  }

  /** Requests from now on end with `signal`. */
  endWith(signal: AbortSignal): void {
    this.#signal = signal
  }

  /** As the SDK calls it; throws `MatrixError`, or what fetch throws where there was no answer. */
  override async doRequest(
    method: string,
    endpoint: string,
    query?: Record<string, unknown> | null,
    body?: unknown,
    timeoutMs: number = requestTimeoutMs,
    raw = false,
    contentType = 'application/json',
  ): Promise<unknown> {
    const url = new URL(this.homeserverUrl + endpoint)
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined && one !== null) url.searchParams.append(name, String(one))
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.accessToken}`,
        ...(body !== null && body !== undefined && { 'content-type': contentType }),
      },
      ...(body !== null && body !== undefined && { body: bodyOf(body) }),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok) throw await errorOf(response)
    if (!raw) return response.json()
    const headers = Object.fromEntries(response.headers)
    return { body: Buffer.from(await response.arrayBuffer()), headers }
  }
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)
}

async function errorOf(response: Response): Promise<MatrixError> {
  const fields = fieldsOf(await response.text())
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const said = seconds >= 0 ? { retry_after_ms: seconds * 1000 } : {}
  return new MatrixError({ ...said, ...fields }, response.status)
}

/** What stands before a server may answer with a page. */
function fieldsOf(text: string): { errcode: string; error: string; retry_after_ms?: number } {
  try {
    const fields = JSON.parse(text)
    if (typeof fields?.errcode === 'string') return fields
  } catch {
    // It is told below as it is.
  }
  return { errcode: 'M_UNKNOWN', error: text.slice(0, 200) }
}
