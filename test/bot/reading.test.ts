import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { body, itemNumber, itemNumbers, option, positional, rest } from '../../src/bot/arguments.ts'
import { type CommandInput, defineCommand } from '../../src/bot/command.ts'
import { parse } from '../../src/bot/parser.ts'
import { Reading } from '../../src/bot/reading.ts'
import { usageOf } from '../../src/bot/usage.ts'

const commandWith = (name: string, input: CommandInput) =>
  defineCommand({
    name,
    group: 'items',
    summary: 'Do it',
    role: 'viewer',
    input,
    run: { change: () => '' },
  })

const create = commandWith(
  'create',
  z.object({
    type: z.enum(['story', 'bug']),
    depends: option(itemNumbers).optional(),
    priority: option(z.enum(['low', 'high'])).optional(),
    title: rest(z.string().min(1)),
    body: body(z.string()).optional(),
  }),
)
const start = commandWith(
  'start',
  z.object({ item: itemNumber, agent: positional(z.string()).optional() }),
)
const reject = commandWith(
  'reject',
  z.object({
    item: itemNumber,
    reason: rest(z.string()),
    close: option(z.boolean()).default(false),
  }),
)
const depends = commandWith(
  'depends',
  z.object({ item: itemNumber, on: rest(itemNumbers).optional() }),
)

function read(command: typeof create, text: string) {
  const call = parse(text)
  if (!call) throw new Error('There is no word in it.')
  return new Reading(command).read(call)
}

describe('arguments', () => {
  test('are taken by position, with the rest of the line and the further lines', () => {
    expect(read(create, 'create story Add a "fancy" greeting\nline 1\nline 2')).toEqual({
      type: 'story',
      title: 'Add a "fancy" greeting',
      body: 'line 1\nline 2',
    })
  })

  test('an item number is typed 12 or #12', () => {
    expect(read(start, 'start 12')).toEqual({ item: 12 })
    expect(read(start, 'start #12 coder-1')).toEqual({ item: 12, agent: 'coder-1' })
  })

  test('a list of numbers is typed with commas, blanks or both', () => {
    expect(read(depends, 'depends 5 3,#4')).toEqual({ item: 5, on: [3, 4] })
    expect(read(depends, 'depends 5 3, 4 7')).toEqual({ item: 5, on: [3, 4, 7] })
    expect(read(depends, 'depends 5')).toEqual({ item: 5 })
  })

  test('words of an enumeration may be typed in capitals', () => {
    expect(read(create, 'create BUG It fails')).toMatchObject({ type: 'bug' })
  })

  test('a rest that is one quoted text loses its quotes', () => {
    expect(read(create, 'create bug "It fails"')).toMatchObject({ title: 'It fails' })
  })

  test('further lines belong to the rest where there is no body', () => {
    expect(read(reject, 'reject 3 too slow\nand too long')).toMatchObject({
      reason: 'too slow\nand too long',
    })
  })

  test('a URL stays whole', () => {
    expect(read(create, 'create bug See https://example.test/?a="b c"#3')).toMatchObject({
      title: 'See https://example.test/?a="b c"#3',
    })
  })
})

describe('options', () => {
  test('are given by name before the rest, with or without dashes', () => {
    const wanted = { type: 'story', depends: [3, 4], priority: 'high', title: 'Add it' }
    expect(read(create, 'create story depends 3,4 priority high Add it')).toEqual(wanted)
    expect(read(create, 'create --priority high story --depends 3,4 Add it')).toEqual(wanted)
  })

  test('L51: text that merely looks like an option stays text', () => {
    expect(read(create, 'create story priority queue')).toEqual({
      type: 'story',
      title: 'priority queue',
    })
    expect(read(create, 'create story Sort by priority high to low')).toEqual({
      type: 'story',
      title: 'Sort by priority high to low',
    })
    expect(read(create, 'create story "priority high first"')).toEqual({
      type: 'story',
      title: 'priority high first',
    })
    expect(read(create, 'create story It fails\npriority high')).toEqual({
      type: 'story',
      title: 'It fails',
      body: 'priority high',
    })
  })

  test('a flag is given with dashes, anywhere in the line', () => {
    const wanted = { item: 3, reason: 'too slow', close: true }
    expect(read(reject, 'reject 3 too slow --close')).toEqual(wanted)
    expect(read(reject, 'reject 3 --close too slow')).toEqual(wanted)
    expect(read(reject, 'reject 3 too slow, close it')).toMatchObject({ close: false })
  })
})

describe('bad input gets one sentence with the argument, what was expected, and the usage', () => {
  const refusal = (command: typeof create, text: string) => {
    try {
      read(command, text)
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-arguments' })
      return error instanceof Error ? error.message : ''
    }
    throw new Error('It was not refused.')
  }

  test('a missing argument', () => {
    expect(refusal(start, 'start')).toBe(
      '`start` needs N, an item number such as 12 or #12; usage: `start N [agent]`.',
    )
    expect(refusal(create, 'create story')).toMatch(/^`create` needs title; usage: /)
  })

  test('a wrong one', () => {
    expect(refusal(start, 'start twelve')).toBe(
      'N must be an item number such as 12 or #12, not "twelve"; usage: `start N [agent]`.',
    )
    expect(refusal(start, 'start 0')).toMatch(/^N must be an item number/)
    expect(refusal(create, 'create tale Once')).toMatch(
      /^type must be one of story, bug, not "tale"/,
    )
    expect(refusal(depends, 'depends 5 three')).toMatch(
      /^N,N must be item numbers such as 3,4, not/,
    )
  })

  test('one too many', () => {
    expect(refusal(start, 'start 12 coder-1 now please')).toBe(
      '`start` does not know what to do with "now please"; usage: `start N [agent]`.',
    )
  })
})

test('the usage line is made from the schema', () => {
  expect(usageOf(create)).toBe('create story|bug [depends N,N] [priority low|high] TITLE')
  expect(usageOf(reject)).toBe('reject N [--close] REASON')
  expect(usageOf(depends)).toBe('depends N [N,N]')
})
