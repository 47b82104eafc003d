import fc from 'fast-check'
import { expect, test } from 'vitest'
import { whatFits } from '../../src/commands/operate.ts'
import { itemTypes } from '../../src/pipeline/item.ts'
import { openDesk } from './desk.ts'

const steps = fc.array(fc.nat(), { minLength: 1, maxLength: 8 })

test('whatever is named as fitting an item really fits it, wherever people have led it', async () => {
  const { say, pipeline } = openDesk()
  await say('story Another')
  const property = fc.asyncProperty(fc.constantFrom(...itemTypes), steps, async (type, choices) => {
    await say(`create ${type} One`)
    const id = pipeline.all().length
    for (const choice of choices) {
      const named = [...whatFits(pipeline.need(id)).matchAll(/`([^`]+)`/g)].map(([, usage = '']) =>
        usage.replace('REASON', 'because').replace(' M', ' 1'),
      )
      const command = named[choice % named.length] ?? ''
      const before = pipeline.need(id).stage
      const reply = await say(command)
      if (command.startsWith('delete')) {
        expect(reply).toContain(`Delete item ${id} for good`)
        await say('no')
      } else {
        expect(reply, command).toContain(`Item ${id} is `)
        expect(pipeline.need(id).stage, command).not.toEqual(before)
      }
    }
  })
  await fc.assert(property, { numRuns: 50 })
})
