import { describe, expect, test } from 'vitest'
import { NamePrefix, parse, wordsOf } from '../../src/bot/parser.ts'

describe('parse', () => {
  test('takes the first word, the rest of its line, and the further lines', () => {
    expect(parse('Story Add a greeting \nIn English.\n\n- [ ] polite\n')).toEqual({
      name: 'story',
      line: 'Add a greeting',
      body: 'In English.\n\n- [ ] polite',
    })
  })

  test('takes a command without arguments, and one with a slash', () => {
    expect(parse('  /STATUS')).toEqual({ name: 'status', line: '', body: '' })
    expect(parse('help')).toEqual({ name: 'help', line: '', body: '' })
    expect(parse('edit\nbody only')).toEqual({ name: 'edit', line: '', body: 'body only' })
  })

  test('finds nothing in what has no word', () => {
    expect(parse(' \n ')).toBeUndefined()
  })
})

describe('wordsOf', () => {
  const texts = (line: string) => wordsOf(line).map(({ text }) => text)

  test('groups words by quotes, straight or curly', () => {
    expect(texts(`a "b c" 'd e' “f g” ""`)).toEqual(['a', 'b c', 'd e', 'f g', ''])
  })

  test('leaves an apostrophe and an open quote where they are', () => {
    expect(texts(`don't say "never`)).toEqual([`don't`, 'say', '"never'])
  })

  test('keeps a URL whole', () => {
    const url = `https://example.test/a?q="x"&y='1'#part-2`
    expect(texts(`see ${url} now`)).toEqual(['see', url, 'now'])
  })
})

describe('L57: the bot is found by its name whatever stands around it', () => {
  const names = new NamePrefix(['🐺 Huskies', '@bot:example.test'])

  test.each([
    'huskies status',
    'Huskies: status',
    '@Huskies, status',
    '🐺 Huskies status',
    'Huskies 🐺: status',
    'HUSKIES 🐺 — 🎉 status',
    'huskies\nstatus',
    '@bot:example.test status',
  ])('"%s" says "status" to it', (text) => {
    expect(names.strip(text)).toBe('status')
  })

  test('a longer word that begins like the name is not the name', () => {
    expect(names.strip('Huskiesland status')).toBeUndefined()
  })

  test('the name in the middle of a sentence is not an address', () => {
    expect(names.strip('I like Huskies')).toBeUndefined()
  })

  test('an emoji inside the name may be left out', () => {
    expect(new NamePrefix(['Hus🐺kies']).strip('huskies help')).toBe('help')
  })

  test('a name without letters names nobody', () => {
    expect(new NamePrefix(['🐺']).strip('🐺 help')).toBeUndefined()
  })
})
