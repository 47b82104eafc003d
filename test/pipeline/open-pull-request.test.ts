import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { openWith } from '../../src/pipeline/open-pull-request.ts'
import { Programs } from '../../src/pipeline/programs.ts'
import { HostFixture, ownPath } from '../support/process-host.ts'

function open(...command: [string, ...string[]]) {
  const { host, folder } = new HostFixture()
  const environment = { ...ownPath }
  const common = { clock: systemClock, random: Math.random, log: silentLog }
  const programs = new Programs({ ...common, host, environment })
  const stopping = new AbortController().signal
  return { folder, open: openWith({ programs, command, base: 'main', cwd: folder, stopping }) }
}

test('Branch, base and title are arguments as they are: no shell sees them.', async () => {
  const script = 'printf "%s\\n" "$@" > seen'
  const fixture = open('sh', '-c', script, 'sh', '{branch}', 'to {base}', '{title}', '{other}')
  const title = 'huskies: merge 1 story $(touch x) {branch} "quoted"'
  expect(await fixture.open('huskies/item-1', title)).toBeUndefined()
  expect(readFileSync(join(fixture.folder, 'seen'), 'utf8')).toBe(
    `huskies/item-1\nto main\n${title}\n{other}\n`,
  )
})

test('A program that fails is told with what it said last.', async () => {
  const { open: fails } = open('sh', '-c', 'echo no such repository; exit 1')
  expect(await fails('huskies/item-1', 'title')).toBe(
    'sh could not open the pull request: no such repository',
  )
})
