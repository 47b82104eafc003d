import type { Writable } from 'node:stream'
import { SendFailure } from '../../bot/courier.ts'

/** A stream that may be a terminal, and knows then how wide and how colourful it is. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  hasColors?(env?: object): boolean
}

/** Writes to a stream whose reader may be slow or gone. */
export class Output {
  readonly stream: OutputStream
  /** Fulfilled when the reader has gone away; pending for ever otherwise. */
  readonly gone: Promise<void>

  constructor(stream: OutputStream) {
    this.stream = stream
    this.gone = new Promise((resolve) => {
      // Without a listener a closed pipe would end the whole program.
      stream.on('error', () => resolve())
      stream.once('close', resolve)
    })
  }

  /**
   * Resolves when the stream has taken `text`. Throws `SendFailure`: `gone` without a reader,
   * `cancelled` when `signal` came before the writing, `unknown` when it came during it.
   */
  write(text: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new SendFailure('cancelled', 'The terminal was closed.'))
      const abandon = () =>
        reject(new SendFailure('unknown', 'The terminal was closed while this was written to it.'))
      signal?.addEventListener('abort', abandon, { once: true })
      this.stream.write(text, (error) => {
        signal?.removeEventListener('abort', abandon)
        if (error)
          reject(new SendFailure('gone', 'Nobody reads the output any more.', { cause: error }))
        else resolve()
      })
    })
  }
}
