import type { z } from 'zod'
import type { Item } from '../../pipeline/item.ts'
import type { Run } from '../runs/run.ts'
import type { ToolName } from './names.ts'

/** Who calls a tool, and how long it may take. */
interface ToolCall {
  readonly run: Run
  /** The run's own item, as it is now. A tool sees no other. */
  readonly item: Item
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal
}

/** Something of ours that an agent may use: data, like a command, whatever protocol offers it. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: ToolName
  /** What the model is told of it. */
  readonly summary: string
  readonly input: Input
  /** Throws `Problem` for what the agent can mend; its sentence is the result then. */
  run(input: z.infer<Input>, call: ToolCall): string | Promise<string>
}

/** Ties a tool's handler to its own input type, then forgets that type for the list of tools. */
export function defineTool<Input extends z.ZodObject>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool
}

/** A tool as it is offered to one caller, by whatever serves it. */
export interface OfferedTool {
  readonly name: string
  readonly summary: string
  readonly input: z.ZodObject
  /** `input` has passed the schema. Throws `Problem` for what the caller can mend. */
  call(input: Record<string, unknown>, signal: AbortSignal): Promise<string>
}
