import type { AgentSettings, ProjectSettings } from '../../pipeline/settings.ts'
import type { Runtime } from '../runtime.ts'
import { ClaudeCode } from './claude-code.ts'
import { Codex } from './codex.ts'
import { Gemini } from './gemini.ts'
import { Opencode } from './opencode.ts'
import { ShellRuntime } from './shell.ts'

/**
 * Finds the program behind an agent. `environment` is what every agent gets of this program's own;
 * the agent's settings may add to it.
 */
export function createRuntime(
  settings: Pick<ProjectSettings, 'default_coder_model'>,
  environment: Readonly<Record<string, string>>,
): (agent: AgentSettings) => Runtime {
  return (agent) => {
    const env = { ...environment, ...agent.environment }
    switch (agent.runtime) {
      case 'claude-code':
        return new ClaudeCode(agent, env, settings.default_coder_model)
      case 'codex':
        return new Codex(agent, env)
      case 'gemini':
        return new Gemini(agent, env)
      case 'opencode':
        return new Opencode(agent, env)
      case 'shell':
        return new ShellRuntime(agent, env)
    }
  }
}
