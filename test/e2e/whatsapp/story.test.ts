import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { makeSample } from '../../../src/projects/sample.ts'
import { browsersOf } from '../../../src/transports/whatsapp/leftovers.ts'
import { cleanEnvironment, Program, run } from '../../support/program.ts'
import { ScreenOf } from '../../support/screen.ts'
import { seeded } from '../../support/seeded.ts'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { WhatsAppServer } from '../../support/whatsapp/whatsapp-server.ts'

const huskies = new URL('../../../bin/huskies.js', import.meta.url)
const kills = Number(process.env.HUSKIES_KILLS ?? 4)
const seed = Number(process.env.SEED ?? 2026)
const eventually = (look: () => void) => vi.waitFor(look, { timeout: 60_000, interval: 20 })

/** A project whose bot is on WhatsApp, and is not paired yet. */
async function begin() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'whatsapp-'))
  const server = await WhatsAppServer.start()
  const anna = server.person('Anna')
  const root = join(folder.path, 'project')
  const env = cleanEnvironment(folder.path)
  await makeSample(root, env)
  const { browser, page, sandbox } = server.settings
  writeFileSync(
    join(root, '.huskies', 'bot.toml'),
    `[access]
admins = ["whatsapp:${anna.lid}"]

[whatsapp]
browser = "${browser}"
page = "${page}"
sandbox = ${sandbox}
`,
  )
  const profile = join(root, '.huskies', 'state', 'whatsapp', 'profile')
  const world = {
    program: undefined as Program | undefined,
    start: () => {
      world.program = new Program(['start'], { cwd: root })
      return world.program
    },
  }
  const screen = () =>
    new ScreenOf(huskies, { args: ['init', 'whatsapp'], cwd: root, env, columns: 100, rows: 50 })
  return {
    ...{ server, anna, root, profile, world, screen },
    async pair() {
      await using asking = screen()
      await asking.shows(/Scan this/)
      server.pairs()
      await asking.shows(/WhatsApp knows the bot as Huskies \(\+4915100000001\)/)
    },
    async [Symbol.asyncDispose]() {
      world.program?.child.kill('SIGTERM')
      await world.program?.ended
      await eventually(() => expect(browsersOf(profile), 'no browser is left').toEqual([]))
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

function logOf(root: string): string {
  const log = readFileSync(join(root, '.huskies', 'state', 'huskies.log'), 'utf8')
  return log.trim().split('\n').slice(-3).join('\n')
}

describe.skipIf(noChromium)(`in a real Chromium${noChromium ? ` (${noChromium})` : ''}`, () => {
  test('a person pairs the bot, makes an item, sees it land, and answers a question by its number', async () => {
    await using story = await begin()
    const { server, anna, root, pair, world } = story
    expect((await run(['doctor'], { cwd: root })).output).toContain(
      '✖ WhatsApp: WhatsApp is not paired with this machine: run huskies init whatsapp',
    )
    await pair()
    expect((await run(['doctor'], { cwd: root })).output).toContain(
      '✔ WhatsApp: the bot is Huskies (+4915100000001)',
    )
    world.start()
    await eventually(() => expect(server.isConnected).toBe(true))
    const chat = anna.phone
    const last = () => server.said(chat).at(-1)
    server.says(anna, chat, 'story Add a greeting')
    await eventually(() => expect(last()).toContain('Item 1 is in the backlog'))
    server.says(anna, chat, 'when 1 done: status 1')
    server.says(anna, chat, 'start 1')
    await eventually(() => expect(last()).toMatch(/^#1 Add a greeting.*done/s))
    server.says(anna, chat, 'story Add a farewell')
    await eventually(() => expect(last()).toContain('Item 2 is in the backlog'))
    server.says(anna, chat, 'delete 2')
    await eventually(() => expect(last()).toMatch(/2\. No\s+Answer with a number\.$/))
    server.says(anna, chat, '1')
    await eventually(() => expect(last()).toMatch(/Item 2 .*deleted|deleted.*2/i))
    // The allow list names her otherwise than WhatsApp does here, and in a group it is the other way round.
    const team = server.group()
    server.says(anna, team, 'status', { mentions: [server.me], as: 'lid' })
    await eventually(() => expect(server.said(team).at(-1)).toMatch(/Add a greeting|done/))
    const log = readFileSync(join(root, '.huskies', 'state', 'huskies.log'), 'utf8')
    expect(log).not.toContain('ref-1')
  })

  test(
    `L59: ${kills} kills lose nothing that is said on WhatsApp, flag what is in doubt, and leave no browser`,
    async () => {
      await using story = await begin()
      const { server, anna, root, pair, world, profile } = story
      await pair()
      const chance = seeded(seed)
      const chat = anna.phone
      const isDoubt = (text: string) => text.includes('may or may not have arrived')
      const doubts = () => server.said(chat).filter(isDoubt)
      // What is told of a doubt names what it is about.
      const answers = () =>
        server.said(chat).filter((text) => text.includes('is in the backlog') && !isDoubt(text))
      const connected = () => eventually(() => expect(server.isConnected, logOf(root)).toBe(true))
      let longestMs = 0
      world.start()
      for (let round = 1; round <= kills; round += 1) {
        const started = performance.now()
        await connected()
        longestMs = Math.max(longestMs, performance.now() - started)
        // The message is taken, and nobody is told so.
        if (chance() < 0.5) server.faults = ['no-ack']
        server.says(anna, chat, `story Round ${round}`)
        await pause(chance() * 1500)
        // A browser that does not even notice that its program is gone.
        const browsers = browsersOf(profile)
        if (chance() < 0.5) for (const pid of browsers) process.kill(pid, 'SIGSTOP')
        world.program?.child.kill('SIGKILL')
        await world.program?.ended
        server.faults = []
        server.says(anna, chat, `story Away ${round}`)
        world.start()
        await eventually(() => {
          const left = browsersOf(profile).filter((pid) => browsers.includes(pid))
          expect(left, 'the browser before is ended').toEqual([])
        })
      }
      await connected()
      const said = 2 * kills
      server.says(anna, chat, 'story Last')
      // Its number tells that each was taken, and none twice.
      const last = `Item ${said + 1} is in the backlog`
      // The bot takes its time to say what it owes: a message a second, thirty a minute.
      for (let heard = -1; !answers().at(-1)?.includes(last); ) {
        await eventually(() => expect(answers().length, logOf(root)).toBeGreaterThan(heard))
        heard = answers().length
      }
      const items = answers().map((text) => /Item (\d+)/.exec(text)?.[1])
      process.stdout.write(
        `seed ${seed}: ${kills} kills, ${said} said, 0 lost, ${items.length - 1} answered, ${doubts().length} in doubt and told; connected again after ${Math.round(longestMs)} ms at most\n`,
      )
      expect(new Set(items).size, 'no answer is seen twice').toBe(items.length)
      expect(items.length + doubts().length).toBeGreaterThanOrEqual(said + 1)
    },
    240_000 + kills * 10_000,
  )
})
