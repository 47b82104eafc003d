import { Problem } from '../../kernel/problem.ts'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { Launch } from '../../processes/process-host.ts'
import type { Outcome, OutputReader, RunOrder, Runtime } from '../runtime.ts'
import { programOf } from './program.ts'

/**
 * Any program as an agent: its order comes on standard input, the item's facts are in `HUSKIES_*`
 * variables, each line that it prints is text, and its exit code is its word on how it went.
 */
export class ShellRuntime implements Runtime {
  readonly name = 'shell'
  readonly #agent: AgentSettings
  readonly #environment: Readonly<Record<string, string>>

  /** `environment` is what every agent gets beside the facts of its item. */
  constructor(agent: AgentSettings, environment: Readonly<Record<string, string>>) {
    this.#agent = agent
    this.#environment = environment
  }

  launch(order: RunOrder): Launch {
    if (!this.#agent.command)
      throw new Problem(
        'no-command',
        `The agent ${this.#agent.name} has no command: add command = ["PROGRAM"] to it in project.toml.`,
      )
    return {
      ...programOf(this.#agent.command, order.directory),
      cwd: order.directory,
      env: { ...this.#environment, ...order.facts },
      stdin: order.prompt,
    }
  }

  reader(): OutputReader {
    return { line: (text) => [{ type: 'text', text }], outcome }
  }
}

function outcome(exitCode: number | undefined): Outcome {
  if (exitCode === undefined) return { kind: 'interrupted' }
  if (exitCode === 0) return { kind: 'completed' }
  return { kind: 'failed', reason: `The agent's program ended with exit code ${exitCode}.` }
}
