import { expect, it } from 'vitest'
import { RunOutput } from '../../../src/agents/runs/run-output.ts'
import { runtimeCalled } from '../../support/recordings.ts'

it('takes a time of day for the day on which it was said, however late that is read', () => {
  const said = new Date(2026, 10, 23, 23, 50).getTime()
  const readAt = said + 9 * 3_600_000
  const message = "You've hit your usage limit. Try again at 11:59 PM."
  const lines = Buffer.from(
    [
      { type: 'thread.started', thread_id: 't' },
      { type: 'turn.failed', error: { message } },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  )
  const host = {
    read: (_: string, offset: number) => ({ bytes: lines.subarray(offset), offset: lines.length }),
    writtenAt: () => said,
  }
  const reader = runtimeCalled('codex').reader()
  const output = new RunOutput(host, { id: 'r1', offset: 0 }, reader, () => {})
  while (output.read());
  expect(output.outcome(1, readAt)).toMatchObject({
    kind: 'limited',
    until: new Date(2026, 10, 24).getTime(),
  })
})
