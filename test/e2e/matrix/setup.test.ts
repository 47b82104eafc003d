import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempDisposableSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cleanEnvironment, Program, run } from '../../support/program.ts'
import { ScreenOf } from '../../support/screen.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { Element } from './element.ts'

const huskies = new URL('../../../bin/huskies.js', import.meta.url)
const patience = { timeout: 60_000, interval: 100 }
const nobodyThere = 'http://127.0.0.1:9'

test('a newcomer is led to Matrix: what is wrong is said and asked again, the login is kept apart, and it works at once', async () => {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'setup-'))
  onTestFinished(() => folder[Symbol.dispose]())
  const server = await Synapse.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const account = await server.user('huskies')
  const cwd = join(folder.path, 'shop')
  mkdirSync(cwd)
  const env = cleanEnvironment(folder.path)
  const git = (...args: string[]) => execFileSync('git', args, { cwd, env })
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Anna')
  git('config', 'user.email', 'anna@example.org')
  git('commit', '--quiet', '--allow-empty', '-m', 'First')
  const bot = () => readFileSync(join(cwd, '.huskies', 'bot.toml'), 'utf8')
  {
    const args = ['init', 'matrix']
    await using asking = new ScreenOf(huskies, { args, cwd, env, columns: 100, rows: 60 })
    const answer = async (homeserver: string, user: string, password: string) => {
      await asking.shows(/The address of its server[^\n]*:\s*$/)
      asking.type(`${homeserver}\r`)
      await asking.shows(/The name of the account:\s*$/)
      asking.type(`${user}\r`)
      await asking.shows(/Its password:\s*$/)
      asking.type(`${password}\r`)
    }
    await answer('matrix.org', 'huskies', 'x')
    await asking.shows(/homeserver[\s\S]*Once more, then/)
    await answer(nobodyThere, 'huskies', 'x')
    await asking.shows(/127\.0\.0\.1:9 cannot be reached/)
    await answer(server.url, 'huskies', 'wrong')
    await asking.shows(/does not accept the bot's\s+login/)
    expect(bot()).not.toMatch(/^\[matrix\]/m)
    await answer(server.url, 'huskies', account.password)
    await asking.shows(/Matrix knows the bot as @huskies:localhost/)
    expect(asking.raw).not.toContain(account.password)
    expect(asking.raw).not.toMatch(/M_FORBIDDEN|Client|Error/)
  }
  const secret = join(cwd, '.huskies', 'state', 'secrets', 'matrix-password')
  expect(statSync(secret).mode & 0o777).toBe(0o600)
  expect(bot()).not.toContain(account.password)

  const program = new Program(['start'], { cwd, env })
  // People's programs make encrypted rooms where they are not told otherwise.
  await using element = await Element.open(server, await server.user('ann'))
  const room = await element.makeRoom([account.id])
  const last = () => element.seen.findLast(({ sender }) => sender === account.id)?.body ?? ''
  await expect.poll(last, patience).toContain('Your code is')
  const [, code] = /admit ([\w-]+)/.exec(last()) ?? []
  program.say(`admit ${code} admin`)
  await expect.poll(last, patience).toContain('You are let in')
  await element.says(room, 'whoami')
  await expect.poll(last, patience).toContain('with the role admin')
  program.child.kill('SIGTERM')
  await program.ended

  expect((await run(['doctor'], { cwd, env })).output).toContain('✔ Matrix: the bot is @huskies')
  await server.pause()
  chmodSync(secret, 0o644)
  const sick = await run(['doctor'], { cwd, env })
  expect(sick.output).toContain(`✖ Matrix: Others can read ${secret} too: run chmod 600 ${secret}.`)
})
