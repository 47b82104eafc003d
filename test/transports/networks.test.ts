import { expect, test } from 'vitest'
import { botFile } from '../../src/transports/networks.ts'

const webhook = 'https://bot.example.org/telegram'

test.each([
  [{}, false],
  [{ port: 0 }, false],
  [{ port: 3000 }, true],
])('with a webhook, %o is a port that a proxy finds again: %s', (http, fits) => {
  const { success, error } = botFile.safeParse({ http, telegram: { webhook } })
  expect(success).toBe(fits)
  if (!fits) expect(error?.issues[0]).toMatchObject({ path: ['http', 'port'] })
  expect(botFile.safeParse({ http, telegram: {} }).success).toBe(true)
})

test.each(['matrix.org', 'ftp://matrix.org', undefined])(
  'the address of a Matrix server is one for browsers, and not %s',
  (homeserver) => {
    const { error } = botFile.safeParse({ matrix: { homeserver, token_file: 'token' } })
    expect(error?.issues[0]?.message).toContain('such as "https://matrix.org"')
  },
)
