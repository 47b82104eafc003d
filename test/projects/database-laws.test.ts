import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { anna, fill, StateFolder, told } from './state-folder.ts'

let folder: StateFolder

beforeEach(() => {
  folder = new StateFolder()
})

describe('any byte that changes on the disk', () => {
  /** Holds that after `damage` to a file the items say the same as before, or a sentence is told. */
  function survivor(name: string) {
    const whole = folder
      .names()
      .map((each) => [each, readFileSync(join(folder.path, each))] as const)
    const restore = () => {
      for (const each of folder.names()) rmSync(join(folder.path, each), { recursive: true })
      for (const [each, bytes] of whole) writeFileSync(join(folder.path, each), bytes)
    }
    const before = whatStands()
    return (damage: (bytes: Buffer) => Buffer) => {
      restore()
      writeFileSync(join(folder.path, name), damage(readFileSync(join(folder.path, name))))
      const after = whatStands()
      if (after.sentence === undefined) expect(after).toEqual(before)
      else expect(after.sentence).toMatch(/damaged|missing|gone/)
    }
  }

  function whatStands() {
    try {
      return folder.start((pipeline) => {
        return told(pipeline)
      })
    } catch (error) {
      expect(error).toMatchObject({ name: 'Problem' })
      return { sentence: (error as Error).message }
    }
  }

  const spot = fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    mask: fc.integer({ min: 1, max: 255 }),
  })

  test('in the database leads to the same state or to a sentence, never to another state', () => {
    folder.start((pipeline) => {
      fill(pipeline)
      for (let change = 0; change < 30; change += 1)
        pipeline.edit(3, { body: `text ${'x'.repeat(500)} ${change}` }, anna)
      pipeline.edit(2, { body: 'archived '.repeat(800) }, anna)
      pipeline.apply(2, { type: 'accept' }, anna)
    })
    const survives = survivor('pipeline.db')
    fc.assert(
      fc.property(spot, ({ at, mask }) => {
        survives((bytes) => {
          const place = Math.floor(at * bytes.length)
          bytes.writeUInt8(bytes.readUInt8(place) ^ mask, place)
          return bytes
        })
      }),
      { numRuns: 40 },
    )
  })

  test('in the log, and a log that was cut anywhere, as well', () => {
    folder.start(fill)
    folder.crash((pipeline) => {
      for (let id = 6; id < 12; id += 1)
        pipeline.create({ type: 'story', name: `item ${id}`, body: 'x'.repeat(2_000) }, anna)
    })
    const survives = survivor('pipeline.db-wal')
    fc.assert(
      fc.property(spot, fc.boolean(), ({ at, mask }, cut) => {
        survives((bytes) => {
          const place = Math.floor(at * bytes.length)
          if (cut) return bytes.subarray(0, place)
          bytes.writeUInt8(bytes.readUInt8(place) ^ mask, place)
          return bytes
        })
      }),
      { numRuns: 40 },
    )
  })
})
