import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { checkWhatsApp } from '../../../src/transports/whatsapp/check.ts'
import { browsersOf } from '../../../src/transports/whatsapp/leftovers.ts'
import { Profile } from '../../../src/transports/whatsapp/profile.ts'
import { whatsappSettings } from '../../../src/transports/whatsapp/settings.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { pairedProfile } from '../../support/whatsapp/paired-profile.ts'
import { never, openBot } from './bot-under-test.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 30_000, interval: 10 })

describe.skipIf(noChromium)(`in a real Chromium${noChromium ? ` (${noChromium})` : ''}`, () => {
  let folder: Awaited<ReturnType<typeof pairedProfile>>
  beforeAll(async () => {
    folder = await pairedProfile()
  })
  afterAll(() => folder[Symbol.dispose]())

  test('only its owner can see the login', () => {
    expect(statSync(join(folder.path, 'whatsapp')).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder.path, 'whatsapp', 'profile')).mode & 0o777).toBe(0o700)
  })

  test('a browser that is killed is a lost connection', async () => {
    await using bot = await openBot(folder.path)
    const { ended } = await bot.connected()
    for (const pid of browsersOf(bot.profile)) process.kill(pid, 'SIGKILL')
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /browser.*has ended/ })
  })

  test('a browser that is killed in the middle of what was missed is a lost connection, too', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, received, profile } = bot
    const { stop } = await bot.connected()
    await stop()
    for (let number = 0; number < 100; number += 1) server.says(anna, anna.phone, `${number}`)
    const { ended } = bot.connecting()
    await eventually(() => expect(received.length).toBeGreaterThan(0))
    for (const pid of browsersOf(profile)) process.kill(pid, 'SIGKILL')
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /browser.*has ended/ })
    expect(received.length).toBeLessThan(100)
  })

  test('a login that a browser on another host had open is opened, as in a new container', async () => {
    await using bot = await openBot(folder.path)
    const lock = join(bot.profile, 'SingletonLock')
    rmSync(lock, { force: true })
    symlinkSync('another-host-77', lock)
    const { stop } = await bot.connected()
    await stop()
  })

  test('a page that is loaded anew is a lost connection, and what is being sent is in doubt', async () => {
    await using bot = await openBot(folder.path)
    const { server, anna, part } = bot
    const { transport, ended } = await bot.connected()
    server.faults.push('no-ack')
    const doubt = expect(transport.send(part('Lost?'), never)).rejects.toMatchObject({
      kind: 'unknown',
    })
    await eventually(() => expect(server.said(anna.phone)).toContain('Lost?'))
    server.tell({ event: 'reload' })
    await doubt
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /loaded anew/ })
    await expect(transport.send(part('Later.'), never)).rejects.toMatchObject({ kind: 'transient' })
  })

  test('a page whose process crashes is a lost connection', async () => {
    await using bot = await openBot(folder.path)
    const { ended } = await bot.connected()
    const [browser = 0] = browsersOf(bot.profile)
    for (const pid of renderersOf(browser)) process.kill(pid, 'SIGKILL')
    await expect(ended).rejects.toMatchObject({ kind: 'lost', message: /page.*has crashed/ })
  })

  test('a browser that uses more memory than it may is ended, to be started anew', async () => {
    await using bot = await openBot(folder.path)
    const clock = new FakeClock(Date.now())
    const { ended } = await bot.connected(bot.open({ memory_mb: 600 }, clock))
    bot.server.tell({ event: 'fill', mb: 700 })
    const over = expect(ended).rejects.toMatchObject({ kind: 'lost', message: /used \d+ MB/ })
    await runningOn(clock, over)
  })

  test('a login that another program uses is a conflict, and its browser is left alone', async () => {
    await using bot = await openBot(folder.path)
    const { transport } = await bot.connected()
    const other = bot.connecting()
    await expect(other.ended).rejects.toMatchObject({ kind: 'conflict', message: /already serves/ })
    await transport.send(bot.part('Still here.'), never)
    expect(bot.server.said(bot.anna.phone)).toContain('Still here.')
  })

  test('the account is paired by a code, too, and a wrong number is told', async () => {
    await using bot = await openBot(folder.path)
    const { server } = bot
    const shown: string[] = []
    const show = (text: string) => {
      shown.push(text)
      if (text.includes('ABCD-1234')) server.pairs('another-session')
    }
    const settings = whatsappSettings.parse({ ...server.settings, phone: '4915100000001' })
    const world = { state: join(folder.path, 'other'), env: process.env, show }
    expect(await checkWhatsApp(settings, world)).toBe('Huskies (+4915100000001)')
    expect(shown.join('\n')).toContain('Type the code ABCD-1234')
    const wrong = { ...settings, phone: '4915199999999' }
    const elsewhere = { ...world, state: join(folder.path, 'third') }
    await expect(checkWhatsApp(wrong, elsewhere)).rejects.toThrow('WhatsApp gives no code')
  })

  test('a browser that ends at once fails the connection, and nothing else', async () => {
    await using bot = await openBot(folder.path)
    const browser = join(folder.path, 'broken')
    writeFileSync(browser, '#!/bin/sh\necho no display >&2\nexit 1\n', { mode: 0o755 })
    await expect(bot.connecting(bot.open({ browser })).ended).rejects.toMatchObject({
      ...{ kind: 'lost', message: /cannot be opened/ },
    })
  })

  test('a login that ended in an absence is told, and nobody is said to be logged in', async () => {
    await using bot = await openBot(folder.path)
    const { stop } = await bot.connected()
    await stop()
    const state = new Profile(folder.path, systemClock)
    expect(state.account).toMatchObject({ name: 'Huskies' })
    const { account } = state
    bot.server.forgets()
    await expect(bot.connecting().ended).rejects.toMatchObject({
      ...{ kind: 'refused', message: /huskies init whatsapp/ },
    })
    expect(state.account).toBeUndefined()
    if (account) state.keep(account)
  })

  test('a page that was in step before anybody listened is ready all the same', async () => {
    await using bot = await openBot(folder.path)
    bot.server.faults.push('early-sync')
    const { ended, stop } = bot.connecting()
    bot.server.says(bot.anna, bot.anna.phone, 'status')
    await eventually(() => expect(bot.received).toHaveLength(1))
    await stop()
    await ended
  })

  test('a page that does not become ready is given up after its time, and it is told how far it came', async () => {
    await using bot = await openBot(folder.path)
    bot.server.faults.push('no-sync')
    const clock = new FakeClock(Date.now())
    const { ended } = bot.connecting(bot.open({}, clock))
    await eventually(() => expect(bot.server.isConnected).toBe(true))
    const over = expect(ended).rejects.toMatchObject({
      ...{ kind: 'lost', message: /^WhatsApp Web was not ready after 90 seconds: it/ },
    })
    await runningOn(clock, over)
  })

  test('a browser that is killed while the page is loaded anew, and not yet ready, fails nothing else', async () => {
    await using bot = await openBot(folder.path)
    bot.server.faults.push('no-sync')
    const { ended } = bot.connecting()
    await eventually(() => expect(bot.server.isConnected).toBe(true))
    await pause(500)
    bot.server.tell({ event: 'reload' })
    await eventually(() => expect(bot.server.pages).toBe(2))
    for (const pid of browsersOf(bot.profile)) process.kill(pid, 'SIGKILL')
    await expect(ended).rejects.toMatchObject({ kind: 'lost' })
  })

  test('a login that is over is put aside, never deleted, and a person is told what to do', async () => {
    await using bot = await openBot(folder.path)
    const { ended } = await bot.connected()
    bot.server.logsOut()
    const advice = { kind: 'refused', message: /huskies init whatsapp/ }
    await expect(ended).rejects.toMatchObject(advice)
    const home = join(folder.path, 'whatsapp')
    const [aside = ''] = readdirSync(home).filter((name) => name.startsWith('logged-out-'))
    expect(existsSync(join(home, aside, 'Default'))).toBe(true)
    expect(new Profile(folder.path, systemClock).account).toBeUndefined()
    await expect(bot.connecting().ended).rejects.toMatchObject(advice)
  })
})

/** Lets the time run on, half a minute every moment, until that has happened. */
async function runningOn(clock: FakeClock, event: Promise<void>): Promise<void> {
  let isOver = false
  const over = event.finally(() => {
    isOver = true
  })
  for (; !isOver; await pause(50)) clock.advance(30_000)
  await over
}

/** The processes that show pages: those of the browser's group that say so. */
function renderersOf(browser: number): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return Number(fields.split(' ')[2]) === browser && command.includes('--type=renderer')
    } catch {
      return false
    }
  })
}
