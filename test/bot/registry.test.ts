import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { option, positional, rest } from '../../src/bot/arguments.ts'
import { type Command, defineCommand } from '../../src/bot/command.ts'
import { helpList, helpOf } from '../../src/bot/help.ts'
import { Registry } from '../../src/bot/registry.ts'

const command = (name: string, more: Partial<Command> = {}): Command => ({
  ...defineCommand({
    name,
    group: 'look',
    summary: `Does ${name}`,
    role: 'viewer',
    input: z.object({}),
    run: { change: () => name },
  }),
  ...more,
})

describe('Registry', () => {
  const registry = new Registry([command('status', { aliases: ['triage'] }), command('stop')])

  test('finds a command by name and alias, in upper or lower case', () => {
    expect(registry.find('STATUS')?.command.name).toBe('status')
    expect(registry.find('Triage')?.command.name).toBe('status')
    expect(registry.find('constructor')).toBeUndefined()
  })

  test('names the nearest command, if it is near enough', () => {
    expect(registry.nearest('statsu', 2)).toBe('status')
    expect(registry.nearest('sttaus', 1)).toBe('status')
    expect(registry.nearest('statsus', 1)).toBe('status')
    expect(registry.nearest('sttasu', 1)).toBeUndefined()
    expect(registry.nearest('hello', 2)).toBeUndefined()
    expect(new Registry([command('start'), command('status')]).nearest('stauts', 2)).toBe('status')
  })

  test('refuses two commands with one name', () => {
    expect(() => new Registry([command('a'), command('b', { aliases: ['a'] })])).toThrow('"a"')
  })
})

describe('help', () => {
  const commands = [
    command('status'),
    command('delete', {
      group: 'items',
      role: 'admin',
      aliases: ['remove'],
      summary: 'Delete an item',
      examples: ['delete 3'],
      input: z.object({
        item: positional(z.number().describe('Which one'), { called: 'N' }),
        force: option(z.boolean()).optional(),
        reason: rest(z.string()).optional(),
      }),
    }),
  ]

  test('lists what the role may do, a line each, under headings', () => {
    expect(helpList(commands, 'viewer')).toBe(
      '**Looking**\n- `status` Does status\n\nType `help COMMAND` for the whole of one.',
    )
    expect(helpList(commands, 'admin')).toMatch(
      /^\*\*Work items\*\*\n- `delete N \[reason\]` Delete an item\n\n\*\*Looking\*\*/,
    )
  })

  test('tells the whole of one command', () => {
    expect(commands[1] && helpOf(commands[1])).toBe(
      [
        '`delete N [--force] [reason]`',
        'Delete an item.',
        '- `N` Which one: a number\n- `[--force]`\n- `[reason]`',
        'Also: `remove`.',
        'For example:\n```\ndelete 3\n```',
      ].join('\n\n'),
    )
  })
})
