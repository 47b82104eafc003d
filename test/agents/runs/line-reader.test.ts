import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LineReader } from '../../../src/agents/runs/line-reader.ts'

function linesOf(pieces: readonly Uint8Array[], limit?: number): string[] {
  const reader = new LineReader(limit)
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index]))
}

const troublesome = fc.array(
  fc.oneof(
    fc.constantFrom('\n', '\r\n', '\r', '', '\n\n', 'é', '🐕', '{"a":1}', '\uFEFF'),
    fc.string(),
    fc.uint8Array({ maxLength: 4 }),
  ),
)

it('gives the same lines however the stream was cut', () => {
  const cuts = fc.array(fc.nat())
  fc.assert(
    fc.property(troublesome, cuts, fc.constantFrom(1, 2, 3, 7, undefined), (parts, at, limit) => {
      const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)))
      expect(linesOf(cutAt(bytes, at), limit)).toEqual(linesOf([bytes], limit))
    }),
    { numRuns: 500 },
  )
})

it('gives the same lines byte by byte', () => {
  const text = 'one\r\nzwei: ü 🐕\n\nlast'
  const bytes = Buffer.from(text)
  expect(linesOf([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([
    'one',
    'zwei: ü 🐕',
    '',
    'last',
  ])
})

it('keeps a line of megabytes whole', () => {
  const line = 'x'.repeat(3_000_000)
  const bytes = Buffer.from(`${line}\nshort\n`)
  expect(linesOf(cutAt(bytes, [65_536, 1_000_000, 2_999_999, 3_000_000]))).toEqual([line, 'short'])
})

it('hands a line beyond the limit out in pieces, so that it cannot fill the memory', () => {
  expect(linesOf([Buffer.from('abcdefgh\nij\n')], 3)).toEqual(['abc', 'def', 'gh', 'ij'])
})

it('replaces what is not UTF-8 and goes on', () => {
  expect(linesOf([Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a])])).toEqual(['a\uFFFD', 'b'])
})

it('counts only the bytes of lines that were handed out', () => {
  const reader = new LineReader()
  reader.push(Buffer.from('ü\r\nhalf'))
  expect(reader.complete).toBe(4)
  reader.end()
  expect(reader.complete).toBe(8)
})
