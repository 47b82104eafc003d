import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemTypes } from '../../src/pipeline/item.ts'
import { mergeSubject, readMergeSubject } from '../../src/pipeline/merge/merge-subject.ts'
import { landedIn, releaseNotes } from '../../src/pipeline/release-notes.ts'

const commits = (...subjects: readonly string[]) =>
  subjects.map((subject, index) => ({ id: `c${index}`, subject }))
const unknown = () => undefined

test('L36: release notes name each item, whatever its subject says of it', () => {
  const past = commits(
    'huskies: merge 12 story Add a greeting',
    'Somebody else was here',
    'huskies: merge 11_bug_shout_louder',
    'huskies: merge 10',
    'huskies: merge 9',
    'huskies: merge 8 refactor Split it',
    'Revert "huskies: merge 7 story No"',
  )
  const items = new Map([[10, { type: 'story', name: 'Say goodbye' } as const]])
  expect(releaseNotes(landedIn(past, (id) => items.get(id)))).toBe(
    [
      '## Features\n\n- Add a greeting (12)\n- Say goodbye (10)',
      '## Fixes\n\n- Shout louder (11)',
      '## Refactors\n\n- Split it (8)',
      '## Others\n\n- Item (9)',
    ].join('\n\n'),
  )
})

test('an item that landed twice is named once, as it was called last', () => {
  const past = commits('huskies: merge 1 story New name', 'huskies: merge 1 story Old name')
  expect(landedIn(past, unknown)).toEqual([
    { id: 1, type: 'story', name: 'New name', commit: 'c0' },
  ])
})

test('nothing that landed makes no notes', () => {
  expect(releaseNotes(landedIn(commits('first'), unknown))).toBe('')
})

test('L36: every subject that is written can be read again, word for word', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((text) => text.replaceAll(/\s+/g, ' ').trim())
    .filter((text) => text !== '')
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.constantFrom(...itemTypes), name, (id, type, name) => {
      expect(readMergeSubject(mergeSubject({ id, type, name }))).toEqual({ id, type, name })
    }),
  )
})

test('only whole subjects of ours count', () => {
  for (const subject of [
    'huskies: merge',
    'huskies: merge x',
    'huskies: merge 12 chore Sweep',
    'huskies: merge 12_chore_sweep',
    'fix: huskies: merge 12',
    'merge 12 story Add',
  ])
    expect(readMergeSubject(subject), subject).toBeUndefined()
})
