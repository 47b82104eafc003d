import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempDisposableSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cleanEnvironment, run } from '../../support/program.ts'
import { ScreenOf } from '../../support/screen.ts'
import { SlackServer } from '../../support/slack/slack-server.ts'

const huskies = new URL('../../../bin/huskies.js', import.meta.url)

test('a newcomer is asked for both tokens of Slack, which are tried and kept apart; the doctor tries them too', async () => {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'setup-'))
  const server = await SlackServer.start()
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  const cwd = join(folder.path, 'shop')
  mkdirSync(cwd)
  const env = cleanEnvironment(folder.path)
  const git = (...args: string[]) => execFileSync('git', args, { cwd, env })
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Anna')
  git('config', 'user.email', 'anna@example.org')
  git('commit', '--quiet', '--allow-empty', '-m', 'First')
  {
    const args = ['init', 'slack', '--server', server.url]
    await using asking = new ScreenOf(huskies, { args, cwd, env, columns: 100, rows: 40 })
    await asking.shows(/token \(xoxb-\):/)
    asking.type(`${server.botToken}\r`)
    await asking.shows(/token \(xapp-\):/)
    asking.type('xapp-wrong\r')
    await asking.shows(/Slack does not accept the app token/)
    asking.type(`${server.botToken}\r`)
    await asking.shows(/Once more[\s\S]*token \(xapp-\):/)
    asking.type(`${server.appToken}\r`)
    await asking.shows(/Slack knows the bot as @huskies/)
    for (const secret of [server.botToken, server.appToken])
      expect(asking.raw).not.toContain(secret)
  }
  const secrets = join(cwd, '.huskies', 'state', 'secrets')
  const kept = join(secrets, 'slack-app-token')
  expect(readFileSync(kept, 'utf8').trim()).toBe(server.appToken)
  expect(statSync(kept).mode & 0o777).toBe(0o600)
  const { output } = await run(['doctor'], { cwd })
  expect(output).toContain('✔ Slack: the bot is @huskies')
  server.revoke()
  expect((await run(['doctor'], { cwd })).output).toContain(
    '✖ Slack: Slack does not accept the bot token',
  )
})
