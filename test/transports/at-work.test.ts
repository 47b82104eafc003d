import { expect, test, vi } from 'vitest'
import { AtWork } from '../../src/transports/at-work.ts'
import { FakeClock } from '../support/fake-clock.ts'

const place = { transport: 'matrix', room: 'here' }
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

test('it is shown again before it fades, until it is hidden', async () => {
  const clock = new FakeClock()
  const atWork = new AtWork(clock, 1000)
  const show = vi.fn(async () => {})
  const shown = atWork.show(place, show)
  for (let times = 1; times <= 3; times += 1) {
    await settled()
    expect(show).toHaveBeenCalledTimes(times)
    clock.advance(1000)
  }
  await settled()
  expect(atWork.hide(place)).toBe(true)
  await shown
  expect(clock.pending).toBe(0)
  expect(atWork.hide(place)).toBe(false)
})

test('each session has its own, and all end with the connection', async () => {
  const clock = new FakeClock()
  const atWork = new AtWork(clock, 1000)
  const both = [place, { ...place, thread: 'a thread' }].map((one) =>
    atWork.show(one, async () => {}),
  )
  await settled()
  expect(clock.pending).toBe(2)
  atWork.hideAll()
  await Promise.all(both)
  expect(clock.pending).toBe(0)
})

test('what cannot be shown is told, and not tried again', async () => {
  const clock = new FakeClock()
  const atWork = new AtWork(clock, 1000)
  await expect(atWork.show(place, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(clock.pending).toBe(0)
})
