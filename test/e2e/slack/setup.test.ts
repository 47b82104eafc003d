import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SlackServer } from '../../support/slack/slack-server.ts'
import { Workplace } from '../../support/workplace.ts'

test('a newcomer is asked for both tokens of Slack, which are tried and kept apart; the doctor tries them too', async () => {
  const place = new Workplace({ desk: 'shop', project: 'shop' })
  place.makeRepository({})
  const server = await SlackServer.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  {
    await using asking = place.open(['init', 'slack', '--server', server.url])
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
  const kept = join(place.project, '.huskies/state/secrets/slack-app-token')
  expect(readFileSync(kept, 'utf8').trim()).toBe(server.appToken)
  expect(statSync(kept).mode & 0o777).toBe(0o600)
  const { output } = await place.run(['doctor'])
  expect(output).toContain('✔ Slack: the bot is @huskies')
  server.revoke()
  expect((await place.run(['doctor'])).output).toContain(
    '✖ Slack: Slack does not accept the bot token',
  )
})
