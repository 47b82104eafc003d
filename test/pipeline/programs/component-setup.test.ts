import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { ComponentSetup } from '../../../src/pipeline/programs/component-setup.ts'
import { Programs } from '../../../src/pipeline/programs/programs.ts'
import { projectSettings } from '../../../src/pipeline/settings.ts'
import { HostFixture, ownPath } from '../../support/process-host.ts'

function open(component: unknown[]) {
  const { host, folder } = new HostFixture()
  const stopping = new AbortController()
  const environment = ownPath
  const programs = new Programs({
    host,
    clock: systemClock,
    random: Math.random,
    environment,
    log: silentLog,
  })
  const { component: components } = projectSettings.parse({ component })
  const worktree = join(folder, 'tree')
  mkdirSync(join(worktree, 'web'), { recursive: true })
  const setup = new ComponentSetup({
    components,
    programs,
    stopping: stopping.signal,
    log: silentLog,
  })
  return { setup, worktree, stopping }
}

const say = (text: string) => ['sh', '-c', `echo ${text} >> said`]

test('Setup commands run in order, each in the folder of its component.', async () => {
  const { setup, worktree } = open([
    { name: 'root', setup: [say('one'), say('two')], teardown: [say('bye')] },
    { name: 'web', path: 'web', setup: [say('web')] },
  ])
  await setup.setUp('item-1', worktree)
  expect(readFileSync(join(worktree, 'said'), 'utf8')).toBe('one\ntwo\n')
  expect(readFileSync(join(worktree, 'web/said'), 'utf8')).toBe('web\n')
  await setup.tearDown('item-1', worktree)
  expect(readFileSync(join(worktree, 'said'), 'utf8')).toBe('one\ntwo\nbye\n')
})

test('A failing setup command ends the setup and is named with what it printed.', async () => {
  const { setup, worktree } = open([
    { name: 'root', setup: [['sh', '-c', 'echo no network; exit 7'], say('never')] },
  ])
  await expect(setup.setUp('item-1', worktree)).rejects.toMatchObject({
    code: 'setup-failed',
    message: expect.stringMatching(/of root ended with exit code 7.*\nno network/),
  })
  expect(existsSync(join(worktree, 'said'))).toBe(false)
})

test('A failing teardown command keeps nothing from going on.', async () => {
  const { setup, worktree } = open([
    { name: 'root', teardown: [['false'], ['no-such-program'], say('bye')] },
  ])
  await setup.tearDown('item-1', worktree)
  expect(readFileSync(join(worktree, 'said'), 'utf8')).toBe('bye\n')
})

test.each(['..', '/', 'missing', 'link'])('A component cannot lie at %s.', async (path) => {
  const { setup, worktree } = open([{ name: 'out', path, setup: [say('never')] }])
  symlinkSync('/', join(worktree, 'link'))
  const attempt = setup.setUp('item-1', worktree)
  if (path === '/') await attempt
  else await expect(attempt).rejects.toMatchObject({ code: 'setup-failed' })
  expect(existsSync('/said')).toBe(false)
})

test('A setup that is cut short by the end of the program rejects with the reason.', async () => {
  const { setup, worktree, stopping } = open([{ name: 'root', setup: [['sleep', '100']] }])
  const running = setup.setUp('item-1', worktree)
  stopping.abort(new Error('stopping'))
  await expect(running).rejects.toThrow('stopping')
})

test('The fingerprint changes with the setup commands alone, and is empty without any.', () => {
  const of = (component: unknown[]) => open(component).setup.fingerprint
  expect(of([])).toBe('')
  expect(of([{ name: 'a', teardown: [['x']] }])).toBe('')
  expect(of([{ name: 'a', setup: [['x']] }])).toBe(of([{ name: 'b', setup: [['x']] }]))
  expect(of([{ name: 'a', setup: [['x']] }])).not.toBe(of([{ name: 'a', setup: [['y']] }]))
})
