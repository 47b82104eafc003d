import { homedir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { Launch } from '../../processes/process-host.ts'
import type { OutputReader, RunFile, RunOrder, Runtime } from '../runtime.ts'
import { permissionTool, toolServer } from '../tools/names.ts'
import { geminiHome, homeFolder } from './gemini-home.ts'
import { GeminiOutput } from './gemini-output.ts'
import { JsonLines } from './json-lines.ts'
import { programOf } from './program.ts'

/**
 * Gemini CLI, from version 0.61 on. It asks nobody: unless it is unattended, it may edit files, and
 * run the commands that its policy allows.
 */
export class Gemini implements Runtime {
  readonly name = 'gemini'
  readonly #agent: AgentSettings
  readonly #environment: Readonly<Record<string, string>>

  constructor(agent: AgentSettings, environment: Readonly<Record<string, string>>) {
    this.#agent = agent
    this.#environment = environment
  }

  launch(order: RunOrder, folder: string): Launch {
    const { directory, model, session } = order
    const { command, args } = programOf(this.#agent.command ?? ['gemini'], directory)
    return {
      command,
      args: [
        ...args,
        ...['--output-format', 'stream-json', '--skip-trust'],
        ...['--approval-mode', order.unattended ? 'yolo' : 'auto_edit'],
        ...['--policy', join(folder, policyFile)],
        ...(model === undefined ? [] : ['--model', model]),
        ...(session === undefined ? [] : ['--resume', session]),
      ],
      cwd: directory,
      env: {
        ...this.#environment,
        GEMINI_CLI_HOME: join(folder, homeFolder),
        ...order.facts,
      },
      stdin: order.prompt,
    }
  }

  files(order: RunOrder): readonly RunFile[] {
    const account = order.accountHome ?? this.#environment.HOME ?? homedir()
    return [
      ...geminiHome(account, settings(order)),
      { name: policyFile, content: { text: stringify({ rule: rules(order) }) } },
    ]
  }

  reader(): OutputReader {
    return new JsonLines(new GeminiOutput())
  }
}

const policyFile = 'policy.toml'

/** A person may take as long to answer as the run may take in all; who ends it is not Gemini. */
const longestCallMs = 86_400_000

function settings({ tools, maxTurns }: RunOrder): object {
  const headers = { Authorization: `Bearer ${tools?.token}` }
  const server = {
    httpUrl: tools?.url,
    headers,
    trust: true,
    // It would be the model that asks, not Gemini.
    excludeTools: [permissionTool],
    timeout: longestCallMs,
  }
  return {
    general: { enableAutoUpdate: false },
    ...(maxTurns !== undefined && { model: { maxSessionTurns: maxTurns } }),
    ...(tools && { mcpServers: { [toolServer]: server } }),
  }
}

/** Where rules contradict each other, the one with the higher priority holds. */
function rules({ tools, allowedTools = [], disallowedTools = [] }: RunOrder): readonly object[] {
  const duties = ['git add', 'git commit', 'git status'].map((it) => `run_shell_command(${it})`)
  const allow = { decision: 'allow', priority: 500 }
  return [
    ...(tools ? [{ mcpName: toolServer, toolName: '*', ...allow }] : []),
    ...[...duties, ...allowedTools].map((tool) => ({ ...toolOf(tool), ...allow })),
    ...disallowedTools.map((tool) => ({ ...toolOf(tool), decision: 'deny', priority: 900 })),
  ]
}

/** `run_shell_command(git add)` means commands that begin so; a name alone means the whole tool. */
function toolOf(tool: string): object {
  const [, toolName, commandPrefix] = /^([^(]+)\((.*)\)$/.exec(tool) ?? []
  return toolName === undefined ? { toolName: tool } : { toolName, commandPrefix }
}
