import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../../src/agents/runtime.ts'
import {
  type Recording,
  recordingsOf,
  runtimeCalled,
  understood,
} from '../../support/recordings.ts'

const cut = fc.array(fc.nat({ max: 2 ** 31 }), { maxLength: 40 })
const isNoise = ({ type }: AgentEvent) => type === 'warning' || type === 'unknown'

describe.each(['claude-code', 'codex', 'gemini', 'opencode'])('the reader of %s', (runtime) => {
  const recordings = recordingsOf(runtime).filter(({ bytes }) => bytes.length < 100_000)
  const any = fc.constantFrom(...recordings)

  it('understands the same however the stream is cut', () => {
    fc.assert(
      fc.property(any, cut, (recording, places) => {
        expect(understood(recording, pieces(recording.bytes, places))).toEqual(whole(recording))
      }),
      { numRuns: 40 },
    )
  })

  it('understands every character of a stream that comes byte by byte', () => {
    const recording = recordings.find(({ situation }) => situation === 'multi-byte')
    if (!recording) throw new Error('nothing was recorded')
    const bytes = Array.from(recording.bytes, (_, at) => recording.bytes.subarray(at, at + 1))
    expect(understood(recording, bytes)).toEqual(whole(recording))
  })

  it('says of a run that was cut off what it has said by then, and no more', () => {
    fc.assert(
      fc.property(any, fc.nat({ max: 2 ** 31 }), (recording, place) => {
        const end = recording.bytes.lastIndexOf(10, place % recording.bytes.length) + 1
        const { events } = understood(recording, [recording.bytes.subarray(0, end)])
        expect(events).toEqual(whole(recording).events.slice(0, events.length))
      }),
      { numRuns: 40 },
    )
  })

  it('lets nothing be changed by lines of others between its own', () => {
    const noise = fc.constantFrom(
      ...['', '\r', '  \r', '\u001b[?25h', '{"type":"from_the_future","session_id":"nobody"}'],
      ...['{"type":"item.completed","item":{"type":"from_the_future"}}', '{"no":"type"}', '[1,2]'],
      ...['{"type":"assistant"', '{"type":"system","subtype":"from_the_future"}', 'npm warn old'],
    )
    fc.assert(
      fc.property(any, fc.array(noise, { minLength: 1, maxLength: 20 }), (recording, junk) => {
        const { events, outcome } = understood(recording, [between(recording.bytes, junk)])
        const expected = whole(recording)
        expect(events.filter((event) => !isNoise(event))).toEqual(
          expected.events.filter((event) => !isNoise(event)),
        )
        expect(outcome.kind).toBe(expected.outcome.kind)
      }),
      { numRuns: 40 },
    )
  })

  it('is not taken down by damage, nor by anything that is JSON', () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 255 })), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(any, damage, fc.jsonValue(), (recording, bytes, value) => {
        const damaged = Uint8Array.from(recording.bytes)
        for (const [at, byte] of bytes) damaged[at % damaged.length] = byte
        const { outcome } = understood(recording, [damaged])
        expect(outcome.kind).toBeTypeOf('string')
        const reader = runtimeCalled(runtime).reader()
        expect(reader.line(JSON.stringify(value))).toBeInstanceOf(Array)
      }),
      { numRuns: 40 },
    )
  })

  it('understands what follows a line of megabytes', () => {
    const long = `{"type":"from_the_future","text":"${'x'.repeat(4_000_000)}"}\n`
    for (const recording of recordings.slice(0, 3)) {
      const { events } = understood(recording, [Buffer.from(long), recording.bytes])
      expect(events.slice(1)).toEqual(whole(recording).events)
    }
  })
})

function whole(recording: Recording) {
  return understood(recording, [recording.bytes])
}

function pieces(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % bytes.length), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

/** The lines of `bytes`, each after one of `junk`, in turn. */
function between(bytes: Uint8Array, junk: readonly string[]): Uint8Array {
  const lines = Buffer.from(bytes).toString().split('\n').slice(0, -1)
  const mixed = lines.flatMap((line, index) => [junk[index % junk.length] ?? '', `${line}\r`])
  return Buffer.from(`${mixed.join('\n')}\n`)
}
