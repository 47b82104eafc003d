import type { AgentEvent, Outcome, RunOrder, Runtime } from '../../src/agents/runtime.ts'
import type { FakeProcess } from './fake-process-host.ts'

type Line = { readonly event: AgentEvent } | { readonly outcome: Outcome }

/**
 * A program that says its events and its outcome in our own words, a line of JSON each; any other
 * line is text. Whoever ends without an outcome is judged by the exit code. Each order is kept.
 */
export function scriptedRuntime(orders: RunOrder[] = []): Runtime {
  return {
    name: 'scripted',
    launch(order) {
      orders.push(order)
      const { directory: cwd, prompt: stdin } = order
      return { command: 'agent', args: [], cwd, env: { ...order.facts, ...hints(order) }, stdin }
    },
    reader() {
      let said: Outcome | undefined
      return {
        line(text): AgentEvent[] {
          if (!text.startsWith('{')) return [{ type: 'text', text }]
          const line = JSON.parse(text) as Line
          if ('event' in line) return [line.event]
          said = line.outcome
          return []
        },
        outcome: (code) => said ?? byExit(code),
      }
    },
  }
}

/** What a simulated program can know of its session and account. */
function hints({ session, accountHome, model }: RunOrder): Record<string, string> {
  return { SESSION: session ?? '', ACCOUNT: accountHome ?? '', MODEL: model ?? '' }
}

function byExit(code: number | undefined): Outcome {
  if (code === undefined) return { kind: 'interrupted' }
  return code === 0 ? { kind: 'completed' } : { kind: 'failed', reason: `It ended with ${code}.` }
}

/** Says an event. */
export function tell(agent: FakeProcess, event: AgentEvent): void {
  agent.say(`${JSON.stringify({ event })}\n`)
}

/** Says how it ends, and ends. */
export function endWith(agent: FakeProcess, outcome: Outcome, exitCode = 1): void {
  agent.say(`${JSON.stringify({ outcome })}\n`)
  agent.exit(exitCode)
}
