import { expect, test } from 'vitest'
import { degrade } from '../../src/transports/degrade.ts'

const message = {
  ...{ transport: 'net', room: 'room', id: '1', text: 'Decide with `approve 3`.' },
  choices: [{ label: 'Approve 3' }],
}
const network = { files: 'none', longestText: 1000 } as const

test('choices that the text names stand below it as buttons, and nowhere where there are none', () => {
  const named = { ...message, choicesSpelled: true }
  const [buttons] = degrade(named, { ...network, choices: 'full' })
  expect(buttons).toMatchObject({ choices: message.choices, choicesSpelled: true })
  const [plain] = degrade(named, { ...network, choices: 'partial' })
  expect(plain?.text).toBe(message.text)
  expect(plain).not.toHaveProperty('choices')
})

test('choices that it does not name are numbered where there are no buttons', () => {
  const [plain] = degrade(message, { ...network, choices: 'partial' })
  expect(plain?.text).toContain('1. Approve 3')
})
