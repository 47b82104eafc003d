import { type AgentSettings, agentSettings } from '../pipeline/settings.ts'
import type { Runtime } from './runtime.ts'

/** An agent of the project, and the program behind it. */
export interface Agent {
  readonly settings: AgentSettings
  readonly runtime: Runtime
}

/** The agents of the project, as its settings name them. */
export class Roster {
  /** In the order of the settings, which is the order in which free ones are taken. */
  readonly settings: readonly AgentSettings[]
  readonly #createRuntime: (agent: AgentSettings) => Runtime

  constructor(
    settings: readonly AgentSettings[],
    createRuntime: (agent: AgentSettings) => Runtime,
  ) {
    this.settings = settings
    this.#createRuntime = createRuntime
  }

  find(name: string): AgentSettings | undefined {
    return this.settings.find((agent) => agent.name === name)
  }

  /**
   * The agent of this name. One that was taken out of the settings while it worked can still be
   * watched to its end, but not be started.
   */
  get(name: string): Agent {
    const settings = this.find(name) ?? retired(name)
    return { settings, runtime: this.#createRuntime(settings) }
  }
}

function retired(name: string): AgentSettings {
  return agentSettings.parse({ name, stage: 'other' })
}
