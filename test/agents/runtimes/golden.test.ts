import { afterAll, describe, expect, it, vi } from 'vitest'
import type { AgentEvent, Outcome } from '../../../src/agents/runtime.ts'
import { recordingsOf, understood } from '../../support/recordings.ts'

// Codex tells times in the zone of its machine.
vi.stubEnv('TZ', 'UTC')
afterAll(() => void vi.unstubAllEnvs())

describe.each(['claude-code', 'codex', 'gemini', 'opencode'])('what %s printed', (runtime) => {
  it.each(recordingsOf(runtime))('is understood: $situation', async (recording) => {
    const { events, outcome } = understood(recording, [recording.bytes])
    const lines = [...events.map(lineOf), endOf(recording.exitCode, outcome)]
    const session = events.find(({ type }) => type === 'session')
    const id = session?.type === 'session' ? session.id : 'none'
    // Another one with each recording.
    await expect(`${lines.join('\n').replaceAll(id, 'SESSION')}\n`).toMatchFileSnapshot(
      `golden/${runtime}/${recording.situation}.txt`,
    )
  })
})

function lineOf({ type, ...rest }: AgentEvent): string {
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${shortly(value)}`)
  return `${type.padEnd(10)} ${fields.join('  ')}`.trimEnd()
}

function endOf(exitCode: number, { kind, ...rest }: Outcome): string {
  const fields = Object.entries(rest).map(([name, value]) => `  ${name}: ${shortly(value)}`)
  return ['', `exit code ${exitCode}: ${kind}`, ...fields].join('\n')
}

function shortly(value: unknown): string {
  const text = typeof value === 'number' ? String(Number(value.toFixed(6))) : JSON.stringify(value)
  return text.length <= 300 ? text : `${text.slice(0, 300)}… (${text.length} characters)`
}
