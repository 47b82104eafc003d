import { join } from 'node:path'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { Launch } from '../../processes/process-host.ts'
import type { OutputReader, RunFile, RunOrder, Runtime, SessionTotals } from '../runtime.ts'
import { permissionTool, toolServer } from '../tools/names.ts'
import { ClaudeCodeOutput } from './claude-code-output.ts'
import { JsonLines } from './json-lines.ts'
import { programOf } from './program.ts'

/** Claude Code, from version 2.1.214 on. */
export class ClaudeCode implements Runtime {
  readonly name = 'claude-code'
  readonly #agent: AgentSettings
  readonly #environment: Readonly<Record<string, string>>
  readonly #defaultModel: string

  constructor(
    agent: AgentSettings,
    environment: Readonly<Record<string, string>>,
    defaultModel: string,
  ) {
    this.#agent = agent
    this.#environment = environment
    this.#defaultModel = defaultModel
  }

  launch(order: RunOrder, folder: string): Launch {
    const { directory, model, session, maxTurns, maxBudgetUsd, disallowedTools = [] } = order
    const { command, args } = programOf(this.#agent.command ?? ['claude'], directory)
    return {
      command,
      args: [
        ...args,
        ...['-p', '--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
        ...['--model', model ?? this.#defaultModel],
        ...(session === undefined ? [] : ['--resume', session]),
        ...(maxTurns === undefined ? [] : ['--max-turns', String(maxTurns)]),
        ...(maxBudgetUsd === undefined ? [] : ['--max-budget-usd', String(maxBudgetUsd)]),
        ...permissions(order),
        ...(disallowedTools.length === 0 ? [] : ['--disallowedTools', ...disallowedTools]),
        ...(order.tools ? ['--strict-mcp-config', '--mcp-config', join(folder, toolsFile)] : []),
      ],
      cwd: directory,
      env: {
        ...this.#environment,
        // A program that replaces itself in the middle of its work is not the one that was tested.
        DISABLE_AUTOUPDATER: '1',
        // Unattended agents are for containers, in which everybody is root: it refuses without this.
        ...(order.unattended && { IS_SANDBOX: '1' }),
        ...(order.accountHome !== undefined && { CLAUDE_CONFIG_DIR: order.accountHome }),
        ...order.facts,
      },
      stdin: order.prompt,
    }
  }

  files({ tools }: RunOrder): readonly RunFile[] {
    if (!tools) return []
    const headers = { Authorization: `Bearer ${tools.token}` }
    // Without the last, the model has to search for our tools before it knows them.
    const server = { type: 'http', url: tools.url, headers, alwaysLoad: true }
    const text = JSON.stringify({ mcpServers: { [toolServer]: server } })
    return [{ name: toolsFile, content: { text } }]
  }

  reader(before?: SessionTotals): OutputReader {
    return new JsonLines(new ClaudeCodeOutput(before))
  }
}

const toolsFile = 'mcp.json'

/** What its order obliges it to do. Rules with a colon allow whatever follows the words before it. */
const duties = ['Bash(git add:*)', 'Bash(git commit:*)']

/** A whole server of tools is meant by its name alone. */
const ownTools = `mcp__${toolServer}`

function permissions({ unattended, tools, allowedTools = [] }: RunOrder): readonly string[] {
  if (unattended) return ['--permission-mode', 'bypassPermissions']
  const ask = tools ? ['--permission-prompt-tool', `mcp__${toolServer}__${permissionTool}`] : []
  const allowed = [...duties, ...(tools ? [ownTools] : []), ...allowedTools]
  return ['--permission-mode', 'acceptEdits', ...ask, '--allowedTools', ...allowed]
}
