import { readFileSync } from 'node:fs'
import type { Client } from 'whatsapp-web.js'

type Browser = NonNullable<Client['pupBrowser']>

/** As Linux counts memory on all machines that Chromium runs on. */
const pageBytes = 4096

/**
 * What the browser's processes have for themselves, in bytes: what they share is not counted.
 * Undefined where this system does not tell.
 */
export async function memoryOf(browser: Browser): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const connection = await browser.target().createCDPSession()
  try {
    const { processInfo } = await connection.send('SystemInfo.getProcessInfo')
    return processInfo.reduce((sum, { id }) => sum + privateBytes(id), 0)
  } finally {
    await connection.detach()
  }
}

/** A process may have ended meanwhile. */
function privateBytes(pid: number): number {
  try {
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number)
    return ((resident ?? 0) - (shared ?? 0)) * pageBytes
  } catch {
    return 0
  }
}
