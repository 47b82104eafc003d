import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Synapse } from '../../support/synapse/synapse.ts'
import { Workplace } from '../../support/workplace.ts'
import { Element } from './element.ts'

const patience = { timeout: 60_000, interval: 100 }
const nobodyThere = 'http://127.0.0.1:9'

test('a newcomer is led to Matrix: what is wrong is said and asked again, the login is kept apart, and it works at once', async () => {
  const place = new Workplace({ desk: 'shop', project: 'shop' })
  place.makeRepository({})
  const server = await Synapse.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const account = await server.user('huskies')
  const bot = () => place.read('shop/.huskies/bot.toml')
  {
    await using asking = place.open(['init', 'matrix'])
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
  const secret = join(place.project, '.huskies/state/secrets/matrix-password')
  expect(statSync(secret).mode & 0o777).toBe(0o600)
  expect(bot()).not.toContain(account.password)

  const program = place.start(['start'])
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

  expect((await place.run(['doctor'])).output).toContain('✔ Matrix: the bot is @huskies')
  await server.pause()
  chmodSync(secret, 0o644)
  const sick = await place.run(['doctor'])
  expect(sick.output).toContain(`✖ Matrix: Others can read ${secret} too: run chmod 600 ${secret}.`)
})
