import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's, with which these tests are run. */
const chromium = '/usr/bin/chromium'

/** Why a test with a browser cannot be run here. Where everything has to be there, it fails instead. */
export const noChromium =
  existsSync(chromium) || process.env.CI === 'true'
    ? undefined
    : `there is no ${chromium}: apt-get install chromium`

/** A program that is a Chromium which reaches nothing but the server at `port` of this machine. */
export function browserAlone(folder: string, port: number): string {
  const path = join(folder, 'chromium')
  writeFileSync(
    path,
    `#!/bin/sh
exec ${chromium} "$@" --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --ip-address-space-overrides=127.0.0.1:${port}=public
`,
    { mode: 0o755 },
  )
  return path
}

/** The page, named by its version, that talks to the server at `port`. */
export function pageFor(folder: string, port: number): string {
  const path = join(folder, '2.3000.1.html')
  const scripts = ['page-models.js', 'page.js'].map((name) =>
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  )
  const address = `window.serverAddress = 'ws://127.0.0.1:${port}'`
  const tags = [address, ...scripts].map((script) => `<script>${script}</script>`)
  writeFileSync(path, `<!doctype html><title>WhatsApp</title>${tags.join('\n')}`)
  return path
}
