import { expect, it } from 'vitest'
import { inWords } from '../../../src/agents/runs/in-words.ts'
import { lastLines } from '../../../src/agents/runs/last-lines.ts'
import type { Run } from '../../../src/agents/runs/run.ts'
import { recording, runtimeCalled } from '../../support/recordings.ts'

const run = { id: 'r1', offset: 0 } as Run

/** A host that has stored these bytes as the run's output, and hands them out in pieces. */
function holding(bytes: Uint8Array) {
  return {
    read(_: string, offset: number) {
      const piece = bytes.subarray(offset, offset + 1_000)
      return { bytes: piece, offset: offset + piece.length }
    },
  }
}

function lastOf(bytes: Uint8Array, offset: number, count: number, runtime = 'claude-code') {
  return lastLines(holding(bytes), { ...run, offset }, runtimeCalled(runtime).reader(), count)
}

it('shows what an agent does as words, not as the JSON of its program', () => {
  const { bytes } = recording('claude-code', 'tool-fails')
  expect(lastOf(bytes, 0, 10)).toEqual([
    '[Bash] echo no >&2; exit 3',
    '  failed with exit code 3',
    '  Exit code 3',
    '  no',
    'It failed.',
  ])
})

it('shows why a run was refused', () => {
  const { bytes } = recording('claude-code', '401')
  expect(lastOf(bytes, 0, 2)).toEqual([
    'The service is asked again (2): authentication_failed',
    'Invalid API key · Fix external API key',
  ])
})

it('begins with a whole line, far enough back to find words among the pieces of an answer', () => {
  const { bytes } = recording('claude-code', 'text')
  const piece = `${JSON.stringify({ type: 'stream_event', event: { type: 'content_block_delta' } })}\n`
  const pieces = Buffer.from(piece.repeat(10_000))
  const all = Buffer.concat([Buffer.alloc(2_000_000, 'x'), bytes, pieces])
  expect(lastOf(all, all.length, 3)).toEqual(['Done.'])
  const shell = Buffer.from(`${'y'.repeat(2_000_000)}\nlast\n`)
  expect(lastOf(shell, shell.length, 3, 'shell')).toEqual(['last'])
})

it.each([
  [{ type: 'denied', tool: 'Bash' }, ['  Bash is not allowed']],
  [{ type: 'limit', status: 'allowed', overage: false }, []],
  [
    { type: 'limit', status: 'warning', window: 'five_hour', overage: false },
    ["The account's five hour limit is near."],
  ],
  [
    { type: 'limit', status: 'warning', overage: true },
    ["The account's limit is used up: what follows is paid for as overage."],
  ],
  [{ type: 'limit', status: 'refused', overage: false }, ["The account's limit is used up."]],
  [{ type: 'tool-start', id: 't', name: 'Read', input: { file_path: 'a.ts' } }, ['[Read] a.ts']],
  [{ type: 'tool-start', id: 't', name: 'Task', input: { a: [1] } }, ['[Task] {"a":[1]}']],
  [{ type: 'tool-start', id: 't', name: 'Plan', input: undefined }, ['[Plan]']],
  [{ type: 'tool-end', id: 't', ok: false, output: '' }, ['  failed']],
  [{ type: 'warning', text: 'npm warn' }, ['npm warn']],
  [{ type: 'unknown', line: '{' }, []],
] as const)('says %o as %o', (event, words) => {
  expect(inWords(event)).toEqual(words)
})

it('makes one short line of what a tool is used on', () => {
  const input = { command: `echo 'a\nb' ${'x'.repeat(500)}` }
  const [line] = inWords({ type: 'tool-start', id: 't', name: 'Bash', input })
  expect(line).toMatch(/^\[Bash\] echo 'a b' x+…$/)
  expect(line).toHaveLength(128)
})
