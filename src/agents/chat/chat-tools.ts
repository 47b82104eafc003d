import { randomBytes } from 'node:crypto'
import type { ChatBatch } from '../../bot/chat-run.ts'
import type { Command } from '../../bot/command.ts'
import type { Delegate } from '../../bot/delegate.ts'
import {
  type AskPermissionParts,
  answerWish,
  permissionInput,
  permissionSummary,
} from '../tools/ask-permission.ts'
import { permissionTool } from '../tools/names.ts'
import type { OfferedTool } from '../tools/tool.ts'

export interface ChatToolsParts extends AskPermissionParts {
  readonly commands: () => readonly Command[]
  readonly delegate: Delegate
}

/**
 * What the chat agent may use while it answers a batch: this program's commands, with the rights of
 * those who asked. Its tokens are kept in memory only, because no answer outlives the program: one
 * that is cut off is begun again.
 */
export class ChatTools {
  readonly #parts: ChatToolsParts
  readonly #batches = new Map<string, ChatBatch>()

  constructor(parts: ChatToolsParts) {
    this.#parts = parts
  }

  /** A token for as long as the batch is being answered, which `close` ends. */
  open(batch: ChatBatch): { readonly token: string; readonly close: () => void } {
    const token = randomBytes(32).toString('base64url')
    this.#batches.set(token, batch)
    return { token, close: () => void this.#batches.delete(token) }
  }

  offeredTo(token: string): readonly OfferedTool[] | undefined {
    const batch = this.#batches.get(token)
    if (!batch) return undefined
    const { commands, delegate } = this.#parts
    const offered = commands().filter((command) => delegate.offers(batch, command))
    return [...offered.map((command) => this.#commandTool(command, batch)), this.#ask(batch)]
  }

  #commandTool(command: Command, batch: ChatBatch): OfferedTool {
    return {
      name: command.name,
      summary: `${command.summary}.`,
      input: command.input,
      call: (input) => this.#parts.delegate.run(command, input, batch),
    }
  }

  #ask({ place }: ChatBatch): OfferedTool {
    return {
      name: permissionTool,
      summary: permissionSummary,
      input: permissionInput,
      call: (input, signal) => {
        const wisher = { who: 'What answers you here', places: [place] }
        return answerWish(this.#parts, permissionInput.parse(input), wisher, signal)
      },
    }
  }
}
