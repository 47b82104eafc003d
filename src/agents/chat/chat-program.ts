import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type AgentSettings, agentSettings } from '../../pipeline/settings.ts'
import type { Runtime } from '../runtime.ts'
import type { ChatProgram } from './chat-agent.ts'

export interface ChatProgramOptions {
  readonly runtimes: (agent: AgentSettings) => Runtime
  /** Where programs are looked for. */
  readonly path: string | undefined
  /** Has a folder for each session. */
  readonly folder: string
}

/** Claude Code as the program that answers free text; undefined where it is not installed. */
export function chatProgramOf(
  {
    command,
    model,
  }: { readonly command?: string | undefined; readonly model?: string | undefined },
  { runtimes, path = '', folder }: ChatProgramOptions,
): ChatProgram | undefined {
  const program = command ?? find('claude', path)
  if (program === undefined) return undefined
  const settings = { name: 'chat', stage: 'other', runtime: 'claude-code', command: program }
  return {
    runtime: runtimes(agentSettings.parse(settings)),
    // A session's name may hold what no file system takes.
    folderOf: (session) => join(folder, createHash('sha256').update(session).digest('hex')),
    ...(model !== undefined && { model }),
  }
}

function find(program: string, path: string): string | undefined {
  const places = path.split(delimiter).filter((folder) => folder !== '')
  return places.map((folder) => join(folder, program)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
