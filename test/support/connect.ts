import type { Receipt } from '../../src/bot/courier.ts'
import type { IncomingMessage, OutgoingMessage } from '../../src/bot/message.ts'
import type { Listener, Transport } from '../../src/transports/transport.ts'

/** Whoever connects a transport without a bot: it hears messages, and whatever else is wanted. */
export interface Hearing extends Partial<Listener> {
  receive(message: IncomingMessage): Promise<void>
}

/** One connection of a transport that nobody supervises. */
export interface Connection {
  /** Ends it, and resolves when nothing of it runs any more. */
  stop(): Promise<void>
  /** Settles when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>
}

/** Connects a transport, without a supervisor. */
export function connect(transport: Transport, hearing: Hearing | Hearing['receive']): Connection {
  const ending = new AbortController()
  const ignore = async () => {}
  const listener = {
    ...{ edit: ignore, remove: ignore, choose: ignore },
    ...(typeof hearing === 'function' ? { receive: hearing } : hearing),
  }
  const ended = transport.connect({
    listener,
    signal: ending.signal,
    reached: () => {},
    alive: () => {},
  })
  return {
    ended,
    async stop() {
      ending.abort()
      await ended
    },
  }
}

/** Sends all parts of a message; the receipt is the first one's, as in the outbox. */
export async function sendWhole(
  transport: Pick<Transport, 'parts' | 'send'>,
  message: OutgoingMessage,
  signal: AbortSignal,
): Promise<Receipt> {
  const receipts: Receipt[] = []
  for (const part of transport.parts(message)) receipts.push(await transport.send(part, signal))
  const [first] = receipts
  if (!first) throw new Error('A message must have a part.')
  return first
}
