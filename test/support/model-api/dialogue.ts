/** What a program sent to its model, the same for every protocol. */
export interface Dialogue {
  readonly model: string
  readonly messages: readonly Message[]
  /** The names of the tools that the model may call. */
  readonly tools: readonly string[]
}

export interface Message {
  /** The program's own instructions are the system's. */
  readonly role: 'system' | 'user' | 'assistant'
  readonly text: string
  /** How many tools the model called in it. */
  readonly calls: number
  /** What those tools gave back. */
  readonly results: readonly string[]
}

/** The name of the one offered tool that ends with `name`: programs put the server's name before it. */
export function offeredTool(dialogue: Dialogue, name: string): string {
  const found = dialogue.tools.filter((tool) => tool === name || /[_/]/.test(before(tool, name)))
  const [tool] = found
  if (tool === undefined || found.length > 1)
    throw new Error(
      `${found.length} tools are named ${name}; these are offered: ${dialogue.tools.join(', ')}`,
    )
  return tool
}

/** The character before `name` where that is the end of `tool`. */
function before(tool: string, name: string): string {
  return tool.endsWith(name) ? tool.slice(0, -name.length).slice(-1) : ''
}
