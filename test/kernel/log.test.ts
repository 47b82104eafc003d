import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createFileLog } from '../../src/kernel/log.ts'

let file: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'huskies.log')
})

const size = (path: string) => statSync(path).size
/** What each line of a file says. */
const messages = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): string => JSON.parse(line).msg)

test('a log that has reached its limit makes room: two files of that size are kept, whole lines each', () => {
  const log = createFileLog(file, 1_000)
  for (let line = 0; line < 50; line += 1) log.info(`line ${line}`)
  expect(size(file)).toBeLessThanOrEqual(1_000)
  expect(size(`${file}.1`)).toBeLessThanOrEqual(1_000)
  const kept = [...messages(`${file}.1`), ...messages(file)]
  expect(kept.at(-1)).toBe('line 49')
  expect(kept).toEqual(Array.from(kept, (_, index) => `line ${50 - kept.length + index}`))
})

test('a later start goes on in the same file, and counts what is in it', () => {
  createFileLog(file, 1_000).info('x'.repeat(800))
  createFileLog(file, 1_000).info('x'.repeat(800))
  expect(messages(file)).toHaveLength(1)
  expect(messages(`${file}.1`)).toHaveLength(1)
})

test('a line longer than the limit is written whole', () => {
  const log = createFileLog(file, 100)
  log.info('x'.repeat(500))
  expect(messages(file)).toEqual(['x'.repeat(500)])
})

test('a file that cannot be written costs its lines and nothing else, and is tried again', () => {
  mkdirSync(file)
  const log = createFileLog(file, 1_000)
  log.info('lost')
  rmSync(file, { recursive: true })
  log.info('kept')
  expect(messages(file)).toEqual(['kept'])
})

test('a file that somebody removed is begun anew', () => {
  const log = createFileLog(file, 1_000)
  log.info('x'.repeat(900))
  rmSync(file)
  log.info('x'.repeat(900))
  log.info('kept')
  expect(messages(file)).toEqual(['kept'])
})
