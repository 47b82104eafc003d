import { readFileSync } from 'node:fs'
import type { Client } from 'whatsapp-web.js'

type Browser = NonNullable<Client['pupBrowser']>

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
    const [, kibibytes = 0] =
      /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kibibytes) * 1024
  } catch {
    return 0
  }
}
