import { existsSync, mkdtempDisposableSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Attachments } from '../../src/bot/attachments.ts'
import type { Entry } from '../../src/bot/inbox.ts'
import type { IncomingFile } from '../../src/bot/message.ts'
import { silentLog as log } from '../../src/kernel/log.ts'
import { Problem } from '../../src/kernel/problem.ts'

const never = new AbortController().signal

function world(fetch?: (file: IncomingFile) => Promise<Uint8Array>) {
  const temporary = mkdtempDisposableSync(join(tmpdir(), 'attachments-'))
  onTestFinished(() => temporary[Symbol.dispose]())
  const folder = join(temporary.path, 'files')
  const attachments = new Attachments({
    ...{ folder, log },
    couriers: [{ name: 'net', ...(fetch && { fetch }) }],
  })
  const entry = (...names: string[]) =>
    ({
      id: 7,
      transport: 'net',
      files: names.map((name) => ({ name, ref: name })),
    }) as unknown as Entry
  return { folder, attachments, entry }
}

test('files are brought into a folder of their message, for the owner’s eyes alone', async () => {
  const { folder, attachments, entry } = world(async ({ ref }) => Buffer.from(`content of ${ref}`))
  const lines = await attachments.bring(entry('shot.png', 'log.txt'), never)
  const paths = [join(folder, '7', '1-shot.png'), join(folder, '7', '2-log.txt')]
  expect(lines).toEqual(paths.map((path) => `Attached: ${path}`))
  expect(readFileSync(paths[1] ?? '', 'utf8')).toBe('content of log.txt')
  expect(statSync(paths[0] ?? '').mode & 0o077).toBe(0)
})

test('what is here already is not fetched again: a crash costs nothing', async () => {
  let fetched = 0
  const { attachments, entry } = world(async () => Buffer.from(`${++fetched}`))
  await attachments.bring(entry('a'), never)
  await attachments.bring(entry('a'), never)
  expect(fetched).toBe(1)
})

test.each([
  ['../../../etc/passwd', '1-..-..-..-etc-passwd'],
  ['a\nb; rm -rf *', '1-a-b-rm--rf-'],
  ['狼.png', '1-狼.png'],
  ['x'.repeat(500), `1-${'x'.repeat(100)}`],
  ['', '1-'],
])('the name %j leads nowhere else', async (name, kept) => {
  const { folder, attachments, entry } = world(async () => Buffer.from('x'))
  await attachments.bring(entry(name), never)
  expect(existsSync(join(folder, '7', kept))).toBe(true)
})

test('a file that cannot be had is told with the reason, and the others are brought', async () => {
  const { folder, attachments, entry } = world(async ({ ref }) => {
    if (ref === 'big') throw new Problem('no-file', 'it is too big')
    if (ref === 'odd') throw new Error('socket hang up')
    return Buffer.from('x')
  })
  expect(await attachments.bring(entry('big', 'odd', 'ok'), never)).toEqual([
    'Not attached: big, since it is too big.',
    'Not attached: odd, since it could not be fetched.',
    `Attached: ${join(folder, '7', '3-ok')}`,
  ])
})

test('a network that gives no files says so', async () => {
  const { attachments, entry } = world()
  expect(await attachments.bring(entry('a'), never)).toEqual([
    'Not attached: a, since files cannot be fetched from there.',
  ])
})

test('old files are removed, but for those that something still names', async () => {
  const { folder, attachments, entry } = world(async () => Buffer.from('x'))
  expect(attachments.forget(Number.POSITIVE_INFINITY, () => false)).toBe(0)
  const of = (id: number) => join(folder, String(id))
  for (const id of [7, 8, 9]) {
    await attachments.bring({ ...entry('a', 'b'), id }, never)
    utimesSync(of(id), id, id)
  }
  expect(attachments.forget(9000, (path) => path === of(8))).toBe(1)
  expect([7, 8, 9].map((id) => existsSync(of(id)))).toEqual([false, true, true])
})
