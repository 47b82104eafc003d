import { EncryptedRoomEvent, MatrixClient, MatrixError } from 'matrix-bot-sdk'
import { Problem } from '../../kernel/problem.ts'
import { readFile } from '../read-file.ts'
import type { RoomKeys } from './room-keys.ts'

/** Who the bot is on its server, and what lets it in. */
export interface MatrixSession {
  readonly homeserver: string
  readonly user: string
  readonly device: string
  readonly token: string
}

interface Page {
  readonly chunk: readonly { readonly type: string }[]
  readonly end?: string
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

  /**
   * Reads an answer to a sync: keys first, then each event of each room in its order, each handed to
   * `tell` before the next is looked at.
   */
  async handleSync(
    answer: unknown,
    tell: (kind: string, room: string, event: unknown) => Promise<void>,
  ): Promise<void> {
    await this.processSync(answer, (kind, room, event) => tell(kind, room, event))
  }

  /** Sends an event, encrypted where the room is; the same id again is the same event. */
  async put(
    room: string,
    type: string,
    id: string,
    content: object,
    signal?: AbortSignal,
  ): Promise<string> {
    const sealed = type !== 'm.reaction' && (await this.crypto?.isRoomEncrypted(room))
    const [sent, body] = sealed
      ? ['m.room.encrypted', await this.crypto.encryptRoomEvent(room, type, content)]
      : [type, content]
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/${sent}/${encodeURIComponent(id)}`
    const answer = (await this.#request('PUT', path, { body, signal })) as { event_id: string }
    return answer.event_id
  }

  /** Says something of the connection itself. */
  async notice(
    room: string,
    id: string,
    content: { readonly body: string; readonly 'm.relates_to'?: object },
  ): Promise<void> {
    await this.put(room, 'm.room.message', id, { msgtype: 'm.notice', ...content })
  }

  /** Uploads a text file; what is returned belongs into a message's content. */
  async upload(
    room: string,
    { name, content }: { readonly name: string; readonly content: string },
  ) {
    const info = { mimetype: 'text/markdown' }
    const data = Buffer.from(content)
    const described = { msgtype: 'm.file', filename: name, body: name, info }
    if (!(await this.crypto?.isRoomEncrypted(room)))
      return { ...described, url: await this.uploadContent(data, info.mimetype, name) }
    const { buffer, file } = await this.crypto.encryptMedia(data)
    const url = await this.uploadContent(buffer, 'application/octet-stream', 'encrypted')
    return { ...described, file: { ...file, url } }
  }

  /** The content of a file that somebody sent, by its address or by what an encrypted one came with. */
  async download(ref: string): Promise<Uint8Array> {
    if (!ref.startsWith('{')) return (await this.downloadContent(ref)).data
    if (!this.crypto) throw new Problem('no-file', 'it is encrypted, and encryption is turned off')
    return this.crypto.decryptMedia(JSON.parse(ref))
  }

  /** The room's events from the newest on, decrypted where that is possible. */
  async *backwards(room: string): AsyncGenerator<unknown> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`
    for (let from: string | undefined = ''; from !== undefined; ) {
      const query: object = { dir: 'b', limit: 50, ...(from !== '' && { from }) }
      const page = (await this.doRequest('GET', path, { ...query })) as Page
      for (const event of page.chunk) yield await this.#decrypted(room, event)
      from = page.chunk.length > 0 ? page.end : undefined
    }
  }

  async #decrypted(room: string, event: Page['chunk'][number]): Promise<unknown> {
    if (event.type !== 'm.room.encrypted') return event
    const decrypted = await this.crypto
      ?.decryptRoomEvent(new EncryptedRoomEvent(event), room)
      .catch(() => undefined)
    return decrypted?.raw ?? event
  }

  /** As the SDK calls it; throws `MatrixError`, or what fetch throws where there was no answer. */
  override async doRequest(
    method: string,
    endpoint: string,
    query?: Record<string, unknown> | null,
    body?: unknown,
    timeoutMs?: number | null,
    raw?: boolean,
    contentType?: string | null,
  ): Promise<unknown> {
    return this.#request(method, endpoint, { query, body, timeoutMs, raw, contentType })
  }

  async #request(method: string, endpoint: string, options: RequestOptions): Promise<unknown> {
    const { query, body, timeoutMs, raw, contentType, signal } = options
    const url = new URL(this.homeserverUrl + endpoint)
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of [value].flat())
        if (one !== undefined && one !== null) url.searchParams.append(name, String(one))
    const hasBody = body !== null && body !== undefined
    const timeout = AbortSignal.timeout(timeoutMs ?? requestTimeoutMs)
    const response = await fetch(url, {
      method,
      headers: {
        ...(this.accessToken && { authorization: `Bearer ${this.accessToken}` }),
        ...(hasBody && { 'content-type': contentType ?? 'application/json' }),
      },
      ...(hasBody && { body: bodyOf(body) }),
      signal: AbortSignal.any([this.#signal, timeout, ...(signal ? [signal] : [])]),
    })
    if (!response.ok) throw await errorOf(response)
    if (!raw) return jsonOf(response)
    const headers = Object.fromEntries(response.headers)
    return { body: Buffer.from(await readFile(response)), headers }
  }
}

interface RequestOptions {
  readonly query?: Record<string, unknown> | null | undefined
  readonly body?: unknown
  readonly timeoutMs?: number | null | undefined
  /** The answer is a file. */
  readonly raw?: boolean | undefined
  readonly contentType?: string | null | undefined
  readonly signal?: AbortSignal | undefined
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)
}

/** Whatever else answers in the server's place is no answer of its own, and may be gone soon. */
async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    throw noMatrix(text)
  }
}

/** An answer that no Matrix server gives. */
export function noMatrix(text: string): MatrixError {
  return new MatrixError({ errcode: 'M_NOT_MATRIX', error: text.slice(0, 200) }, 502)
}

async function errorOf(response: Response): Promise<MatrixError> {
  const { status, headers } = response
  const text = await response.text()
  const fields = fieldsOf(text)
  if (!fields && status === 404) return noMatrix(text)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const said = seconds >= 0 ? { retry_after_ms: seconds * 1000 } : {}
  const page = { errcode: 'M_UNKNOWN', error: text.slice(0, 200) }
  return new MatrixError({ ...said, ...(fields ?? page) }, status)
}

/** Undefined for what is not a server's own, such as the page of what stands before it. */
function fieldsOf(
  text: string,
): { errcode: string; error: string; retry_after_ms?: number } | undefined {
  try {
    const fields = JSON.parse(text)
    return typeof fields?.errcode === 'string' ? fields : undefined
  } catch {
    return undefined
  }
}
