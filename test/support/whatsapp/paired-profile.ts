import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkWhatsApp } from '../../../src/transports/whatsapp/check.ts'
import { WhatsAppServer } from './whatsapp-server.ts'

/** The login that the profile holds. */
export const session = 'the-session-of-the-tests'

/** A folder for a program's state, in which a login lies that a server with `session` accepts. */
export async function pairedProfile() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'whatsapp-state-'))
  await using server = await WhatsAppServer.start()
  await checkWhatsApp(server.settings, {
    state: folder.path,
    env: process.env,
    show: (text) => {
      if (text.includes('Scan this')) server.pairs(session)
    },
  })
  return folder
}
