import type { Line } from '../transport.ts'
import { asApiSignal, pollSeconds } from './api.ts'
import { type HearingParts, hand, updatesWanted } from './hearing.ts'

const mostUpdates = 100

/**
 * Polls for what people say, until the line ends. Each batch is told to be received only by the next
 * poll, when all of it is stored: what a crash has cut off comes again.
 */
export async function poll(line: Line, parts: HearingParts): Promise<void> {
  const { api, log } = parts
  const signal = asApiSignal(line.signal)
  // Nothing comes by polling while Telegram calls a program.
  const { url } = await api.getWebhookInfo(signal)
  if (url) {
    log.warn(
      'Telegram called a program for this bot, at the address of its webhook; that ends now.',
    )
    await api.deleteWebhook({}, signal)
  }
  line.reached('catching-up')
  let offset = 0
  let timeout = 0
  while (!line.signal.aborted) {
    const wanted = { offset, timeout, limit: mostUpdates, allowed_updates: updatesWanted }
    const updates = await api.getUpdates(wanted, signal)
    line.alive()
    // Handed in together, they are stored in one commit.
    await Promise.all(updates.map((update) => hand(update, line, parts)))
    const last = updates.at(-1)
    if (last) offset = last.update_id + 1
    if (updates.length === mostUpdates) continue
    line.reached('connected')
    timeout = pollSeconds
  }
}
