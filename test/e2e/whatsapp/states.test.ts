import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { checkWhatsApp } from '../../../src/transports/whatsapp/check.ts'
import { browsersOf } from '../../../src/transports/whatsapp/leftovers.ts'
import { Profile } from '../../../src/transports/whatsapp/profile.ts'
import { whatsappSettings } from '../../../src/transports/whatsapp/settings.ts'
import { WhatsAppTransport } from '../../../src/transports/whatsapp/whatsapp-transport.ts'
import { type Connection, connect } from '../../support/connect.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { pairedProfile, session } from '../../support/whatsapp/paired-profile.ts'
import { WhatsAppServer } from '../../support/whatsapp/whatsapp-server.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 30_000, interval: 10 })

describe.skipIf(noChromium)(`in a real Chromium${noChromium ? ` (${noChromium})` : ''}`, () => {
  let folder: Awaited<ReturnType<typeof pairedProfile>>
  let server: WhatsAppServer
  let store: Store
  let connection: Connection | undefined
  beforeEach(async () => {
    folder ??= await pairedProfile()
    server = await WhatsAppServer.start({ session })
    store = Store.open(':memory:')
    migrate(store, 0)
  })
  afterEach(async () => {
    await connection?.stop().catch(() => {})
    connection = undefined
    expect(browsersOf(profileOf()), 'no browser is left').toEqual([])
    await server[Symbol.asyncDispose]()
    store.close()
  })
  afterAll(() => folder?.[Symbol.dispose]())

  const profileOf = () => join(folder.path, 'whatsapp', 'profile')
  const open = (settings: object = {}, clock: Clock = systemClock) =>
    new WhatsAppTransport({
      settings: whatsappSettings.parse({ ...server.settings, ...settings }),
      ...{ env: process.env, state: folder.path, store, clock, log: silentLog },
      serves: () => false,
    })
  const begin = async (transport = open()) => {
    connection = connect(transport, async () => {})
    connection.ended.catch(() => {})
    await eventually(() => expect(server.isConnected).toBe(true))
    const ready = () => expect(transport.send(part, never)).resolves.toBeDefined()
    const anna = server.person('Anna')
    const part = { id: '1', transport: 'whatsapp', room: anna.phone, text: 'Here.' }
    await vi.waitFor(ready, { timeout: 30_000, interval: 50 })
    return { transport, anna, ended: connection.ended }
  }
  const never = new AbortController().signal

  test('only its owner can see the login', async () => {
    expect(statSync(profileOf()).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder.path, 'whatsapp')).mode & 0o777).toBe(0o700)
  })

  test('a browser that is killed is a lost connection', async () => {
    const { ended } = await begin()
    for (const pid of browsersOf(profileOf())) process.kill(pid, 'SIGKILL')
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /browser.*has ended/ })
  })

  test('a page that is loaded anew is a lost connection, and what is being sent is in doubt', async () => {
    const { transport, anna, ended } = await begin()
    server.faults.push('no-ack')
    const part = { id: '2', transport: 'whatsapp', room: anna.phone, text: 'Lost?' }
    const sending = transport.send(part, never)
    const doubt = expect(sending).rejects.toMatchObject({ kind: 'unknown' })
    await eventually(() => expect(server.said(anna.phone)).toContain('Lost?'))
    server.tell({ event: 'reload' })
    await doubt
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /loaded anew/ })
    await expect(transport.send(part, never)).rejects.toMatchObject({ kind: 'transient' })
  })

  test('a page whose process crashes is a lost connection', async () => {
    const { ended } = await begin()
    const [browser = 0] = browsersOf(profileOf())
    for (const pid of renderersOf(browser)) process.kill(pid, 'SIGKILL')
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /page.*has crashed/ })
  })

  test('a browser that uses more memory than it may is ended, to be started anew', async () => {
    const clock = new FakeClock(Date.now())
    const { ended } = await begin(open({ memory_mb: 600 }, clock))
    server.tell({ event: 'fill', mb: 700 })
    const over = expect(ended).rejects.toMatchObject({ kind: 'lost', message: /used \d+ MB/ })
    let ticking = true
    const ticks = (async () => {
      for (; ticking; await pause(50)) clock.advance(30_000)
    })()
    await over
    ticking = false
    await ticks
  })

  test('a login that is over is put aside, never deleted, and a person is told what to do', async () => {
    const { ended } = await begin()
    server.logsOut()
    await expect(ended).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('huskies init whatsapp'),
    })
    const [aside = ''] = readdirSync(join(folder.path, 'whatsapp')).filter((name) =>
      name.startsWith('logged-out-'),
    )
    expect(existsSync(join(folder.path, 'whatsapp', aside, 'Default'))).toBe(true)
    expect(new Profile(folder.path, systemClock).account).toBeUndefined()
    connection = connect(open(), async () => {})
    await expect(connection.ended).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('not paired'),
    })
    folder[Symbol.dispose]()
    folder = await pairedProfile()
  })

  test('a login that another program uses is a conflict, and its browser is left alone', async () => {
    const { transport, anna } = await begin()
    const other = connect(open(), async () => {})
    await expect(other.ended).rejects.toMatchObject({ kind: 'conflict', message: /already serves/ })
    const part = { id: '3', transport: 'whatsapp', room: anna.phone, text: 'Still here.' }
    await transport.send(part, never)
    expect(server.said(anna.phone)).toContain('Still here.')
  })

  test('the account is paired by a code, too, and a wrong number is told', async () => {
    const state = join(folder.path, 'other')
    const shown: string[] = []
    const show = (text: string) => {
      shown.push(text)
      if (text.includes('ABCD-1234')) server.pairs('another-session')
    }
    const settings = whatsappSettings.parse({ ...server.settings, phone: '4915100000001' })
    const world = { state, env: process.env, show }
    expect(await checkWhatsApp(settings, world)).toBe('Huskies (+4915100000001)')
    expect(shown.join('\n')).toContain('Type the code ABCD-1234')
    const wrong = checkWhatsApp(
      { ...settings, phone: '4915199999999' },
      {
        ...world,
        state: join(folder.path, 'third'),
      },
    )
    await expect(wrong).rejects.toThrow('WhatsApp gives no code')
  })

  test('a browser that ends at once fails the connection, and nothing else', async () => {
    const browser = join(folder.path, 'broken')
    writeFileSync(browser, '#!/bin/sh\necho no display >&2\nexit 1\n', { mode: 0o755 })
    connection = connect(open({ browser }), async () => {})
    await expect(connection.ended).rejects.toMatchObject({
      kind: 'lost',
      message: /cannot be opened/,
    })
  })
})

/** The processes that show pages: those of the browser's group that say so. */
function renderersOf(browser: number): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!pid) return false
      try {
        const [, , group] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return Number(group) === browser && command.includes('--type=renderer')
      } catch {
        return false
      }
    })
}
