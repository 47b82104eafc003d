import { join } from 'node:path'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { Launch } from '../../processes/process-host.ts'
import type { OutputReader, RunFile, RunOrder, Runtime } from '../runtime.ts'
import { permissionTool, toolServer } from '../tools/names.ts'
import { JsonLines } from './json-lines.ts'
import { OpencodeOutput } from './opencode-output.ts'
import { programOf } from './program.ts'

/**
 * opencode, from version 1.18 on. It asks nobody: unless it is unattended, it may edit files in the
 * worktree, and run the commands that its order allows.
 */
export class Opencode implements Runtime {
  readonly name = 'opencode'
  readonly tellsCallsLate = true
  readonly #agent: AgentSettings
  readonly #environment: Readonly<Record<string, string>>

  constructor(agent: AgentSettings, environment: Readonly<Record<string, string>>) {
    this.#agent = agent
    this.#environment = environment
  }

  launch(order: RunOrder, folder: string): Launch {
    const { directory, model, session } = order
    const { command, args } = programOf(this.#agent.command ?? ['opencode'], directory)
    return {
      command,
      args: [
        ...args,
        ...['run', '--format', 'json', '--thinking'],
        ...(order.unattended ? ['--auto'] : []),
        ...(model === undefined ? [] : ['--model', model]),
        ...(session === undefined ? [] : ['--session', session]),
      ],
      cwd: directory,
      env: {
        ...this.#environment,
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_PERMISSION: JSON.stringify(permissions(order)),
        ...(order.tools && { OPENCODE_CONFIG: join(folder, configFile) }),
        ...(order.accountHome !== undefined && { XDG_DATA_HOME: order.accountHome }),
        ...order.facts,
      },
      stdin: order.prompt,
    }
  }

  files({ tools }: RunOrder): readonly RunFile[] {
    if (!tools) return []
    const server = {
      type: 'remote',
      url: tools.url,
      headers: { Authorization: `Bearer ${tools.token}` },
      oauth: false,
      timeout: longestCallMs,
    }
    const text = JSON.stringify({ mcp: { [toolServer]: server } })
    return [{ name: configFile, content: { text } }]
  }

  reader(): OutputReader {
    return new JsonLines(new OpencodeOutput())
  }
}

const configFile = 'opencode.json'

/** A person may take as long to answer as the run may take in all; who ends it is not opencode. */
const longestCallMs = 86_400_000

type Decision = 'allow' | 'deny'

/**
 * What each tool may do with what. The last pattern that fits decides. Nothing is left to be asked:
 * with nobody there to answer, a question ends the whole run.
 */
function permissions(order: RunOrder): Record<string, Record<string, Decision>> {
  const { unattended, allowedTools = [], disallowedTools = [] } = order
  const rules: Record<string, Record<string, Decision>> = {}
  const rule = (decision: Decision) => (tool: string) => {
    const [, name, pattern] = /^([^(]+)\((.*)\)$/.exec(tool) ?? [undefined, tool, '*']
    if (name !== undefined && pattern !== undefined)
      rules[name] = { ...without(rules[name], pattern), [pattern]: decision }
  }
  if (!unattended) unasked.forEach(rule('deny'))
  if (!unattended) duties.forEach(rule('allow'))
  allowedTools.forEach(rule('allow'))
  rule('allow')(`${toolServer}_*`)
  // It would be the model that asks, not opencode.
  rule('deny')(`${toolServer}_${permissionTool}`)
  disallowedTools.forEach(rule('deny'))
  return rules
}

const unasked = ['bash', 'webfetch', 'external_directory', 'doom_loop']
const duties = ['edit', 'bash(git add *)', 'bash(git commit *)', 'bash(git status*)']

/** A pattern that is set again goes to the end. */
function without(patterns: Record<string, Decision> = {}, pattern: string) {
  return Object.fromEntries(Object.entries(patterns).filter(([name]) => name !== pattern))
}
