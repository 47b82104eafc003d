import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blankSecrets } from '../../src/kernel/secrets.ts'

const secret = 'Zq9xK2mW7vT4bN8cR1yL5dF3'

test.each([
  `curl -H "Authorization: Bearer ${secret}" https://example.org`,
  `curl -H 'authorization: token ${secret}'`,
  `git clone https://anna:${secret}@example.org/shop.git`,
  `deploy --password ${secret}`,
  `deploy --api-key=${secret}`,
  `GITHUB_TOKEN=${secret} npm publish`,
  `export AWS_SECRET_ACCESS_KEY="${secret}"`,
  `{"apiKey": "${secret}", "name": "shop"}`,
  `client_secret: ${secret}`,
  `sk-ant-${secret}`,
  `ghp_${secret}`,
  `xoxb-${secret}`,
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----`,
])('a secret is blanked, and what stands around it stays: %s', (text) => {
  const shown = blankSecrets(text)
  expect(shown).not.toContain(secret)
  expect(shown).toContain('[secret]')
  const [first] = text.split(/[\s=:-]/)
  if (!text.startsWith('-') && !/^(sk|ghp|xoxb)/.test(text)) expect(shown).toContain(first ?? '')
})

test('what is none is left as it is', () => {
  for (const text of [
    'npm test -- --reporter dot',
    'git log --oneline | head -5',
    'cat src/tokens.ts && sed -n 1,5p password-form.tsx',
    'https://example.org/a:b@c',
  ])
    expect(blankSecrets(text)).toBe(text)
})

test('a secret with a name never shows, whatever stands around it', () => {
  const around = fc.string({
    unit: fc.constantFrom('a', ' ', '=', ':', '"', '-', 'token', '\n', '/', '@', ','),
  })
  fc.assert(
    fc.property(around, around, (before, after) => {
      expect(blankSecrets(`${before} TOKEN=${secret} ${after}`)).not.toContain(secret)
    }),
  )
})

test('no text keeps us busy', () => {
  const long = ['token', 'a-', 'a://', 'eyJ-', 'token="', '--token', '-----BEGIN PRIVATE KEY-----']
  const began = performance.now()
  for (const piece of long) blankSecrets(piece.repeat(100_000 / piece.length))
  expect(performance.now() - began).toBeLessThan(2_000)
})
