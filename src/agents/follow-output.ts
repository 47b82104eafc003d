import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { type Clock, pause } from '../kernel/clock.ts'
import type { ProcessHost } from '../processes/process-host.ts'

/** How much of what was said earlier is shown, in bytes. */
const backlogBytes = 64 * 1024
const lookEveryMs = 100
const lineFeed = 10

/**
 * Writes what the run has said lately, then what it says from now on, until it is over. The
 * bytes are the program's own.
 */
export async function followOutput(
  host: ProcessHost,
  clock: Clock,
  run: string,
  isOver: () => Promise<boolean>,
  output: Writable,
): Promise<void> {
  let { bytes, offset } = backlog(host, run)
  for (;;) {
    if (bytes.length > 0 && !output.write(bytes)) await once(output, 'drain')
    // Asked before reading: what is over has written all of its output.
    const over = await isOver()
    ;({ bytes, offset } = host.read(run, offset))
    if (bytes.length > 0) continue
    if (over) return
    await pause(clock, lookEveryMs)
  }
}

/** The end of what is there by now; begins with a whole line. */
function backlog(host: ProcessHost, run: string) {
  let kept = Buffer.alloc(0)
  let chunk = host.read(run, 0)
  let cut = false
  for (; chunk.bytes.length > 0; chunk = host.read(run, chunk.offset)) {
    kept = Buffer.concat([kept, chunk.bytes])
    cut ||= kept.length > backlogBytes
    kept = kept.subarray(-backlogBytes)
  }
  const bytes = cut ? kept.subarray(kept.indexOf(lineFeed) + 1) : kept
  return { bytes: bytes as Uint8Array, offset: chunk.offset }
}
