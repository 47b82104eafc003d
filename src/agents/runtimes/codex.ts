import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Problem } from '../../kernel/problem.ts'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { Launch } from '../../processes/process-host.ts'
import type { OutputReader, RunFile, RunOrder, Runtime, SessionTotals } from '../runtime.ts'
import { permissionTool, toolServer } from '../tools/names.ts'
import { CodexOutput } from './codex-output.ts'
import { JsonLines } from './json-lines.ts'
import { programOf } from './program.ts'

/**
 * Codex, from version 0.169 on. It asks nobody: unless it is unattended, its commands are kept in a
 * sandbox in which they may write to the worktree, and commit.
 */
export class Codex implements Runtime {
  readonly name = 'codex'
  readonly #agent: AgentSettings
  readonly #environment: Readonly<Record<string, string>>

  constructor(agent: AgentSettings, environment: Readonly<Record<string, string>>) {
    this.#agent = agent
    this.#environment = environment
  }

  launch(order: RunOrder, folder: string): Launch {
    const { directory, model, session, allowedTools = [], disallowedTools = [] } = order
    if (allowedTools.length + disallowedTools.length > 0)
      throw new Problem(
        'no-tool-rules',
        `Codex has no rules for single tools: take allowed_tools and disallowed_tools out of the agent ${this.#agent.name} in project.toml.`,
      )
    const { command, args } = programOf(this.#agent.command ?? ['codex'], directory)
    return {
      command,
      args: [
        ...args,
        ...['exec', '--json', '--skip-git-repo-check'],
        ...(model === undefined ? [] : ['--model', model]),
        ...permissions(order),
        ...tools(order, folder),
        ...(session === undefined ? [] : ['resume', session]),
        // The prompt is read from standard input.
        '-',
      ],
      cwd: directory,
      env: {
        ...this.#environment,
        ...(order.accountHome !== undefined && { CODEX_HOME: order.accountHome }),
        ...order.facts,
      },
      stdin: order.prompt,
    }
  }

  files({ tools }: RunOrder): readonly RunFile[] {
    if (!tools) return []
    const text = JSON.stringify({ Authorization: `Bearer ${tools.token}` })
    return [{ name: headersFile, content: { text } }]
  }

  reader(before?: SessionTotals): OutputReader {
    return new JsonLines(new CodexOutput(before))
  }
}

const headersFile = 'headers.json'

/** A person may take as long to answer as the run may take in all; who ends it is not Codex. */
const longestCallSeconds = 86_400

/**
 * Everything but the token stands on the command line. Codex has it from a program that prints the
 * file. That is a line of shell, but no person's word is in it: the path from the worktree to the
 * run's folder is always the same.
 */
function tools({ directory, tools: access }: RunOrder, folder: string): readonly string[] {
  if (!access) return []
  const settings = {
    url: access.url,
    http_headers_helper: `cat ${relative(directory, join(folder, headersFile))}`,
    // Otherwise it begins without them where they come a moment too late.
    required: true,
    default_tools_approval_mode: 'approve',
    // It would be the model that asks, not Codex.
    disabled_tools: [permissionTool],
    tool_timeout_sec: longestCallSeconds,
  }
  return Object.entries(settings).flatMap(([key, value]) =>
    setting(`mcp_servers.${toolServer}.${key}`, value),
  )
}

function permissions({ unattended, directory }: RunOrder): readonly string[] {
  if (unattended) return ['--dangerously-bypass-approvals-and-sandbox']
  return [
    ...setting('sandbox_mode', 'workspace-write'),
    ...setting('sandbox_workspace_write.writable_roots', commitFolders(directory)),
  ]
}

/**
 * Where git writes when it commits in this worktree: outside of it. Neither the repository's settings
 * and hooks are among them, since they would be run outside of the sandbox, nor the base branch.
 */
function commitFolders(worktree: string): readonly string[] {
  const own = wordIn(join(worktree, '.git'), /^gitdir: (.+)$/m)
  const branch = own && wordIn(join(own, 'HEAD'), /^ref: (.+)$/m)
  if (!own || !branch) return []
  const repository = dirname(dirname(own))
  const beside = ['', 'logs'].map((place) => existing(join(repository, place, dirname(branch))))
  return [own, join(repository, 'objects'), ...beside]
}

function wordIn(path: string, pattern: RegExp): string | undefined {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile()
  return isFile ? pattern.exec(readFileSync(path, 'utf8'))?.[1] : undefined
}

/** Git removes the folders of branches when it packs them, and makes them again with the next commit. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}

/** JSON's texts, numbers, truths and lists are TOML's. */
function setting(
  key: string,
  value: string | number | boolean | readonly string[],
): readonly string[] {
  return ['-c', `${key}=${JSON.stringify(value)}`]
}
