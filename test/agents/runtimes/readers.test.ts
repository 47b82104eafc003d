import { describe, expect, it } from 'vitest'
import type { AgentEvent, Outcome, SessionTotals } from '../../../src/agents/runtime.ts'
import { recording, recordingsOf, runtimeCalled, understood } from '../../support/recordings.ts'

const programs = ['claude-code', 'codex', 'gemini', 'opencode']

/** What a program means by these lines, of which those that are objects are written as JSON. */
function read(
  runtime: string,
  lines: readonly (object | string)[],
  { exitCode = 0, before }: { exitCode?: number; before?: SessionTotals } = {},
): { events: readonly AgentEvent[]; outcome: Outcome } {
  const reader = runtimeCalled(runtime).reader(before)
  const events = lines.flatMap((line) =>
    reader.line(typeof line === 'string' ? line : JSON.stringify(line)),
  )
  return { events, outcome: reader.outcome(exitCode, 0) }
}

function real(runtime: string, situation: string) {
  const it = recording(runtime, situation)
  return understood(it, [it.bytes])
}

function sum(events: readonly AgentEvent[]) {
  const used = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  for (const event of events) {
    if (event.type !== 'usage') continue
    used.input += event.input
    used.output += event.output
    used.cacheRead += event.cacheRead
    used.cacheWrite += event.cacheWrite
  }
  return used
}

function costOf(events: readonly AgentEvent[]): number {
  return events.reduce((usd, event) => usd + (event.type === 'cost' ? event.usd : 0), 0)
}

it.each(['limit-warning', 'overage', 'subscription'])('L08: %s refuses nothing', (situation) => {
  const { events, outcome } = real('claude-code', situation)
  expect(outcome).toEqual({ kind: 'completed' })
  const limits = events.filter(({ type }) => type === 'limit')
  expect(limits).not.toEqual([])
  expect(limits).not.toContainEqual(expect.objectContaining({ status: 'refused' }))
})

it('L13: what Claude Code uses is told while it works, and its end adds nothing to it', () => {
  const { events } = real('claude-code', 'two-tools')
  const end = events.findIndex(({ type }) => type === 'cost')
  expect(events.slice(0, end).filter(({ type }) => type === 'usage')).toHaveLength(4)
  expect(sum(events)).toEqual({ input: 2_000, output: 40, cacheRead: 1_000, cacheWrite: 200 })
})

it('L14: every answer of the model is one turn, with its tools after it', () => {
  for (const program of ['claude-code', 'gemini', 'opencode'])
    expect(told(program)).toEqual(['turn', 'tool-start', 'tool-start', 'turn', 'text'])
  // Its lines cannot tell two tools of one answer from two answers: too many turns rather than too few.
  expect(told('codex')).toEqual(['turn', 'tool-start', 'turn', 'tool-start', 'turn', 'text'])

  function told(program: string) {
    const types = real(program, 'two-tools').events.map(({ type }) => type)
    return types.filter((type) => /^(turn|tool-start|text)$/.test(type))
  }
})

it('L18: the session is the first thing that is known, also of a run that was killed', () => {
  for (const program of programs) {
    const { events, outcome } = real(program, 'sigkill-in-tool')
    expect(events.find(({ type }) => type !== 'warning')?.type).toBe('session')
    expect(outcome).toEqual({ kind: 'interrupted' })
  }
})

it('no program has said what its reader does not know', () => {
  for (const program of programs)
    for (const one of recordingsOf(program)) {
      const { events } = understood(one, [one.bytes])
      const unknown = events.flatMap((event) => (event.type === 'unknown' ? [event.line] : []))
      // Gemini prints its own errors for people, of which some lines begin like an object.
      expect(unknown.filter((line) => line !== '{')).toEqual([])
    }
})

describe('a session', () => {
  it('is told once, and only if it can be an argument', () => {
    const line = (id: string) => ({ type: 'thread.started', thread_id: id })
    const { events } = read('codex', [line('--help'), line(''), line('a-1'), line('a-1')])
    expect(events).toEqual([{ type: 'session', id: 'a-1' }])
  })
})

describe('what Claude Code costs', () => {
  const init = (version?: string) => ({
    ...{ type: 'system', subtype: 'init', session_id: 's', model: 'm' },
    ...(version !== undefined && { claude_code_version: version }),
  })
  const result = (usd: number, since?: number) => ({
    ...{ type: 'result', subtype: 'success', is_error: false, total_cost_usd: usd, result: '' },
    modelUsage: { m: { inputTokens: usd * 1_000, costUSD: usd } },
    ...(since !== undefined && {
      model_usage_since_last_result: { m: { inputTokens: since * 1_000, costUSD: since } },
    }),
  })
  const before = { input: 3_000, output: 0, cacheRead: 0, cacheWrite: 0, usd: 3 }

  it.each([
    ['2.1.330, which tells the difference itself', '2.1.330', 2, 2_000, [result(5, 2)]],
    ['2.1.285, whose total goes on', '2.1.285', 2, 2_000, [result(5)]],
    ['2.1.284, whose total begins anew', '2.1.284', 5, 5_000, [result(5)]],
    ['an unknown version counts in full', undefined, 5, 5_000, [result(5)]],
    ['two results of one process', '2.1.200', 5, 5_000, [result(2), result(5)]],
    ['a total that is less than before', '2.1.300', 1, 1_000, [result(1)]],
  ])('%s', (_, version, usd, input, results) => {
    const { events } = read('claude-code', [init(version), ...results], { before })
    expect(costOf(events)).toBe(usd)
    expect(sum(events).input).toBe(input)
  })

  it('counts what was used beside the answers that were seen', () => {
    const answer = {
      type: 'assistant',
      message: { id: 'a', model: 'm', content: [], usage: { input_tokens: 400 } },
    }
    const { events } = read('claude-code', [init('2.1.330'), answer, answer, result(1, 1)])
    expect(sum(events).input).toBe(1_000)
    expect(events.filter(({ type }) => type === 'turn')).toHaveLength(1)
  })

  it('leaves unknown what is missing', () => {
    const { events, outcome } = read('claude-code', [{ type: 'result' }], { exitCode: 1 })
    expect(costOf(events)).toBe(0)
    expect(outcome.kind).toBe('failed')
  })
})

describe('a limit of Claude Code', () => {
  const limit = (info: object) => ({ type: 'rate_limit_event', rate_limit_info: info })
  const refused = { status: 'rejected', rateLimitType: 'seven_day', isUsingOverage: false }
  const end = {
    ...{ type: 'result', subtype: 'success', is_error: true, result: 'Limit.' },
    api_error_status: 429,
  }

  it('ends when its window does, where it does not say so itself', () => {
    const unifiedWindows = { seven_day: { resetsAt: 1_900_000_000 } }
    const lines = [limit({ ...refused, unifiedWindows }), end]
    const { outcome } = read('claude-code', lines, { exitCode: 1 })
    expect(outcome).toEqual({ kind: 'limited', reason: 'Limit.', until: 1_900_000_000_000 })
  })

  it('is none any more once the service has allowed something again', () => {
    const lines = [limit(refused), limit({ status: 'allowed' }), end]
    expect(read('claude-code', lines, { exitCode: 1 }).outcome.kind).toBe('overloaded')
  })

  it('is told as a warning while paid overage is in use', () => {
    const { events } = read('claude-code', [limit({ status: 'rejected', isUsingOverage: true })])
    expect(events).toEqual([{ type: 'limit', status: 'warning', overage: true }])
  })
})

it('the answers of helpers of Claude Code are no turns, but what they use is counted', () => {
  const message = { id: 'a', model: 'm', content: [], usage: { input_tokens: 4 } }
  const line = { type: 'assistant', message, parent_tool_use_id: 'toolu_1' }
  expect(read('claude-code', [line]).events).toEqual([
    { type: 'usage', model: 'm', input: 4, output: 0, cacheRead: 0, cacheWrite: 0 },
  ])
})

it('the tokens of Codex are those of the whole session, so that a resumed one begins where it was', () => {
  const before = { input: 1_000, output: 20, cacheRead: 500, cacheWrite: 0, usd: 0 }
  const resumed = recording('codex', 'resume')
  const reader = runtimeCalled('codex').reader(before)
  const { events } = understood(resumed, [resumed.bytes], reader)
  expect(sum(events)).toEqual({ input: 2_000, output: 40, cacheRead: 1_000, cacheWrite: 0 })
})

it('a tool of Codex that needs a leave which nobody gives is denied', () => {
  const item = {
    ...{ id: 'i', type: 'mcp_tool_call', server: 'other', tool: 'look', status: 'failed' },
    error: { message: 'MCP tool call requires approval, but approval policy is never' },
  }
  const lines = [{ type: 'item.completed', item }, { type: 'turn.completed' }]
  const { outcome } = read('codex', lines)
  expect(outcome).toEqual({ kind: 'completed', denied: ['mcp__other__look'] })
})

it('a command that failed is a tool that failed, also where Gemini calls it a success', () => {
  const line = { type: 'tool_result', tool_id: 't', status: 'success' }
  const output = 'some words\nCommand exited with code: 3'
  expect(read('gemini', [{ ...line, output }]).events).toEqual([
    { type: 'tool-end', id: 't', ok: false, exit: 3, output },
  ])
})

it('Gemini is not asked by a command what it may do: its policy denies', () => {
  const { events, outcome } = read('gemini', [
    { type: 'tool_use', tool_id: 't', tool_name: 'run_shell_command', parameters: {} },
    { type: 'tool_result', tool_id: 't', status: 'error', error: { type: 'policy_violation' } },
    { type: 'result', status: 'success' },
  ])
  expect(events).toContainEqual({ type: 'denied', tool: 'run_shell_command' })
  expect(outcome).toEqual({ kind: 'completed', denied: ['run_shell_command'] })
})

it.each([
  [173, 'overloaded'],
  [145, 'refused'],
  [147, 'refused'],
  [244, 'overloaded'],
  [41, 'refused'],
  [53, 'exhausted'],
  [130, 'interrupted'],
])('Gemini tells by exit code %s what its service refused with', (exitCode, kind) => {
  const lines = [{ type: 'init', session_id: 's' }]
  expect(read('gemini', lines, { exitCode }).outcome.kind).toBe(kind)
})

it('the words of Gemini are joined to lines, and none is lost at the end of a message', () => {
  const piece = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true })
  const lines = [piece('one '), piece('line\nand'), piece(' another'), { type: 'result' }]
  const { events } = read('gemini', lines)
  const texts = events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
  expect(texts).toEqual(['one line', 'and another'])
})

it('opencode is done when it has answered after an error, whatever its exit code says', () => {
  const error = { type: 'error', error: { name: 'APIError', data: { message: 'No.' } } }
  const answer = { type: 'step_finish', part: { reason: 'stop' } }
  expect(read('opencode', [error, answer], { exitCode: 1 }).outcome).toEqual({ kind: 'completed' })
  const failed = read('opencode', [answer, error], { exitCode: 1 })
  expect(failed.outcome).toEqual({ kind: 'failed', reason: 'No.' })
})
