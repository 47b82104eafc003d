import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { pullRequestsBy } from '../../../src/pipeline/git/pull-requests.ts'
import { Programs } from '../../../src/pipeline/programs/programs.ts'
import { HostFixture, ownPath } from '../../support/process-host.ts'

type Command = readonly [string, ...string[]]

function open(commands: { readonly open: Command; readonly find?: Command }) {
  const { host, folder } = new HostFixture()
  const environment = { ...ownPath }
  const common = { clock: systemClock, random: Math.random, log: silentLog }
  const programs = new Programs({ ...common, host, environment })
  const stopping = new AbortController().signal
  const requests = pullRequestsBy({ ...commands, programs, base: 'main', cwd: folder, stopping })
  return { folder, requests }
}

test('Branch, base and title are arguments as they are: no shell sees them.', async () => {
  const script = 'printf "%s\\n" "$@" > seen'
  const { folder, requests } = open({
    open: ['sh', '-c', script, 'sh', '{branch}', 'to {base}', '{title}', '{other}'],
  })
  const title = 'huskies: merge 1 story $(touch x) {branch} "quoted"'
  expect(await requests.open('huskies/item-1', title)).toEqual({ kind: 'opened' })
  expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe(
    `huskies/item-1\nto main\n${title}\n{other}\n`,
  )
})

test('A program that fails is told with what it said last; of one that was ended nothing is known.', async () => {
  const { requests: fails } = open({ open: ['sh', '-c', 'echo no such repository; exit 1'] })
  expect(await fails.open('huskies/item-1', 'title')).toEqual({
    kind: 'failed',
    because: 'sh could not open the pull request: no such repository',
  })
  const { requests: ended } = open({ open: ['sh', '-c', 'kill -9 $PPID $$'] })
  expect(await ended.open('huskies/item-1', 'title')).toEqual({ kind: 'unknown' })
})

test('One is open where the program that looks for it prints something, and ends well.', async () => {
  const find = (script: string) => open({ open: ['false'], find: ['sh', '-c', script] }).requests
  expect(await find('echo https://example.org/pull/7').isOpen('huskies/item-1')).toBe(true)
  expect(await find('echo').isOpen('huskies/item-1')).toBe(false)
  expect(await find('echo not logged in; exit 4').isOpen('huskies/item-1')).toBeUndefined()
  expect(await open({ open: ['false'] }).requests.isOpen('huskies/item-1')).toBeUndefined()
})
