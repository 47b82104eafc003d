import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { body, itemNumber, itemNumbers, option, positional, rest } from '../../src/bot/arguments.ts'
import { type Command, defineCommand } from '../../src/bot/command.ts'
import { parse } from '../../src/bot/parser.ts'
import { Registry } from '../../src/bot/registry.ts'
import { spoken } from '../../src/bot/spoken.ts'
import { openDesk } from '../commands/desk.ts'

test('what every example of every command means can be said, and is read as the same', () => {
  const { commands } = openDesk()
  const registry = new Registry(commands)
  const readAgain = (text: string) => {
    const call = parse(text)
    const known = call && registry.find(call.name)
    return known && { command: known.command, input: known.read(call) }
  }
  for (const example of commands.flatMap(({ examples = [] }) => examples)) {
    const meant = readAgain(example)
    expect(meant, example).toBeDefined()
    if (meant) expect(readAgain(spoken(meant.command, meant.input)), example).toEqual(meant)
  }
})

test('a call says what its values are, whatever they are', () => {
  const command: Command = defineCommand({
    name: 'do',
    group: 'items',
    summary: 'Do it',
    role: 'viewer',
    input: z.object({
      item: itemNumber,
      agent: positional(z.string()),
      depends: option(itemNumbers).optional(),
      close: option(z.boolean()).optional(),
      title: rest(z.string()),
      text: body(z.string()).optional(),
    }),
    run: { change: () => '' },
  })
  const registry = new Registry([command])
  const word = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8})?$/)
  const line = fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z]$/)
  const values = fc.record(
    {
      item: fc.integer({ min: 1, max: 999 }),
      agent: word,
      depends: fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 3 }),
      close: fc.constant(true),
      title: line.filter((text) => !/^(depends|close)\b/.test(text)),
      text: fc.stringMatching(/^[a-z]([a-z \n]{0,30}[a-z])?$/),
    },
    { requiredKeys: ['item', 'agent', 'title'] },
  )
  fc.assert(
    fc.property(values, (input) => {
      const call = parse(spoken(command, input))
      expect(call && registry.find(call.name)?.read(call)).toEqual(input)
    }),
  )
})
