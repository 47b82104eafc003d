import { expect, test } from 'vitest'
import { findBrowser, launchOptions } from '../../../src/transports/whatsapp/chromium.ts'
import {
  asFailure,
  asSendFailure,
  disconnection,
} from '../../../src/transports/whatsapp/failures.ts'
import { whatsappSettings } from '../../../src/transports/whatsapp/settings.ts'

const settings = (more: object) => whatsappSettings.parse({ sandbox: false, ...more })

test('a browser that is not there is told with what to do', () => {
  expect(() => findBrowser(settings({ browser: '/nowhere/chromium' }))).toThrow(
    'There is no /nowhere/chromium: set `browser` of [whatsapp] in bot.toml',
  )
})

test('the browser is told no secret of the environment, and reaches WhatsApp alone', () => {
  const { env, args, pipe } = launchOptions(settings({ browser: process.execPath }), '/p', {
    ...{ PATH: '/bin', SLACK_TOKEN: 'secret' },
  })
  expect(env).toMatchObject({ PATH: '/bin' })
  expect(JSON.stringify(env)).not.toContain('secret')
  expect(args.find((arg) => arg.startsWith('--host-resolver-rules'))).toContain('MAP * ~NOTFOUND')
  expect(pipe).toBe(true)
})

test('the sandbox is left out only where the settings say so', () => {
  const asked = launchOptions(settings({ browser: process.execPath }), '/p', {})
  expect(asked.args).toContain('--no-sandbox')
  const boxed = { browser: process.execPath, sandbox: true }
  if (process.getuid?.() === 0) expect(() => findBrowser(settings(boxed))).toThrow('as root')
  else expect(launchOptions(settings(boxed), '/p', {}).args).not.toContain('--no-sandbox')
})

test('a page is named by its version, and a number by its digits', () => {
  expect(whatsappSettings.safeParse({ page: '/a/index.html' }).success).toBe(false)
  expect(whatsappSettings.safeParse({ page: '/a/2.3000.1017.html' }).success).toBe(true)
  expect(whatsappSettings.safeParse({ phone: '+49 151' }).success).toBe(false)
})

test('each end of a connection has its kind, and a sentence', () => {
  expect(disconnection('LOGOUT')).toMatchObject({ kind: 'refused' })
  expect(disconnection('CONFLICT')).toMatchObject({ kind: 'conflict' })
  expect(disconnection('DEPRECATED_VERSION')).toMatchObject({ kind: 'lost' })
  // The library throws strings, too.
  expect(asFailure('auth timeout')).toMatchObject({
    ...{ kind: 'lost', message: 'WhatsApp Web cannot be opened (auth timeout).' },
  })
})

test('a machine without a way to WhatsApp is told so', () => {
  const error = new Error('net::ERR_NAME_NOT_RESOLVED at https://web.whatsapp.com/')
  expect(asFailure(error)).toMatchObject({
    kind: 'lost',
    message:
      'WhatsApp Web cannot be reached (net::ERR_NAME_NOT_RESOLVED): is this machine on the internet?',
  })
})

test('what was handed to the page is in doubt, unless the page says that there is no such chat', () => {
  expect(asSendFailure(new Error('Execution context was destroyed'))).toMatchObject({
    kind: 'unknown',
  })
  expect(asSendFailure(new Error('No LID for user'))).toMatchObject({ kind: 'gone' })
})
